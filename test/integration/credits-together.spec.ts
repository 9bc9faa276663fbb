import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { holdClosed, insufficientCredits, type AccountOwner, type HoldRequest } from '../../src/features/credits/index.js';
import { newId } from '../../src/platform/database/columns.js';
import { notFound } from '../../src/platform/errors/house.errors.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;
let owner: AccountOwner;

beforeAll(async () => {
  h = await openCredits({ CREDITS_AT_SIGNUP: '20' });
});
beforeEach(async () => {
  await h.db.truncate();
  owner = await h.open();
});
afterEach(async () => expect((await h.reconciliation.check()).violations).toEqual([]));
afterAll(() => h.db.close());

const request = (amount: number): HoldRequest => ({ amount, holdSeconds: 600, refType: 'test', refId: newId() });
const holdAll = (...amounts: number[]) => h.run((tx) => h.credits.holdAll(tx, owner, () => amounts.map(request)));
const captureAll = (...captures: [holdId: string, amount: number][]) => h.run((tx) => h.credits.captureAll(tx, captures.map(([holdId, amount]) => ({ holdId, amount }))));
const balance = () => h.credits.balance(owner);

describe('holds made together', () => {
  it('are told what is available, and what they leave', async () => {
    const seen: number[] = [];
    await holdAll(4);
    const { holds, available } = await h.run((tx) => h.credits.holdAll(tx, owner, (free) => {
      seen.push(free);
      return [request(3), request(5)];
    }));
    expect([seen, holds.map(({ amount }) => amount), available]).toEqual([[16], [3, 5], 8]);
    expect(await balance()).toMatchObject({ posted: 20, held: 12 });
    await h.run((tx) => h.credits.release(tx, holds[1]!.id));
    expect(await balance()).toMatchObject({ held: 7 });
  });

  it('are all made or none', async () => {
    await expect(holdAll(15, 6)).rejects.toMatchObject({ code: insufficientCredits.code, details: { available: 20, required: 21 } });
    await expect(holdAll(5, 0)).rejects.toThrow(RangeError);
    expect(await balance()).toMatchObject({ posted: 20, held: 0, version: 1 });
  });

  it('find what has lapsed available again', async () => {
    const { holds } = await holdAll(20);
    await h.expire(holds[0]!.id);
    expect(await holdAll(12, 8)).toMatchObject({ available: 0 });
  });

  it('tell the member once', async () => {
    h.realtime.take();
    await holdAll(1, 2);
    expect(h.realtime.take()).toMatchObject([{ event: 'credits.changed', payload: { cause: 'hold', posted: 20, held: 3, available: 17 } }]);
  });

  it('need an account', async () => {
    await expect(h.run((tx) => h.credits.holdAll(tx, { kind: 'member', id: newId() }, () => [request(1)]))).rejects.toMatchObject({ code: notFound.code });
  });

  it('never set aside more than there is, however many come at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => holdAll(1, 2)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    expect(await balance()).toMatchObject({ held: 18, available: 2 });
  });
});

describe('holds captured together', () => {
  let ids: string[];
  beforeEach(async () => {
    ids = (await holdAll(4, 3, 2)).holds.map(({ id }) => id);
  });

  it('are one entry, and what was not taken comes back', async () => {
    h.realtime.take();
    expect(await captureAll([ids[0]!, 4], [ids[1]!, 1])).toBe(true);
    expect(await balance()).toMatchObject({ posted: 15, held: 2, seq: 2 });
    expect((await h.book(owner)).at(-1)).toMatchObject({ kind: 'capture', amount: -5, balanceAfter: 15, counter: 'spend', refType: 'test' });
    expect(h.realtime.take()).toMatchObject([{ event: 'credits.changed', payload: { cause: 'capture', posted: 15, held: 2 } }]);
    const rows = await h.db.database.rows('SELECT amount, captured, status FROM credit_hold ORDER BY amount DESC');
    expect(rows).toEqual([{ amount: 4, captured: 4, status: 'captured' }, { amount: 3, captured: 1, status: 'captured' }, { amount: 2, captured: 0, status: 'open' }]);
  });

  it('come after the day that was owed', async () => {
    h.clock.set('2024-05-02T12:00:00Z');
    await captureAll([ids[0]!, 4]);
    expect((await h.book(owner)).map(({ kind }) => kind)).toEqual(['signup', 'accrual', 'capture']);
    h.clock.set('2024-05-01T12:00:00Z');
  });

  it('once: the same call again changes nothing and says so', async () => {
    await captureAll([ids[0]!, 4], [ids[1]!, 1]);
    expect(await captureAll([ids[0]!, 4], [ids[1]!, 1])).toBe(false);
    expect(await captureAll([ids[1]!, 1])).toBe(false);
    expect(await h.run((tx) => h.credits.capture(tx, ids[1]!, { amount: 1 }))).toBe(false);
    expect(await balance()).toMatchObject({ posted: 15, held: 2, seq: 2 });
  });

  it('are refused all when only some were captured by a call before', async () => {
    await captureAll([ids[0]!, 4], [ids[1]!, 1]);
    await expect(captureAll([ids[0]!, 4], [ids[1]!, 1], [ids[2]!, 2])).rejects.toMatchObject({ code: holdClosed.code });
    expect(await balance()).toMatchObject({ posted: 15, held: 2, seq: 2 });
  });

  it.each([
    ['was captured before', (id: string) => h.run((tx) => h.credits.capture(tx, id, { amount: 1 })), { posted: 19, held: 5 }],
    ['was released', (id: string) => h.run((tx) => h.credits.release(tx, id)), { posted: 20, held: 5 }],
    ['has lapsed', (id: string) => h.expire(id), { posted: 20, held: 5 }],
  ])('are refused all when one of them %s', async (_, end, after) => {
    await end(ids[0]!);
    await expect(captureAll([ids[0]!, 4], [ids[1]!, 1])).rejects.toMatchObject({ code: holdClosed.code });
    expect(await balance()).toMatchObject(after);
  });

  it('are refused when there is no such hold, too much is to be taken, or of several accounts', async () => {
    await expect(captureAll([ids[0]!, 4], [newId(), 1])).rejects.toMatchObject({ code: notFound.code });
    await expect(captureAll()).rejects.toThrow();
    for (const amount of [0, 5, 1.5]) await expect(captureAll([ids[0]!, amount])).rejects.toThrow(RangeError);
    const mine = ids[0]!;
    owner = await h.open();
    const { holds } = await holdAll(1);
    await expect(captureAll([mine, 1], [holds[0]!.id, 1])).rejects.toThrow(RangeError);
  });

  it('that many capture at once are captured once', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => captureAll([ids[0]!, 4], [ids[1]!, 3], [ids[2]!, 2])));
    expect(results.filter((isNew) => isNew)).toHaveLength(1);
    expect(await balance()).toMatchObject({ posted: 11, held: 0 });
  });
});
