import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AccountOwner } from '../../src/features/credits/index.js';
import { addDays, firstInstantOf } from '../../src/platform/clock/calendar.js';
import { newId } from '../../src/platform/database/columns.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;

beforeAll(async () => {
  h = await openCredits();
});
beforeEach(async () => {
  await h.db.truncate();
  h.clock.set('2024-05-01T12:00:00Z');
  h.realtime.connected = [];
  h.realtime.take();
});
afterAll(() => h.db.close());

const right = async () => expect((await h.reconciliation.check()).violations).toEqual([]);
const days = async (harness: CreditsHarness, owner: AccountOwner) =>
  (await harness.book(owner)).filter(({ kind }) => kind === 'accrual').map(({ effectiveAt }) => effectiveAt.toISOString());

describe('at midnight', () => {
  it('each member gains one credit, by the sweep', async () => {
    const members = [await h.open(), await h.open(), await h.open()];
    const token = await h.open('api_token');
    expect(await h.credits.accrue()).toEqual({ localDate: '2024-05-01', granted: 0, members: 0 });
    h.clock.set('2024-05-02T00:00:00Z');
    expect(await h.credits.accrue()).toEqual({ localDate: '2024-05-02', granted: 3, members: 3 });
    expect(await h.credits.accrue()).toEqual({ localDate: '2024-05-02', granted: 0, members: 0 });
    for (const owner of members) {
      expect(await h.account(owner)).toMatchObject({ posted: 6, seq: 2, version: 2, lastAccrualDate: '2024-05-02' });
      expect((await h.book(owner))[1]).toMatchObject({
        kind: 'accrual', amount: 1, balanceAfter: 6, counter: 'issue', effectiveAt: new Date('2024-05-02T00:00:00Z'), actorId: null, reason: null,
      });
    }
    expect(await h.account(token)).toMatchObject({ posted: 0, version: 1, lastAccrualDate: null });
    await right();
  });

  it('nothing comes a millisecond early', async () => {
    const owner = await h.open();
    h.clock.set('2024-05-01T23:59:59.999Z');
    expect(await h.credits.balance(owner)).toMatchObject({ posted: 5, nextAccrualAt: new Date('2024-05-02T00:00:00Z') });
    h.clock.set('2024-05-02T00:00:00Z');
    expect(await h.credits.balance(owner)).toMatchObject({ posted: 6, nextAccrualAt: new Date('2024-05-03T00:00:00Z') });
  });

  it('a server that slept three nights catches all three up, one entry each', async () => {
    const owner = await h.open();
    h.clock.set('2024-05-04T08:00:00Z');
    expect(await h.credits.accrue()).toEqual({ localDate: '2024-05-04', granted: 3, members: 1 });
    expect(await days(h, owner)).toEqual(['2024-05-02T00:00:00.000Z', '2024-05-03T00:00:00.000Z', '2024-05-04T00:00:00.000Z']);
    expect((await h.book(owner)).map(({ balanceAfter }) => balanceAfter)).toEqual([5, 6, 7, 8]);
    await right();
  });

  it('three years asleep come back year by year', async () => {
    const [swept, touched] = [await h.open(), await h.open()];
    h.clock.set('2027-05-01T12:00:00Z');
    expect(await h.credits.balance(touched)).toMatchObject({ posted: 5 + 1095, seq: 1 + 1095 });
    expect(await h.credits.accrue()).toMatchObject({ granted: 1095, members: 1 });
    expect(await days(h, swept)).toEqual(await days(h, touched));
    await right();
  });

  it('a clock that goes back takes nothing away and gives nothing twice', async () => {
    const owner = await h.open();
    h.clock.set('2024-05-03T12:00:00Z');
    await h.credits.accrue();
    h.clock.set('2024-05-02T12:00:00Z');
    await h.credits.accrue();
    h.clock.set('2024-05-03T13:00:00Z');
    await h.credits.accrue();
    expect(await h.credits.balance(owner)).toMatchObject({ posted: 7, seq: 3 });
  });

  it('only whoever has not been given the day is given it', async () => {
    const early = await h.open();
    const members = [early, await h.open(), await h.open()];
    h.clock.set('2024-05-02T06:00:00Z');
    await h.credits.balance(early);
    expect(await h.credits.accrue()).toEqual({ localDate: '2024-05-02', granted: 2, members: 2 });
    for (const owner of members) expect(await days(h, owner)).toHaveLength(1);
  });

  it('more members than one chunk takes are all given theirs', async () => {
    await h.openMany(2101);
    h.clock.set('2024-05-03T12:00:00Z');
    expect(await h.credits.accrue()).toEqual({ localDate: '2024-05-03', granted: 4202, members: 2101 });
    await right();
  });
});

