import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { ApiTokenRepository } from '../../src/features/members/api-token.repository.js';
import { SessionRepository } from '../../src/features/members/session.repository.js';
import { ACCESS_TOKEN_SECONDS } from '../../src/platform/auth/access-tokens.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { SecretKeys, type KeyPurpose } from '../../src/platform/config/secret-keys.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';

const OLD_SECRET = 'the old secret of this community, long enough';
const NEW_SECRET = 'the new secret of this community, long enough';

let app: TestApp;
let member: GivenMember;
let claims: Record<string, unknown>;

const base64url = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const key = (purpose: KeyPurpose = 'jwt') => app.app.get(SecretKeys).current(purpose);
const me = (token: string, on = app) => on.http.get('/api/me').set('Authorization', `Bearer ${token}`);
/** A token put together by hand, signed over what it really says. */
function token(header: object, payload: unknown = claims, secret: Buffer | string = key().key, hash = 'sha256'): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}
const header = () => ({ alg: 'HS256', typ: 'JWT', kid: key().id });

beforeAll(async () => {
  app = await createTestApp({ APP_SECRET: OLD_SECRET });
  member = await app.given.member();
  claims = jwt.decode(member.accessToken) as Record<string, unknown>;
});
afterAll(() => app.close());

describe('an access token', () => {
  it('says who and what for 15 minutes, signed with HS256 under the key\'s id', () => {
    expect(jwt.decode(member.accessToken, { complete: true })!.header).toEqual(header());
    expect(claims).toEqual({
      sub: member.id, sid: member.refreshToken.split('.')[0], role: 'member', perms: expect.any(String), pv: 1, iat: expect.any(Number), exp: expect.any(Number),
    });
    expect((claims['exp'] as number) - (claims['iat'] as number)).toBe(ACCESS_TOKEN_SECONDS);
    expect(jwt.verify(member.accessToken, key().key, { algorithms: ['HS256'] })).toEqual(claims);
  });

  it('is taken as it was made, in either spelling of Bearer', async () => {
    await me(token(header())).expect(200);
    await app.http.get('/api/me').set('Authorization', `bearer ${member.accessToken}`).expect(200);
  });

  it('that has expired says so', async () => {
    const { body, headers } = await me(token(header(), { ...claims, exp: Math.floor(Date.now() / 1000) - 1 })).expect(401);
    expect(body.code).toBe('auth.token-expired');
    expect(headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it.each<[string, () => string]>([
    ['a forged signature', () => token(header(), claims, Buffer.alloc(32, 7))],
    ['another payload under a genuine signature', () => [member.accessToken.split('.')[0], base64url({ ...claims, role: 'admin' }), member.accessToken.split('.')[2]].join('.')],
    ['an unknown key id and a foreign key', () => token({ ...header(), kid: 'deadbeef' }, claims, 'deadbeef')],
    ['a key id that is no text', () => token({ ...header(), kid: { $ne: null } }, claims, 'x')],
    ['a key id that is a path', () => token({ ...header(), kid: '../../dev/null' }, claims, '')],
    ['alg none', () => `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.`],
    ['alg None', () => `${base64url({ alg: 'None', typ: 'JWT', kid: key().id })}.${base64url(claims)}.`],
    ['alg none with a genuine signature', () => `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.${member.accessToken.split('.')[2]}`],
    ['HS512 with the right key', () => token({ ...header(), alg: 'HS512' }, claims, key().key, 'sha512')],
    ['HS384 with the right key', () => token({ ...header(), alg: 'HS384' }, claims, key().key, 'sha384')],
    ['RS256, its key pair made by the caller', () => jwt.sign(claims, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, { algorithm: 'RS256', keyid: key().id })],
    ['RS256 in the header over an HMAC with the right key', () => token({ ...header(), alg: 'RS256' })],
    ['the key of refresh tokens', () => token({ ...header(), kid: key('refresh').id }, claims, key('refresh').key)],
    ['the key of links', () => token({ ...header(), kid: key('links').id }, claims, key('links').key)],
    ['the secret itself for a key', () => token(header(), claims, OLD_SECRET)],
    ['a truncated signature', () => member.accessToken.slice(0, -4)],
    ['no signature', () => member.accessToken.split('.').slice(0, 2).join('.') + '.'],
    ['two parts', () => member.accessToken.split('.').slice(0, 2).join('.')],
    ['a fourth part', () => `${member.accessToken}.x`],
    ['a payload that is no JSON', () => token(header(), 'not json')],
    ['a payload that is a text', () => token(header(), '"text"')],
    ['a payload of null', () => token(header(), 'null')],
    ['a header that is no JSON', () => `${base64url('nonsense')}.${base64url(claims)}.${'A'.repeat(43)}`],
    ['a payload that is no JSON under a forged signature', () => `${base64url(header())}.${base64url('{')}.${'A'.repeat(43)}`],
    ['a time before which it does not count', () => token(header(), { ...claims, nbf: Math.floor(Date.now() / 1000) + 600 })],
    ['an unknown session', () => token(header(), { ...claims, sid: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11' })],
    ['nothing that looks like a token', () => 'x'],
    ['dots alone', () => '..'],
    // RFC 7515 appendix A.1: a genuine JWS of somebody else's key.
    ['RFC 7515\'s example', () => RFC_7515_A1],
  ])('with %s is invalid', async (_, make) => {
    const { body } = await me(make()).expect(401);
    expect(body).toMatchObject({ code: 'auth.token-invalid', status: 401 });
    expect(Object.keys(body).sort()).toEqual(['code', 'detail', 'requestId', 'status', 'title', 'type']);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic eDp5', 'Token abc'])('is required where "%s" is sent', async (authorization) => {
    expect((await app.http.get('/api/me').set('Authorization', authorization).expect(401)).body.code).toBe('auth.required');
  });

  it('is required where nothing is sent, and does not help in a cookie, a query or a body', async () => {
    expect((await app.http.get('/api/me').expect(401)).body.code).toBe('auth.required');
    await app.http.get('/api/me').query({ access_token: member.accessToken, token: member.accessToken }).set('Cookie', `token=${member.accessToken}`).expect(401);
  });

  it('gives the rights in its bitmap and ignores bits of unknown meaning', async () => {
    const perms = PermissionSet.ofBits([0, 15, 53, 64, 200, 255]).encode();
    await me(token(header(), { ...claims, perms })).expect(200);
    const { body } = await app.http.get('/api/credits').set('Authorization', `Bearer ${token(header(), { ...claims, perms })}`).expect(403);
    expect(body.code).toBe('auth.forbidden');
  });
});

describe('what the guard remembers', () => {
  const lookUps = () => [SessionRepository, ApiTokenRepository].map((repository) => jest.spyOn(app.app.get<{ findStanding(): unknown }>(repository), 'findStanding'));
  afterEach(() => void jest.restoreAllMocks());

  it('costs one look into the database for a session, an API token and a secret that is none', async () => {
    const { auth } = await app.given.member();
    const { secret } = (await app.http.post('/api/api-tokens').set(auth).send({ name: 'bot' }).expect(201)).body;
    const other = await app.given.member();
    const [sessions, tokens] = lookUps();
    for (let time = 0; time < 5; time += 1) {
      await me(other.accessToken).expect(200);
      await me(secret).expect(200);
      await me(`plz_${other.id}`).expect(401);
    }
    expect([sessions!.mock.calls.length, tokens!.mock.calls.length]).toEqual([1, 2]);
  });

  it('is old after 30 s: what another process ended then has ended here', async () => {
    const { id, auth, accessToken } = await app.given.member();
    const { secret } = (await app.http.post('/api/api-tokens').set(auth).send({ name: 'bot' }).expect(201)).body;
    for (const credential of [accessToken, secret]) await me(credential).expect(200);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [id]));
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 30_001);
    for (const credential of [accessToken, secret]) await me(credential).expect(401);
  });
});

// RFC 7515 appendix A.1 (its payload is RFC 7519 section 3.1's claims set), with the key of A.1.1.
const RFC_7515_A1 =
  'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9' +
  '.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ' +
  '.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const RFC_7515_A1_KEY = Buffer.from('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow', 'base64url');

describe('the library that checks tokens', () => {
  it('takes RFC 7515\'s example with its key and reads RFC 7519\'s claims', () => {
    expect(jwt.verify(RFC_7515_A1, RFC_7515_A1_KEY, { algorithms: ['HS256'], ignoreExpiration: true })).toEqual({ iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true });
    expect(() => jwt.verify(RFC_7515_A1, RFC_7515_A1_KEY, { algorithms: ['HS256'] })).toThrow(jwt.TokenExpiredError);
  });
});

describe('after APP_SECRET was changed', () => {
  let rotated: TestApp;
  beforeAll(async () => {
    rotated = await createTestApp({ APP_SECRET: NEW_SECRET, APP_SECRET_PREVIOUS: OLD_SECRET });
  });
  afterAll(() => rotated.close());

  it('old access tokens go on working while the old secret is known', async () => {
    await me(member.accessToken, rotated).expect(200);
  });

  it('new access tokens carry the new key', async () => {
    const fresh = await rotated.given.member();
    const { kid } = jwt.decode(fresh.accessToken, { complete: true })!.header;
    expect(kid).toBe(rotated.app.get(SecretKeys).current('jwt').id);
    expect(kid).not.toBe(key().id);
    expect((await me(fresh.accessToken).expect(401)).body.code).toBe('auth.token-invalid');
  });

  it('old refresh tokens and their exact retries go on, and reuse under the new key still ends the session', async () => {
    const refresh = (refreshToken: string, on: TestApp) => on.http.post('/api/sessions/refresh').send({ refreshToken });
    const { refreshToken: first } = await app.given.member();
    const { refreshToken: second } = (await refresh(first, app).expect(200)).body;
    expect((await refresh(first, rotated).expect(200)).body.refreshToken).toBe(second);
    const { refreshToken: third } = (await refresh(second, rotated).expect(200)).body;
    expect((await refresh(second, rotated).expect(200)).body.refreshToken).toBe(third);
    expect((await refresh(first, rotated).expect(401)).body.code).toBe('session.refresh-invalid');
    // Links of the new key alone are followed as ever.
    await refresh((await refresh(third, rotated).expect(200)).body.refreshToken, rotated).expect(200);
    await refresh(second, rotated).expect(401);
    await refresh(third, rotated).expect(401);
  });

  it('and the old one dropped, old tokens are invalid', async () => {
    const dropped = await createTestApp({ APP_SECRET: NEW_SECRET });
    try {
      expect((await me(member.accessToken, dropped).expect(401)).body.code).toBe('auth.token-invalid');
    } finally {
      await dropped.close();
    }
  });
});
