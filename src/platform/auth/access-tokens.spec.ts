import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { SecretKeys } from '../config/secret-keys.js';
import { accessTokenExpired, accessTokenInvalid } from '../errors/house.errors.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './access-tokens.js';

/** RFC 7515 appendix A.1: header, payload and signature as printed there. The payload is the claims set of RFC 7519 section 3.1. */
const A1 = {
  header: 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
  payload: 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
  signature: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
};
const A1_KEY = Buffer.from('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow', 'base64url');
/** RFC 7519 section 6.1: an unsecured JWT. */
const UNSECURED = 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.';

const KEY = Buffer.alloc(32, 1);
const OLD_KEY = Buffer.alloc(32, 2);

const tokensWith = (...keys: { id: string; key: Buffer }[]) => new AccessTokens({ live: () => keys } as unknown as SecretKeys);
const tokens = tokensWith({ id: 'new', key: KEY }, { id: 'old', key: OLD_KEY });
const claims = { sub: 'ada', sid: 'desk', role: 'member', perms: 'Aw', pv: 1 } as const;
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const later = () => Math.floor(Date.now() / 1000) + 600;
/** A token put together by hand. */
function handmade(header: object, { payload = { ...claims, exp: later() }, key = KEY, hash = 'sha256' }: { payload?: object; key?: Buffer | string; hash?: string } = {}): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}
const codeOf = (token: string, on = tokens) => Promise.resolve().then(() => on.verify(`Bearer ${token}`)).then(() => 'taken', ({ code }: { code: string }) => code);

afterEach(() => {
  jest.useRealTimers();
});

describe('the examples of RFC 7515 and RFC 7519', () => {
  const known = tokensWith({ id: 'rfc', key: A1_KEY });

  it('are genuine with their key, and only too old', async () => {
    expect(await codeOf(`${A1.header}.${A1.payload}.${A1.signature}`, known)).toBe(accessTokenExpired.code);
    // The same bytes in time: what the header spells with a line break and blanks is read as it is meant.
    const payload = base64url({ iss: 'joe', exp: later(), 'http://example.com/is_root': true });
    const signature = createHmac('sha256', A1_KEY).update(`${A1.header}.${payload}`).digest('base64url');
    expect(await known.verify(`Bearer ${A1.header}.${payload}.${signature}`)).toMatchObject({ iss: 'joe', 'http://example.com/is_root': true });
  });

  it.each([
    ['another key', tokens, `${A1.header}.${A1.payload}.${A1.signature}`],
    ['one bit of the signature changed', known, `${A1.header}.${A1.payload}.e${A1.signature.slice(1)}`],
    ['one bit of the payload changed', known, `${A1.header}.f${A1.payload.slice(1)}.${A1.signature}`],
    ['one bit of the header changed', known, `f${A1.header.slice(1)}.${A1.payload}.${A1.signature}`],
    ['no signature', known, `${A1.header}.${A1.payload}.`],
    ['the unsecured header over the genuine signature', known, `eyJhbGciOiJub25lIn0.${A1.payload}.${A1.signature}`],
    ['nothing but an unsecured header', known, UNSECURED],
  ])('are refused with %s', async (_, on, token) => {
    expect(await codeOf(token, on)).toBe(accessTokenInvalid.code);
  });
});

