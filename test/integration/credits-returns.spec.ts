import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { alreadyReversed, balanceLimit, belowHeld, refundExceeds, type AccountOwner, type CreditEntry } from '../../src/features/credits/index.js';
import { newId } from '../../src/platform/database/columns.js';
import { notFound } from '../../src/platform/errors/house.errors.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;
let member: AccountOwner;

beforeAll(async () => {
  h = await openCredits();
});
beforeEach(async () => {
  await h.db.truncate();
  h.clock.set('2024-05-01T12:00:00Z');
  member = await h.open();
  h.realtime.take();
});
// After every test, whatever it gave back and took back.
const right = async () => expect((await h.reconciliation.check()).violations).toEqual([]);
afterAll(() => h.db.close());

const admin = newId();
const ref = () => ({ refType: 'reservation', refId: newId() });
const spend = (amount: number, owner = member) => h.run((tx) => h.credits.spend(tx, owner, { amount, ...ref() }));
const refund = (spendSeq: number, amount: number, owner = member) => h.run((tx) => h.credits.refund(tx, owner, { spendSeq, amount }));
const reverse = (seq: number, owner = member) => h.run((tx) => h.credits.reverse(tx, owner.id, seq, { reason: 'booked by mistake', actorId: admin }));
const hold = async (amount: number) => (await h.run((tx) => h.credits.hold(tx, member, { amount, holdSeconds: 600, ...ref() }))).id;
const posted = async (owner = member) => (await h.account(owner)).posted;

describe('a refund', () => {
  it('gives back part of a spend, and refers to it', async () => {
    const { seq } = await spend(4);
    const entry = await h.run((tx) => h.credits.refund(tx, member, { spendSeq: seq, amount: 3, actorId: admin, reason: 'left early' }));
    expect(entry).toMatchObject({
      seq: 3, kind: 'refund', amount: 3, balanceAfter: 4, counter: 'spend', refType: 'entry', refId: '2', actorId: admin, reason: 'left early', reversesSeq: null,
    });
    await right();
  });

  it('gives back no more than was taken, in however many parts', async () => {
    const { seq } = await spend(4);
    await refund(seq, 3);
    await expect(refund(seq, 2)).rejects.toMatchObject({ code: refundExceeds.code, details: { taken: 4, returned: 3 } });
    await refund(seq, 1);
    await expect(refund(seq, 1)).rejects.toMatchObject({ code: refundExceeds.code, details: { taken: 4, returned: 4 } });
    // What was refused has left nothing, no number either.
    expect(await h.account(member)).toMatchObject({ posted: 5, seq: 4, version: 4 });
    await right();
  });

  it('of one spend does not count for another', async () => {
    const [first, second] = [await spend(1), await spend(2)];
    await refund(first.seq, 1);
    await refund(second.seq, 2);
    await expect(refund(first.seq, 1)).rejects.toMatchObject({ code: refundExceeds.code });
    expect(await posted()).toBe(5);
    await right();
  });

  it('is for captures as well, and for API tokens', async () => {
    const holdId = await hold(3);
    await h.run((tx) => h.credits.capture(tx, holdId, { amount: 2 }));
    await refund(2, 2);
    await expect(refund(2, 1)).rejects.toMatchObject({ code: refundExceeds.code, details: { taken: 2, returned: 2 } });
    const token = await h.open('api_token');
    await h.run((tx) => h.credits.purchase(tx, token, { amount: 100, ...ref() }));
    const { seq } = await spend(7, token);
    expect(await refund(seq, 7, token)).toMatchObject({ balanceAfter: 100 });
    await right();
  });

  it('is of a spend in the own book, or there is none', async () => {
    const stranger = await h.open();
    const { seq } = await spend(1);
    await h.run((tx) => h.credits.transfer(tx, member.id, stranger.id, 1));
    const refunded = await refund(seq, 1);
    for (const other of [1, seq + 1, refunded.seq, 99]) await expect(refund(other, 1)).rejects.toMatchObject({ code: notFound.code });
    await expect(refund(seq, 1, stranger)).rejects.toMatchObject({ code: notFound.code });
    await expect(refund(seq, 1, { kind: 'member', id: newId() })).rejects.toMatchObject({ code: notFound.code });
    for (const amount of [0, -1, 0.5]) await expect(refund(seq, amount)).rejects.toThrow(RangeError);
    await right();
  });

  it('of which 20 come at once gives back exactly what was taken', async () => {
    const { seq } = await spend(5);
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => refund(seq, 1)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: refundExceeds.code });
    expect(await posted()).toBe(5);
    await right();
  });

  it('stops at the limit of a balance', async () => {
    const { seq } = await spend(2);
    await h.run((tx) => h.credits.purchase(tx, member, { amount: Number.MAX_SAFE_INTEGER - 4, ...ref() }));
    await expect(refund(seq, 2)).rejects.toMatchObject({ code: balanceLimit.code });
    await refund(seq, 1);
    await right();
  });

  it('gives the days owed first, and tells the member', async () => {
    const { seq } = await spend(1);
    h.realtime.take();
    h.clock.set('2024-05-02T12:00:00Z');
    await refund(seq, 1);
    expect((await h.book(member)).map(({ kind }) => kind)).toEqual(['signup', 'spend', 'accrual', 'refund']);
    expect(h.realtime.take().map(({ payload }) => payload)).toMatchObject([{ cause: 'accrual', posted: 5 }, { cause: 'refund', posted: 6, seq: 4 }]);
    await right();
  });
});

