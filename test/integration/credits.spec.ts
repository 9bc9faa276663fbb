import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { balanceLimit, belowHeld, holdClosed, insufficientCredits, selfTransfer, type AccountOwner } from '../../src/features/credits/index.js';
import { CreditsDataset } from '../../src/features/credits/credits.dataset.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { newId } from '../../src/platform/database/columns.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { notFound, requestInvalid } from '../../src/platform/errors/house.errors.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;
let member: AccountOwner;

beforeAll(async () => {
  h = await openCredits();
  await h.db.truncate();
});
beforeEach(async () => {
  member = await h.open();
  h.realtime.take();
});
afterAll(async () => {
  expect((await h.reconciliation.check()).violations).toEqual([]);
  await h.db.close();
});

const ref = () => ({ refType: 'export', refId: newId() });
const hold = (amount: number, owner = member, reference = ref(), holdSeconds = 600) =>
  h.run((tx) => h.credits.hold(tx, owner, { amount, holdSeconds, ...reference }));
const renew = (holdIds: string | string[], holdSeconds: number) => h.run((tx) => h.credits.renew(tx, holdIds, holdSeconds));
const available = async (owner = member) => (await h.credits.balance(owner)).available;

describe('an account', () => {
  it('opens with five credits for a member, as its first entry', async () => {
    expect(await h.credits.balance(member)).toEqual({
      posted: 5, held: 0, available: 5, nextAccrualAt: new Date('2024-05-02T00:00:00Z'), perDay: 1, cap: null, timeZone: 'UTC', seq: 1, version: 1,
    });
    const [signup, ...rest] = await h.book(member);
    expect(rest).toEqual([]);
    expect(signup).toMatchObject({ seq: 1, kind: 'signup', amount: 5, balanceAfter: 5, counter: 'issue', actorId: null, reversesSeq: null });
    expect(h.clock.now().getTime() - signup!.effectiveAt.getTime()).toBeLessThan(60_000);
    // The server's own time zone is not UTC: a time of NOW() would be hours away.
    expect(Math.abs(signup!.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('opens exactly once', async () => {
    await h.run((tx) => h.credits.open(tx, member));
    await Promise.all(Array.from({ length: 5 }, () => h.run((tx) => h.credits.open(tx, member))));
    expect(await h.book(member)).toHaveLength(1);
  });

  it('of an API token opens empty, or with CALLS_AT_TOKEN, and never accrues', async () => {
    const token = await h.open('api_token');
    expect(await h.credits.balance(token)).toMatchObject({ posted: 0, seq: 0, perDay: 0, cap: null, nextAccrualAt: null });
    const generous = h.with({ CALLS_AT_TOKEN: '100' });
    const other = await generous.open('api_token');
    generous.clock.set('2024-05-09T12:00:00Z');
    expect(await generous.credits.balance(other)).toMatchObject({ posted: 100, seq: 1, nextAccrualAt: null });
  });

  it('opens with nothing where sign-up gives nothing', async () => {
    const strict = h.with({ CREDITS_AT_SIGNUP: '0' });
    const owner = await strict.open();
    expect(await strict.book(owner)).toEqual([]);
    strict.clock.set('2024-05-02T12:00:00Z');
    expect(await strict.credits.balance(owner)).toMatchObject({ posted: 1, seq: 1 });
  });

  it('that nobody opened is not found, by any door', async () => {
    const nobody: AccountOwner = { kind: 'member', id: newId() };
    const doors = [
      () => h.credits.balance(nobody),
      () => h.entries.list(nobody, { limit: 1 }),
      () => hold(1, nobody),
      () => h.run((tx) => h.credits.spend(tx, nobody, { amount: 1, ...ref() })),
      () => h.run((tx) => h.credits.purchase(tx, nobody, { amount: 1, ...ref() })),
      () => h.run((tx) => h.credits.transfer(tx, member.id, nobody.id, 1)),
      () => h.run((tx) => h.credits.transfer(tx, nobody.id, member.id, 1)),
      () => h.run((tx) => h.credits.adjust(tx, nobody.id, { amount: 1, reason: 'why not', actorId: newId() })),
      () => h.run((tx) => h.credits.capture(tx, newId())),
      () => h.run((tx) => h.credits.release(tx, newId())),
    ];
    for (const door of doors) await expect(door()).rejects.toMatchObject({ code: notFound.code });
    // The same id under another kind is another owner.
    await expect(h.credits.balance({ kind: 'api_token', id: member.id })).rejects.toMatchObject({ code: notFound.code });
    expect(await h.credits.balances([nobody.id])).toEqual(new Map());
    expect(await h.credits.balances([])).toEqual(new Map());
  });
});

describe('holds', () => {
  it('set credits aside, and a capture takes them with one entry', async () => {
    const reference = ref();
    const made = await hold(2, member, reference);
    expect(made).toMatchObject({ amount: 2, captured: 0, status: 'open', ...reference });
    expect(Math.abs(made.expiresAt.getTime() - Date.now() - 600_000)).toBeLessThan(60_000);
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, held: 2, available: 3, seq: 1, version: 2 });
    await h.run((tx) => h.credits.capture(tx, made.id, { actorId: member.id, reason: 'a file' }));
    expect(await h.credits.balance(member)).toMatchObject({ posted: 3, held: 0, available: 3, seq: 2, version: 3 });
    expect((await h.book(member))[1]).toMatchObject({
      kind: 'capture', amount: -2, balanceAfter: 3, counter: 'spend', actorId: member.id, reason: 'a file', ...reference,
    });
  });

  it('return what a smaller capture leaves', async () => {
    const made = await hold(4);
    await h.run((tx) => h.credits.capture(tx, made.id, { amount: 1 }));
    expect(await h.credits.balance(member)).toMatchObject({ posted: 4, held: 0 });
    const other = await hold(1);
    await expect(h.run((tx) => h.credits.capture(tx, other.id, { amount: 2 }))).rejects.toThrow(RangeError);
    await h.run((tx) => h.credits.release(tx, other.id));
    expect(await h.credits.balance(member)).toMatchObject({ posted: 4, held: 0 });
  });

  it('come back whole on release', async () => {
    const made = await hold(4);
    await h.run((tx) => h.credits.release(tx, made.id));
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, held: 0, seq: 1, version: 3 });
  });

  it('are refused beyond what is available, with the numbers', async () => {
    await hold(3);
    const refused = await hold(3).catch((error: unknown) => error);
    expect(insufficientCredits.matches(refused)).toBe(true);
    expect(refused).toMatchObject({ details: { available: 2, required: 3, nextAccrualAt: '2024-05-02T00:00:00.000Z' } });
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, held: 3, version: 2 });
  });

  it('resolve once: the same call again changes nothing, the other one is refused', async () => {
    const captured = await hold(1);
    const released = await hold(1);
    for (let time = 0; time < 3; time += 1) {
      await h.run((tx) => h.credits.capture(tx, captured.id));
      await h.run((tx) => h.credits.release(tx, released.id));
    }
    expect(await h.credits.balance(member)).toMatchObject({ posted: 4, held: 0, seq: 2, version: 5 });
    await expect(h.run((tx) => h.credits.release(tx, captured.id))).rejects.toMatchObject({ code: holdClosed.code });
    await expect(h.run((tx) => h.credits.capture(tx, released.id))).rejects.toMatchObject({ code: holdClosed.code });
    const part = await hold(2);
    await h.run((tx) => h.credits.capture(tx, part.id, { amount: 1 }));
    await expect(h.run((tx) => h.credits.capture(tx, part.id))).rejects.toMatchObject({ code: holdClosed.code });
    expect(await h.credits.balance(member)).toMatchObject({ posted: 3, held: 0 });
  });

  it('are one for each reference: the same request finds its own', async () => {
    const reference = ref();
    const first = await hold(3, member, reference);
    expect(await hold(3, member, reference)).toEqual(first);
    expect(await h.credits.balance(member)).toMatchObject({ held: 3, version: 2 });
    // Also where there are credits enough for a second one.
    const small = ref();
    const one = await hold(1, member, small);
    expect(await hold(1, member, small)).toEqual(one);
    expect(await h.credits.balance(member)).toMatchObject({ held: 4, version: 3 });
    await expect(hold(2, member, reference)).rejects.toMatchObject({ code: holdClosed.code });
    await expect(hold(1, await h.open(), small)).rejects.toMatchObject({ code: holdClosed.code });
    await h.run((tx) => h.credits.release(tx, one.id));
    await expect(hold(1, member, small)).rejects.toMatchObject({ code: holdClosed.code });
  });

  it('lapse: the next touch gives the credits back, and the work finds its hold gone', async () => {
    const made = await hold(5);
    await h.expire(made.id);
    expect(await renew(made.id, 600)).toBe(false);
    expect(await available()).toBe(5);
    await expect(h.run((tx) => h.credits.capture(tx, made.id))).rejects.toMatchObject({ code: holdClosed.code });
    await h.run((tx) => h.credits.release(tx, made.id));
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, held: 0, version: 3 });
  });

  it('that lapsed cannot be captured even when nothing touched the account since', async () => {
    const made = await hold(1);
    await h.expire(made.id);
    await expect(h.run((tx) => h.credits.capture(tx, made.id))).rejects.toMatchObject({ code: holdClosed.code });
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, held: 0, seq: 1 });
  });

  it('that lapsed are spendable by whatever comes next', async () => {
    await h.expire((await hold(3)).id);
    await h.expire((await hold(2)).id);
    expect(await hold(5)).toMatchObject({ amount: 5 });
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, held: 5, version: 6 });
  });

  it('live on when renewed, and are never shortened', async () => {
    const made = await hold(1, member, ref(), 3600);
    expect(await renew(made.id, 10)).toBe(true);
    expect((await expiryOf(made.id)).getTime()).toBe(made.expiresAt.getTime());
    expect(await renew([made.id, made.id], 7200)).toBe(true);
    expect((await expiryOf(made.id)).getTime()).toBeGreaterThan(made.expiresAt.getTime());
    const gone = await hold(1);
    await h.run((tx) => h.credits.release(tx, gone.id));
    expect(await renew([made.id, gone.id], 10)).toBe(false);
    expect(await renew([], 10)).toBe(true);
  });

  it('are let go by the sweeper as well', async () => {
    const owners = [member, await h.open(), await h.open()];
    for (const owner of owners) await h.expire((await hold(2, owner)).id);
    const alive = await hold(1);
    expect(await h.credits.sweepLapsedHolds()).toBe(2);
    expect(await h.credits.sweepLapsedHolds()).toBe(0);
    for (const owner of owners) expect(await h.account(owner)).toMatchObject({ posted: 5, held: owner === member ? alive.amount : 0 });
  });

  const expiryOf = async (holdId: string) => {
    const [row] = await h.db.database.rows<{ at: Date }>('SELECT expires_at AS at FROM credit_hold WHERE id = ?', [holdId]);
    return row!.at;
  };
});

