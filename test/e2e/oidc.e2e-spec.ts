import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseSetCookie } from 'cookie';
import { SignInCodes } from '../../src/features/members/oidc/sign-in-codes.service.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { testDatabaseUrl } from '../support/database.js';
import { startFakeProvider, type FakeProvider, type Misbehaviour } from '../support/oidc-fake-provider.js';
import { startOidcProvider, type OidcProviderProcess } from '../support/oidc-provider.js';
import { startProcess } from '../support/process.js';

/** Not where Plaza listens: all it tells others must come from its configuration, and nothing from the Host header. */
const PLAZA = 'https://plaza.test';
const APP = 'https://app.test/signed-in';
const MOBILE = 'com.example.plaza:/signed-in?from=plaza';
const COOKIE = '__Host-plaza-sign-in';
const CALLBACK = '/api/sessions/oidc/house/callback';

interface Account {
  sub: string;
  email?: string;
  email_verified?: unknown;
  name?: string;
}

let app: TestApp;
let house: OidcProviderProcess;
let fake: FakeProvider;
let slow: FakeProvider;
let gone: FakeProvider;
/** Asked at the very beginning, since it takes its ten seconds. */
let slowAnswer: Promise<{ status: number; body: { code: string } }>;

const settings = () => ({
  PUBLIC_URL: `${PLAZA}/`,
  OIDC_RETURN_URLS: `${APP}, ${MOBILE}`,
  OIDC_PROVIDERS: JSON.stringify([
    { name: 'house', issuer: house.issuer, clientId: house.clientId, clientSecret: house.clientSecret },
    ...Object.entries({ fake, slow, gone }).map(([name, { issuer }]) => ({ name, issuer, clientId: 'plaza', clientSecret: 'known to both' })),
  ]),
});

beforeAll(async () => {
  house = await startOidcProvider(`${PLAZA}${CALLBACK}`);
  [fake, slow, gone] = await Promise.all([startFakeProvider('plaza'), startFakeProvider('plaza'), startFakeProvider('plaza')]);
  slow.behave({ answers: { '/.well-known/openid-configuration': null } });
  await gone.stop();
  app = await createTestApp(settings());
  slowAnswer = app.http.get(`/api/sessions/oidc/slow?returnUrl=${encodeURIComponent(APP)}`).then(({ status, body }) => ({ status, body }));
});
afterAll(async () => {
  // What a failed start left undone must not keep the worker alive.
  await Promise.all([app?.close(), house?.stop(), fake?.stop(), slow?.stop()]);
});

const newAccount = (more: Partial<Account> = {}): Account => ({ sub: newId(), email: `${newId()}@example.org`, email_verified: true, name: 'Grace', ...more });
const newBrowser = () => new Browser({ [PLAZA]: app.url });
const startOf = (provider: string, returnUrl = APP) => `${PLAZA}/api/sessions/oidc/${provider}?returnUrl=${encodeURIComponent(returnUrl)}`;
const isApp = (url: string) => url.startsWith('https://app.test/') || url.startsWith('com.example.plaza:');
const isCallback = (url: string) => url.startsWith(`${PLAZA}${CALLBACK.replace('house', '')}`) || /\/callback\?/.test(url);

/** Up to the provider's answer, which the browser has not delivered yet. @param account chosen on the provider's login page */
async function returning(browser: Browser, account: object, returnUrl = APP): Promise<string> {
  const toProvider = await browser.follow(startOf('house', returnUrl), (url) => url.startsWith(house.issuer));
  return browser.follow(`${toProvider}&login_hint=${Buffer.from(JSON.stringify(account)).toString('base64url')}`, isCallback);
}

/** The whole way: the address of the app at which the browser ends. */
async function dance(account: object, returnUrl = APP, browser = newBrowser()): Promise<URL> {
  return new URL(await browser.follow(await returning(browser, account, returnUrl), isApp));
}

/** The whole way at the provider that is up to no good. */
async function fakeDance(misbehaviour: Misbehaviour = {}): Promise<URL> {
  fake.behave(misbehaviour);
  return new URL(await newBrowser().follow(startOf('fake'), isApp));
}