describe('a touch gives the day', () => {
  const ref = () => ({ refType: 'test', refId: newId() });
  const doors: [string, (owner: AccountOwner, other: AccountOwner) => Promise<unknown>, number][] = [
    ['reading the balance', (owner) => h.credits.balance(owner), 8],
    ['reading many balances', (owner) => h.credits.balances([owner.id]), 8],
    ['reading the entries', (owner) => h.entries.list(owner, { limit: 1 }), 8],
    ['holding', (owner) => h.run((tx) => h.credits.hold(tx, owner, { amount: 8, holdSeconds: 60, ...ref() })), 8],
    ['spending', (owner) => h.run((tx) => h.credits.spend(tx, owner, { amount: 8, ...ref() })), 0],
    ['buying', (owner) => h.run((tx) => h.credits.purchase(tx, owner, { amount: 1, ...ref() })), 9],
    ['sending', (owner, other) => h.run((tx) => h.credits.transfer(tx, owner.id, other.id, 8)), 0],
    ['receiving', (owner, other) => h.run((tx) => h.credits.transfer(tx, other.id, owner.id, 8)), 16],
    ['being adjusted', (owner) => h.run((tx) => h.credits.adjust(tx, owner.id, { amount: -8, reason: 'all of it', actorId: newId() })), 0],
  ];

  it.each(doors)('%s', async (_, door, posted) => {
    const [owner, other] = [await h.open(), await h.open()];
    h.clock.set('2024-05-04T12:00:00Z');
    await door(owner, other);
    expect(await h.account(owner)).toMatchObject({ posted, lastAccrualDate: '2024-05-04' });
    expect((await h.book(owner)).slice(1, 4).map(({ kind }) => kind)).toEqual(['accrual', 'accrual', 'accrual']);
    await right();
  });

  it.each(['capture', 'release'] as const)('%s of a hold', async (way) => {
    const owner = await h.open();
    const { id } = await h.run((tx) => h.credits.hold(tx, owner, { amount: 2, holdSeconds: 600, ...ref() }));
    h.clock.set('2024-05-02T12:00:00Z');
    await h.run((tx): Promise<unknown> => h.credits[way](tx, id));
    expect((await h.book(owner)).map(({ kind }) => kind)).toEqual(['signup', 'accrual', ...(way === 'capture' ? ['capture'] : [])]);
  });

  it('a refusal knows what the day brought', async () => {
    const owner = await h.open();
    h.clock.set('2024-05-02T12:00:00Z');
    await expect(h.run((tx) => h.credits.spend(tx, owner, { amount: 7, ...ref() }))).rejects.toMatchObject({
      details: { available: 6, required: 7, nextAccrualAt: '2024-05-03T00:00:00.000Z' },
    });
  });

  it('once, however many touch at the same time', async () => {
    const owners = [await h.open(), await h.open(), await h.open()];
    h.clock.set('2024-05-03T12:00:00Z');
    const touches = Array.from({ length: 30 }, (_, i) => h.credits.balance(owners[i % 3]!));
    await Promise.all([...touches, h.credits.accrue(), h.credits.accrue()]);
    for (const owner of owners) expect(await h.account(owner)).toMatchObject({ posted: 7, seq: 3, version: 2 });
    await right();
  });
});

