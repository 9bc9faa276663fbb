import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountOwner } from '../../src/features/credits/index.js';
import { newId } from '../../src/platform/database/columns.js';
import { notFound, requestInvalid } from '../../src/platform/errors/house.errors.js';
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
});
afterAll(() => h.db.close());

/** Moves an entry to a time before the entries above it, as a clock that goes wrong might. */
const happened = async (seq: number, at: string) => {
  const { id } = await h.account(member);
  await h.run((tx) => tx.write('UPDATE credit_entry SET effective_at = ? WHERE account_id = ? AND seq = ?', [new Date(at), id, seq]));
};
const spend = (amount: number) => h.run((tx) => h.credits.spend(tx, member, { amount, refType: 'test', refId: newId() }));
const balanceAt = async (at: string) => (await h.history.balanceAt(member, new Date(at))).balance;

describe('the balance at a time', () => {
  it('is what all entries up to then add up to, that millisecond included', async () => {
    h.clock.set('2024-05-01T18:00:00.500Z');
    await spend(2);
    h.clock.set('2024-05-01T20:00:00Z');
    expect(await h.history.balanceAt(member, new Date('2024-05-01T18:00:00.500Z'))).toEqual({ at: new Date('2024-05-01T18:00:00.500Z'), balance: 3 });
    expect(await balanceAt('2024-05-01T18:00:00.499Z')).toBe(5);
    expect(await balanceAt('2024-05-01T12:00:00.000Z')).toBe(5);
    expect(await balanceAt('2024-05-01T20:00:00.000Z')).toBe(3);
  });

  it('was nothing before there was an account', async () => {
    for (const before of ['2024-05-01T11:59:59.999Z', '1969-12-31T23:59:59.999Z', '1000-01-02T00:00:00Z']) expect(await balanceAt(before)).toBe(0);
  });

  it('has each day from its first instant, also when no sweep has run since', async () => {
    h.clock.set('2024-05-04T09:00:00Z');
    expect(await balanceAt('2024-05-02T23:59:59.999Z')).toBe(6);
    expect(await balanceAt('2024-05-03T00:00:00.000Z')).toBe(7);
    expect(await balanceAt('2024-05-04T09:00:00Z')).toBe(8);
    expect(await h.account(member)).toMatchObject({ posted: 8, lastAccrualDate: '2024-05-04' });
  });

  it('does not say what is not known yet', async () => {
    await expect(h.history.balanceAt(member, new Date('2024-05-01T12:00:00.001Z'))).rejects.toMatchObject({ code: requestInvalid.code });
    await expect(h.history.balanceAt({ kind: 'member', id: newId() }, new Date('2024-05-01T12:00:00Z'))).rejects.toMatchObject({ code: notFound.code });
  });

  it('is of one account only', async () => {
    await h.open();
    expect(await balanceAt('2024-05-01T12:00:00Z')).toBe(5);
  });
});

describe('the history', () => {
  const points = async (world: CreditsHarness, days: number) =>
    (await world.history.chart(member, days)).series[0]!.points.map(({ at, value }) => [at.toISOString(), value]);

  it('has the balance at the beginning of each of the last days, and now', async () => {
    h.clock.set('2024-05-04T09:00:00Z');
    await h.credits.accrue();
    await spend(4);
    await happened(5, '2024-05-02T10:00:00Z');
    expect(await points(h, 4)).toEqual([
      ['2024-05-01T00:00:00.000Z', 0], ['2024-05-02T00:00:00.000Z', 6], ['2024-05-03T00:00:00.000Z', 3], ['2024-05-04T00:00:00.000Z', 4],
      ['2024-05-04T09:00:00.000Z', 4],
    ]);
    expect(await points(h, 1)).toEqual([['2024-05-04T00:00:00.000Z', 4], ['2024-05-04T09:00:00.000Z', 4]]);
    expect(await points(h, 366)).toHaveLength(367);
  });

  it('says at each of its points what the balance at that time says', async () => {
    h.clock.set('2024-05-05T09:00:00Z');
    await h.credits.accrue();
    await spend(3);
    await happened(6, '2024-05-03T00:00:00.001Z');
    for (const { at, value } of (await h.history.chart(member, 6)).series[0]!.points) {
      expect(value).toBe((await h.history.balanceAt(member, at)).balance);
    }
  });

  it('goes by the days of the community', async () => {
    const havana = h.with({ COMMUNITY_TIMEZONE: 'America/Havana' }, '2024-11-04T12:00:00Z');
    expect(await havana.history.chart(member, 3)).toMatchObject({ timeZone: 'America/Havana', kind: 'steps', unit: 'credits' });
    // Midnight came twice on the third, and the day after begins an hour later by UTC.
    expect((await points(havana, 3)).map(([at]) => at)).toEqual([
      '2024-11-02T04:00:00.000Z', '2024-11-03T04:00:00.000Z', '2024-11-04T05:00:00.000Z', '2024-11-04T12:00:00.000Z',
    ]);
  });

  it('ends with what there is now', async () => {
    await spend(2);
    expect((await points(h, 2)).at(-1)).toEqual(['2024-05-01T12:00:00.000Z', 3]);
  });
});
