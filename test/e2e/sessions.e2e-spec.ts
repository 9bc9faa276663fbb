import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, PASSWORD, type GivenMember, type TestApp } from '../support/app.js';
import { connectSocket, nextEvent } from '../support/sockets.js';

let app: TestApp;
const signIn = (body: object) => app.http.post('/api/sessions').send(body);
const refresh = (refreshToken: unknown) => app.http.post('/api/sessions/refresh').send({ refreshToken });
const write = (sql: string, parameters: unknown[] = []) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
const sessionOf = (refreshToken: string): string => refreshToken.split('.')[0]!;
const auth = (accessToken: string) => ({ Authorization: `Bearer ${accessToken}` });

/** What is stored of a session. */
async function stored(refreshToken: string): Promise<{ hash: Buffer; generation: number; revoked: boolean }> {
  const [row] = await app.app.get(Database).rows<{ hash: Buffer; generation: number; revoked: number }>(
    'SELECT refresh_hash AS hash, generation, revoked_at IS NOT NULL AS revoked FROM session WHERE id = ?',
    [sessionOf(refreshToken)],
  );
  return { ...row!, revoked: row!.revoked === 1 };
}

async function expectEnded(refreshToken: string, ...tokens: string[]): Promise<void> {
  expect((await stored(refreshToken)).revoked).toBe(true);
  for (const token of [refreshToken, ...tokens]) expect((await refresh(token).expect(401)).body.code).toBe('session.refresh-invalid');
}

beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('POST /api/sessions', () => {
  it('signs in with the same shape as signing up', async () => {
    const { email, id } = await app.given.member();
    const { body } = await signIn({ email, password: PASSWORD }).expect(201);
    expect(body).toEqual({ member: expect.objectContaining({ id, email }), accessToken: expect.any(String), refreshToken: expect.any(String), expiresIn: 900 });
    await app.http.get('/api/me').set(auth(body.accessToken)).expect(200);
  });

  it('answers an unknown address, a wrong password and a member who is locked out alike', async () => {
    const { email, id } = await app.given.member();
    const locked = await app.given.member();
    await write('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [locked.id]);
    const answers = await Promise.all([
      signIn({ email: `${newId()}@example.org`, password: PASSWORD }),
      signIn({ email, password: 'not the password' }),
      signIn({ email: locked.email, password: PASSWORD }),
    ]);
    for (const { status, body, headers } of answers) {
      expect(status).toBe(401);
      expect({ ...body, requestId: '' }).toEqual({ ...answers[0].body, requestId: '' });
      expect(body.code).toBe('session.invalid-credentials');
      expect(Object.keys(headers).sort()).toEqual(Object.keys(answers[0].headers).sort());
    }
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain(id);
  });

  it('never takes the decoy\'s password for an unknown address', async () => {
    await signIn({ email: `${newId()}@example.org`, password: 'there is no such member' }).expect(401);
  });

  it.each([{}, { email: 'a@example.org' }, { email: 7, password: 'x' }, { email: 'a@example.org', password: {} }, { email: 'a'.repeat(255), password: 'x' }, { email: 'a', password: 'x', remember: true }])(
    'refuses %j by its shape',
    async (body) => expect((await signIn(body).expect(400)).body.code).toBe('request.invalid'),
  );

  it('hashes anew what was hashed with weaker parameters', async () => {
    const { email, id } = await app.given.member();
    const { hash } = await import('@node-rs/argon2');
    await write('UPDATE member SET password_hash = ? WHERE id = ?', [await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 }), id]);
    await signIn({ email, password: PASSWORD }).expect(201);
    const [row] = await app.app.get(Database).rows<{ hash: string }>('SELECT password_hash AS hash FROM member WHERE id = ?', [id]);
    expect(row!.hash).toContain('$m=19456,t=2,p=1$');
    await signIn({ email, password: PASSWORD }).expect(201);
  });
});

