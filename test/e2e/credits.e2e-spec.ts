import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { CreditsService } from '../../src/features/credits/index.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { openTestDatabase } from '../support/database.js';

let app: TestApp;
let admin: GivenMember;
let moderator: GivenMember;
let member: GivenMember;
let friend: GivenMember;

beforeAll(async () => {
  const db = await openTestDatabase();
  await db.truncate();
  await db.close();
  app = await createTestApp();
  admin = await app.given.member({ role: 'admin' });
  moderator = await app.given.member({ role: 'moderator' });
});
beforeEach(async () => {
  member = await app.given.member();
  friend = await app.given.member();
});
afterAll(async () => {
  const { body } = await app.http.get('/api/admin/credits/reconciliation').set(admin.auth).expect(200);
  expect(body.violations).toEqual([]);
  await app.close();
});

const transfer = (from: GivenMember, body: object, headers: Record<string, string> = {}) =>
  app.http.post('/api/credits/transfers').set({ ...from.auth, ...headers }).send(body);
const adjust = (ownerId: string, body: object, headers: Record<string, string> = { 'Idempotency-Key': newId() }, who = admin) =>
  app.http.post(`/api/admin/credits/${ownerId}/adjustments`).set({ ...who.auth, ...headers }).send(body);
/** Gives what no door gives: all that an account can hold. */
const enrich = (who: GivenMember) =>
  app.app.get(Transactions).run((tx) =>
    app.app.get(CreditsService).purchase(tx, { kind: 'member', id: who.id }, { amount: Number.MAX_SAFE_INTEGER - 5, refType: 'test', refId: newId() }),
  );
const reverse = (ownerId: string, seq: number | string, body: object = { reason: 'booked twice' }, headers: Record<string, string> = { 'Idempotency-Key': newId() }, who = admin) =>
  app.http.post(`/api/admin/credits/${ownerId}/entries/${seq}/reversal`).set({ ...who.auth, ...headers }).send(body);
const posted = async (who: GivenMember): Promise<number> => (await app.http.get('/api/credits').set(who.auth).expect(200)).body.posted;

describe('GET /api/credits', () => {
  it('shows a new member the five credits they start with', async () => {
    const { body } = await app.http.get('/api/credits').set(member.auth).expect(200);
    expect(body).toEqual({
      posted: 5, held: 0, available: 5, nextAccrualAt: expect.stringMatching(/T00:00:00\.000Z$/), perDay: 1, cap: null, timeZone: 'UTC', seq: 1, version: 1,
    });
  });

  it('is for members only', async () => {
    const { body } = await app.http.get('/api/credits').expect(401);
    expect(body.code).toBe('auth.required');
  });
});

describe('GET /api/credits/entries', () => {
  it('lists the own entries, newest first, page by page', async () => {
    await transfer(member, { toMemberId: friend.id, amount: 2 }).expect(201);
    await transfer(member, { toMemberId: friend.id, amount: 1 }).expect(201);
    const first = await app.http.get('/api/credits/entries?limit=2').set(member.auth).expect(200);
    expect(first.body.items).toEqual([
      expect.objectContaining({ seq: 3, kind: 'transfer', amount: -1, balanceBefore: 3, balanceAfter: 2, refType: 'member', refId: friend.id }),
      expect.objectContaining({ seq: 2, kind: 'transfer', amount: -2, balanceBefore: 5, balanceAfter: 3 }),
    ]);
    const second = await app.http.get('/api/credits/entries').query({ limit: 2, cursor: first.body.nextCursor }).set(member.auth).expect(200);
    expect(second.body).toEqual({
      items: [{
        seq: 1, kind: 'signup', amount: 5, balanceBefore: 0, balanceAfter: 5, counter: 'issue',
        effectiveAt: expect.stringMatching(/Z$/), createdAt: expect.stringMatching(/Z$/),
      }],
      nextCursor: null,
    });
    const signups = await app.http.get('/api/credits/entries?kind=signup').set(member.auth).expect(200);
    expect(signups.body.items).toHaveLength(1);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'kind=theft', 'kind=null', 'kind=', 'cursor=abc', 'owner=someone'])('refuses ?%s', async (query) => {
    const { body } = await app.http.get(`/api/credits/entries?${query}`).set(member.auth).expect(400);
    expect(body.code).toBe('request.invalid');
  });
});

