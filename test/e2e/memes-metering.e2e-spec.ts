import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post, Query } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { MemeImporter } from '../../src/features/memes/index.js';
import { CurrentCaller } from '../../src/features/memes/metering/caller.decorator.js';
import { CallMeter } from '../../src/features/memes/metering/call-meter.service.js';
import type { Caller } from '../../src/features/memes/metering/metering.types.js';
import { RequirePermission } from '../../src/platform/auth/decorators.js';
import { Permission } from '../../src/platform/auth/permissions.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { notFound } from '../../src/platform/errors/house.errors.js';
import { Answer } from '../../src/platform/http/answer.js';
import { PageQueryDto } from '../../src/platform/http/page.dto.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';

/** Metered routes that answer as a test wants. */
@Controller('metered')
@RequirePermission(Permission.MemesRead)
class MeteredController {
  constructor(private readonly modules: ModuleRef) {}

  @Get()
  plain(@CurrentCaller() caller: Caller, @Query() _: PageQueryDto): Answer | Promise<Answer> {
    return this.serve(caller, () => new Answer(200, { fine: true }));
  }

  @Get('unchanged')
  unchanged(@CurrentCaller() caller: Caller): Answer | Promise<Answer> {
    return this.serve(caller, () => Promise.resolve(new Answer(304, undefined, { ETag: '"1"' })));
  }

  @Get('missing')
  missing(@CurrentCaller() caller: Caller): Answer | Promise<Answer> {
    return this.serve(caller, () => {
      throw notFound();
    });
  }

  @Get('broken')
  broken(@CurrentCaller() caller: Caller): Answer | Promise<Answer> {
    return this.serve(caller, () => Promise.reject(new Error('out of order')));
  }

  @Post()
  made(@CurrentCaller() caller: Caller): Answer | Promise<Answer> {
    return this.serve(caller, () => new Answer(201, {}));
  }

  private serve(caller: Caller, work: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    return this.modules.get(CallMeter, { strict: false }).serve(caller, work);
  }
}

@Module({ controllers: [MeteredController] })
class MeteredModule {}

interface Token {
  id: string;
  secret: string;
}

let app: TestApp;
let member: GivenMember;
let other: GivenMember;
let admin: GivenMember;

beforeAll(async () => {
  app = await createTestApp({ CALLS_AT_TOKEN: '10' }, [MeteredModule]);
  [member, other, admin] = [await app.given.member(), await app.given.member(), await app.given.member({ role: 'admin' })];
});
afterAll(() => app.close());