describe('spending and buying', () => {
  it('charges at once, down to nothing and not below', async () => {
    const reference = ref();
    expect(await h.run((tx) => h.credits.spend(tx, member, { amount: 5, ...reference, actorId: member.id, reason: 'a spot' }))).toMatchObject({
      seq: 2, kind: 'spend', amount: -5, balanceAfter: 0, counter: 'spend', actorId: member.id, reason: 'a spot', ...reference,
    });
    await expect(h.run((tx) => h.credits.spend(tx, member, { amount: 1, ...ref() }))).rejects.toMatchObject({
      code: insufficientCredits.code, details: { available: 0, required: 1 },
    });
    expect(await h.credits.balance(member)).toMatchObject({ posted: 0, seq: 2, version: 2 });
  });

  it('does not reach into what is held', async () => {
    await hold(4);
    await expect(h.run((tx) => h.credits.spend(tx, member, { amount: 2, ...ref() }))).rejects.toMatchObject({ code: insufficientCredits.code });
    await h.run((tx) => h.credits.spend(tx, member, { amount: 1, ...ref() }));
    expect(await available()).toBe(0);
  });

  it('adds what was bought, and an API token spends its calls', async () => {
    const token = await h.open('api_token');
    expect(await h.run((tx) => h.credits.purchase(tx, token, { amount: 100, ...ref(), actorId: member.id }))).toMatchObject({
      seq: 1, kind: 'purchase', amount: 100, balanceAfter: 100, counter: 'issue',
    });
    await h.run((tx) => h.credits.spend(tx, token, { amount: 30, ...ref() }));
    expect(await available(token)).toBe(70);
    await expect(h.run((tx) => h.credits.spend(tx, token, { amount: 71, ...ref() }))).rejects.toMatchObject({
      details: { available: 70, required: 71, nextAccrualAt: null },
    });
  });

  it('commits and rolls back with the transaction it is in', async () => {
    const failing = h.run(async (tx) => {
      await h.credits.spend(tx, member, { amount: 1, ...ref() });
      await h.credits.hold(tx, member, { amount: 1, holdSeconds: 60, ...ref() });
      throw new Error('the rest failed');
    });
    await expect(failing).rejects.toThrow('the rest failed');
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, held: 0, seq: 1, version: 1 });
    expect(h.realtime.take()).toEqual([]);
  });
});