describe('an access token', () => {
  it('is taken under the new key and under the old one that still lives, by its key id', async () => {
    expect(await tokens.verify(`Bearer ${handmade({ alg: 'HS256', kid: 'new' })}`)).toMatchObject(claims);
    expect(await tokens.verify(`Bearer ${handmade({ alg: 'HS256', kid: 'old' }, { key: OLD_KEY })}`)).toMatchObject(claims);
    expect(await codeOf(handmade({ alg: 'HS256', kid: 'new' }, { key: OLD_KEY }))).toBe(accessTokenInvalid.code);
  });

  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicPem = createPublicKey(pair.privateKey).export({ type: 'spki', format: 'pem' });
  const rs256 = `${base64url({ alg: 'RS256', kid: 'new' })}.${base64url({ ...claims, exp: later() })}`;

  it.each([
    ['an unknown key id', handmade({ alg: 'HS256', kid: 'unknown' }, { key: Buffer.alloc(32, 9) })],
    ['a public key for the secret of an HMAC', handmade({ alg: 'HS256', kid: 'new' }, { key: publicPem.toString() })],
    ['RS256 with a key pair of its own', `${rs256}.${sign('sha256', Buffer.from(rs256), pair.privateKey).toString('base64url')}`],
    ['RS256 over an HMAC with the right key', handmade({ alg: 'RS256', kid: 'new' })],
    ['HS384 with the right key', handmade({ alg: 'HS384', kid: 'new' }, { hash: 'sha384' })],
    ['HS512 with the right key', handmade({ alg: 'HS512', kid: 'new' }, { hash: 'sha512' })],
    ['alg none', `${base64url({ alg: 'none', kid: 'new' })}.${base64url({ ...claims, exp: later() })}.`],
    ['alg nOnE', `${base64url({ alg: 'nOnE', kid: 'new' })}.${base64url({ ...claims, exp: later() })}.`],
    ['no alg', handmade({ kid: 'new' })],
  ])('with %s is refused', async (_, token) => {
    expect(await codeOf(token)).toBe(accessTokenInvalid.code);
  });

  it('is refused when any one character of it was exchanged', async () => {
    const { accessToken } = tokens.sign(claims);
    await tokens.verify(`Bearer ${accessToken}`);
    const bytesOf = (token: string) => token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex')).join('.');
    for (let at = 0; at < accessToken.length; at += 1) {
      const tampered = `${accessToken.slice(0, at)}${accessToken[at] === 'A' ? 'B' : 'A'}${accessToken.slice(at + 1)}`;
      // The last character of a part has bits that mean nothing: the bytes are then the same.
      if (bytesOf(tampered) !== bytesOf(accessToken)) expect([at, await codeOf(tampered)]).toEqual([at, accessTokenInvalid.code]);
    }
  });

  it('lasts 15 minutes', () => {
    const { accessToken, expiresIn } = tokens.sign(claims);
    const { iat, exp, ...rest } = jwt.decode(accessToken) as { iat: number; exp: number };
    expect([exp - iat, expiresIn]).toEqual([ACCESS_TOKEN_SECONDS, ACCESS_TOKEN_SECONDS]);
    expect(rest).toEqual(claims);
  });

  it('lasts no longer than what it allows', async () => {
    for (const [seconds, lasts] of [[60.9, 60], [ACCESS_TOKEN_SECONDS + 60, ACCESS_TOKEN_SECONDS]] as const) {
      const until = new Date(Math.floor(Date.now() / 1000) * 1000 + seconds * 1000);
      const { accessToken, expiresIn } = tokens.sign(claims, until);
      const { exp, permsUntil } = jwt.decode(accessToken) as { exp: number; permsUntil: number };
      expect(Math.abs(expiresIn - lasts)).toBeLessThanOrEqual(1);
      expect(exp * 1000).toBeLessThanOrEqual(until.getTime());
      expect(permsUntil).toBe(Math.floor(until.getTime() / 1000));
      expect(await tokens.verify(`Bearer ${accessToken}`)).toMatchObject({ ...claims, permsUntil });
    }
  });

  it('that allows something no more is expired when it is made', async () => {
    const { accessToken, expiresIn } = tokens.sign(claims, new Date(Date.now() - 1));
    expect(expiresIn).toBe(0);
    expect(await codeOf(accessToken)).toBe(accessTokenExpired.code);
  });

  it('that was found genuine before expires all the same', async () => {
    const { accessToken } = tokens.sign(claims);
    expect(await codeOf(accessToken)).toBe('taken');
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'], now: Date.now() + ACCESS_TOKEN_SECONDS * 1000 });
    expect(await codeOf(accessToken)).toBe(accessTokenExpired.code);
  });
});
