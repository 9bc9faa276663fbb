import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Activity } from '../../src/features/members/activity.service.js';
import { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { DataSource } from 'typeorm';
import { createTestApp, PASSWORD, type GivenMember, type TestApp } from '../support/app.js';

let app: TestApp;
const address = () => `${newId()}@example.org`;
const register = (body: object) => app.http.post('/api/members').send(body);
const newMember = (changes: object = {}) => ({ email: address(), password: PASSWORD, displayName: 'Ada', ...changes });
const rows = <Row>(sql: string, parameters: unknown[] = []) => app.app.get(Database).rows<Row>(sql, parameters);
const patchMember = (actor: GivenMember, id: string, body: object) => app.http.patch(`/api/members/${id}`).set(actor.auth).send(body);

beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('POST /api/members', () => {
  it('signs a member up and in, with 5 credits', async () => {
    const email = address();
    const { body, headers } = await register(newMember({ email })).expect(201);
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'member', 'refreshToken']);
    expect(body.expiresIn).toBe(900);
    expect(headers['cache-control']).toBe('no-store');
    expect(body.member).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      email,
      displayName: 'Ada',
      role: 'member',
      permissions: [
        'profile.read', 'profile.edit', 'account.manage', 'members.directory', 'credits.read', 'credits.transfer', 'exports.order', 'memes.read',
        'files.read', 'files.write', 'memes.write', 'polls.read', 'polls.vote', 'chat.read', 'chat.write', 'parking.read', 'parking.book',
      ],
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    const me = await app.http.get('/api/me').set('Authorization', `Bearer ${body.accessToken}`).expect(200);
    expect(me.body).toEqual({ ...body.member, emailVerified: false, credits: { available: 5, posted: 5, held: 0, nextAccrualAt: expect.any(String) } });
    expect(Math.abs(new Date(body.member.createdAt).getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('creates no member when the credit account cannot be opened', async () => {
    const email = address();
    const dataSource = app.app.get(DataSource);
    await dataSource.query(`CREATE TRIGGER refuse_account BEFORE INSERT ON credit_account FOR EACH ROW SIGNAL SQLSTATE '45000'`);
    try {
      await register(newMember({ email })).expect(500);
    } finally {
      await dataSource.query('DROP TRIGGER refuse_account');
    }
    expect(await rows('SELECT id FROM member WHERE email = ?', [email])).toEqual([]);
    await register(newMember({ email })).expect(201);
  });

  it.each<[string, unknown, string]>([
    ['no address', { email: undefined }, 'email'],
    ['an address of another type', { email: 7 }, 'email'],
    ['something that is no address', { email: 'ada@' }, 'email'],
    ['an address that is too long', { email: `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.org` }, 'email'],
    ['no password', { password: undefined }, 'password'],
    ['a password of another type', { password: ['a', 'b'] }, 'password'],
    ['a password of null', { password: null }, 'password'],
    ['no name', { displayName: undefined }, 'displayName'],
    ['a name of blanks', { displayName: '   ' }, 'displayName'],
    ['a name that is too long', { displayName: 'x'.repeat(81) }, 'displayName'],
    // validator.js takes a base character with its variation selector for one, the database for two.
    ['a name that is too long for the table alone', { displayName: '❤\uFE0F'.repeat(60) }, 'displayName'],
    ['a role', { role: 'admin' }, 'role'],
    ['an id', { id: newId() }, 'id'],
  ])('refuses %s by its shape', async (_, changes, path) => {
    const { body } = await register(newMember(changes as object)).expect(400);
    expect(body).toMatchObject({ code: 'request.invalid', status: 400 });
    expect(body.errors.map((fault: { path: string }) => fault.path)).toContain(path);
  });

  it('lists every fault at once', async () => {
    const { body } = await register({ password: 7, colour: 'red' }).expect(400);
    expect([...new Set(body.errors.map((fault: { path: string }) => fault.path))].sort()).toEqual(['colour', 'displayName', 'email', 'password']);
  });

  it('takes names of 80 characters outside the basic plane', async () => {
    const displayName = '🦉'.repeat(80);
    const { body } = await register(newMember({ displayName })).expect(201);
    expect(body.member.displayName).toBe(displayName);
  });

  it.each([
    ['7 characters', 'xk29fp7'],
    ['129 characters', 'x7'.repeat(64) + 'y'],
    ['nothing', ''],
    ['a common one', 'password123'],
    ['a common one in capitals', 'PASSWORD123'],
  ])('refuses a password of %s', async (_, password) => {
    const { body } = await register(newMember({ password })).expect(422);
    expect(body.code).toBe('member.password-weak');
  });

  it.each([['8 characters', 'xk29fp7!'], ['128 characters', 'x7'.repeat(64)], ['8 characters of two units each', '🦉🐝🦊🐢🦆🐙🦔🐌']])('takes a password of %s', async (_, password) => {
    const email = address();
    await register(newMember({ email, password })).expect(201);
    await app.http.post('/api/sessions').send({ email, password }).expect(201);
  });

  it('keeps addresses trimmed and in lower case, and one member each', async () => {
    const id = newId();
    const { body } = await register(newMember({ email: ` ${id.toUpperCase()}@Example.ORG ` })).expect(201);
    expect(body.member.email).toBe(`${id}@example.org`);
    const again = await register(newMember({ email: `${id}@EXAMPLE.org` })).expect(409);
    expect(again.body.code).toBe('member.email-taken');
    await app.http.post('/api/sessions').send({ email: `  ${id}@example.ORG`, password: PASSWORD }).expect(201);
  });

  it('measures an address as it is kept: lower case can be longer', async () => {
    // U+0130 becomes two characters in lower case.
    const email = `${'İ'.repeat(31)}@${'b'.repeat(62)}.${'c'.repeat(62)}.${'d'.repeat(62)}.${'e'.repeat(29)}.org`;
    expect(email.length).toBeLessThanOrEqual(254);
    expect(email.toLowerCase().length).toBeGreaterThan(254);
    const { body } = await register(newMember({ email })).expect(400);
    expect(body.errors[0].path).toBe('email');
  });

  it('tells addresses apart that differ by an accent or by trailing characters', async () => {
    const id = newId();
    await register(newMember({ email: `e${id}@example.org` })).expect(201);
    await register(newMember({ email: `é${id}@example.org` })).expect(201);
  });

  it('lets one of ten have the address when they come at once', async () => {
    const email = address();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => register(newMember({ email: n % 2 ? email : email.toUpperCase() }))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
    expect(new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body.code))).toEqual(new Set(['member.email-taken']));
    const [{ members }] = (await rows<{ members: number }>('SELECT COUNT(*) AS members FROM member WHERE email = ?', [email])) as [{ members: number }];
    expect(Number(members)).toBe(1);
  });

  it('keeps the password as argon2id and nowhere else', async () => {
    const { body } = await register(newMember()).expect(201);
    const [{ hash }] = (await rows<{ hash: string }>('SELECT password_hash AS hash FROM member WHERE id = ?', [body.member.id])) as [{ hash: string }];
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(body)).not.toContain('argon2');
  });
});

