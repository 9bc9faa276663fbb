import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';

let app: TestApp;
interface Token {
  id: string;
  secret: string;
}
const create = (member: GivenMember, body: object) => app.http.post('/api/api-tokens').set(member.auth).send(body);
const given = async (member: GivenMember, body: object = {}): Promise<Token> => (await create(member, { name: 'bot', ...body }).expect(201)).body;
const withToken = (secret: string) => app.http.get('/api/me').set('X-Token', secret);
const write = (sql: string, parameters: unknown[] = []) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));

beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('an API token', () => {
  it('is shown once, kept as SHA-256 and named by its id', async () => {
    const member = await app.given.member();
    const { body } = await create(member, { name: 'wall', permissions: ['memes.read'], expiresAt: '2099-01-01T00:00:00+02:00' }).expect(201);
    expect(body).toEqual({
      id: expect.any(String), name: 'wall', permissions: ['memes.read'], expiresAt: '2098-12-31T22:00:00.000Z', lastUsedAt: null, createdAt: expect.any(String),
      secret: expect.stringMatching(new RegExp(`^plz_${body.id}_[\\w-]{43}$`)),
    });
    const [row] = await app.app.get(Database).rows<{ right: number }>(`SELECT secret_hash = UNHEX(SHA2(?, 256)) AS \`right\` FROM api_token WHERE id = ?`, [body.secret, body.id]);
    expect(row!.right).toBe(1);
    const { secret: _, ...shown } = body;
    expect((await app.http.get('/api/api-tokens').set(member.auth).expect(200)).body).toEqual({ items: [shown], nextCursor: null });
  });

  it('has all its owner may but the admin\'s and the account\'s when nothing is named', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const { body } = await create(admin, { name: 'bot' }).expect(201);
    expect(body.permissions).toEqual([
      'profile.read', 'profile.edit', 'members.directory', 'credits.read', 'credits.transfer', 'exports.order', 'memes.read',
      'memes.moderate', 'polls.manage', 'chat.moderate', 'parking.operate', 'statistics.read',
      'files.read', 'files.write', 'memes.write', 'polls.read', 'polls.vote', 'chat.read', 'chat.write', 'parking.read', 'parking.book',
    ]);
    await app.http.get('/api/members').set('X-Token', body.secret).expect(403);
    const explicit = await given(admin, { permissions: ['members.admin'] });
    await app.http.get('/api/members').set('X-Token', explicit.secret).expect(200);
  });

  it('is sent as X-Token or as a bearer token, and not beside an access token', async () => {
    const member = await app.given.member();
    const { secret } = await given(member);
    expect((await withToken(secret).expect(200)).body.id).toBe(member.id);
    await app.http.get('/api/me').set('Authorization', `Bearer ${secret}`).expect(200);
    await app.http.get('/api/me').set('Authorization', `bearer ${secret}`).expect(200);
    for (const authorization of [member.auth.Authorization, `Bearer ${secret}`, 'Basic eDp5']) {
      expect((await withToken(secret).set('Authorization', authorization).expect(400)).body.code).toBe('request.invalid');
    }
  });

  it('may do what it was given and no more', async () => {
    const { secret } = await given(await app.given.member(), { permissions: ['credits.read'] });
    await app.http.get('/api/credits').set('X-Token', secret).expect(200);
    expect((await withToken(secret).expect(403)).body.code).toBe('auth.forbidden');
    const { secret: useless } = await given(await app.given.member(), { permissions: [] });
    await app.http.get('/api/credits').set('X-Token', useless).expect(403);
  });

  it('loses what its owner loses, at once', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const moderator = await app.given.member({ role: 'admin' });
    const { secret } = await given(moderator, { permissions: ['members.admin', 'profile.read'] });
    await app.http.get('/api/members').set('X-Token', secret).expect(200);
    await app.http.patch(`/api/members/${moderator.id}`).set(admin.auth).send({ role: 'member' }).expect(200);
    await app.http.get('/api/members').set('X-Token', secret).expect(403);
    await withToken(secret).expect(200);
  });

  it('reaches no token, password, session or identity, whatever its owner may', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const { secret, id } = await given(admin);
    const calls: [method: 'get' | 'post' | 'delete', path: string][] = [
      ['get', '/api/api-tokens'], ['post', '/api/api-tokens'], ['delete', `/api/api-tokens/${id}`], ['post', `/api/api-tokens/${id}/rotate`], ['post', `/api/api-tokens/${id}/calls`],
      ['post', '/api/me/password'], ['get', '/api/sessions'], ['delete', '/api/sessions/current'], ['delete', `/api/sessions/${newId()}`],
      ['get', '/api/identities'], ['delete', '/api/identities/house'],
    ];
    for (const [method, path] of calls) expect((await app.http[method](path).set('X-Token', secret).expect(403)).body.code).toBe('auth.forbidden');
  });

  it.each([
    ['what its owner may not', { permissions: ['members.admin'] }, 403, 'auth.forbidden'],
    ['account.manage', { permissions: ['account.manage'] }, 403, 'auth.forbidden'],
    ['an unknown permission', { permissions: ['everything'] }, 400, 'request.invalid'],
    ['the same permission twice', { permissions: ['memes.read', 'memes.read'] }, 400, 'request.invalid'],
    ['null for permissions', { permissions: null }, 400, 'request.invalid'],
    ['a text for permissions', { permissions: 'memes.read' }, 400, 'request.invalid'],
    ['no name', { name: undefined }, 400, 'request.invalid'],
    ['an empty name', { name: '' }, 400, 'request.invalid'],
    ['a long name', { name: 'x'.repeat(81) }, 400, 'request.invalid'],
    ['a name too long for the table alone', { name: '❤\uFE0F'.repeat(60) }, 400, 'request.invalid'],
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 400, 'request.invalid'],
    ['an end that is no time', { expiresAt: 'soon' }, 400, 'request.invalid'],
    ['an end of null', { expiresAt: null }, 400, 'request.invalid'],
    ['an end without an offset', { expiresAt: '2099-01-01T00:00:00' }, 400, 'request.invalid'],
    ['an end beyond what a column holds', { expiresAt: '+012345-01-01T00:00:00Z' }, 400, 'request.invalid'],
    ['the thirtieth of February', { expiresAt: '2099-02-30T00:00:00Z' }, 400, 'request.invalid'],
    ['an end in the year 10000 of UTC', { expiresAt: '9999-12-31T23:59:59-10:00' }, 400, 'request.invalid'],
    ['an end that is a number', { expiresAt: 4_070_908_800_000 }, 400, 'request.invalid'],
  ])('is not made with %s', async (_, body, status, code) => {
    const answer = await create(await app.given.member(), { name: 'bot', ...body }).expect(status);
    expect(answer.body.code).toBe(code);
  });

  it.each(['plz_', 'plz_x', `plz_${newId()}_${'x'.repeat(43)}`, 'anything', 'é', 'x'.repeat(4000)])('is not %s', async (secret) => {
    const encoded = Buffer.from(secret).toString('latin1');
    for (let twice = 0; twice < 2; twice += 1) expect((await withToken(encoded).expect(401)).body.code).toBe('token.invalid');
  });

  it('ends at once when it is revoked', async () => {
    const member = await app.given.member();
    const { id, secret } = await given(member);
    await withToken(secret).expect(200);
    await app.http.delete(`/api/api-tokens/${id}`).set(member.auth).expect(204);
    expect((await withToken(secret).expect(401)).body.code).toBe('token.invalid');
    expect((await app.http.get('/api/api-tokens').set(member.auth)).body.items).toEqual([]);
    await app.http.post(`/api/api-tokens/${id}/rotate`).set(member.auth).expect(404);
    await app.http.post(`/api/api-tokens/${id}/calls`).set(member.auth).send({ credits: 1 }).expect(404);
    await app.http.delete(`/api/api-tokens/${id}`).set(member.auth).expect(404);
  });

  it('ends when its time is over, though it was in use', async () => {
    const member = await app.given.member();
    const { id, secret } = await given(member, { expiresAt: '2099-01-01T00:00:00Z' });
    await write('UPDATE api_token SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1500000 MICROSECOND WHERE id = ?', [id]);
    await withToken(secret).expect(200);
    await eventually(async () => expect((await withToken(secret)).body.code).toBe('token.invalid'), 5_000);
  });

  it('gets a new secret, and the old one ends at once', async () => {
    const member = await app.given.member();
    const { id, secret } = await given(member, { permissions: ['profile.read'] });
    await withToken(secret).expect(200);
    const { body } = await app.http.post(`/api/api-tokens/${id}/rotate`).set(member.auth).expect(201);
    expect(body).toMatchObject({ id, permissions: ['profile.read'], secret: expect.stringMatching(/^plz_/) });
    await withToken(secret).expect(401);
    await withToken(body.secret).expect(200);
  });

  it('is unknown to other members', async () => {
    const { id, secret } = await given(await app.given.member());
    const other = await app.given.member();
    await app.http.delete(`/api/api-tokens/${id}`).set(other.auth).expect(404);
    await app.http.post(`/api/api-tokens/${id}/rotate`).set(other.auth).expect(404);
    await app.http.post(`/api/api-tokens/${id}/calls`).set(other.auth).send({ credits: 1 }).expect(404);
    expect((await app.http.get('/api/api-tokens').set(other.auth)).body.items).toEqual([]);
    await withToken(secret).expect(200);
  });

  it('is listed in pages', async () => {
    const member = await app.given.member();
    const ids = [];
    for (let made = 0; made < 3; made += 1) ids.unshift((await given(member)).id);
    const first = await app.http.get('/api/api-tokens').set(member.auth).query({ limit: 2 }).expect(200);
    const second = await app.http.get('/api/api-tokens').set(member.auth).query({ limit: 2, cursor: first.body.nextCursor }).expect(200);
    expect([...first.body.items, ...second.body.items].map((item: Token) => item.id)).toEqual(ids);
    expect(second.body.nextCursor).toBeNull();
  });

  it('is neither made nor given a new secret by a session that another process has just ended', async () => {
    const member = await app.given.member();
    const { id, secret } = await given(member);
    await write('UPDATE session SET revoked_at = UTC_TIMESTAMP(3) WHERE member_id = ?', [member.id]);
    // The guard here still remembers the session as it was.
    await app.http.get('/api/me').set(member.auth).expect(200);
    await create(member, { name: 'left behind' }).expect(401);
    await app.http.post(`/api/api-tokens/${id}/rotate`).set(member.auth).expect(401);
    await withToken(secret).expect(200);
  });

  it('is not made by a session that a password change ends in the same moment', async () => {
    const member = await app.given.member();
    await app.http.get('/api/me').set(member.auth).expect(200);
    const runner = app.app.get(DataSource).createQueryRunner();
    try {
      // The password change, held open before its commit: what the guard remembers is already out of date.
      await runner.startTransaction('READ COMMITTED');
      await runner.query('UPDATE member SET password_hash = ? WHERE id = ?', ['changed', member.id]);
      await runner.query('UPDATE api_token SET revoked_at = UTC_TIMESTAMP(3) WHERE member_id = ? AND revoked_at IS NULL', [member.id]);
      await runner.query('UPDATE session SET revoked_at = UTC_TIMESTAMP(3) WHERE member_id = ? AND revoked_at IS NULL', [member.id]);
      const attempt = create(member, { name: 'left behind' }).then((answer) => answer);
      await untilWaiting();
      await runner.commitTransaction();
      expect((await attempt).status).toBe(401);
    } finally {
      await runner.release();
    }
    expect(await app.app.get(Database).rows('SELECT id FROM api_token WHERE member_id = ?', [member.id])).toEqual([]);
  });
});