const make = async (owner: GivenMember = member, body: object = {}): Promise<Token> => (await app.http.post('/api/api-tokens').set(owner.auth).send({ name: 'bot', ...body }).expect(201)).body;
const get = ({ secret }: Token, path = '', query: object = {}) => app.http.get(`/api/metered${path}`).query(query).set('X-Token', secret);
const credits = ({ headers }: { headers: Record<string, string> }) => [headers['x-credits-charged'], headers['x-credits-remaining']];
const stats = (query: object, { auth }: Pick<GivenMember, 'auth'> = member) => app.http.get('/api/userstats').query(query).set(auth);
const statsOf = async (query: object) => (await stats(query).expect(200)).body;
const write = (sql: string, parameters: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
const heldOf = async ({ id }: Token) => (await app.app.get(Database).rows<{ held: number }>('SELECT held FROM credit_account WHERE owner_id = ?', [id]))[0]!.held;

describe('a call by an API token', () => {
  let token: Token;
  beforeEach(async () => {
    token = await make();
  });

  it('costs one call, and says what is left', async () => {
    for (let left = 9; left >= 0; left -= 1) expect(credits(await get(token).expect(200))).toEqual(['1', String(left)]);
    const refused = await get(token).expect(402).expect('Content-Type', /application\/problem\+json/);
    expect(refused.body).toMatchObject({ code: 'credits.insufficient', available: 0, required: 1, nextAccrualAt: null });
    expect(credits(refused)).toEqual(['0', '0']);
    expect(await statsOf({ token: token.id })).toMatchObject({ callsToday: 10, charged: 10, balance: 0 });
  });

  it('is paid alike with a bearer token', async () => {
    const answer = await app.http.get('/api/metered').set('Authorization', `Bearer ${token.secret}`).expect(200);
    expect(credits(answer)).toEqual(['1', '9']);
  });

  it('goes on at once when more are bought', async () => {
    for (let i = 0; i < 10; i += 1) await get(token).expect(200);
    await get(token).expect(402);
    await app.http.post(`/api/api-tokens/${token.id}/calls`).set(member.auth).send({ credits: 1 }).expect(201);
    expect(credits(await get(token).expect(200))).toEqual(['1', '99']);
  });

  it.each([
    ['is not changed', '/unchanged', {}, 304, ['0', '10']],
    ['is an error', '/missing', {}, 404, ['0', '10']],
    ['is our fault', '/broken', {}, 500, ['0', '10']],
    ['is about a bad query', '', { limit: 'many' }, 400, ['0', undefined]],
    ['is about an unknown parameter', '', { colour: 'red' }, 400, ['0', undefined]],
  ])('is free when the answer %s', async (_, path, query, status, headers) => {
    expect(credits(await get(token, path, query).expect(status))).toEqual(headers);
    expect(await statsOf({ token: token.id })).toMatchObject({ callsTotal: 0, charged: 0, balance: 10, lastCallAt: null });
  });

  it('is free when something was made instead of answered', async () => {
    expect(credits(await app.http.post('/api/metered').set('X-Token', token.secret).expect(201))).toEqual(['0', '10']);
  });

  it('is free by HEAD, also with nothing left', async () => {
    expect(credits(await app.http.head('/api/metered').set('X-Token', token.secret).expect(200))[0]).toBe('0');
    for (let i = 0; i < 10; i += 1) await get(token).expect(200);
    expect(credits(await app.http.head('/api/metered').set('X-Token', token.secret).expect(200))).toEqual(['0', '0']);
    expect(await statsOf({ token: token.id })).toMatchObject({ callsTotal: 10, charged: 10, balance: 0 });
  });

  it('costs a member\'s own session nothing', async () => {
    const fresh = await app.given.member();
    const answer = await app.http.get('/api/metered').set(fresh.auth).expect(200);
    expect(credits(answer)).toEqual([undefined, undefined]);
    expect((await stats({ uid: fresh.id }, fresh).expect(200)).body).toMatchObject({ callsTotal: 1, charged: 0, balance: 0 });
  });

  it('wants a token, one token, that is not revoked', async () => {
    await app.http.get('/api/metered').expect(401);
    expect((await get({ id: '', secret: 'plz_nobody' }).expect(401)).body.code).toBe('token.invalid');
    const both = await get(token).set('Authorization', `Bearer ${(await make()).secret}`).expect(400);
    expect(both.body.code).toBe('request.invalid');
    await get(token).expect(200);
    await app.http.delete(`/api/api-tokens/${token.id}`).set(member.auth).expect(204);
    expect((await get(token).expect(401)).body.code).toBe('token.invalid');
  });

  it('is refused to a token without the permission', async () => {
    const { secret, id } = await make(member, { permissions: ['credits.read'] });
    await get({ secret, id }).expect(403);
    await app.http.get('/api/userstats').query({ uid: member.id }).set('X-Token', secret).expect(403);
  });

  it('is settled by itself, and its lease given back when nobody calls any more, revoked or not', async () => {
    await get(token).expect(200);
    expect(await heldOf(token)).toBe(2);
    await app.http.delete(`/api/api-tokens/${token.id}`).set(member.auth).expect(204);
    await eventually(async () => expect(await heldOf(token)).toBe(0), 6_000);
    const [row] = await app.app.get(Database).rows('SELECT posted FROM credit_account WHERE owner_id = ?', [token.id]);
    expect(row).toEqual({ posted: 9 });
  });
});

describe('the routes of memes', () => {
  let id: string;
  let token: Token;
  beforeAll(async () => {
    await app.app.get(MemeImporter, { strict: false }).importSample();
    token = await make();
    await app.http.post(`/api/api-tokens/${token.id}/calls`).set(member.auth).send({ credits: 1 }).expect(201);
    id = await eventually(async () => {
      const { body } = await app.http.get('/api/memes').set(member.auth).expect(200);
      expect(body.items.length).toBeGreaterThan(0);
      return body.items[0].id as string;
    }, 15_000);
  });

  it.each(['', '?query=plant', '/:id', '/random', '/trending', '/suggest?q=pl', '/templates'])('cost a token one call: /api/memes%s', async (path) => {
    const url = `/api/memes${path.replace(':id', id)}`;
    const paid = await app.http.get(url).set('X-Token', token.secret).expect(200);
    expect(paid.headers['x-credits-charged']).toBe('1');
    const left = Number(paid.headers['x-credits-remaining']);
    const etag = paid.headers['etag'];
    if (etag !== undefined) expect(credits(await app.http.get(url).set('X-Token', token.secret).set('If-None-Match', etag).expect(304))).toEqual(['0', String(left)]);
    expect(credits(await app.http.head(url).set('X-Token', token.secret).expect(200))).toEqual(['0', String(left)]);
    expect(credits(await app.http.get(url).set('X-Token', token.secret).expect(200))).toEqual(['1', String(left - 1)]);
    expect(credits(await app.http.get(url).set(member.auth).expect(200))).toEqual([undefined, undefined]);
  });

  it('confirm what a token knows already, also when it can pay nothing', async () => {
    const poor = await make();
    const { headers } = await app.http.get('/api/memes?query=plant').set('X-Token', token.secret).expect(200);
    for (let call = 0; call < 10; call += 1) await app.http.get('/api/memes').set('X-Token', poor.secret).expect(200);
    const ask = (etag: string) => app.http.get('/api/memes?query=plant').set('X-Token', poor.secret).set('If-None-Match', etag);
    expect(credits(await ask(headers['etag']!).expect(304))).toEqual(['0', '0']);
    expect(credits(await ask('W/"other"').expect(402))).toEqual(['0', '0']);
  });

  it('are free when they are asked wrongly', async () => {
    for (const query of ['limit=51', 'lat=1', 'colour=red']) {
      expect((await app.http.get(`/api/memes?${query}`).set('X-Token', token.secret).expect(400)).headers['x-credits-charged']).toBe('0');
    }
    expect(credits(await app.http.get(`/api/memes/${newId()}`).set('X-Token', token.secret).expect(404))[0]).toBe('0');
  });
});

describe('GET /api/userstats', () => {
  let token: Token;
  let secondToken: Token;
  let mia: GivenMember;

  beforeAll(async () => {
    mia = await app.given.member();
    [token, secondToken] = [await make(mia), await make(mia)];
    for (let i = 0; i < 3; i += 1) await get(token).expect(200);
    await get(secondToken).expect(200);
    await app.http.get('/api/metered').set(mia.auth).expect(200);
  });

  it('tells of one token, by its secret or its id', async () => {
    const expected = {
      memberId: mia.id, token: token.id, callsToday: 3, callsThisMonth: 3, callsTotal: 3, charged: 3, balance: 7,
      lastCallAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    };
    for (const query of [{ token: token.secret }, { token: token.id }]) expect((await stats(query, mia).expect(200)).body).toEqual(expected);
    expect((await app.http.get('/api/userstats').query({ token: token.id }).set('X-Token', token.secret).expect(200)).body).toEqual(expected);
  });

  it('tells of a member in all: tokens and sessions', async () => {
    for (const who of [mia, admin]) {
      expect((await stats({ uid: mia.id }, who).expect(200)).body).toEqual({
        memberId: mia.id, token: null, callsToday: 5, callsThisMonth: 5, callsTotal: 5, charged: 4, balance: 16, lastCallAt: expect.any(String),
      });
    }
  });

  it('counts days and months of the community', async () => {
    const quiet = await app.given.member();
    const used = await make(quiet);
    const at = new Date('2020-02-01T00:00:00Z');
    await write('INSERT INTO meme_usage (member_id, token_id, day, calls, charged, last_call_at) VALUES (?, ?, ?, 7, 6, ?)', [quiet.id, used.id, '2020-02-01', at]);
    expect((await stats({ token: used.id }, quiet).expect(200)).body).toMatchObject({ callsToday: 0, callsThisMonth: 0, callsTotal: 7, charged: 6, lastCallAt: at.toISOString() });
  });

  it('leaves out what the balance of revoked tokens was, and not what they called', async () => {
    const mo = await app.given.member();
    const [kept, revoked] = [await make(mo), await make(mo)];
    await get(revoked).expect(200);
    await app.http.delete(`/api/api-tokens/${revoked.id}`).set(mo.auth).expect(204);
    await eventually(async () => expect((await stats({ uid: mo.id }, mo).expect(200)).body).toMatchObject({ callsTotal: 1, charged: 1, balance: 10 }));
    await stats({ token: revoked.id }, mo).expect(404);
    await stats({ token: revoked.secret }, mo).expect(404);
    await stats({ token: kept.id }, mo).expect(200);
  });

  it('shows others nothing, and admins all', async () => {
    for (const query of [{ uid: mia.id }, { token: token.id }, { token: token.secret }]) {
      expect((await stats(query, other).expect(404)).body.code).toBe('not-found');
      await stats(query, admin).expect(200);
      await app.http.get('/api/userstats').query(query).expect(401);
    }
  });

  it.each([{ uid: newId() }, { uid: 'seven' }, { token: newId() }, { token: 'plz_nobody' }])('knows nobody of %j', async (query) => {
    for (const who of [mia, admin]) expect((await stats(query, who).expect(404)).body.code).toBe('not-found');
  });

  it.each([{}, { uid: 'x', token: 'x' }, { uid: '' }, { token: '' }, { uid: ['a', 'b'] }, { token: 'x'.repeat(101) }, { uid: 'x'.repeat(37) }, { uid: 'é' }, { token: 'é' }, { colour: 'red' }])('refuses %j', async (query) => {
    expect((await stats(query).expect(400)).body.code).toBe('request.invalid');
  });

  it('costs nothing', async () => {
    const before = await statsOf({ uid: member.id });
    const mine = await make();
    const answer = await app.http.get('/api/userstats').query({ uid: member.id }).set('X-Token', mine.secret).expect(200);
    expect(credits(answer)).toEqual([undefined, undefined]);
    expect(await statsOf({ uid: member.id })).toMatchObject({ callsTotal: before.callsTotal, charged: before.charged });
  });
});