const codeFor = async (account: Account) => (await dance(account)).searchParams.get('code')!;
const exchange = (code: unknown) => app.http.post('/api/sessions/oidc/exchange').send({ code });
const link = (linkToken: unknown, password: unknown) => app.http.post('/api/identities').send({ linkToken, password });
const linkTokenFor = async (account: Account): Promise<string> => (await exchange(await codeFor(account)).expect(409)).body.linkToken;
const rows = <Row>(sql: string, parameters: unknown[] = []) => app.app.get(Database).rows<Row>(sql, parameters);
const write = (sql: string, parameters: unknown[] = []) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
const hashOf = (code: string) => createHash('sha256').update(code).digest();
const shift = (code: string, seconds: number) => write('UPDATE sign_in_code SET expires_at = expires_at - INTERVAL ? SECOND WHERE code_hash = ?', [seconds, hashOf(code)]);
const identitiesOf = (memberId: string) => rows<{ provider: string; subject: string }>('SELECT provider, subject FROM identity WHERE member_id = ?', [memberId]);
const memberCount = async () => (await rows<{ n: number }>('SELECT COUNT(*) AS n FROM member'))[0]!.n;

describe('signing in elsewhere', () => {
  it('makes whoever is new a member with a verified address, a name, credits and no password', async () => {
    const account = newAccount({ name: '  Grace\nHopper ' });
    const { body } = await exchange(await codeFor(account)).expect(201);
    expect(body).toEqual({
      member: expect.objectContaining({ email: account.email, displayName: 'Grace Hopper', role: 'member' }),
      accessToken: expect.any(String), refreshToken: expect.any(String), expiresIn: 900,
    });
    const me = await app.http.get('/api/me').set({ Authorization: `Bearer ${body.accessToken}` }).expect(200);
    expect(me.body.credits.available).toBe(5);
    const [stored] = await rows<{ verified: number; passwordless: number }>(
      'SELECT email_verified_at IS NOT NULL AS verified, password_hash IS NULL AS passwordless FROM member WHERE id = ?', [body.member.id],
    );
    expect(stored).toEqual({ verified: 1, passwordless: 1 });
    expect(await identitiesOf(body.member.id)).toEqual([{ provider: 'house', subject: account.sub }]);
    await app.http.post('/api/sessions/refresh').send({ refreshToken: body.refreshToken }).expect(200);
  });

  it('knows them again by their account there, whatever they call themselves and whichever address they use now', async () => {
    const account = newAccount();
    const first = await exchange(await codeFor(account)).expect(201);
    const before = await memberCount();
    const second = await exchange(await codeFor({ ...account, email: `${newId()}@example.org`, email_verified: false, name: 'Somebody Else' })).expect(201);
    expect(second.body.member).toEqual(first.body.member);
    expect(second.body.accessToken).not.toBe(first.body.accessToken);
    expect(await memberCount()).toBe(before);
  });

  it('tells accounts apart to the letter', async () => {
    const account = newAccount({ sub: `case-${newId()}` });
    const first = await exchange(await codeFor(account)).expect(201);
    const second = await exchange(await codeFor(newAccount({ sub: account.sub.toUpperCase() }))).expect(201);
    expect(second.body.member.id).not.toBe(first.body.member.id);
  });

  it('creates nobody before the code is exchanged', async () => {
    const before = await memberCount();
    await codeFor(newAccount());
    expect(await memberCount()).toBe(before);
  });

  it('lets in nobody who is locked out', async () => {
    const account = newAccount();
    const { body } = await exchange(await codeFor(account)).expect(201);
    await write('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [body.member.id]);
    expect((await exchange(await codeFor(account)).expect(401)).body.code).toBe('session.invalid-credentials');
  });

  it('refuses a new member whose address the provider does not vouch for', async () => {
    for (const unverified of [{ email_verified: false }, { email_verified: 'true' }, { email_verified: undefined }, { email: undefined }, { email: 'not an address' }, { email: '"a\nb"@example.org' }, { email: `${'a'.repeat(250)}@example.org` }]) {
      const before = await memberCount();
      expect((await exchange(await codeFor(newAccount(unverified))).expect(403)).body.code).toBe('identity.email-unverified');
      expect(await memberCount()).toBe(before);
    }
  });

  it('makes one member of two first sign-ins at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const account = newAccount();
      const before = await memberCount();
      const codes = await Promise.all([codeFor(account), codeFor(account), codeFor({ ...account, email: `${newId()}@example.org` })]);
      const answers = await Promise.all(codes.map((code) => exchange(code)));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(new Set(answers.map(({ body }) => body.member.id)).size).toBe(1);
      expect(await memberCount()).toBe(before + 1);
    }
  });
});