describe('/api/me', () => {
  it('changes the name', async () => {
    const { auth } = await app.given.member();
    const { body } = await app.http.patch('/api/me').set(auth).send({ displayName: '  Grace  ' }).expect(200);
    expect(body).toMatchObject({ displayName: 'Grace', credits: { available: 5 } });
    expect((await app.http.get('/api/me').set(auth)).body).toEqual(body);
  });

  it('changes nothing when nothing is sent', async () => {
    const { auth } = await app.given.member({ displayName: 'Same' });
    expect((await app.http.patch('/api/me').set(auth).send({}).expect(200)).body.displayName).toBe('Same');
    expect((await app.http.patch('/api/me').set(auth).expect(200)).body.displayName).toBe('Same');
  });

  it.each([{ displayName: null }, { displayName: '' }, { displayName: 7 }, { displayName: 'x'.repeat(81) }, { displayName: '❤\uFE0F'.repeat(60) }, { email: 'a@example.org' }, { role: 'admin' }])(
    'refuses %j',
    async (change) => {
      const { auth } = await app.given.member();
      const { body } = await app.http.patch('/api/me').set(auth).send(change).expect(400);
      expect(body.code).toBe('request.invalid');
    },
  );
});

it('when a member was last active is written once a minute at most', async () => {
  const { id, auth } = await app.given.member();
  const activeAgain = async (secondsAgo: number): Promise<number> => {
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE member SET last_active_at = UTC_TIMESTAMP(3) - INTERVAL ? SECOND WHERE id = ?', [secondsAgo, id]));
    await app.http.get('/api/me').set(auth).expect(200);
    await app.app.get(Activity).write();
    return (await rows<{ ago: number }>('SELECT TIMESTAMPDIFF(SECOND, last_active_at, UTC_TIMESTAMP(3)) AS ago FROM member WHERE id = ?', [id]))[0]!.ago;
  };
  expect(await activeAgain(90)).toBeLessThan(30);
  expect(await activeAgain(40)).toBeGreaterThanOrEqual(40);
});