describe('GET /api/credits/balance', () => {
  const balanceAt = (at: string, who = member) => app.http.get('/api/credits/balance').query({ at }).set(who.auth);

  it('is the balance at a time, in any offset', async () => {
    const before = new Date();
    await transfer(member, { toMemberId: friend.id, amount: 2 }).expect(201);
    const { body } = await balanceAt(new Date().toISOString()).expect(200);
    expect(body).toEqual({ at: expect.stringMatching(/Z$/), balance: 3 });
    const local = new Date(before.getTime() + 3 * 3_600_000).toISOString().replace('Z', '+03:00');
    expect((await balanceAt(local).expect(200)).body).toEqual({ at: before.toISOString(), balance: 5 });
    expect((await balanceAt('2001-01-01T00:00:00Z').expect(200)).body.balance).toBe(0);
  });

  it.each([
    ['no time', ''], ['a time without an offset', '2026-01-01T00:00:00'], ['a date', '2026-01-01'], ['a day that is none', '2026-02-30T00:00:00Z'],
    ['a number', '1700000000'], ['the future', new Date(Date.now() + 60_000).toISOString()], ['a time no column holds', '9999-12-31T23:59:59Z'],
    ['a time before time', '0000-01-01T00:00:00+14:00'],
  ])('refuses %s', async (_, at) => {
    expect((await balanceAt(at).expect(400)).body.code).toBe('request.invalid');
  });

  it('refuses to guess', async () => {
    const { body } = await app.http.get('/api/credits/balance').set(member.auth).expect(400);
    expect(body.code).toBe('request.invalid');
    expect(body.errors).toContainEqual({ path: 'at', message: 'at must be an RFC 3339 time with an offset, in the years 1 to 9999' });
  });
});

describe('GET /api/credits/history.svg', () => {
  it('is a picture that nothing in it can run', async () => {
    const { headers, body, text } = await app.http.get('/api/credits/history.svg').set(member.auth).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8', 'cache-control': 'private', 'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    });
    const svg = text ?? (body as Buffer).toString();
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('Your credits in the last 30 days');
    expect(svg).toContain('lowest 0, highest 5, last 5 credits');
  });

  it.each(['days=1', 'days=366'])('draws ?%s', async (query) => {
    await app.http.get(`/api/credits/history.svg?${query}`).set(member.auth).expect(200);
  });

  it.each(['days=0', 'days=367', 'days=x', 'days=1.5', 'days=', 'days=-1', 'days=1e2'])('refuses ?%s', async (query) => {
    const { body } = await app.http.get(`/api/credits/history.svg?${query}`).set(member.auth).expect(400);
    expect(body.code).toBe('request.invalid');
  });
});