describe('the settings', () => {
  it('a cap stops the growth, cuts nothing, and a day at the cap is spent', async () => {
    const capped = h.with({ CREDITS_CAP: '7', CREDITS_PER_DAY: '3' });
    const [low, rich] = [await capped.open(), await capped.open()];
    await capped.run((tx) => capped.credits.purchase(tx, rich, { amount: 20, refType: 'test', refId: newId() }));
    capped.clock.set('2024-05-05T12:00:00Z');
    expect(await capped.credits.accrue()).toEqual({ localDate: '2024-05-05', granted: 2, members: 1 });
    expect(await capped.credits.balance(low)).toMatchObject({ posted: 7, seq: 2, version: 2, nextAccrualAt: null, cap: 7, perDay: 3 });
    expect(await capped.credits.balance(rich)).toMatchObject({ posted: 25, seq: 2, version: 2, nextAccrualAt: null });
    await capped.run((tx) => capped.credits.spend(tx, low, { amount: 5, refType: 'test', refId: newId() }));
    await capped.credits.accrue();
    expect(await capped.credits.balance(low)).toMatchObject({ posted: 2, nextAccrualAt: new Date('2024-05-06T00:00:00Z') });
    capped.clock.set('2024-05-07T12:00:00Z');
    await capped.credits.accrue();
    expect((await capped.book(low)).map(({ amount }) => amount)).toEqual([5, 2, -5, 3, 2]);
    await right();
  });

  it('nothing a day gives nothing, and what was not given is not owed', async () => {
    const frozen = h.with({ CREDITS_PER_DAY: '0' });
    const [swept, touched] = [await frozen.open(), await frozen.open()];
    frozen.clock.set('2024-05-05T12:00:00Z');
    expect(await frozen.credits.balance(touched)).toMatchObject({ posted: 5, version: 1, perDay: 0, nextAccrualAt: null });
    expect(await frozen.credits.accrue()).toEqual({ localDate: '2024-05-05', granted: 0, members: 0 });
    const thawed = h.with({}, '2024-05-06T12:00:00Z');
    for (const owner of [swept, touched]) expect(await thawed.credits.balance(owner)).toMatchObject({ posted: 6, seq: 2 });
    await right();
  });

  it.each([
    ['America/Havana', '2024-03-09T18:00:00Z', '2024-03-10', '2024-03-10T05:00:00.000Z'],
    ['America/Havana', '2024-11-02T18:00:00Z', '2024-11-03', '2024-11-03T04:00:00.000Z'],
    ['Africa/Cairo', '2024-04-25T10:00:00Z', '2024-04-26', '2024-04-25T22:00:00.000Z'],
    ['Asia/Kathmandu', '2024-04-30T10:00:00Z', '2024-05-01', '2024-04-30T18:15:00.000Z'],
  ])('in %s the day after %s begins once, at its first instant', async (zone, noon, date, first) => {
    const local = h.with({ COMMUNITY_TIMEZONE: zone }, noon);
    const owner = await local.open();
    const instant = new Date(first);
    local.clock.set(new Date(instant.getTime() - 1));
    expect(await local.credits.balance(owner)).toMatchObject({ posted: 5, nextAccrualAt: instant, timeZone: zone });
    local.clock.set(instant);
    expect(await local.credits.accrue()).toEqual({ localDate: date, granted: 1, members: 1 });
    // The hours after it, over any second midnight of the same date.
    for (let hour = 1; hour <= 20; hour += 1) {
      local.clock.set(new Date(instant.getTime() + hour * 3_600_000));
      await local.credits.accrue();
    }
    expect(await days(local, owner)).toEqual([first]);
  });

  it('a date that the zone skipped counts by date difference', async () => {
    const apia = h.with({ COMMUNITY_TIMEZONE: 'Pacific/Apia' }, '2011-12-29T22:00:00Z');
    const owner = await apia.open();
    expect(await apia.account(owner)).toMatchObject({ lastAccrualDate: '2011-12-29' });
    apia.clock.set('2011-12-30T10:00:00Z');
    expect(await apia.credits.accrue()).toEqual({ localDate: '2011-12-31', granted: 2, members: 1 });
    expect(await days(apia, owner)).toEqual(['2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z']);
    await right();
  });
});

it('sweeping every midnight, only touching, and any mix give the same books, entry for entry', async () => {
  type Step = { spend: number; buy: number; sweeps: boolean; touches: boolean };
  const step = fc.record({ spend: fc.nat(4), buy: fc.nat(3), sweeps: fc.boolean(), touches: fc.boolean() });
  const history = fc.array(step, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(history, fc.constantFrom({}, { CREDITS_CAP: '6' }, { CREDITS_PER_DAY: '3', CREDITS_CAP: '10' }), async (steps, settings) => {
      const live = async (sweeps: (step: Step) => boolean, touches: (step: Step) => boolean) => {
        await h.db.truncate();
        const world = h.with({ COMMUNITY_TIMEZONE: 'America/Havana', ...settings }, '2024-10-31T16:00:00Z');
        const owner = await world.open();
        let date = '2024-10-31';
        for (const today of steps) {
          date = addDays(date, 1);
          world.clock.set(firstInstantOf(date, 'America/Havana'));
          if (sweeps(today)) await world.credits.accrue();
          if (touches(today)) await world.credits.balance(owner);
          const ref = { refType: 'test', refId: date };
          if (today.buy > 0) await world.run((tx) => world.credits.purchase(tx, owner, { amount: today.buy, ...ref }));
          if (today.spend > 0) await world.run((tx) => world.credits.spend(tx, owner, { amount: today.spend, ...ref })).catch(() => undefined);
        }
        await world.credits.balance(owner);
        return (await world.book(owner)).map(({ seq, kind, amount, balanceAfter, effectiveAt, refId }) => ({
          seq, kind, amount, balanceAfter, refId, effectiveAt: kind === 'accrual' ? effectiveAt.toISOString() : null,
        }));
      };
      const swept = await live(() => true, () => false);
      expect(await live(() => false, () => false)).toEqual(swept);
      expect(await live((today) => today.sweeps, (today) => today.touches)).toEqual(swept);
    }),
    { numRuns: 15 },
  );
});

