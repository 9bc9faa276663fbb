import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { SecretKeys } from '../../platform/config/secret-keys.js';
import { linkExpired, linkInvalid } from './exports.errors.js';

const LINK_SECONDS = 15 * 60;

/** Links that let anyone who has them fetch one file for a quarter of an hour. */
@Injectable()
export class DownloadLinks {
  constructor(
    private readonly keys: SecretKeys,
    private readonly clock: Clock,
  ) {}

  /** A link as a path relative to the host. */
  sign(exportId: string): string {
    const expires = String(Math.floor(this.clock.now().getTime() / 1000) + LINK_SECONDS);
    const { id: keyId, key } = this.keys.current('links');
    return `/api/exports/${exportId}/file?expires=${expires}&key=${keyId}&signature=${signatureOf(exportId, expires, keyId, key)}`;
  }

  /**
   * Checks a link as it came in, before anything is looked up. The signature first, over the text as it
   * stands and compared in constant time; only a link of ours is told that it has run out.
   *
   * @throws linkInvalid, linkExpired
   */
  verify(exportId: string, query: Readonly<Record<string, unknown>>): void {
    const { expires, key: keyId, signature } = query;
    if (typeof expires !== 'string' || typeof keyId !== 'string' || typeof signature !== 'string') throw linkInvalid();
    const live = this.keys.live('links').find(({ id }) => id === keyId);
    if (!live || !sameText(signature, signatureOf(exportId, expires, keyId, live.key))) throw linkInvalid();
    if (Number(expires) * 1000 <= this.clock.now().getTime()) throw linkExpired();
  }
}

/** HMAC-SHA256 in hex. No part can hold a line break that was signed, so the joined text has one reading. */
function signatureOf(exportId: string, expires: string, keyId: string, key: Buffer): string {
  return createHmac('sha256', key).update(['export', exportId, expires, keyId].join('\n')).digest('hex');
}

function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