describe('a reversal', () => {
  const mirrors: [string, () => Promise<unknown>, number][] = [
    ['the sign-up', async () => undefined, 0],
    ['a day', async () => (h.clock.set('2024-05-02T12:00:00Z'), h.credits.accrue()), 5],
    ['a spend', () => spend(3), 5],
    ['a capture', async () => { const id = await hold(3); await h.run((tx) => h.credits.capture(tx, id, { amount: 2 })); }, 5],
    ['a purchase', () => h.run((tx) => h.credits.purchase(tx, member, { amount: 3, ...ref() })), 5],
    ['an adjustment', () => h.run((tx) => h.credits.adjust(tx, member.id, { amount: -2, reason: 'too many', actorId: admin })), 5],
    ['a refund', async () => { await refund((await spend(3)).seq, 2); }, 2],
  ];

  it.each(mirrors)('of %s is its mirror: the amount turned round, the same other side', async (_, write, balance) => {
    await write();
    const original = (await h.book(member)).at(-1)!;
    expect(await reverse(original.seq)).toMatchObject({
      seq: original.seq + 1, kind: 'reversal', amount: -original.amount, balanceAfter: balance, counter: original.counter,
      reversesSeq: original.seq, refType: original.refType, refId: original.refId, actorId: admin, reason: 'booked by mistake',
    });
    expect(await posted()).toBe(balance);
    await right();
  });

  it('takes a day back for good: it is not owed again', async () => {
    h.clock.set('2024-05-02T12:00:00Z');
    await h.credits.accrue();
    await reverse(2);
    await h.credits.accrue();
    expect(await h.credits.balance(member)).toMatchObject({ posted: 5, seq: 3 });
    await right();
  });

  it('of an API token\'s entry works by its id', async () => {
    const token = await h.open('api_token');
    await h.run((tx) => h.credits.purchase(tx, token, { amount: 100, ...ref() }));
    expect(await reverse(1, token)).toMatchObject({ amount: -100, balanceAfter: 0 });
    await right();
  });

  it('happens once, also when what it took back has been missing since', async () => {
    await spend(3);
    await reverse(2);
    await expect(reverse(2)).rejects.toMatchObject({ code: alreadyReversed.code });
    await h.run((tx) => h.credits.purchase(tx, member, { amount: 4, ...ref() }));
    const { seq } = (await h.book(member)).at(-1)!;
    await reverse(seq);
    await spend(5);
    await expect(reverse(seq)).rejects.toMatchObject({ code: alreadyReversed.code });
    await right();
  });

  it('happens once, however many ask at the same time', async () => {
    const { seq } = await h.run((tx) => h.credits.adjust(tx, member.id, { amount: 4, reason: 'a present', actorId: admin }));
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => reverse(seq)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: alreadyReversed.code });
    expect(await posted()).toBe(5);
    await right();
  });

  it('of an entry that nobody wrote is 404', async () => {
    await expect(reverse(2)).rejects.toMatchObject({ code: notFound.code });
    await expect(reverse(1, { kind: 'member', id: newId() })).rejects.toMatchObject({ code: notFound.code });
  });

  it('does not reach into what is held, nor below nothing', async () => {
    await hold(2);
    await expect(reverse(1)).rejects.toMatchObject({ code: belowHeld.code, details: { posted: 5, held: 2 } });
    await spend(3);
    await expect(reverse(1)).rejects.toMatchObject({ code: belowHeld.code, details: { posted: 2, held: 2 } });
    expect(await h.account(member)).toMatchObject({ posted: 2, seq: 2 });
    await right();
  });

  it('stops at the limit of a balance', async () => {
    await spend(3);
    await h.run((tx) => h.credits.purchase(tx, member, { amount: Number.MAX_SAFE_INTEGER - 4, ...ref() }));
    await expect(reverse(2)).rejects.toMatchObject({ code: balanceLimit.code, details: { limit: Number.MAX_SAFE_INTEGER } });
    await right();
  });

  it('can itself be reversed, once, and so on', async () => {
    await spend(3);
    for (const [seq, balance] of [[2, 5], [3, 2], [4, 5]] as const) {
      expect(await reverse(seq)).toMatchObject({ balanceAfter: balance });
      await expect(reverse(seq)).rejects.toMatchObject({ code: alreadyReversed.code });
    }
    await right();
  });

  it('is written down, and tells the member', async () => {
    await spend(3);
    h.realtime.take();
    await reverse(2);
    expect((await h.audit.list({ limit: 10 })).items).toMatchObject([
      { actorId: admin, action: 'credits.reversed', subjectType: 'member', subjectId: member.id, details: JSON.stringify({ amount: 3, reason: 'booked by mistake', seq: 2 }) },
    ]);
    expect(h.realtime.take().map(({ payload }) => payload)).toEqual([{ version: 3, seq: 3, posted: 5, held: 0, available: 5, cause: 'reversal' }]);
  });
});