describe('POST /api/me/password', () => {
  const change = (auth: GivenMember['auth'], body: object) => app.http.post('/api/me/password').set(auth).send(body);

  it('ends every session and API token, and only the new password works', async () => {
    const { email, auth, refreshToken } = await app.given.member();
    const other = await app.http.post('/api/sessions').send({ email, password: PASSWORD }).expect(201);
    const token = await app.http.post('/api/api-tokens').set(auth).send({ name: 'bot' }).expect(201);
    await app.http.get('/api/me').set('X-Token', token.body.secret).expect(200);

    await change(auth, { current: PASSWORD, next: 'a sunny window desk' }).expect(204);
    expect((await app.http.get('/api/me').set(auth).expect(401)).body.code).toBe('auth.token-invalid');
    expect((await app.http.get('/api/me').set('Authorization', `Bearer ${other.body.accessToken}`).expect(401)).body.code).toBe('auth.token-invalid');
    expect((await app.http.get('/api/me').set('X-Token', token.body.secret).expect(401)).body.code).toBe('token.invalid');
    for (const old of [refreshToken, other.body.refreshToken]) await app.http.post('/api/sessions/refresh').send({ refreshToken: old }).expect(401);
    await app.http.post('/api/sessions').send({ email, password: PASSWORD }).expect(401);
    await app.http.post('/api/sessions').send({ email, password: 'a sunny window desk' }).expect(201);
  });

  it('wants the current password and a good next one', async () => {
    const { auth } = await app.given.member();
    expect((await change(auth, { current: 'not the password', next: 'a sunny window desk' }).expect(403)).body.code).toBe('member.password-wrong');
    expect((await change(auth, { current: PASSWORD, next: 'short' }).expect(422)).body.code).toBe('member.password-weak');
    await change(auth, { current: PASSWORD }).expect(400);
    await app.http.get('/api/me').set(auth).expect(200);
  });

  it('has the current one guessed as slowly here as at sign-in', async () => {
    const strict = await createTestApp({ RATE_LIMIT_SCALE: '1' });
    try {
      const { auth, email } = await strict.given.member();
      const guess = (current: string) => strict.http.post('/api/me/password').set(auth).send({ current, next: 'a sunny window desk' });
      for (let failures = 0; failures < 5; failures += 1) await guess('a wrong password').expect(403);
      expect((await guess(PASSWORD).expect(429)).body.code).toBe('rate.limited');
      await strict.http.post('/api/sessions').send({ email, password: PASSWORD }).expect(429);
    } finally {
      await strict.close();
    }
  });

  it('is changed once when two who know it change it at the same time', async () => {
    const { auth, email } = await app.given.member();
    const nexts = ['a sunny window desk', 'a shady corner desk'];
    const answers = await Promise.all(nexts.map((next) => change(auth, { current: PASSWORD, next })));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const winner = nexts[answers.findIndex(({ status }) => status === 204)]!;
    await app.http.post('/api/sessions').send({ email, password: winner }).expect(201);
  });
});