describe('the way there', () => {
  it('carries state, nonce and a PKCE challenge, and leaves a sealed cookie for this host alone', async () => {
    const response = await app.http.get('/api/sessions/oidc/house').query({ returnUrl: APP }).expect(302);
    const location = new URL(response.headers['location']!);
    expect(location.origin).toBe(house.issuer);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      client_id: house.clientId, response_type: 'code', scope: 'openid email profile', redirect_uri: `${PLAZA}${CALLBACK}`,
      state: expect.stringMatching(/^[\w-]{43}$/), nonce: expect.stringMatching(/^[\w-]{43}$/), code_challenge: expect.stringMatching(/^[\w-]{43}$/), code_challenge_method: 'S256',
    });
    const cookie = parseSetCookie(response.headers['set-cookie']![0]!);
    expect(cookie).toEqual({ name: COOKIE, value: expect.stringMatching(/^[\w-]+$/), path: '/', httpOnly: true, secure: true, sameSite: 'lax', maxAge: 600 });
    const content = Buffer.from(cookie.value!, 'base64url').toString('latin1');
    for (const secret of [location.searchParams.get('state')!, location.searchParams.get('nonce')!, 'app.test']) expect(content).not.toContain(secret);
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  it('leads back to the addresses on the list alone, compared to the letter', async () => {
    for (const returnUrl of ['https://evil.test/', `${APP}/`, `${APP}?x`, APP.toUpperCase(), `${APP}#x`, 'https://app.test', '//app.test/signed-in', 'javascript:alert(1)', '']) {
      const response = await app.http.get('/api/sessions/oidc/house').query({ returnUrl }).expect(422);
      expect(response.body.code).toBe('oidc.return-url-not-allowed');
      expect(response.headers['set-cookie']).toBeUndefined();
    }
    expect((await app.http.get('/api/sessions/oidc/house').expect(422)).body.code).toBe('oidc.return-url-not-allowed');
    await app.http.get('/api/sessions/oidc/house').query({ returnUrl: [APP, APP] }).expect(400);
    await app.http.get('/api/sessions/oidc/house').query({ returnUrl: APP, scope: 'everything' }).expect(400);
  });

  it('leads back to the only address on the list when none is named', async () => {
    const single = await createTestApp({ ...settings(), OIDC_RETURN_URLS: APP });
    try {
      await single.http.get('/api/sessions/oidc/house').expect(302);
    } finally {
      await single.close();
    }
  });

  it('leads back to an app of its own scheme, keeping what its address says', async () => {
    const back = await dance(newAccount(), MOBILE);
    expect(back.href).toMatch(/^com\.example\.plaza:\/signed-in\?from=plaza&code=[\w-]{43}$/);
    await exchange(back.searchParams.get('code')).expect(201);
  });

  it('is not there for providers that are not configured', async () => {
    for (const name of ['nowhere', 'House', 'house%2f', '__proto__', 'constructor']) {
      expect((await app.http.get(`/api/sessions/oidc/${name}`).query({ returnUrl: APP }).expect(404)).body.code).toBe('not-found');
    }
  });

  it('is closed while the provider is down, and open again when it is back', async () => {
    const before = await app.http.get('/api/sessions/oidc/gone').query({ returnUrl: APP }).expect(503);
    expect(before.body.code).toBe('oidc.provider-unavailable');
    const flaky = await startFakeProvider('plaza');
    const other = await createTestApp({ ...settings(), OIDC_PROVIDERS: JSON.stringify([{ name: 'flaky', issuer: flaky.issuer, clientId: 'plaza', clientSecret: 'x' }]) });
    try {
      const begin = () => other.http.get('/api/sessions/oidc/flaky').query({ returnUrl: APP });
      flaky.behave({ answers: { '/.well-known/openid-configuration': { status: 500, body: {} } } });
      await begin().expect(503);
      flaky.behave({});
      await begin().expect(302);
      await begin().expect(302);
      expect(flaky.requests.get('/.well-known/openid-configuration')).toHaveLength(2);
    } finally {
      await Promise.all([other.close(), flaky.stop()]);
    }
  });

  it('is closed when the provider answers for another issuer', async () => {
    const impostor = await startFakeProvider('plaza');
    impostor.behave({ answers: { '/.well-known/openid-configuration': { status: 200, body: { issuer: 'https://accounts.example.org', authorization_endpoint: `${impostor.issuer}/authorize` } } } });
    const other = await createTestApp({ ...settings(), OIDC_PROVIDERS: JSON.stringify([{ name: 'impostor', issuer: impostor.issuer, clientId: 'plaza', clientSecret: 'x' }]) });
    try {
      await other.http.get('/api/sessions/oidc/impostor').query({ returnUrl: APP }).expect(503);
    } finally {
      await Promise.all([other.close(), impostor.stop()]);
    }
  });
});