describe('guessing', () => {
  let strict: TestApp;
  beforeAll(async () => {
    strict = await createTestApp({ RATE_LIMIT_SCALE: '1' });
  });
  afterAll(() => strict.close());

  it('of one account has to wait, the right password too, and nobody else', async () => {
    const { email } = await app.given.member();
    const other = await app.given.member();
    const guess = (password: string) => strict.http.post('/api/sessions').send({ email, password });
    for (let failures = 0; failures < 5; failures += 1) await guess('wrong password').expect(401);
    const refused = await guess(PASSWORD).expect(429);
    expect(refused.body.code).toBe('rate.limited');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await strict.http.post('/api/sessions').send({ email: other.email, password: PASSWORD }).expect(201);
  });

  it('in parallel counts each try', async () => {
    const { email } = await app.given.member();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => strict.http.post('/api/sessions').send({ email, password: `guess number ${n}` })));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(7);
  });
});

describe('POST /api/sessions/refresh', () => {
  let member: GivenMember;
  const newSession = async (): Promise<string> => (await signIn({ email: member.email, password: PASSWORD }).expect(201)).body.refreshToken;
  beforeAll(async () => {
    member = await app.given.member();
  });

  it('gives token n+1 = base64url(HMAC-SHA256(refresh key, token n)) and stores its hash alone', async () => {
    const first = await newSession();
    const { body } = await refresh(first).expect(200);
    const key = app.app.get(SecretKeys).current('refresh').key;
    expect(body.refreshToken).toBe(`${sessionOf(first)}.${createHmac('sha256', key).update(first).digest('base64url')}`);
    expect(await stored(first)).toEqual({ hash: createHash('sha256').update(body.refreshToken as string).digest(), generation: 1, revoked: false });
    expect(body).toMatchObject({ member: { id: member.id }, expiresIn: 900 });
    await app.http.get('/api/me').set(auth(body.accessToken)).expect(200);
  });

  it('gives the exact retry of the direct parent the same successor', async () => {
    const first = await newSession();
    const second = (await refresh(first).expect(200)).body.refreshToken;
    for (let again = 0; again < 3; again += 1) expect((await refresh(first).expect(200)).body.refreshToken).toBe(second);
    expect((await stored(first)).generation).toBe(1);
    await refresh(second).expect(200);
  });

  it('never logs an honest client out, though 20 calls come at once', async () => {
    let token = await newSession();
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token)));
      expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
      const successors = new Set(answers.map(({ body }) => body.refreshToken as string));
      expect(successors.size).toBe(1);
      [token] = successors as unknown as [string];
    }
    expect(await stored(token)).toMatchObject({ generation: 3, revoked: false });
  });

  it('ends the session when an older token comes', async () => {
    const first = await newSession();
    const second = (await refresh(first).expect(200)).body.refreshToken;
    const third = await refresh(second).expect(200);
    await refresh(first).expect(401);
    await expectEnded(first, second, third.body.refreshToken);
    expect((await app.http.get('/api/me').set(auth(third.body.accessToken)).expect(401)).body.code).toBe('auth.token-invalid');
  });

  it('ends the session once when an older token comes many times at once, and answers each the same', async () => {
    const first = await newSession();
    let token = first;
    for (let generation = 0; generation < 2; generation += 1) token = (await refresh(token).expect(200)).body.refreshToken;
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(first)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(['401 session.refresh-invalid']));
    await expectEnded(token, first);
  });

  it('ends the session however old the token is', async () => {
    const first = await newSession();
    let token = first;
    for (let generation = 0; generation < 12; generation += 1) token = (await refresh(token).expect(200)).body.refreshToken;
    await refresh(first).expect(401);
    await expectEnded(token, first);
  });

  it('ends the session when the direct parent comes after 10 s', async () => {
    const first = await newSession();
    const second = (await refresh(first).expect(200)).body.refreshToken;
    await write('UPDATE session SET rotated_at = rotated_at - INTERVAL 9 SECOND WHERE id = ?', [sessionOf(first)]);
    expect((await refresh(first).expect(200)).body.refreshToken).toBe(second);
    await write('UPDATE session SET rotated_at = rotated_at - INTERVAL 2 SECOND WHERE id = ?', [sessionOf(first)]);
    await refresh(first).expect(401);
    await expectEnded(first, second);
  });

  it('is not impressed by garbage with a known session id', async () => {
    const token = await newSession();
    const id = sessionOf(token);
    for (const garbage of [`${id}.${'A'.repeat(43)}`, `${id}.`, `${id}`, `${token}x`, token.slice(0, -1), `${id}.é🦉`, `${id}.${'x'.repeat(160)}`]) {
      expect((await refresh(garbage).expect(401)).body.code).toBe('session.refresh-invalid');
    }
    await refresh(token).expect(200);
  });

  it.each(['', '.', 'é.🦉', '🦉🦉🦉', `${newId()}.x`, "' OR 1=1 -- .x", '\u0000.x'])('knows no session of %j', async (token) => {
    expect((await refresh(token).expect(401)).body.code).toBe('session.refresh-invalid');
  });

  it.each([undefined, null, 7, {}, ['a'], 'x'.repeat(201)])('refuses %j by its shape', async (token) => {
    await refresh(token).expect(400);
  });

  it('refuses an expired session', async () => {
    const token = await newSession();
    await write('UPDATE session SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ?', [sessionOf(token)]);
    expect((await refresh(token).expect(401)).body.code).toBe('session.refresh-invalid');
  });

  it('keeps a session open for 30 days after each refresh', async () => {
    const token = await newSession();
    await write('UPDATE session SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE WHERE id = ?', [sessionOf(token)]);
    await refresh(token).expect(200);
    const [row] = await app.app.get(Database).rows<{ days: number }>('SELECT TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(3), expires_at) / 24 AS days FROM session WHERE id = ?', [sessionOf(token)]);
    expect(Number(row!.days)).toBeGreaterThan(29.9);
  });
});