describe('POST /api/credits/transfers', () => {
  it('gives credits to another member', async () => {
    const { body } = await transfer(member, { toMemberId: friend.id, amount: 2 }).expect(201);
    expect(body).toEqual({ seq: 2, amount: 2, toMemberId: friend.id, available: 3 });
    expect([await posted(member), await posted(friend)]).toEqual([3, 7]);
  });

  it('is refused with 402 and the numbers when there are not enough', async () => {
    const { body } = await transfer(member, { toMemberId: friend.id, amount: 6 }).expect(402);
    expect(body).toMatchObject({ code: 'credits.insufficient', available: 5, required: 6, nextAccrualAt: expect.stringMatching(/T00:00:00\.000Z$/) });
  });

  it('is refused to oneself, in any spelling of the id', async () => {
    for (const toMemberId of [member.id, member.id.toUpperCase()]) {
      const { body } = await transfer(member, { toMemberId, amount: 1 }).expect(422);
      expect(body.code).toBe('credits.self-transfer');
    }
  });

  it('takes the id in any spelling', async () => {
    const { body } = await transfer(member, { toMemberId: friend.id.toUpperCase(), amount: 1 }).expect(201);
    expect(body.toMemberId).toBe(friend.id);
    expect(await posted(friend)).toBe(6);
  });

  it('to somebody who would have more than can be counted is 409', async () => {
    await enrich(friend);
    const { body } = await transfer(member, { toMemberId: friend.id, amount: 1 }).expect(409);
    expect(body).toMatchObject({ code: 'credits.balance-limit', limit: Number.MAX_SAFE_INTEGER });
    expect([await posted(member), await posted(friend)]).toEqual([5, Number.MAX_SAFE_INTEGER]);
  });

  it('to nobody is 404', async () => {
    const { body } = await transfer(member, { toMemberId: newId(), amount: 1 }).expect(404);
    expect(body.code).toBe('not-found');
  });

  it.each([
    ['nothing', {}],
    ['no amount', { toMemberId: newId() }],
    ['an amount of 0', { toMemberId: newId(), amount: 0 }],
    ['a negative amount', { toMemberId: newId(), amount: -1 }],
    ['half a credit', { toMemberId: newId(), amount: 0.5 }],
    ['an amount in words', { toMemberId: newId(), amount: '1' }],
    ['an amount past counting', { toMemberId: newId(), amount: 1e300 }],
    ['an amount beyond the most', { toMemberId: newId(), amount: 1_000_000_001 }],
    ['no amount but null', { toMemberId: newId(), amount: null }],
    ['no receiver but null', { toMemberId: null, amount: 1 }],
    ['a receiver that is no id', { toMemberId: 'bob', amount: 1 }],
    ['a receiver that is a number', { toMemberId: 7, amount: 1 }],
    ['more than was asked', { toMemberId: newId(), amount: 1, fromMemberId: newId() }],
  ])('is refused with %s', async (_, request) => {
    const { body } = await transfer(member, request).expect(400);
    expect(body.code).toBe('request.invalid');
  });

  it('happens once for one Idempotency-Key, also when sent many times at once', async () => {
    const key = { 'Idempotency-Key': newId() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => transfer(member, { toMemberId: friend.id, amount: 1 }, key)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    for (const { body } of answers) expect(body).toEqual(answers[0]!.body);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(4);
    expect(await posted(member)).toBe(4);
    const { body } = await transfer(member, { toMemberId: friend.id, amount: 2 }, key).expect(422);
    expect(body.code).toBe('idempotency.key-reused');
  });

  it('a refusal is not kept: the same key may try again', async () => {
    const key = { 'Idempotency-Key': newId() };
    await transfer(member, { toMemberId: friend.id, amount: 6 }, key).expect(402);
    await adjust(member.id, { amount: 1, reason: 'one more' }).expect(201);
    await transfer(member, { toMemberId: friend.id, amount: 6 }, key).expect(201);
  });

  it('of 200 at once from a balance of 5 exactly 5 succeed', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => transfer(member, { toMemberId: friend.id, amount: 1 })));
    const statuses = answers.map(({ status }) => status);
    expect([201, 402].map((status) => statuses.filter((one) => one === status).length)).toEqual([5, 195]);
    expect([await posted(member), await posted(friend)]).toEqual([0, 10]);
  });
});