describe('GET /api/members/directory', () => {
  const directory = (auth: GivenMember['auth'], query: object) => app.http.get('/api/members/directory').set(auth).query(query);

  it('shows names and ids and no addresses', async () => {
    const { auth, id } = await app.given.member({ displayName: `Zoë ${newId()}` });
    const mine = (await app.http.get('/api/me').set(auth)).body.displayName;
    const { body } = await directory(auth, { query: mine }).expect(200);
    expect(body).toEqual({ items: [{ id, displayName: mine }], nextCursor: null });
  });

  it('pages by name without losing or repeating anyone, those of one name included', async () => {
    const tag = newId();
    const names = [`${tag} Ada`, `${tag} ada`, `${tag} Ádá`, `${tag} Ada`, `${tag} Ben`, `${tag} ben`, `${tag} Zoe`];
    const members = [];
    for (const displayName of names) members.push(await app.given.member({ displayName }));
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, unknown> = { query: tag, limit: 2, ...(cursor !== null && { cursor }) };
      const { body }: { body: { items: { id: string }[]; nextCursor: string | null } } = await directory(members[0]!.auth, query).expect(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      found.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(found).toHaveLength(names.length);
    expect([...found].sort()).toEqual(members.map(({ id }) => id).sort());
  });

  it.each(['%', '_', '\\', '\\%', "'", '" OR 1=1 -- '])('takes %s for what it is', async (character) => {
    const tag = newId();
    const { auth, id } = await app.given.member({ displayName: `${tag}${character}end` });
    await app.given.member({ displayName: `${tag}xxend` });
    const { body } = await directory(auth, { query: `${tag}${character}end` }).expect(200);
    expect(body.items.map((item: { id: string }) => item.id)).toEqual([id]);
  });

  it('takes parameters left empty, as a form sends them, for absent', async () => {
    const { auth } = await app.given.member();
    expect((await directory(auth, { query: '', cursor: '', limit: 1 }).expect(200)).body.items).toHaveLength(1);
  });

  it('pages over the longest names', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const tag = newId().slice(-12);
    for (const last of ['a', 'b', 'c']) await app.given.member({ displayName: `${tag}${'😀'.repeat(67)}${last}` });
    const { body } = await directory(admin.auth, { query: tag, limit: 1 }).expect(200);
    expect((await directory(admin.auth, { query: tag, limit: 1, cursor: body.nextCursor }).expect(200)).body.items).toHaveLength(1);
  });

  it('leaves out members who are locked out', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const displayName = `Gone ${newId()}`;
    const { id } = await app.given.member({ displayName });
    await patchMember(admin, id, { disabled: true }).expect(200);
    expect((await directory(admin.auth, { query: displayName })).body.items).toEqual([]);
  });

  it.each([{ limit: 0 }, { limit: 101 }, { limit: '1.5' }, { limit: '1e1' }, { limit: '0x5' }, { cursor: 'x' }, { query: 'x'.repeat(81) }, { sort: 'name' }, { query: ['a', 'b'] }, { 'query[a]': 'b' }])(
    'refuses %j',
    async (query) => {
      const { auth } = await app.given.member();
      expect((await directory(auth, query).expect(400)).body.code).toBe('request.invalid');
    },
  );

  it('refuses the cursor of another list, and one that was altered', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const { body } = await app.http.get('/api/members').set(admin.auth).query({ limit: 1 }).expect(200);
    await directory(admin.auth, { cursor: body.nextCursor }).expect(400);
    const [values, signature] = body.nextCursor.split('.');
    const other = Buffer.from(JSON.stringify(["x' OR 1=1 -- "])).toString('base64url');
    for (const cursor of [`${other}.${signature}`, `${values}.`, values, `${values}.${'A'.repeat(22)}`]) {
      await app.http.get('/api/members').set(admin.auth).query({ cursor }).expect(400);
    }
  });
});

describe('the admins\' list', () => {
  it('shows every member, newest first, found by name or address', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const tag = newId();
    const first = await app.given.member({ displayName: tag });
    const second = await app.given.member({ displayName: tag, role: 'operator' });
    const { body } = await app.http.get('/api/members').set(admin.auth).query({ query: tag }).expect(200);
    expect(body).toEqual({
      items: [
        { id: second.id, email: second.email, displayName: tag, role: 'operator', disabled: false, lastActiveAt: expect.any(String), createdAt: expect.any(String), entitlements: [] },
        { id: first.id, email: first.email, displayName: tag, role: 'member', disabled: false, lastActiveAt: null, createdAt: expect.any(String), entitlements: [] },
      ],
      nextCursor: null,
    });
    const byAddress = await app.http.get('/api/members').set(admin.auth).query({ query: first.email }).expect(200);
    expect(byAddress.body.items.map((item: { id: string }) => item.id)).toEqual([first.id]);
  });
});