describe('the list of sessions', () => {
  it('shows devices, newest first, and which one is asking', async () => {
    const { email, auth: first } = await app.given.member();
    const { body: second } = await app.http.post('/api/sessions').set('User-Agent', `Firefox ${'x'.repeat(300)}`).send({ email, password: PASSWORD }).expect(201);
    const { body } = await app.http.get('/api/sessions').set(auth(second.accessToken)).expect(200);
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toEqual({
      id: sessionOf(second.refreshToken), userAgent: `Firefox ${'x'.repeat(247)}`, ip: '127.0.0.1', current: true,
      createdAt: expect.any(String), lastUsedAt: expect.any(String), expiresAt: expect.any(String),
    });
    expect(body.items[1].current).toBe(false);
    expect((await app.http.get('/api/sessions').set(first)).body.items.map((item: { current: boolean }) => item.current)).toEqual([false, true]);
  });

  it('ends one of one\'s own, at once', async () => {
    const { email, auth: mine } = await app.given.member();
    const { body: other } = await signIn({ email, password: PASSWORD }).expect(201);
    await app.http.get('/api/me').set(auth(other.accessToken)).expect(200);
    await app.http.delete(`/api/sessions/${sessionOf(other.refreshToken)}`).set(mine).expect(204);
    expect((await app.http.get('/api/me').set(auth(other.accessToken)).expect(401)).body.code).toBe('auth.token-invalid');
    await refresh(other.refreshToken).expect(401);
    await app.http.get('/api/me').set(mine).expect(200);
    expect((await app.http.get('/api/sessions').set(mine)).body.items).toHaveLength(1);
    expect((await app.http.delete(`/api/sessions/${sessionOf(other.refreshToken)}`).set(mine).expect(404)).body.code).toBe('not-found');
  });

  it('signs out', async () => {
    const { auth: mine, refreshToken } = await app.given.member();
    await app.http.delete('/api/sessions/current').set(mine).expect(204);
    await app.http.get('/api/me').set(mine).expect(401);
    await refresh(refreshToken).expect(401);
  });

  it('does not know another member\'s session', async () => {
    const victim = await app.given.member();
    const { auth: mine } = await app.given.member();
    for (const id of [sessionOf(victim.refreshToken), newId(), 'seven']) expect((await app.http.delete(`/api/sessions/${id}`).set(mine).expect(404)).body.code).toBe('not-found');
    await app.http.get('/api/me').set(victim.auth).expect(200);
  });

  it('comes a page at a time', async () => {
    const { email, auth: mine, refreshToken } = await app.given.member();
    const ids = [sessionOf(refreshToken)];
    for (let more = 0; more < 4; more += 1) ids.push(sessionOf((await signIn({ email, password: PASSWORD }).expect(201)).body.refreshToken));
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { body }: { body: { items: { id: string }[]; nextCursor: string | null } } = await app.http.get('/api/sessions').set(mine).query({ limit: 2, ...(cursor && { cursor }) }).expect(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      found.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(ids.reverse());
    for (const query of [{ limit: 0 }, { limit: 101 }, { cursor: 'x' }]) expect((await app.http.get('/api/sessions').set(mine).query(query).expect(400)).body.code).toBe('request.invalid');
  });
});

describe('a member', () => {
  const open = async (memberId: string): Promise<number> =>
    Number((await app.app.get(Database).rows<{ n: number }>('SELECT COUNT(*) AS n FROM session WHERE member_id = ? AND revoked_at IS NULL', [memberId]))[0]!.n);
  /** Sessions that were refreshed an hour ago. */
  const insertOpen = (memberId: string, count: number) =>
    app.app.get(Transactions).run((tx) =>
      tx.write('INSERT INTO session (id, member_id, refresh_hash, generation, user_agent, ip, created_at, rotated_at, expires_at) VALUES ?', [
        Array.from({ length: count }, () => [newId(), memberId, randomBytes(32), 0, 'test', '::1', new Date(), new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)]),
      ]),
    );

  it('has at most 100 open sessions: those that were not refreshed for longest end', async () => {
    const { id, email, refreshToken: kept } = await app.given.member();
    const { body: idle } = await signIn({ email, password: PASSWORD }).expect(201);
    await app.http.get('/api/me').set(auth(idle.accessToken)).expect(200);
    await write('UPDATE session SET rotated_at = rotated_at - INTERVAL 2 HOUR WHERE id IN (?)', [[sessionOf(idle.refreshToken), sessionOf(kept)]]);
    await insertOpen(id, 98);
    const { body: first } = await refresh(kept).expect(200);
    expect(await open(id)).toBe(100);

    const { body: newest } = await signIn({ email, password: PASSWORD }).expect(201);
    expect(await open(id)).toBe(100);
    expect((await app.http.get('/api/me').set(auth(idle.accessToken)).expect(401)).body.code).toBe('auth.token-invalid');
    await expectEnded(idle.refreshToken);
    for (const { accessToken } of [first, newest]) await app.http.get('/api/me').set(auth(accessToken)).expect(200);
  });

  it('has no more of them for signing in on ten devices at once', async () => {
    const { id, email } = await app.given.member();
    await insertOpen(id, 97);
    const answers = await Promise.all(Array.from({ length: 10 }, () => signIn({ email, password: PASSWORD }).expect(201)));
    expect(await open(id)).toBe(100);
    for (const { body } of answers) await app.http.get('/api/me').set(auth(body.accessToken)).expect(200);
  });
});