describe('POST /api/admin/credits/:ownerId/adjustments', () => {
  it('corrects a balance with a reason that the member can read', async () => {
    const { body } = await adjust(member.id, { amount: 3, reason: 'the broken coffee machine' }).expect(201);
    expect(body).toEqual({
      seq: 2, kind: 'adjustment', amount: 3, balanceBefore: 5, balanceAfter: 8, counter: 'adjust', reason: 'the broken coffee machine',
      effectiveAt: expect.stringMatching(/Z$/), createdAt: expect.stringMatching(/Z$/),
    });
    const { body: page } = await app.http.get('/api/credits/entries?limit=1').set(member.auth).expect(200);
    expect(page.items).toEqual([body]);
  });

  it('does not reach below nothing', async () => {
    const { body } = await adjust(member.id, { amount: -6, reason: 'too many' }).expect(409);
    expect(body).toMatchObject({ code: 'credits.below-held', posted: 5, held: 0 });
  });

  it('does not reach past what can be counted', async () => {
    await enrich(member);
    const { body } = await adjust(member.id, { amount: 1, reason: 'one more' }).expect(409);
    expect(body).toMatchObject({ code: 'credits.balance-limit', limit: Number.MAX_SAFE_INTEGER });
    expect(await posted(member)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('takes a reason of 500 characters, also of those outside the basic plane', async () => {
    const reason = '😀'.repeat(500);
    const { body } = await adjust(member.id, { amount: 1, reason }).expect(201);
    expect(body.reason).toBe(reason);
  });

  it('needs an Idempotency-Key, and with it happens once', async () => {
    expect((await adjust(member.id, { amount: 1, reason: 'a present' }, {}).expect(400)).body.code).toBe('idempotency.key-required');
    const key = { 'Idempotency-Key': newId() };
    const first = await adjust(member.id, { amount: 1, reason: 'a present' }, key).expect(201);
    const second = await adjust(member.id, { amount: 1, reason: 'a present' }, key).expect(201);
    expect(second.body).toEqual(first.body);
    expect(await posted(member)).toBe(6);
  });

  it.each([
    ['an amount of 0', { amount: 0, reason: 'nothing' }],
    ['half a credit', { amount: 0.5, reason: 'a half' }],
    ['a reason too short', { amount: 1, reason: 'ok' }],
    ['a reason too long', { amount: 1, reason: 'x'.repeat(501) }],
    ['a reason too long for the column, if not for the eye', { amount: 1, reason: 'x\uFE0F'.repeat(400) }],
    ['no reason', { amount: 1 }],
    ['no reason but null', { amount: 1, reason: null }],
    ['no amount but null', { amount: null, reason: 'nothing' }],
    ['too much', { amount: 1_000_000_001, reason: 'a fortune' }],
    ['too much down', { amount: -1_000_000_001, reason: 'a fortune' }],
  ])('is refused with %s', async (_, request) => {
    expect((await adjust(member.id, request).expect(400)).body.code).toBe('request.invalid');
  });

  it('of nobody is 404', async () => {
    for (const id of [newId(), 'nobody', '%F0%9F%98%80']) expect((await adjust(id, { amount: 1, reason: 'who is it' }).expect(404)).body.code).toBe('not-found');
  });
});

describe('POST /api/admin/credits/:ownerId/entries/:seq/reversal', () => {
  it('takes an entry back, with a reason that the member can read', async () => {
    await adjust(member.id, { amount: 3, reason: 'a present' }).expect(201);
    const { body } = await reverse(member.id, 2).expect(201);
    expect(body).toEqual({
      seq: 3, kind: 'reversal', amount: -3, balanceBefore: 8, balanceAfter: 5, counter: 'adjust', reason: 'booked twice', reversesSeq: 2,
      effectiveAt: expect.stringMatching(/Z$/), createdAt: expect.stringMatching(/Z$/),
    });
    const { body: page } = await app.http.get('/api/credits/entries?limit=1&kind=reversal').set(member.auth).expect(200);
    expect(page.items).toEqual([body]);
    expect((await reverse(member.id, 2).expect(409)).body.code).toBe('credits.already-reversed');
  });

  it('takes both sides of a transfer back', async () => {
    await transfer(member, { toMemberId: friend.id, amount: 2 }).expect(201);
    await reverse(friend.id, 2).expect(201);
    expect([await posted(member), await posted(friend)]).toEqual([5, 5]);
    expect((await reverse(member.id, 2).expect(409)).body.code).toBe('credits.already-reversed');
  });

  it('is refused when it has been spent, refunded or would be too much', async () => {
    await transfer(member, { toMemberId: friend.id, amount: 1 }).expect(201);
    expect((await reverse(member.id, 1).expect(409)).body).toMatchObject({ code: 'credits.below-held', posted: 4, held: 0 });
    const credits = app.app.get(CreditsService);
    const owner = { kind: 'member' as const, id: member.id };
    const run = app.app.get(Transactions);
    await run.run((tx) => credits.spend(tx, owner, { amount: 2, refType: 'test', refId: newId() }));
    await run.run((tx) => credits.refund(tx, owner, { spendSeq: 3, amount: 1 }));
    expect((await reverse(member.id, 3).expect(409)).body).toMatchObject({ code: 'credits.refund-exceeds', taken: 2, returned: 1 });
    await adjust(friend.id, { amount: -1, reason: 'back to five' }).expect(201);
    await enrich(friend);
    await transfer(friend, { toMemberId: member.id, amount: 2 }).expect(201);
    await adjust(friend.id, { amount: 1, reason: 'to the brim' }).expect(201);
    const theirs = (await app.http.get('/api/credits/entries?kind=transfer&limit=1').set(friend.auth).expect(200)).body.items[0];
    expect((await reverse(friend.id, theirs.seq).expect(409)).body).toMatchObject({ code: 'credits.balance-limit' });
  });

  it('happens once, with an Idempotency-Key or without', async () => {
    const key = { 'Idempotency-Key': newId() };
    const answers = await Promise.all(Array.from({ length: 3 }, () => reverse(member.id, 1, { reason: 'a mistake' }, key)));
    for (const { status, body } of answers) expect([status, body]).toEqual([201, answers[0]!.body]);
    expect((await reverse(member.id, 1, { reason: 'a mistake' }, {}).expect(409)).body.code).toBe('credits.already-reversed');
    expect(await posted(member)).toBe(0);
    await reverse(member.id, 2, { reason: 'it was none' }, {}).expect(201);
    expect(await posted(member)).toBe(5);
  });

  it('of nothing is 404', async () => {
    for (const seq of [2, 0, '-1', '1.5', 'x', '%20', '9'.repeat(40)]) {
      const { status, body } = await reverse(member.id, seq);
      expect([seq, status, body.code]).toEqual([seq, 404, 'not-found']);
    }
    for (const id of [newId(), 'nobody']) expect((await reverse(id, 1).expect(404)).body.code).toBe('not-found');
  });

  it.each([['no reason', {}], ['a reason too short', { reason: 'no' }], ['a reason too long', { reason: 'x'.repeat(501) }], ['more than was asked', { reason: 'a mistake', amount: 1 }]])(
    'is refused with %s',
    async (_, request) => {
      expect((await reverse(member.id, 1, request).expect(400)).body.code).toBe('request.invalid');
    },
  );

  it('is closed to everybody else', async () => {
    for (const who of [member, moderator]) await reverse(member.id, 1, { reason: 'for me' }, { 'Idempotency-Key': newId() }, who).expect(403);
    await app.http.post(`/api/admin/credits/${member.id}/entries/1/reversal`).set('Idempotency-Key', newId()).send({ reason: 'for me' }).expect(401);
    expect(await posted(member)).toBe(5);
  });
});

describe('the log of acts', () => {
  it('has what admins did, each with its subject and reason', async () => {
    await adjust(member.id, { amount: 3, reason: 'a present' }).expect(201);
    await adjust(member.id, { amount: -100, reason: 'too much' }).expect(409);
    await reverse(member.id, 2).expect(201);
    const { body: token } = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'bot' }).expect(201);
    await adjust(token.id, { amount: 7, reason: 'calls for all' }).expect(201);
    await app.http.post('/api/admin/credits/accrual').set(admin.auth).expect(200);
    const { body } = await app.http.get('/api/admin/audit?limit=100').set(admin.auth).expect(200);
    const acts = (body.items as { action: string; actorId: string; subjectId: string; subjectType: string; details: object }[]).filter(({ action }) => action.startsWith('credits.'));
    expect(acts[0]).toMatchObject({ action: 'credits.accrued', actorId: admin.id, subjectType: 'day', details: { granted: 0, members: 0 } });
    expect(acts[1]).toMatchObject({ action: 'credits.adjusted', actorId: admin.id, subjectType: 'api_token', subjectId: token.id, details: { seq: 1, amount: 7, reason: 'calls for all' } });
    expect(acts[2]).toMatchObject({ action: 'credits.reversed', subjectType: 'member', subjectId: member.id, details: { seq: 2, amount: -3, reason: 'booked twice' } });
    expect(acts[3]).toMatchObject({ action: 'credits.adjusted', subjectType: 'member', subjectId: member.id, details: { seq: 2, amount: 3, reason: 'a present' } });
    expect(acts.filter(({ subjectId }) => subjectId === member.id)).toHaveLength(2);
  });
});

describe('the other admin calls', () => {
  it('give the day once, and take no date from anyone', async () => {
    const sweep = (body?: object) => app.http.post('/api/admin/credits/accrual').set(admin.auth).send(body);
    await sweep().expect(200);
    const { body } = await sweep().expect(200);
    expect(body).toEqual({ localDate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), granted: 0, members: 0 });
    expect((await sweep({ date: '2199-01-01' }).expect(400)).body.code).toBe('request.invalid');
  });

  it('check the books', async () => {
    const { body } = await app.http.get('/api/admin/credits/reconciliation').set(admin.auth).expect(200);
    expect(body).toEqual({ checkedAt: expect.stringMatching(/Z$/), violations: [] });
  });

  it('are closed to members, moderators and guests', async () => {
    for (const who of [member, moderator]) {
      await adjust(member.id, { amount: 1, reason: 'for me' }, { 'Idempotency-Key': newId() }, who).expect(403);
      await app.http.post('/api/admin/credits/accrual').set(who.auth).expect(403);
      await app.http.get('/api/admin/credits/reconciliation').set(who.auth).expect(403);
    }
    await app.http.post('/api/admin/credits/accrual').expect(401);
    await app.http.get('/api/admin/credits/reconciliation').expect(401);
    await app.http.post(`/api/admin/credits/${member.id}/adjustments`).set('Idempotency-Key', newId()).send({ amount: 1, reason: 'for me' }).expect(401);
    expect(await posted(member)).toBe(5);
  });
});