describe('PATCH /api/members/:id', () => {
  it('gives another role: the old access token must be refreshed, the new one has the new rights', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const member = await app.given.member();
    await app.http.get('/api/me').set(member.auth).expect(200);
    const { body } = await patchMember(admin, member.id, { role: 'admin' }).expect(200);
    expect(body).toMatchObject({ id: member.id, role: 'admin', disabled: false });
    expect((await app.http.get('/api/me').set(member.auth).expect(401)).body.code).toBe('auth.token-expired');
    const refreshed = await app.http.post('/api/sessions/refresh').send({ refreshToken: member.refreshToken }).expect(200);
    expect(refreshed.body.member.permissions).toContain('members.admin');
    await app.http.get('/api/members').set('Authorization', `Bearer ${refreshed.body.accessToken}`).expect(200);

    await patchMember(admin, member.id, { role: 'member' }).expect(200);
    expect((await app.http.get('/api/members').set('Authorization', `Bearer ${refreshed.body.accessToken}`).expect(401)).body.code).toBe('auth.token-expired');
    const again = await app.http.post('/api/sessions/refresh').send({ refreshToken: refreshed.body.refreshToken }).expect(200);
    expect((await app.http.get('/api/members').set('Authorization', `Bearer ${again.body.accessToken}`).expect(403)).body.code).toBe('auth.forbidden');
  });

  it('locks a member out and lets them in again', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const { id, email, auth, refreshToken } = await app.given.member();
    const { body: token } = await app.http.post('/api/api-tokens').set(auth).send({ name: 'bot' }).expect(201);
    await app.http.get('/api/me').set('X-Token', token.secret).expect(200);
    expect((await patchMember(admin, id, { disabled: true }).expect(200)).body.disabled).toBe(true);

    expect((await app.http.get('/api/me').set(auth).expect(401)).body.code).toBe('auth.token-invalid');
    expect((await app.http.get('/api/me').set('X-Token', token.secret).expect(401)).body.code).toBe('token.invalid');
    await app.http.post('/api/sessions/refresh').send({ refreshToken }).expect(401);
    const locked = await app.http.post('/api/sessions').send({ email, password: PASSWORD }).expect(401);
    expect(locked.body.code).toBe('session.invalid-credentials');

    expect((await patchMember(admin, id, { disabled: false }).expect(200)).body.disabled).toBe(false);
    await app.http.post('/api/sessions').send({ email, password: PASSWORD }).expect(201);
  });

  it.each([{ role: null }, { disabled: null }, { role: 'owner' }, { disabled: 'true' }, { disabled: 1 }, { email: 'x@example.org' }, { permissionVersion: 7 }])('refuses %j and changes nothing', async (change) => {
    const admin = await app.given.member({ role: 'admin' });
    const { id } = await app.given.member();
    await patchMember(admin, id, { disabled: true }).expect(200);
    expect((await patchMember(admin, id, change).expect(400)).body.code).toBe('request.invalid');
    const [row] = await rows('SELECT role, disabled_at IS NOT NULL AS disabled FROM member WHERE id = ?', [id]);
    expect(row).toEqual({ role: 'member', disabled: 1 });
  });

  it('is not for one\'s own account', async () => {
    const admin = await app.given.member({ role: 'admin' });
    for (const change of [{ role: 'member' }, { disabled: true }]) expect((await patchMember(admin, admin.id, change).expect(409)).body.code).toBe('member.own-account');
    expect((await patchMember(admin, admin.id.toUpperCase(), { role: 'member' }).expect(409)).body.code).toBe('member.own-account');
  });

  it('knows nobody under a made-up id', async () => {
    const admin = await app.given.member({ role: 'admin' });
    for (const id of [newId(), 'seven', '%00']) expect((await patchMember(admin, id, { role: 'member' }).expect(404)).body.code).toBe('not-found');
  });

  it('leaves at least one admin when admins dismiss each other at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const admins = [await app.given.member({ role: 'admin' }), await app.given.member({ role: 'admin' }), await app.given.member({ role: 'admin' })];
      const answers = await Promise.all(admins.map((admin, at) => patchMember(admin, admins[(at + 1) % 3]!.id, at === 2 ? { disabled: true } : { role: 'member' })));
      const left = await rows(`SELECT id FROM member WHERE role = 'admin' AND disabled_at IS NULL AND id IN (?)`, [admins.map(({ id }) => id)]);
      expect(left.length).toBeGreaterThanOrEqual(1);
      expect(answers.map(({ status }) => status).filter((status) => ![200, 401, 403].includes(status))).toEqual([]);
    }
  });
});