it.each(['INSERT', 'UPDATE'])('an account that is committed into the range just before the %s of a sweep gains nothing without an entry: the chunk is done again', async (moment) => {
  const [first, second] = [await h.open(), await h.open()];
  const ids = [(await h.account(first)).id, (await h.account(second)).id].sort();
  const range = { first: ids[0]!, last: `${ids[1]!.slice(0, -1)}~` };
  h.clock.set('2024-05-02T12:00:00Z');
  const [batch] = h.policy.dueSince('2024-05-01');
  const late: AccountOwner = { kind: 'member', id: newId() };
  let come = false;
  /** A sign-up that began before midnight and commits now, on another connection. */
  const comeLate = async () => {
    come = true;
    await h.db.dataSource.query(
      `INSERT INTO credit_account (id, owner_kind, owner_id, unit, posted, held, seq, version, last_accrual_date)
       VALUES (?, 'member', ?, 'credit', 0, 0, 0, 1, '2024-05-01')`, [`${ids[1]!.slice(0, -1)}}`, late.id],
    );
  };
  const gain = await h.run((tx) =>
    h.accruals.give({
      ...tx,
      write: async (sql, parameters) => {
        if (!come && sql.startsWith(moment)) await comeLate();
        return tx.write(sql, parameters);
      },
    }, range, batch!, h.policy.rule),
  );
  expect(gain).toEqual({ granted: 3, members: 3 });
  for (const owner of [first, second, late]) expect(await h.account(owner)).toMatchObject({ lastAccrualDate: '2024-05-02' });
  expect(await h.book(late)).toMatchObject([{ seq: 1, kind: 'accrual', balanceAfter: 1 }]);
  await right();
});

describe('news of the day', () => {
  it('goes to members who listen in this process when the sweep is through', async () => {
    const [here, away] = [await h.open(), await h.open()];
    h.realtime.connected = [here.id, newId()];
    h.clock.set('2024-05-02T00:00:00Z');
    await h.credits.accrue();
    expect(h.realtime.take()).toEqual([
      { memberId: here.id, event: 'credits.changed', payload: { version: 2, seq: 2, posted: 6, held: 0, available: 6, cause: 'accrual' } },
    ]);
    await h.credits.accrue();
    expect(h.realtime.take()).toEqual([]);
    h.clock.set('2024-05-04T00:00:00Z');
    await h.credits.balance(away);
    expect(h.realtime.take()).toEqual([
      { memberId: away.id, event: 'credits.changed', payload: { version: 3, seq: 4, posted: 8, held: 0, available: 8, cause: 'accrual' } },
    ]);
  });

  it('does not come when nothing was gained', async () => {
    const frozen = h.with({ CREDITS_PER_DAY: '0' });
    const owner = await frozen.open();
    frozen.realtime.connected = [owner.id];
    frozen.clock.set('2024-05-02T00:00:00Z');
    await frozen.credits.accrue();
    await frozen.credits.balance(owner);
    expect(frozen.realtime.take()).toEqual([]);
  });
});

it('a chunk that fails fails the sweep, once the chunks beside it have ended', async () => {
  await h.openMany(2101);
  h.clock.set('2024-05-02T00:00:00Z');
  const broken = h.with({}, '2024-05-02T00:00:00Z');
  const give = broken.accruals.give.bind(broken.accruals);
  let calls = 0;
  let ended = false;
  broken.accruals.give = async (...parameters) => {
    calls += 1;
    if (calls === 1) throw new Error('the disk is full');
    const gain = await give(...parameters);
    ended = true;
    return gain;
  };
  await expect(broken.credits.accrue()).rejects.toThrow('the disk is full');
  expect({ calls, ended }).toEqual({ calls: 2, ended: true });
  // What it left undone is done by the next.
  expect(await h.credits.accrue()).toEqual({ localDate: '2024-05-02', granted: 2000, members: 2000 });
  await right();
});

it('a sweep that is told to stop ends between chunks', async () => {
  await h.open();
  h.clock.set('2024-05-02T00:00:00Z');
  await expect(h.credits.accrue(AbortSignal.abort(new Error('shutting down')))).rejects.toThrow('shutting down');
});
