import { describe, expect, it } from '@jest/globals';
import { createHmac, randomBytes } from 'node:crypto';
import { firstRefreshToken, isAncestor, nextRefreshToken, sessionIdOf } from './refresh-tokens.rules.js';
import { hashOf } from './secrets.rules.js';

const SESSION = '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11';
const KEY = Buffer.alloc(32, 7);

function chain(length: number): string[] {
  const links = [firstRefreshToken(SESSION, randomBytes(32))];
  while (links.length < length) links.push(nextRefreshToken(links.at(-1)!, KEY));
  return links;
}

describe('refresh tokens', () => {
  it('begin at random and name their session', () => {
    const [a, b] = [firstRefreshToken(SESSION, randomBytes(32)), firstRefreshToken(SESSION, randomBytes(32))];
    expect(a).not.toBe(b);
    expect(a).toMatch(new RegExp(`^${SESSION}\\.[\\w-]{43}$`));
    expect(sessionIdOf(a)).toBe(SESSION);
  });

  it('are followed by the HMAC of the whole token', () => {
    const [first, second] = chain(2) as [string, string];
    expect(second).toBe(`${SESSION}.${createHmac('sha256', KEY).update(first).digest('base64url')}`);
    expect(nextRefreshToken(first, Buffer.alloc(32, 8))).not.toBe(second);
  });

  it.each(['', '.', SESSION, `${SESSION}.`, `${SESSION}.short`, `${SESSION}.${'é'.repeat(43)}`, `${SESSION.toUpperCase()}.${'A'.repeat(43)}`, `x${SESSION}.${'A'.repeat(43)}`, `${SESSION}.${'A'.repeat(43)}\n`])(
    'are not %j',
    (text) => expect(sessionIdOf(text)).toBeUndefined(),
  );

  it('are recognised as earlier links, however far back, and nothing else is', () => {
    const links = chain(10);
    const newest = hashOf(links.at(-1)!);
    for (const link of links.slice(0, -1)) expect(isAncestor(link, newest, 9, KEY)).toBe(true);
    expect(isAncestor(links.at(-1)!, newest, 9, KEY)).toBe(false);
    expect(isAncestor(links[0]!, newest, 8, KEY)).toBe(false);
    expect(isAncestor(firstRefreshToken(SESSION, randomBytes(32)), newest, 9, KEY)).toBe(false);
    expect(isAncestor(links[0]!, newest, 9, Buffer.alloc(32, 8))).toBe(false);
  });
});