describe('the way back', () => {
  const callback = (query: string, cookie?: string, provider = 'house') =>
    app.http.get(`/api/sessions/oidc/${provider}/callback?${query}`).set(cookie === undefined ? {} : { Cookie: `${COOKIE}=${cookie}` });
  const prepared = async () => {
    const browser = newBrowser();
    const url = new URL(await returning(browser, newAccount()));
    return { browser, query: url.search.slice(1), url, cookie: browser.cookies(PLAZA).get(COOKIE)! };
  };
  const expectRefused = async (request: ReturnType<typeof callback>) => {
    const response = await request.expect(403);
    expect(response.body.code).toBe('oidc.state-invalid');
    expect(response.headers['location']).toBeUndefined();
    expect(response.headers['set-cookie']).toBeUndefined();
  };

  it('ends at the app with a code, and takes the cookie away', async () => {
    const { query, cookie } = await prepared();
    const response = await callback(query, cookie).expect(302);
    expect(response.headers['location']).toMatch(/^https:\/\/app\.test\/signed-in\?code=[\w-]{43}$/);
    expect(parseSetCookie(response.headers['set-cookie']![0]!)).toEqual({ name: COOKIE, value: '', path: '/', httpOnly: true, secure: true, sameSite: 'lax', maxAge: 0 });
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  it('is refused without the cookie, and never redirects then', async () => {
    const { query } = await prepared();
    await expectRefused(callback(query));
    await expectRefused(callback(`${query}&returnUrl=https://evil.test/`));
  });

  it('is refused with a cookie that was changed, cut or made up', async () => {
    const { query, cookie } = await prepared();
    for (const at of [0, 15, 20, 40, cookie.length - 2]) await expectRefused(callback(query, cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)));
    for (const forged of ['', 'A', cookie.slice(0, 30), cookie.slice(0, -4), `${cookie}AAAA`, Buffer.from('{"state":"x"}').toString('base64url'), 'é%%%']) await expectRefused(callback(query, forged));
    await callback(query, cookie).expect(302);
  });

  it('is refused with another state or none, and the sign-in under way stays', async () => {
    const { url, cookie } = await prepared();
    const other = await prepared();
    for (const state of [other.url.searchParams.get('state')!, '', 'x', `${url.searchParams.get('state')!}x`]) {
      const changed = new URL(url);
      changed.searchParams.set('state', state);
      await expectRefused(callback(changed.search.slice(1), cookie));
    }
    const without = new URL(url);
    without.searchParams.delete('state');
    await expectRefused(callback(without.search.slice(1), cookie));
    await callback(url.search.slice(1), cookie).expect(302);
  });

  it('is refused with the cookie of another browser', async () => {
    const [mine, victims] = [await prepared(), await prepared()];
    await expectRefused(callback(mine.query, victims.cookie));
  });

  it('is refused at another provider than it began with', async () => {
    const { query, cookie } = await prepared();
    for (const provider of ['fake', 'nowhere']) await expectRefused(callback(query, cookie, provider));
  });

  it('is refused ten minutes after it began', async () => {
    const { query, cookie } = await prepared();
    for (const [minutes, status] of [[11, 403], [9, 302]]) {
      const later = await createTestApp({ ...settings(), APP_SECRET: app.secret, PLAZA_TEST_CLOCK: new Date(Date.now() + minutes! * 60_000).toISOString() });
      try {
        await later.http.get(`${CALLBACK}?${query}`).set('Cookie', `${COOKIE}=${cookie}`).expect(status!);
      } finally {
        await later.close();
      }
    }
  });

  it('works on another process, and through a change of the secret', async () => {
    const { query, cookie } = await prepared();
    const other = await createTestApp({ ...settings(), APP_SECRET: 'another secret of more than 32 bytes', APP_SECRET_PREVIOUS: app.secret });
    try {
      await other.http.get(`${CALLBACK}?${query}`).set('Cookie', `theme=dark; ${COOKIE}=${cookie}`).expect(302);
    } finally {
      await other.close();
    }
  });

  it('is good once: whoever replays it gets no code', async () => {
    const { query, cookie } = await prepared();
    await callback(query, cookie).expect(302);
    const replayed = await callback(query, cookie).expect(302);
    expect(replayed.headers['location']).toBe(`${APP}?error=oidc.answer-invalid`);
  });

  it('brings the provider\'s refusal to the app, in our words', async () => {
    const back = await dance({ refuse: true });
    expect([back.origin + back.pathname, ...back.searchParams]).toEqual([APP, ['error', 'oidc.provider-refused']]);
  });

  it('takes no parameter twice, and no answer of another issuer', async () => {
    const { query, cookie } = await prepared();
    for (const [extra, error] of [['&code=other', 'oidc.answer-invalid'], ['&iss=https%3A%2F%2Fevil.test', 'oidc.answer-invalid']]) {
      expect((await callback(`${query}${extra}`, cookie).expect(302)).headers['location']).toBe(`${APP}?error=${error}`);
    }
    const mixed = query.replace(encodeURIComponent(house.issuer), encodeURIComponent('https://evil.test'));
    expect(mixed).not.toBe(query);
    expect((await callback(mixed, cookie).expect(302)).headers['location']).toBe(`${APP}?error=oidc.answer-invalid`);
  });
});

describe('a provider\'s answer', () => {
  const now = () => Math.floor(Date.now() / 1000);

  it('is taken when all is well, the address from the ID token or from the userinfo endpoint', async () => {
    const email = `${newId()}@example.org`;
    const inToken = await fakeDance({ claims: { sub: newId(), email, email_verified: true } });
    expect((await exchange(inToken.searchParams.get('code')).expect(201)).body.member).toMatchObject({ email, displayName: email.split('@')[0] });
    expect(fake.requests.get('/userinfo')).toBeUndefined();
    const sub = newId();
    const asked = await fakeDance({ claims: { sub }, answers: { '/userinfo': { status: 200, body: { sub, email: `  ${sub}@Example.ORG `, email_verified: true, preferred_username: 'grace' } } } });
    expect((await exchange(asked.searchParams.get('code')).expect(201)).body.member).toMatchObject({ email: `${sub}@example.org`, displayName: 'grace' });
  });

  it('is asked for with the secret in the way the provider supports, and with the verifier', async () => {
    await fakeDance({ claims: { sub: newId(), email: 'x' } });
    const { authorization, body } = fake.requests.get('/token')!.at(-1)!;
    expect(authorization).toBeUndefined();
    expect(Object.fromEntries(body)).toMatchObject({ client_id: 'plaza', client_secret: 'known to both', grant_type: 'authorization_code', code_verifier: expect.stringMatching(/^[\w-]{43,}$/), redirect_uri: `${PLAZA}/api/sessions/oidc/fake/callback` });
  });

  it.each<[string, () => Misbehaviour]>([
    ['for another sign-in', () => ({ claims: { nonce: 'another' } })],
    ['for no sign-in at all', () => ({ claims: { nonce: undefined } })],
    ['for another audience', () => ({ claims: { aud: 'another-client' } })],
    ['for several audiences, none of them authorized', () => ({ claims: { aud: ['plaza', 'another-client'] } })],
    ['of another issuer', () => ({ claims: { iss: 'https://accounts.example.org' } })],
    ['that has expired', () => ({ claims: { exp: now() - 300, iat: now() - 600 } })],
    ['without an end', () => ({ claims: { exp: undefined } })],
    ['signed by a stranger', () => ({ signature: 'stranger' })],
    ['signed by nobody', () => ({ signature: 'none' })],
    ['signed with the public key as a password', () => ({ signature: 'hmac-of-public-key' })],
    ['about nobody', () => ({ claims: { sub: undefined } })],
    ['about an account no table holds', () => ({ claims: { sub: 'x'.repeat(256), email: 'x' } })],
    ['about an account that looks like another', () => ({ claims: { sub: 'somebody ', email: 'x' } })],
    ['about an account in other letters', () => ({ claims: { sub: 'sömebody', email: 'x' } })],
    ['without an ID token', () => ({ answers: { '/token': { status: 200, body: { access_token: 'x', token_type: 'Bearer' } } } })],
    ['that is an error', () => ({ answers: { '/token': { status: 400, body: { error: 'invalid_client' } } } })],
    ['whose userinfo is about somebody else', () => ({ answers: { '/userinfo': { status: 200, body: { sub: 'somebody-else', email: 'a@example.org', email_verified: true } } } })],
  ])('is refused %s', async (_, misbehaviour) => {
    expect((await fakeDance(misbehaviour())).href).toBe(`${APP}?error=oidc.answer-invalid`);
  });

  it.each(['/token', '/jwks', '/userinfo'])('that fails at %s is the provider\'s fault', async (path) => {
    // Keys are kept for a while: a provider not met before has none.
    const failing = await startFakeProvider('plaza');
    failing.behave({ answers: { [path]: { status: 500, body: {} } } });
    const other = await createTestApp({ ...settings(), OIDC_PROVIDERS: JSON.stringify([{ name: 'failing', issuer: failing.issuer, clientId: 'plaza', clientSecret: 'x' }]) });
    try {
      const back = await new Browser({ [PLAZA]: other.url }).follow(startOf('failing'), isApp);
      expect(back).toBe(`${APP}?error=oidc.provider-unavailable`);
    } finally {
      await Promise.all([other.close(), failing.stop()]);
    }
  });
});

describe('the code', () => {
  it('is good once', async () => {
    const code = await codeFor(newAccount());
    await exchange(code).expect(201);
    expect((await exchange(code).expect(401)).body.code).toBe('oidc.code-invalid');
  });

  it('is good once, though 20 ask at once', async () => {
    const account = newAccount();
    const code = await codeFor(account);
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(401)]);
    expect(await rows('SELECT 1 FROM session s JOIN member m ON m.id = s.member_id WHERE m.email = ?', [account.email])).toHaveLength(1);
  });

  it('is good for 60 seconds', async () => {
    const [early, late] = [await codeFor(newAccount()), await codeFor(newAccount())];
    await shift(early, 50);
    await exchange(early).expect(201);
    await shift(late, 61);
    expect((await exchange(late).expect(401)).body.code).toBe('oidc.code-invalid');
  });

  it('is used up by a refusal as well', async () => {
    const code = await codeFor(newAccount({ email_verified: false }));
    await exchange(code).expect(403);
    await exchange(code).expect(401);
  });

  it('is kept as a hash alone, and not at all once it is used', async () => {
    const code = await codeFor(newAccount());
    expect(JSON.stringify(await rows('SELECT * FROM sign_in_code'))).not.toContain(code);
    expect(await rows('SELECT 1 FROM sign_in_code WHERE code_hash = ?', [hashOf(code)])).toHaveLength(1);
    await exchange(code).expect(201);
    expect(await rows('SELECT 1 FROM sign_in_code WHERE code_hash = ?', [hashOf(code)])).toEqual([]);
  });

  it('is no linkToken, nor the other way round', async () => {
    const { email } = await app.given.member();
    const linkToken = await linkTokenFor(newAccount({ email }));
    await exchange(linkToken).expect(401);
    const code = await codeFor(newAccount({ email }));
    expect((await link(code, PASSWORD).expect(401)).body.code).toBe('identity.link-token-invalid');
    await link(linkToken, PASSWORD).expect(201);
  });

  it.each(['', 'x', 'é🦉', "' OR 1=1 -- ", '\u0000'])('is not %j', async (code) => {
    expect((await exchange(code).expect(401)).body.code).toBe('oidc.code-invalid');
    expect((await link(code, PASSWORD).expect(401)).body.code).toBe('identity.link-token-invalid');
  });

  it.each([undefined, null, 7, {}, ['x'], 'x'.repeat(201)])('is refused by its shape as %j', async (code) => {
    expect((await exchange(code).expect(400)).body.code).toBe('request.invalid');
    expect((await link(code, PASSWORD).expect(400)).body.code).toBe('request.invalid');
  });

  it('is tidied away when nobody uses it', async () => {
    const [dead, alive] = [await codeFor(newAccount()), await codeFor(newAccount())];
    await shift(dead, 61);
    await app.app.get(SignInCodes).deleteExpired();
    expect(await rows('SELECT 1 FROM sign_in_code WHERE code_hash = ?', [hashOf(dead)])).toEqual([]);
    await exchange(alive).expect(201);
  });
});