describe('transfers', () => {
  it('move credits between two members, each with an entry that names the other', async () => {
    const friend = await h.open();
    expect(await h.run((tx) => h.credits.transfer(tx, member.id, friend.id, 2))).toEqual({ seq: 2, amount: 2, toMemberId: friend.id, available: 3 });
    const [mine, theirs] = [await h.account(member), await h.account(friend)];
    expect((await h.book(member))[1]).toMatchObject({
      kind: 'transfer', amount: -2, balanceAfter: 3, counter: `account:${theirs.id}`, actorId: member.id, refType: 'member', refId: friend.id,
    });
    expect((await h.book(friend))[1]).toMatchObject({
      kind: 'transfer', amount: 2, balanceAfter: 7, counter: `account:${mine.id}`, actorId: member.id, refType: 'member', refId: member.id,
    });
  });

  it('are refused without the credits, whoever has the smaller id, and leave both untouched', async () => {
    const friend = await h.open();
    for (const [from, to] of [[member, friend], [friend, member]] as const) {
      await expect(h.run((tx) => h.credits.transfer(tx, from.id, to.id, 6))).rejects.toMatchObject({
        code: insufficientCredits.code, details: { available: 5, required: 6 },
      });
    }
    for (const owner of [member, friend]) expect(await h.credits.balance(owner)).toMatchObject({ posted: 5, seq: 1, version: 1 });
  });

  it('to oneself are refused, and so are amounts that are none', async () => {
    await expect(h.run((tx) => h.credits.transfer(tx, member.id, member.id, 1))).rejects.toMatchObject({ code: selfTransfer.code });
    const friend = await h.open();
    for (const amount of [0, -1, 0.5]) await expect(h.run((tx) => h.credits.transfer(tx, member.id, friend.id, amount))).rejects.toThrow(RangeError);
  });
});

