import { ECDH } from 'node:crypto';
import type { BrowserKeys, PushPayload } from './push.types.js';

/** Of a member. Each may be slow to answer, and sending waits for it. */
export const MOST_SUBSCRIPTIONS = 10;
/** Beginnings of sending; the last that fails is the end of it. */
export const MOST_TRIES = 5;
/** How long messages wait for being read before anybody is told. */
export const PATIENCE_SECONDS = 3;
/** How long a push service keeps a notification for a browser that is off. */
export const TTL_SECONDS = 24 * 3_600;

const MOST_BODY = 120;
const FIRST_PAUSE_SECONDS = 15;
const PAUSE_GROWTH = 4;
const LONGEST_PAUSE_SECONDS = 3_600;

/** At most 120 characters of a text. */
export function cut(text: string): string {
  const characters = [...text];
  return characters.length <= MOST_BODY ? text : `${characters.slice(0, MOST_BODY - 1).join('')}…`;
}

/** What is encrypted: at most 3 KiB, whatever members write. */
export function payloadText({ body, ...payload }: PushPayload): string {
  return JSON.stringify({ ...payload, body: body === null ? null : cut(body) } satisfies PushPayload);
}

/** Of the notifications with one topic a push service keeps the last: 32 characters of base64url (RFC 8030). */
export function topicOf(conversationId: string): string {
  return conversationId.replaceAll('-', '');
}

/** 15 s, 1 min, 4 min, 16 min; longer when the push service asks for it. */
export function pauseSeconds(attempt: number, retryAfterSeconds = 0): number {
  return Math.min(Math.max(FIRST_PAUSE_SECONDS * PAUSE_GROWTH ** (attempt - 1), retryAfterSeconds), LONGEST_PAUSE_SECONDS);
}

/** What becomes of a notification by the status that it was answered with. */
export function verdictOn(status: number): 'sent' | 'subscription-gone' | 'too-large' | 'failed' {
  if (status >= 200 && status < 300) return 'sent';
  if (status === 404 || status === 410) return 'subscription-gone';
  return status === 413 ? 'too-large' : 'failed';
}

/** Whether something can be encrypted for these keys: the public one is a point of P-256. */
export function isKeyOfBrowser({ p256dh }: Pick<BrowserKeys, 'p256dh'>): boolean {
  try {
    ECDH.convertKey(p256dh, 'prime256v1', 'base64url', 'hex', 'uncompressed');
    return true;
  } catch {
    return false;
  }
}

/** Under which address push services reach the operator (RFC 8292): they take https: and mailto: alone. */
export function subjectOf({ PUSH_SUBJECT, PUBLIC_URL, MAIL_FROM }: { PUSH_SUBJECT?: string | undefined; PUBLIC_URL: string; MAIL_FROM: string }): string {
  if (PUSH_SUBJECT !== undefined) return PUSH_SUBJECT;
  return PUBLIC_URL.startsWith('https://') ? PUBLIC_URL : `mailto:${/<([^>]+)>/.exec(MAIL_FROM)?.[1] ?? MAIL_FROM.trim()}`;
}