describe('an address that has a member', () => {
  it('is linked after the password, and signs in from then on', async () => {
    const member = await app.given.member();
    const account = newAccount({ email: member.email.toUpperCase(), name: 'Another Name' });
    const refused = await exchange(await codeFor(account)).expect(409);
    expect(refused.body).toMatchObject({ code: 'identity.link-required', linkToken: expect.stringMatching(/^[\w-]{43}$/) });
    expect(await identitiesOf(member.id)).toEqual([]);
    const linked = await link(refused.body.linkToken, PASSWORD).expect(201);
    expect(linked.body).toMatchObject({ member: { id: member.id, email: member.email, displayName: 'Somebody' }, expiresIn: 900 });
    await app.http.get('/api/me').set({ Authorization: `Bearer ${linked.body.accessToken}` }).expect(200);
    expect((await exchange(await codeFor(account)).expect(201)).body.member.id).toBe(member.id);
    expect(await rows('SELECT 1 FROM member WHERE id = ? AND email_verified_at IS NOT NULL', [member.id])).toHaveLength(1);
    await app.http.post('/api/sessions').send({ email: member.email, password: PASSWORD }).expect(201);
  });

  it('is not linked by a wrong password, after which the right one still is', async () => {
    const member = await app.given.member();
    const linkToken = await linkTokenFor(newAccount({ email: member.email }));
    expect((await link(linkToken, 'a wrong password').expect(401)).body.code).toBe('session.invalid-credentials');
    expect(await identitiesOf(member.id)).toEqual([]);
    await link(linkToken, PASSWORD).expect(201);
  });

  it('is linked once by one linkToken, though 10 ask at once', async () => {
    const member = await app.given.member();
    const linkToken = await linkTokenFor(newAccount({ email: member.email }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => link(linkToken, PASSWORD)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(401)]);
    expect(await identitiesOf(member.id)).toHaveLength(1);
    expect((await link(linkToken, PASSWORD).expect(401)).body.code).toBe('identity.link-token-invalid');
  });

  it('is linked within ten minutes', async () => {
    const member = await app.given.member();
    const [early, late] = [await linkTokenFor(newAccount({ email: member.email })), await linkTokenFor(newAccount({ email: member.email }))];
    await shift(early, 590);
    await shift(late, 601);
    await link(early, PASSWORD).expect(201);
    expect((await link(late, PASSWORD).expect(401)).body.code).toBe('identity.link-token-invalid');
  });

  it('is not linked to an account that belongs to a member already', async () => {
    const [first, second] = [await app.given.member(), await app.given.member()];
    const account = newAccount();
    const tokens = [await linkTokenFor({ ...account, email: first.email }), await linkTokenFor({ ...account, email: second.email })];
    await link(tokens[0], PASSWORD).expect(201);
    expect((await link(tokens[1], PASSWORD).expect(409)).body.code).toBe('identity.already-linked');
    expect(await identitiesOf(second.id)).toEqual([]);
    expect((await exchange(await codeFor(account)).expect(201)).body.member.id).toBe(first.id);
  });

  it('sees where it is linked, and unlinks itself', async () => {
    const [member, other] = [await app.given.member(), await app.given.member()];
    const [account, others] = [newAccount({ email: member.email }), newAccount({ email: other.email })];
    await link(await linkTokenFor(account), PASSWORD).expect(201);
    await link(await linkTokenFor(others), PASSWORD).expect(201);
    const { body } = await app.http.get('/api/identities').set(member.auth).expect(200);
    expect(body).toEqual({ items: [{ provider: 'house', createdAt: expect.stringMatching(/Z$/) }] });
    await app.http.delete('/api/identities/house').set(member.auth).expect(204);
    expect((await app.http.delete('/api/identities/house').set(member.auth).expect(404)).body.code).toBe('not-found');
    expect((await app.http.get('/api/identities').set(member.auth).expect(200)).body).toEqual({ items: [] });
    expect((await exchange(await codeFor(account)).expect(409)).body.code).toBe('identity.link-required');
    expect(await identitiesOf(other.id)).toHaveLength(1);
  });

  it('is linked no more after a reset by mail, and still is after a change of the password', async () => {
    const member = await app.given.member();
    await link(await linkTokenFor(newAccount({ email: member.email })), PASSWORD).expect(201);
    await app.http.post('/api/me/password').set(member.auth).send({ current: PASSWORD, next: 'a quiet corner desk' }).expect(204);
    expect(await identitiesOf(member.id)).toHaveLength(1);
    await write('INSERT INTO password_reset (token_hash, member_id, expires_at) VALUES (?, ?, UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE)', [hashOf('by mail'), member.id]);
    await app.http.post('/api/password-resets/confirm').send({ token: 'by mail', password: 'another quiet desk' }).expect(204);
    expect(await identitiesOf(member.id)).toEqual([]);
  });

  it('is asked for its password though it was registered while the browser was away', async () => {
    const account = newAccount();
    const code = await codeFor(account);
    await app.http.post('/api/members').send({ email: account.email, password: PASSWORD, displayName: 'Faster' }).expect(201);
    const { body } = await exchange(code).expect(409);
    expect(body.code).toBe('identity.link-required');
    await link(body.linkToken, PASSWORD).expect(201);
  });

  it('makes one member when signing up and signing in elsewhere meet', async () => {
    for (let round = 0; round < 5; round += 1) {
      const account = newAccount();
      const code = await codeFor(account);
      const [signUp, signIn] = await Promise.all([app.http.post('/api/members').send({ email: account.email, password: PASSWORD, displayName: 'Meeting' }), exchange(code)]);
      expect([[201, 409], [409, 201]]).toContainEqual([signUp.status, signIn.status]);
      expect(await rows('SELECT 1 FROM member WHERE email = ?', [account.email])).toHaveLength(1);
    }
  });

  it('that a stranger signed up with is its owner\'s after a reset by mail, and nothing of the stranger\'s works any more', async () => {
    const stranger = await app.given.member();
    const bot = (await app.http.post('/api/api-tokens').set(stranger.auth).send({ name: 'bot' }).expect(201)).body;
    const owner = newAccount({ email: stranger.email });
    const linkToken = await linkTokenFor(owner);
    const [token, next] = [newId(), 'a sunny window desk'];
    const reset = (body: object) => app.http.post('/api/password-resets/confirm').send({ password: next, ...body });
    await write('INSERT INTO password_reset (token_hash, member_id, expires_at) VALUES (?, ?, UTC_TIMESTAMP(3) + INTERVAL 30 MINUTE)', [hashOf(token), stranger.id]);
    // What is good at one door is not at another.
    await exchange(token).expect(401);
    await link(token, PASSWORD).expect(401);
    await reset({ token: linkToken }).expect(422);

    await reset({ token }).expect(204);
    await app.http.get('/api/me').set(stranger.auth).expect(401);
    await app.http.get('/api/me').set('X-Token', bot.secret).expect(401);
    await app.http.post('/api/sessions/refresh').send({ refreshToken: stranger.refreshToken }).expect(401);
    await link(linkToken, PASSWORD).expect(401);
    await link(linkToken, next).expect(201);
    expect((await exchange(await codeFor(owner)).expect(201)).body.member.id).toBe(stranger.id);
  });

  it('of somebody locked out is not linked', async () => {
    const member = await app.given.member();
    const linkToken = await linkTokenFor(newAccount({ email: member.email }));
    await write('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [member.id]);
    expect((await link(linkToken, PASSWORD).expect(401)).body.code).toBe('session.invalid-credentials');
  });

  it('of a member without a password is not linked by any', async () => {
    const account = newAccount();
    await exchange(await codeFor(account)).expect(201);
    const linkToken = await linkTokenFor(newAccount({ email: account.email }));
    for (const password of ['', 'null', 'there is no such member']) await link(linkToken, password).expect(401);
  });

  it('has its password guessed as slowly here as anywhere', async () => {
    const strict = await createTestApp({ ...settings(), RATE_LIMIT_SCALE: '1' });
    try {
      const { email } = await app.given.member();
      const linkToken = await linkTokenFor(newAccount({ email }));
      const guess = (password: string) => strict.http.post('/api/identities').send({ linkToken, password });
      for (let failures = 0; failures < 5; failures += 1) await guess('a wrong password').expect(401);
      expect((await guess(PASSWORD).expect(429)).body.code).toBe('rate.limited');
      await strict.http.post('/api/sessions').send({ email, password: PASSWORD }).expect(429);
    } finally {
      await strict.close();
    }
  });
});

it('no log holds what passes through: neither codes nor states, tokens, cookies or passwords', async () => {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-test-'));
  const plaza = await startProcess({ ...settings(), DATABASE_URL: testDatabaseUrl(), DATA_DIR: dataDir, LOG_LEVEL: 'trace' });
  try {
    const send = async (to: string, body: object) => ({ ...((await (await fetch(`${plaza.url}${to}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()) as Record<string, string>) });
    const member = await app.given.member();
    const browser = new Browser({ [PLAZA]: plaza.url });
    const callback = new URL(await returning(browser, newAccount({ email: member.email })));
    const cookie = browser.cookies(PLAZA).get(COOKIE)!;
    const code = new URL(await browser.follow(callback.href, isApp)).searchParams.get('code')!;
    const { linkToken } = await send('/api/sessions/oidc/exchange', { code });
    await send('/api/identities', { linkToken, password: 'a wrong password' });
    const linked = await send('/api/identities', { linkToken, password: PASSWORD });
    browser.cookies(PLAZA).set(COOKIE, cookie);
    expect(await browser.follow(callback.href, isApp)).toContain('error=');
    const told = `${newId()}@example.org`;
    fake.behave({ claims: { aud: 'another-client', email: told } });
    expect(await browser.follow(startOf('fake'), isApp)).toContain('error=');
    plaza.kill('SIGTERM');
    await plaza.stopped;
    for (const logged of ['/api/sessions/oidc/:provider/callback', '/api/sessions/oidc/exchange', '/api/identities', 'a sign-in elsewhere failed', 'invalid_grant']) expect(plaza.output()).toContain(logged);
    const secrets = [...callback.searchParams.values()].filter((value) => value !== house.issuer);
    expect(secrets).toHaveLength(2);
    for (const secret of [...secrets, cookie, code, linkToken, linked.accessToken, linked.refreshToken, house.clientSecret, PASSWORD, 'a wrong password', member.email, told]) {
      expect(secret).toBeDefined();
      expect(plaza.output()).not.toContain(secret);
    }
  } finally {
    plaza.kill('SIGKILL');
    await plaza.stopped;
    await rm(dataDir, { recursive: true, force: true });
  }
});

it('gives up on a provider that does not answer after ten seconds', async () => {
  expect(await slowAnswer).toMatchObject({ status: 503, body: { code: 'oidc.provider-unavailable' } });
});