describe('refunds and reversals together', () => {
  const returns = (...steps: (() => Promise<CreditEntry>)[]) => steps.reduce<Promise<unknown>>((before, step) => before.then(step), Promise.resolve());

  it('a spend that was refunded in part is not reversed until the refund is', async () => {
    const { seq } = await spend(4);
    const part = await refund(seq, 1);
    await expect(reverse(seq)).rejects.toMatchObject({ code: refundExceeds.code, details: { taken: 4, returned: 1 } });
    await returns(() => reverse(part.seq), () => reverse(seq));
    expect(await posted()).toBe(5);
    await right();
  });

  it('a spend that was reversed is not refunded, until the reversal is reversed', async () => {
    const { seq } = await spend(4);
    const reversal = await reverse(seq);
    await expect(refund(seq, 1)).rejects.toMatchObject({ code: refundExceeds.code, details: { taken: 4, returned: 4 } });
    await returns(() => reverse(reversal.seq), () => refund(seq, 4));
    expect(await posted()).toBe(5);
    await right();
  });

  it('a refund does not come back to life beside the reversal of its spend', async () => {
    const { seq } = await spend(4);
    const part = await refund(seq, 3);
    const back = await reverse(part.seq);
    await reverse(seq);
    await expect(reverse(back.seq)).rejects.toMatchObject({ code: refundExceeds.code, details: { taken: 4, returned: 4 } });
    expect(await posted()).toBe(5);
    await right();
  });

  it('of a reversal and refunds at once no more comes back than was taken', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { seq } = await spend(2);
      await Promise.allSettled(Array.from({ length: 10 }, (_, i) => (i % 3 === 0 ? reverse(seq) : refund(seq, 1))));
      expect(await posted()).toBe(5);
    }
    await right();
  });
});