describe('adjustments', () => {
  it('go up and down with their reason, for members and API tokens', async () => {
    const actorId = newId();
    const adjust = (owner: AccountOwner, amount: number) => h.run((tx) => h.credits.adjust(tx, owner.id, { amount, reason: 'a mistake', actorId }));
    expect(await adjust(member, 10)).toMatchObject({ seq: 2, kind: 'adjustment', amount: 10, balanceAfter: 15, counter: 'adjust', reason: 'a mistake', actorId });
    expect(await adjust(member, -15)).toMatchObject({ seq: 3, amount: -15, balanceAfter: 0 });
    const token = await h.open('api_token');
    expect(await adjust(token, 7)).toMatchObject({ balanceAfter: 7 });
    await expect(adjust(member, 0)).rejects.toThrow(RangeError);
  });

  it('stop at what is held', async () => {
    await hold(3);
    const take = (amount: number) => h.run((tx) => h.credits.adjust(tx, member.id, { amount: -amount, reason: 'too many', actorId: newId() }));
    await expect(take(3)).rejects.toMatchObject({ code: belowHeld.code, details: { posted: 5, held: 3 } });
    await take(2);
    expect(await h.credits.balance(member)).toMatchObject({ posted: 3, held: 3 });
  });
});

describe('the limit of a balance', () => {
  const LIMIT = 9_007_199_254_740_991;
  /** As years of generous admins would leave it, with an entry to match. */
  const enrich = (owner: AccountOwner, amount: number) =>
    h.run((tx) => h.credits.purchase(tx, owner, { amount, ...ref() }));

  it('can be reached, exactly', async () => {
    await enrich(member, LIMIT - 5);
    expect(await h.credits.balance(member)).toMatchObject({ posted: LIMIT, available: LIMIT });
    await h.run((tx) => h.credits.spend(tx, member, { amount: LIMIT, ...ref() }));
    expect(await available()).toBe(0);
  });

  it('is not passed, by any door, and what was refused changes nothing', async () => {
    const friend = await h.open();
    await enrich(member, LIMIT - 6);
    const doors = [
      () => h.run((tx) => h.credits.purchase(tx, member, { amount: 2, ...ref() })),
      () => h.run((tx) => h.credits.adjust(tx, member.id, { amount: 2, reason: 'one too many', actorId: newId() })),
      () => h.run((tx) => h.credits.transfer(tx, friend.id, member.id, 2)),
      () => h.run((tx) => h.credits.purchase(tx, member, { amount: LIMIT, ...ref() })),
    ];
    for (const door of doors) await expect(door()).rejects.toMatchObject({ code: balanceLimit.code, details: { limit: LIMIT } });
    expect(await h.credits.balance(member)).toMatchObject({ posted: LIMIT - 1, seq: 2, version: 2 });
    expect(await h.credits.balance(friend)).toMatchObject({ posted: 5, seq: 1 });
    await h.run((tx) => h.credits.transfer(tx, friend.id, member.id, 1));
    expect(await available()).toBe(LIMIT);
  });

  it('stops the growth by days, like a cap', async () => {
    const later = h.with({ CREDITS_PER_DAY: '10' });
    const [touched, swept] = [await later.open(), await later.open()];
    for (const owner of [touched, swept]) await enrich(owner, LIMIT - 5 - 12);
    later.clock.set('2024-05-05T12:00:00Z');
    expect(await later.credits.balance(touched)).toMatchObject({ posted: LIMIT, seq: 4, nextAccrualAt: null });
    await later.credits.accrue();
    for (const owner of [touched, swept]) {
      expect((await later.book(owner)).slice(2).map(({ amount, balanceAfter }) => [amount, balanceAfter])).toEqual([[10, LIMIT - 2], [2, LIMIT]]);
    }
  });
});