/** Until another statement is under way, which is the one that waits for the lock. */
async function untilWaiting(): Promise<void> {
  await eventually(async () => {
    const waiting = await app.app.get(Database).rows(`SELECT id FROM information_schema.processlist WHERE command = 'Query' AND id <> CONNECTION_ID() AND time_ms > 50`);
    expect(waiting.length).toBeGreaterThan(0);
  }, 4_000);
}

describe('buying calls', () => {
  const buy = (member: GivenMember, id: string, credits: unknown, key?: string) => app.http.post(`/api/api-tokens/${id}/calls`).set(member.auth).set(key === undefined ? {} : { 'Idempotency-Key': key }).send({ credits });
  const available = async (member: GivenMember) => (await app.http.get('/api/credits').set(member.auth)).body.available;

  it('turns credits into calls', async () => {
    const member = await app.given.member();
    const { id } = await given(member);
    expect((await buy(member, id, 2).expect(201)).body).toEqual({ calls: 200, balance: 200 });
    expect((await buy(member, id, 1).expect(201)).body).toEqual({ calls: 100, balance: 300 });
    expect(await available(member)).toBe(2);
  });

  it('happens once for one key, 10 at the same time', async () => {
    const member = await app.given.member();
    const { id } = await given(member);
    const key = newId();
    const answers = await Promise.all(Array.from({ length: 10 }, () => buy(member, id, 1, key)));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(10).fill([201, { calls: 100, balance: 100 }]));
    expect(await available(member)).toBe(4);
  });

  it('changes nothing when there are not enough credits', async () => {
    const member = await app.given.member();
    const { id } = await given(member);
    const { body } = await buy(member, id, 6).expect(402);
    expect(body).toMatchObject({ code: 'credits.insufficient', available: 5, required: 6 });
    expect(await available(member)).toBe(5);
    expect((await buy(member, id, 1).expect(201)).body.balance).toBe(100);
  });

  it.each([0, -1, 1.5, '1', null, undefined, 1_000_001])('refuses %j credits by their shape', async (credits) => {
    const member = await app.given.member();
    const { id } = await given(member);
    await buy(member, id, credits).expect(400);
  });
});

describe('a member', () => {
  const insert = (member: GivenMember, count: number, expiresAt: Date | null = null) =>
    app.app.get(Transactions).run((tx) =>
      tx.write('INSERT INTO api_token (id, member_id, name, secret_hash, permissions, expires_at, created_at) VALUES ?', [
        Array.from({ length: count }, () => [newId(), member.id, 'bot', randomBytes(32), '', expiresAt, new Date()]),
      ]),
    );

  it('has at most 100 tokens that can be used, though 10 are made at once', async () => {
    const member = await app.given.member();
    await insert(member, 10, new Date(Date.now() - 1_000));
    await insert(member, 97);
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(member, { name: 'bot' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const { body } of answers.filter(({ status }) => status !== 201)) expect(body).toMatchObject({ status: 409, code: 'api-token.limit' });
    const made = answers.find(({ status }) => status === 201)!.body;
    await app.http.delete(`/api/api-tokens/${made.id}`).set(member.auth).expect(204);
    await create(member, { name: 'bot' }).expect(201);
    await create(member, { name: 'bot' }).expect(409);
  });
});