describe('sockets', () => {
  const sockets: Socket[] = [];
  afterAll(() => sockets.forEach((socket) => socket.close()));

  const listen = async (who: GivenMember): Promise<{ events: [string, unknown][]; until(count: number): Promise<void> }> => {
    const socket = io(app.url, { auth: { token: who.accessToken }, transports: ['websocket'] });
    sockets.push(socket);
    const events: [string, unknown][] = [];
    let wake = (): void => undefined;
    socket.onAny((event: string, payload: unknown) => {
      events.push([event, payload]);
      wake();
    });
    await new Promise<void>((resolve, reject) => {
      socket.on('connect', resolve);
      socket.on('connect_error', reject);
    });
    return {
      events,
      until: async (count) => {
        while (events.length < count) await new Promise<void>((resolve) => (wake = resolve));
      },
    };
  };

  it('both sides of a transfer hear of it, each of their own account', async () => {
    const [mine, theirs] = [await listen(member), await listen(friend)];
    await transfer(member, { toMemberId: friend.id, amount: 4 }).expect(201);
    await Promise.all([mine.until(2), theirs.until(1)]);
    expect(mine.events).toEqual([
      ['credits.changed', { version: 2, seq: 2, posted: 1, held: 0, available: 1, cause: 'transfer' }],
      ['credits.low', { available: 1, lowAt: 1 }],
    ]);
    expect(theirs.events).toEqual([['credits.changed', { version: 2, seq: 2, posted: 9, held: 0, available: 9, cause: 'transfer' }]]);
  });
});
