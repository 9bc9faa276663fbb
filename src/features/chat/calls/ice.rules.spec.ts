import { describe, expect, it } from '@jest/globals';
import { iceServers, turnCredential } from './ice.rules.js';

const NOW = new Date('2026-11-23T10:00:00.900Z');
const MEMBER = '0190a7c4-5b1e-7c3a-9d52-3f6a1b2c4d5e';

/** HMAC-SHA1 by another implementation. */
async function hmacSha1(key: string, text: string): Promise<string> {
  const imported = await crypto.subtle.importKey('raw', new TextEncoder().encode(key), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  return Buffer.from(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(text))).toString('base64');
}

describe('the credential of a TURN server', () => {
  it('is the HMAC-SHA1 of RFC 2202, in base64', () => {
    expect(turnCredential('Jefe', 'what do ya want for nothing?')).toBe(Buffer.from('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79', 'hex').toString('base64'));
  });

  it('goes with a user name of the second in which it ends, and the member', async () => {
    const [server] = iceServers(['turn:turn.example.org'], 'a secret of coturn', MEMBER, NOW);
    const username = `${Date.UTC(2026, 10, 23, 10, 10) / 1_000}:${MEMBER}`;
    expect(server).toEqual({ urls: ['turn:turn.example.org'], username, credential: await hmacSha1('a secret of coturn', username) });
  });
});

it('STUN servers ask for no password', () => {
  expect(iceServers([], 'a secret of coturn', MEMBER, NOW)).toEqual([]);
  expect(iceServers(['stun:a', 'stuns:b'], undefined, MEMBER, NOW)).toEqual([{ urls: ['stun:a', 'stuns:b'] }]);
  expect(iceServers(['TURNS:c', 'stun:a', 'turn:b'], 'a secret of coturn', MEMBER, NOW)).toMatchObject([{ urls: ['stun:a'] }, { urls: ['TURNS:c', 'turn:b'], username: expect.any(String) }]);
});