describe('beside another process', () => {
  let other: TestApp;
  beforeAll(async () => {
    other = await createTestApp({ APP_SECRET: app.secret });
  });
  afterAll(() => other.close());

  it('a session that was ended there has its sockets ended here, within 5 s, and no other\'s', async () => {
    const member = await app.given.member();
    const { body: second } = await signIn({ email: member.email, password: PASSWORD }).expect(201);
    const [socket, kept] = [await connectSocket(app.url, member.accessToken), await connectSocket(app.url, second.accessToken)];
    try {
      const ended = nextEvent(socket, 'disconnect');
      const asked = Date.now();
      await other.http.delete(`/api/sessions/${sessionOf(member.refreshToken)}`).set(auth(second.accessToken)).expect(204);
      await ended;
      expect(Date.now() - asked).toBeLessThan(5_000);
      expect(kept.connected).toBe(true);
    } finally {
      for (const each of [socket, kept]) each.disconnect();
    }
  }, 15_000);

  it('a refresh storm on both logs nobody out, and an older token kills the session on both', async () => {
    const { refreshToken: first } = await app.given.member();
    const storm = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? app : other).http.post('/api/sessions/refresh').send({ refreshToken: first })));
    expect(storm.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
    const [second, ...others] = new Set(storm.map(({ body }) => body.refreshToken as string));
    expect(others).toEqual([]);
    const { body: third } = await refresh(second).expect(200);
    await other.http.post('/api/sessions/refresh').send({ refreshToken: first }).expect(401);
    await expectEnded(first, second!, third.refreshToken);
  });
});
