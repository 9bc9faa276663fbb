import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { SecretKeys } from '../config/secret-keys.js';
import { isSameText } from './same-text.js';

/** The query of a signed link. */
export type LinkQuery = Record<'expires' | 'key' | 'signature', string>;

/** Links that let anyone who has them do one thing for a while, without signing in. */
@Injectable()
export class SignedLinks {
  constructor(
    private readonly keys: SecretKeys,
    private readonly clock: Clock,
  ) {}

  /** @param subject what the link is for, e.g. `['export', id]`: whatever it leaves out can be changed by whoever has the link */
  sign(subject: readonly string[], seconds: number): LinkQuery {
    const expires = String(Math.floor(this.clock.now().getTime() / 1000) + seconds);
    const { id, key } = this.keys.current('links');
    return { expires, key: id, signature: signatureOf(subject, expires, id, key) };
  }

  /**
   * Checks a link as it came in, before anything is looked up. The signature first, over the text as it
   * stands and compared in constant time; only a link of ours is told that it has run out.
   */
  check(subject: readonly string[], query: Readonly<Record<string, unknown>>): 'valid' | 'expired' | 'invalid' {
    const { expires, key: keyId, signature } = query;
    // Nothing added either: every character of a link is ours.
    if (Object.keys(query).length !== 3) return 'invalid';
    if (typeof expires !== 'string' || typeof keyId !== 'string' || typeof signature !== 'string') return 'invalid';
    const live = this.keys.live('links').find(({ id }) => id === keyId);
    if (!live || !isSameText(signature, signatureOf(subject, expires, keyId, live.key))) return 'invalid';
    return Number(expires) * 1000 <= this.clock.now().getTime() ? 'expired' : 'valid';
  }
}

/** HMAC-SHA256 in hex. As JSON the parts have one reading, whatever is in them. */
function signatureOf(subject: readonly string[], expires: string, keyId: string, key: Buffer): string {
  return createHmac('sha256', key).update(JSON.stringify([...subject, expires, keyId])).digest('hex');
}
