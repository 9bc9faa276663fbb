import { createHash } from 'node:crypto';
import { chatArchived, chatBanned, chatBlocked, chatEmpty, chatMuted, chatTooLong, slowMode } from './chat.errors.js';
import type { ConversationRole, Posting } from './chat.types.js';

export const MOST_CODE_POINTS = 8_000;
export const MOST_BYTES = 32 * 1024;
export const MOST_MENTIONS = 20;
export const MOST_FILES = 10;
export const MOST_SLOW_MODE_SECONDS = 21_600;
export const MOST_MEMBERS = 5_000;

/** What a member puts into a message. */
export interface MessageContent {
  readonly text: string | null;
  readonly fileIds: readonly string[];
  readonly replyTo: string | null;
  readonly threadRoot: string | null;
}

/** @throws chatEmpty, chatTooLong */
export function checkContent({ text, fileIds }: Pick<MessageContent, 'text' | 'fileIds'>): void {
  if (fileIds.length === 0 && (text === null || text.trim() === '')) throw chatEmpty();
  if (text === null) return;
  if (Buffer.byteLength(text) > MOST_BYTES) throw chatTooLong({ what: 'bytes', most: MOST_BYTES });
  // No text has more code points than UTF-16 units: most need not be counted.
  if (text.length > MOST_CODE_POINTS && [...text].length > MOST_CODE_POINTS) throw chatTooLong({ what: 'codePoints', most: MOST_CODE_POINTS });
  if (mentionsIn(text).length > MOST_MENTIONS) throw chatTooLong({ what: 'mentions', most: MOST_MENTIONS });
}

/** Whom a text calls by name: `<@` the member's id `>`. Each once. */
export function mentionsIn(text: string | null): string[] {
  if (text === null || !text.includes('<@')) return [];
  return [...new Set([...text.matchAll(/<@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>/gi)].map(([, id]) => id!.toLowerCase()))];
}

/** Tells a message that is sent again from another one under the same clientId. */
export function contentHash({ text, fileIds, replyTo, threadRoot }: MessageContent): Buffer {
  return createHash('sha256').update(JSON.stringify([text, fileIds, replyTo, threadRoot])).digest();
}

/** Names the one conversation of two members. */
export function dmKeyOf(one: string, other: string): string {
  return [one, other].sort().join(':');
}

/** What decides whether a member may add to a conversation. */
export interface Standing {
  readonly role: ConversationRole;
  readonly mutedUntil: Date | null;
  readonly bannedUntil: Date | null;
  readonly lastSentAt: Date | null;
}

export interface SendingRules {
  readonly posting: Posting;
  readonly slowModeSeconds: number;
  readonly archivedAt: Date | null;
  /** In a dm: whether one has blocked the other. */
  readonly isBlocked: boolean;
}

/** Who keeps order in a conversation. */
export function moderates(role: ConversationRole): boolean {
  return role !== 'member';
}

/** Why somebody who is in a conversation may not read it; undefined when they may. */
export function refusalToRead({ bannedUntil }: Pick<Standing, 'bannedUntil'>, now: Date): Error | undefined {
  return bannedUntil !== null && bannedUntil > now ? chatBanned({ until: bannedUntil.toISOString() }) : undefined;
}

/** Why a member may not add to a conversation, be it a message, an edit or a reaction; undefined when they may. */
export function refusalToAct(standing: Omit<Standing, 'role' | 'lastSentAt'>, rules: Pick<SendingRules, 'archivedAt' | 'isBlocked'>, now: Date): Error | undefined {
  const refusal = refusalToRead(standing, now);
  if (refusal !== undefined) return refusal;
  const { mutedUntil } = standing;
  if (rules.archivedAt !== null) return chatArchived();
  if (mutedUntil !== null && mutedUntil > now) return chatMuted({ until: mutedUntil.toISOString() });
  return rules.isBlocked ? chatBlocked() : undefined;
}

/** Why a member may not send a message now; undefined when they may. */
export function refusalToSend(standing: Standing, rules: SendingRules, now: Date): Error | undefined {
  const refusal = refusalToAct(standing, rules, now);
  if (refusal !== undefined || moderates(standing.role)) return refusal;
  if (rules.posting === 'moderators') return chatMuted(undefined, 'Only moderators of this conversation may send.');
  const waitMs = standing.lastSentAt === null ? 0 : standing.lastSentAt.getTime() + rules.slowModeSeconds * 1_000 - now.getTime();
  return rules.slowModeSeconds > 0 && waitMs > 0 ? slowMode({ retryAfterSeconds: Math.ceil(waitMs / 1_000) }) : undefined;
}