describe('events', () => {
  it('tell the member each change after its commit, with versions that leave nothing out', async () => {
    const made = await hold(3);
    await h.run((tx) => h.credits.capture(tx, made.id, { amount: 1 }));
    const back = await hold(1);
    await h.run((tx) => h.credits.release(tx, back.id));
    await h.run((tx) => h.credits.purchase(tx, member, { amount: 1, ...ref() }));
    await h.run((tx) => h.credits.spend(tx, member, { amount: 2, ...ref() }));
    await h.run((tx) => h.credits.adjust(tx, member.id, { amount: 1, reason: 'for fun', actorId: newId() }));
    const sent = h.realtime.take();
    expect(sent.every(({ memberId, event }) => memberId === member.id && event === 'credits.changed')).toBe(true);
    expect(sent.map(({ payload }) => payload)).toEqual([
      { version: 2, seq: 1, posted: 5, held: 3, available: 2, cause: 'hold' },
      { version: 3, seq: 2, posted: 4, held: 0, available: 4, cause: 'capture' },
      { version: 4, seq: 2, posted: 4, held: 1, available: 3, cause: 'hold' },
      { version: 5, seq: 2, posted: 4, held: 0, available: 4, cause: 'release' },
      { version: 6, seq: 3, posted: 5, held: 0, available: 5, cause: 'purchase' },
      { version: 7, seq: 4, posted: 3, held: 0, available: 3, cause: 'spend' },
      { version: 8, seq: 5, posted: 4, held: 0, available: 4, cause: 'adjustment' },
    ]);
  });

  it('reach both sides of a transfer, and nobody for an API token', async () => {
    const friend = await h.open();
    await h.run((tx) => h.credits.transfer(tx, member.id, friend.id, 1));
    expect(h.realtime.take().map(({ memberId }) => memberId).sort()).toEqual([member.id, friend.id].sort());
    const token = await h.open('api_token');
    await h.run((tx) => h.credits.purchase(tx, token, { amount: 1, ...ref() }));
    expect(h.realtime.take()).toEqual([]);
  });

  it('say that credits are low on the way down, once', async () => {
    const low = () => h.realtime.take().filter(({ event }) => event === 'credits.low').map(({ payload }) => payload);
    await h.run((tx) => h.credits.spend(tx, member, { amount: 3, ...ref() }));
    expect(low()).toEqual([]);
    const made = await hold(1);
    expect(low()).toEqual([{ available: 1, lowAt: 1 }]);
    await h.run((tx) => h.credits.capture(tx, made.id));
    await h.run((tx) => h.credits.spend(tx, member, { amount: 1, ...ref() }));
    expect(low()).toEqual([]);
    await h.run((tx) => h.credits.purchase(tx, member, { amount: 2, ...ref() }));
    expect(low()).toEqual([]);
    await h.run((tx) => h.credits.spend(tx, member, { amount: 2, ...ref() }));
    expect(low()).toEqual([{ available: 0, lowAt: 1 }]);
  });

  it('tell of a lapsed hold', async () => {
    await h.expire((await hold(2)).id);
    h.realtime.take();
    await available();
    expect(h.realtime.take().map(({ payload }) => payload)).toEqual([{ version: 3, seq: 1, posted: 5, held: 0, available: 5, cause: 'lapse' }]);
  });
});

