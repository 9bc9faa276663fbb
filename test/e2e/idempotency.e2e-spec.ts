import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { IdempotencyTasks } from '../../src/platform/http/idempotency.tasks.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';

let app: TestApp;
let receiver: GivenMember;
let admin: GivenMember;

const transfer = (from: GivenMember, key: string | undefined, amount = 1, toMemberId = receiver.id) =>
  app.http.post('/api/credits/transfers').set(from.auth).set(key === undefined ? {} : { 'Idempotency-Key': key }).send({ toMemberId, amount });
const adjust = (key: string | undefined, ownerId: string, amount = 1) =>
  app.http.post(`/api/admin/credits/${ownerId}/adjustments`).set(admin.auth).set(key === undefined ? {} : { 'Idempotency-Key': key }).send({ amount, reason: 'a test' });
const available = async (member: GivenMember): Promise<number> => (await app.http.get('/api/credits').set(member.auth)).body.available;
const keptOf = (key: string) => app.app.get(Database).rows<{ actorId: string }>('SELECT actor_id AS actorId FROM idempotency WHERE idempotency_key = ?', [key]);

beforeAll(async () => {
  app = await createTestApp();
  receiver = await app.given.member();
  admin = await app.given.member({ role: 'admin' });
});
afterAll(() => app.close());

describe('an Idempotency-Key', () => {
  it('sent again replays the first answer, status and body alike, and nothing happens twice', async () => {
    const member = await app.given.member();
    const key = newId();
    const first = await transfer(member, key).expect(201);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    const again = await transfer(member, key).expect(201);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await available(member)).toBe(4);
  });

  it('replays headers too', async () => {
    const member = await app.given.member();
    const key = newId();
    const order = () => app.http.post('/api/exports').set(member.auth).set('Idempotency-Key', key).send({ source: 'credits', format: 'csv' });
    const first = await order().expect(202);
    const again = await order().expect(202);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('is not for another body, path or query', async () => {
    const member = await app.given.member();
    const key = newId();
    await transfer(member, key).expect(201);
    expect((await transfer(member, key, 2).expect(422)).body.code).toBe('idempotency.key-reused');
    const { body: token } = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'bot' });
    const other = await app.http.post(`/api/api-tokens/${token.id}/calls`).set(member.auth).set('Idempotency-Key', key).send({ credits: 1 }).expect(422);
    expect(other.body.code).toBe('idempotency.key-reused');
    expect(await available(member)).toBe(4);
  });

  it('belongs to its member: another may use the same', async () => {
    const key = newId();
    const members = [await app.given.member(), await app.given.member()];
    for (const member of members) {
      const { headers } = await transfer(member, key).expect(201);
      expect(headers).not.toHaveProperty('idempotency-replayed');
      expect(await available(member)).toBe(4);
    }
    expect((await keptOf(key)).map(({ actorId }) => actorId).sort()).toEqual(members.map(({ id }) => id).sort());
  });

  it('is told apart by case, and may be any visible ASCII', async () => {
    const member = await app.given.member();
    for (const key of ['a-Key', 'A-KEY', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'x'.repeat(100)]) {
      expect((await transfer(member, key).expect(201)).headers).not.toHaveProperty('idempotency-replayed');
    }
    expect(await available(member)).toBe(1);
  });

  it('of a refusal is not kept: the same request may succeed later', async () => {
    const member = await app.given.member({ credits: 0 });
    const key = newId();
    expect((await transfer(member, key).expect(402)).body.code).toBe('credits.insufficient');
    expect(await keptOf(key)).toEqual([]);
    await adjust(newId(), member.id, 2).expect(201);
    expect((await transfer(member, key).expect(201)).headers).not.toHaveProperty('idempotency-replayed');
    expect((await transfer(member, key).expect(201)).headers['idempotency-replayed']).toBe('true');
    expect(await available(member)).toBe(1);
  });

  it('sent 20 times at once has one effect and 20 equal answers', async () => {
    for (let round = 0; round < 3; round += 1) {
      const member = await app.given.member({ credits: 20 });
      const key = newId();
      const answers = await Promise.all(Array.from({ length: 20 }, () => transfer(member, key)));
      expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(201));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
      expect(await available(member)).toBe(19);
    }
  });

  it('replays 20 times at once', async () => {
    const member = await app.given.member();
    const key = newId();
    await transfer(member, key).expect(201);
    const answers = await Promise.all(Array.from({ length: 20 }, () => transfer(member, key)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(201));
    expect(await available(member)).toBe(4);
  });

  it('sent 20 times at once is refused 20 times alike', async () => {
    const member = await app.given.member({ credits: 0 });
    const key = newId();
    const answers = await Promise.all(Array.from({ length: 20 }, () => transfer(member, key)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(402));
    expect(await keptOf(key)).toEqual([]);
  });

  it('works again when it is older than 24 hours, 5 at once as well', async () => {
    const member = await app.given.member();
    const key = newId();
    await transfer(member, key).expect(201);
    const age = (time: string) => app.app.get(Transactions).run((tx) => tx.write(`UPDATE idempotency SET created_at = UTC_TIMESTAMP(3) - INTERVAL ${time} WHERE idempotency_key = ?`, [key]));
    await age('86395 SECOND');
    expect((await transfer(member, key).expect(201)).headers['idempotency-replayed']).toBe('true');
    await age('86401 SECOND');
    const answers = await Promise.all(Array.from({ length: 5 }, () => transfer(member, key, 2)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(5).fill(201));
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect(await available(member)).toBe(2);
  });

  it('older than 24 hours is tidied away', async () => {
    const member = await app.given.member();
    const [old, young] = [newId(), newId()];
    for (const key of [old, young]) await transfer(member, key).expect(201);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE idempotency SET created_at = UTC_TIMESTAMP(3) - INTERVAL 25 HOUR WHERE idempotency_key = ?', [old]));
    await app.app.get(IdempotencyTasks).deleteExpired();
    expect([(await keptOf(old)).length, (await keptOf(young)).length]).toEqual([0, 1]);
  });

  it('whose first request does not end is in progress, once the wait for it is over', async () => {
    const member = await app.given.member();
    const key = newId();
    const runner = app.app.get(DataSource).createQueryRunner();
    try {
      await runner.startTransaction('READ COMMITTED');
      await runner.query('INSERT INTO idempotency (actor_id, idempotency_key, request_hash, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))', [member.id, key, Buffer.alloc(32)]);
      const { body, headers } = await transfer(member, key).expect(409);
      expect(body.code).toBe('idempotency.in-progress');
      expect(headers['retry-after']).toBe('1');
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
    await transfer(member, key).expect(201);
  });

  it.each(['', ' ', 'with a blank', 'x'.repeat(101), 'ü'])('may not be %j', async (key) => {
    const member = await app.given.member();
    expect((await transfer(member, key).expect(400)).body).toMatchObject({ code: 'request.invalid', errors: [{ path: 'Idempotency-Key' }] });
    expect(await available(member)).toBe(5);
  });

  it('is optional where credits are spent, and required where an admin corrects them', async () => {
    const member = await app.given.member();
    await transfer(member, undefined).expect(201);
    await transfer(member, undefined).expect(201);
    expect(await available(member)).toBe(3);
    expect((await adjust(undefined, member.id).expect(400)).body.code).toBe('idempotency.key-required');
    expect(await available(member)).toBe(3);
    const key = newId();
    for (let again = 0; again < 2; again += 1) await adjust(key, member.id).expect(201);
    expect(await available(member)).toBe(4);
  });
});