describe('the reversal of a transfer', () => {
  let friend: AccountOwner;
  beforeEach(async () => {
    friend = await h.open();
    h.realtime.take();
  });
  const transfer = (from: AccountOwner, to: AccountOwner, amount: number) => h.run((tx) => h.credits.transfer(tx, from.id, to.id, amount));

  it.each(['sender', 'receiver'] as const)('takes both sides back, asked for by the %s\'s entry', async (side) => {
    await transfer(member, friend, 2);
    const owner = side === 'sender' ? member : friend;
    expect(await reverse(2, owner)).toMatchObject({ amount: side === 'sender' ? 2 : -2, balanceAfter: 5, reversesSeq: 2 });
    const [mine, theirs] = [await h.account(member), await h.account(friend)];
    expect((await h.book(member))[2]).toMatchObject({ kind: 'reversal', amount: 2, balanceAfter: 5, counter: `account:${theirs.id}`, reversesSeq: 2, refId: friend.id });
    expect((await h.book(friend))[2]).toMatchObject({ kind: 'reversal', amount: -2, balanceAfter: 5, counter: `account:${mine.id}`, reversesSeq: 2, refId: member.id });
    for (const one of [member, friend]) await expect(reverse(2, one)).rejects.toMatchObject({ code: alreadyReversed.code });
    expect((await h.audit.list({ limit: 10 })).items).toHaveLength(1);
    await right();
  });

  it('finds the other side among many, in both directions and beside other friends', async () => {
    const other = await h.open();
    await h.run((tx) => h.credits.purchase(tx, member, { amount: 50, ...ref() }));
    // Books of different lengths, so that no number is the same in both by accident.
    for (const [from, to] of [[member, friend], [friend, member], [member, other], [other, friend], [member, friend], [friend, member]] as const) {
      await spend(1, from);
      await transfer(from, to, 1);
    }
    await h.run((tx) => h.credits.transfer(tx, member.id, friend.id, 7));
    await transfer(friend, member, 1);
    const seven = (await h.book(friend)).find(({ amount }) => amount === 7)!;
    const before = [await posted(), await posted(friend), await posted(other)];
    await reverse(seven.seq, friend);
    expect([await posted(), await posted(friend), await posted(other)]).toEqual([before[0]! + 7, before[1]! - 7, before[2]]);
    const mirror = (await h.book(member)).at(-1)!;
    expect((await h.book(member))[mirror.reversesSeq! - 1]).toMatchObject({ kind: 'transfer', amount: -7 });
    // A reversal lies between the two accounts as well, and what comes after it is still found.
    await h.run((tx) => h.credits.transfer(tx, member.id, friend.id, 9));
    await reverse((await h.book(member)).at(-1)!.seq);
    expect((await h.book(friend)).at(-1)).toMatchObject({ kind: 'reversal', amount: -9 });
    await right();
  });

  it('is refused for both when one has spent it, whoever has the smaller id', async () => {
    for (const [from, to] of [[member, friend], [friend, member]] as const) {
      const { seq } = await transfer(from, to, 2);
      const rest = (await h.account(to)).posted - 1;
      await spend(rest, to);
      await expect(reverse(seq, from)).rejects.toMatchObject({ code: belowHeld.code, details: { posted: 1, held: 0 } });
      expect((await h.book(from)).at(-1)).toMatchObject({ kind: 'transfer' });
      await refund((await h.account(to)).seq, rest, to);
    }
    await right();
  });

  it('can be reversed again, on both sides', async () => {
    await transfer(member, friend, 2);
    await reverse(2);
    await reverse(3, friend);
    expect([await posted(), await posted(friend)]).toEqual([3, 7]);
    await right();
  });

  it('happens once when both sides ask at once, and deadlocks with nobody', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { seq } = await transfer(member, friend, 2);
      const theirs = (await h.account(friend)).seq;
      const results = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? reverse(seq) : reverse(theirs, friend))));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: alreadyReversed.code });
    }
    expect([await posted(), await posted(friend)]).toEqual([5, 5]);
    await right();
  });

  it('gives both the days they are owed first, and tells both', async () => {
    await transfer(member, friend, 2);
    h.clock.set('2024-05-02T12:00:00Z');
    h.realtime.take();
    await reverse(2);
    for (const owner of [member, friend]) {
      expect((await h.book(owner)).map(({ kind }) => kind)).toEqual(['signup', 'transfer', 'accrual', 'reversal']);
      expect(h.realtime.sent.filter(({ memberId }) => memberId === owner.id).map(({ payload }) => payload)).toMatchObject([{ cause: 'accrual' }, { cause: 'reversal', posted: 6 }]);
    }
    await right();
  });
});

describe('the books', () => {
  it('show a reversal that reached only one side of a transfer', async () => {
    const friend = await h.open();
    await h.run((tx) => h.credits.transfer(tx, member.id, friend.id, 2));
    const { id } = await h.account(member);
    await h.run(async (tx) => {
      await h.accounts.updatePosted(tx, id, 2);
      await h.accounts.insertEntry(tx, id, { kind: 'reversal', amount: 2, counter: `account:${(await h.account(friend)).id}`, reversesSeq: 2 }, h.clock.now());
    });
    expect((await h.reconciliation.check()).violations).toEqual([{ invariant: 'I5', accountId: null, unit: 'credit', expected: 12, actual: 10 }]);
    await expect(reverse(3)).rejects.toThrow('has no other side');
  });

  it('take no second reversal of an entry, whoever writes it', async () => {
    const { id } = await h.account(member);
    const write = () =>
      h.run(async (tx) => {
        await h.accounts.updatePosted(tx, id, 1);
        await h.accounts.insertEntry(tx, id, { kind: 'reversal', amount: 1, counter: 'adjust', reversesSeq: 1 }, h.clock.now());
      });
    await write();
    await expect(write()).rejects.toMatchObject({ code: alreadyReversed.code });
  });
});