describe('the list of entries', () => {
  it('goes from the newest to the oldest by cursor, one kind or all', async () => {
    for (let amount = 1; amount <= 7; amount += 1) await h.run((tx) => h.credits.purchase(tx, member, { amount, ...ref() }));
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await h.entries.list(member, { limit: 3, cursor });
      seen.push(...page.items.map(({ seq }) => seq));
      // What is written while one reads does not shift the pages.
      await h.run((tx) => h.credits.purchase(tx, member, { amount: 1, ...ref() }));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect((await h.entries.list(member, { limit: 5, kind: 'signup' })).items).toMatchObject([{ seq: 1 }]);
    await expect(h.entries.list(member, { limit: 5, cursor: 'bm9uc2Vuc2U.x' })).rejects.toMatchObject({ code: requestInvalid.code });
  });
});

describe('the credits dataset', () => {
  it('gives a member their own entries, oldest first, in pages of one snapshot', async () => {
    const datasets = new Datasets();
    new CreditsDataset(datasets, h.accounts).onModuleInit();
    const dataset = datasets.find('credits')!;
    const permissions = PermissionSet.of(['credits.read']);
    expect(dataset.mayRead(permissions)).toBe(true);
    expect(dataset.mayRead(PermissionSet.none)).toBe(false);
    const other = await h.open();
    for (let amount = 1; amount <= 4; amount += 1) await h.run((tx) => h.credits.purchase(tx, member, { amount, ...ref() }));
    await h.run((tx) => h.credits.transfer(tx, member.id, other.id, 15));
    const read = (filters: Record<string, string>) =>
      h.db.transactions.snapshot(async (snapshot) => {
        const request = { memberId: member.id, permissions, filters };
        const pages: unknown[][] = [];
        for await (const page of dataset.pages(snapshot, request, 2)) {
          pages.push([...page]);
          await h.run((tx) => h.credits.purchase(tx, member, { amount: 1, ...ref() }));
        }
        return { pages, count: await dataset.count(snapshot, request) };
      });
    const { pages, count } = await read({});
    expect(count).toBe(6);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2]);
    const rows = pages.flat() as Record<string, unknown>[];
    expect(rows.map(({ seq, balanceBefore, balanceAfter }) => [seq, balanceBefore, balanceAfter])).toEqual([
      [1, 0, 5], [2, 5, 6], [3, 6, 8], [4, 8, 11], [5, 11, 15], [6, 15, 0],
    ]);
    for (const row of rows) expect(Object.keys(row)).toEqual(dataset.columns.map(({ name }) => name));
    expect(rows[5]).toMatchObject({ kind: 'transfer', refType: 'member', refId: other.id, reason: null });
    expect(rows[0]!['createdAt']).toBeInstanceOf(Date);
    const filtered = await read({ kind: 'signup' });
    expect(filtered.count).toBe(1);
    expect(filtered.pages.flat()).toMatchObject([{ seq: 1, kind: 'signup' }]);
    expect((await h.db.transactions.snapshot((snapshot) => dataset.count(snapshot, { memberId: newId(), permissions, filters: {} })))).toBe(0);
  });
});
