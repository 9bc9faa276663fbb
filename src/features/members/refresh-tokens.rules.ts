import { createHmac } from 'node:crypto';
import { hashOf } from './secrets.rules.js';

/**
 * Refresh tokens form a chain: token n+1 = `<session id>.` + base64url(HMAC-SHA256(refresh key, token n)).
 * Only the hash of the newest is stored, yet whoever presents an older one can be recognised, because
 * the chain leads from it to the newest.
 *
 * @param random 32 random bytes
 */
export function firstRefreshToken(sessionId: string, random: Buffer): string {
  return `${sessionId}.${random.toString('base64url')}`;
}

export function nextRefreshToken(token: string, key: Buffer): string {
  return `${sessionIdOf(token)}.${createHmac('sha256', key).update(token).digest('base64url')}`;
}

const TOKEN = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[\w-]{43}$/;

/** The session a token claims to belong to, undefined for what is no token at all; says nothing about whether it does. */
export function sessionIdOf(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

/** True when `token` is an earlier link of the chain whose newest link hashes to `newest`. */
export function isAncestor(token: string, newest: Buffer, generations: number, key: Buffer): boolean {
  let link = token;
  for (let step = 0; step < generations; step += 1) {
    link = nextRefreshToken(link, key);
    if (hashOf(link).equals(newest)) return true;
  }
  return false;
}
