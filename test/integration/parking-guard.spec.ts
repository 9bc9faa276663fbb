import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DayGuardRepository, type GuardSubject } from '../../src/features/parking/guard/day-guard.repository.js';
import { dayMasksOf, QUARTER_MS, QUARTERS_A_DAY } from '../../src/features/parking/guard/day-masks.rules.js';
import type { Span } from '../../src/features/parking/parking.types.js';
import type { Tx } from '../../src/platform/database/transactions.js';
import { openParking, type Parking } from '../support/parking.js';

const guard = new DayGuardRepository();
const FIRST = Date.parse('2026-03-28T00:00:00Z');
const DAYS = ['2026-03-28', '2026-03-29', '2026-03-30', '2026-03-31'];
const QUARTERS = DAYS.length * QUARTERS_A_DAY;

let parking: Parking;
const ids: Record<GuardSubject, string[]> = { spot: [], vehicle: [] };

beforeAll(async () => {
  parking = await openParking();
  const [garage, mia] = [await parking.garage(), await parking.given.member()];
  ids.spot = (await parking.spots(garage.id, 3)).map(({ id }) => id);
  for (let count = 0; count < 3; count += 1) ids.vehicle.push((await parking.vehicle(mia)).id);
});
beforeEach(() =>
  run(async (tx) => {
    await tx.write('DELETE FROM spot_day');
    await tx.write('DELETE FROM vehicle_day');
  }),
);
afterAll(() => parking.close());

const run = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => parking.transactions.run(work);
const spanOf = (from: number, to: number): Span => ({ startsAt: new Date(FIRST + from * QUARTER_MS), endsAt: new Date(FIRST + to * QUARTER_MS) });
const masksOf = (from: number, to: number) => dayMasksOf(spanOf(from, to));
const prepare = (subject: GuardSubject, days = DAYS) => run((tx) => guard.insertMissing(tx, subject, ids[subject], days));

/** Quarter-hours that are taken, by number from the first midnight, as the database says without the repository. */
async function taken(subject: GuardSubject, id: string): Promise<number[]> {
  const rows = await parking.database.rows<{ day: string; lo: string; hi: string }>(`SELECT DATE_FORMAT(day, '%Y-%m-%d') AS day, BIN(lo) AS lo, BIN(hi) AS hi FROM ${subject}_day WHERE ${subject}_id = ? ORDER BY day`, [id]);
  const places = (bits: string, start: number) => [...bits].reverse().flatMap((bit, place) => (bit === '1' ? [start + place] : []));
  return rows.flatMap(({ day, lo, hi }) => [...places(lo, DAYS.indexOf(day) * 96), ...places(hi, DAYS.indexOf(day) * 96 + 48)]);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('taking', () => {
  it.each<GuardSubject>(['spot', 'vehicle'])('takes the quarter-hours of a %s once', async (subject) => {
    await prepare(subject);
    const [id] = ids[subject] as [string];
    // From the last quarter-hour of a day over all of the next to the first of the one after, and both sides of noon.
    expect(await run((tx) => guard.take(tx, subject, id, masksOf(95, 193)))).toBe(true);
    expect(await taken(subject, id)).toEqual(range(95, 193));
    for (const [from, to] of [[95, 96], [192, 193], [143, 145], [0, 384]] as const) expect(await run((tx) => guard.take(tx, subject, id, masksOf(from, to)))).toBe(false);
    expect(await taken(subject, id)).toEqual(range(95, 193));
    expect(await run((tx) => guard.take(tx, subject, id, masksOf(94, 95)))).toBe(true);
    expect(await run((tx) => guard.take(tx, subject, id, masksOf(193, 194)))).toBe(true);
    expect(await taken(subject, ids[subject][1]!)).toEqual([]);
  });

  it('of which a later day is taken undoes the earlier ones, and leaves what else its transaction wrote', async () => {
    await prepare('spot');
    const [mine, other] = ids.spot as [string, string];
    await run((tx) => guard.take(tx, 'spot', mine, masksOf(200, 201)));
    await run(async (tx) => {
      expect(await guard.take(tx, 'spot', other, masksOf(0, 1))).toBe(true);
      expect(await guard.take(tx, 'spot', mine, masksOf(90, 290))).toBe(false);
      expect(await guard.take(tx, 'spot', other, masksOf(90, 290))).toBe(true);
    });
    expect(await taken('spot', mine)).toEqual([200]);
    expect(await taken('spot', other)).toEqual([0, ...range(90, 290)]);
  });

  it('is refused where a day has no row', async () => {
    await prepare('spot', DAYS.slice(0, 2));
    expect(await run((tx) => guard.take(tx, 'spot', ids.spot[0]!, masksOf(190, 193)))).toBe(false);
    expect(await taken('spot', ids.spot[0]!)).toEqual([]);
  });

  it('of one quarter-hour by 50 at once is done by one', async () => {
    await prepare('spot');
    const done = await Promise.all(range(0, 50).map((who) => run((tx) => guard.take(tx, 'spot', ids.spot[0]!, who % 2 === 0 ? masksOf(60, 61) : masksOf(60, 161)))));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect([[60], range(60, 161)]).toContainEqual(await taken('spot', ids.spot[0]!));
  });

  it('by many at once of spans that touch gives each quarter-hour to one', async () => {
    await prepare('spot');
    const spans = range(0, 60).map((who) => [who * 3, who * 3 + 4 + (who % 5)] as const);
    const done = await Promise.all(spans.map(([from, to]) => run((tx) => guard.take(tx, 'spot', ids.spot[0]!, masksOf(from, to)))));
    const won = spans.filter((_, at) => done[at]).flatMap(([from, to]) => range(from, to));
    expect(new Set(won).size).toBe(won.length);
    expect(await taken('spot', ids.spot[0]!)).toEqual(won.sort((one, other) => one - other));
  });
});

describe('rows', () => {
  it('that exist are left as they are', async () => {
    await prepare('spot');
    await run((tx) => guard.take(tx, 'spot', ids.spot[0]!, masksOf(0, 5)));
    await Promise.all(range(0, 8).map(() => prepare('spot', [...DAYS, '2026-04-01'])));
    expect(await taken('spot', ids.spot[0]!)).toEqual(range(0, 5));
  });

  it('of old days on which nothing is left can be removed', async () => {
    await prepare('spot');
    await run((tx) => guard.take(tx, 'spot', ids.spot[0]!, masksOf(0, 1)));
    expect(await run((tx) => guard.deleteBefore(tx, 'spot', DAYS[2]!, 1_000))).toBe(5);
    expect(await taken('spot', ids.spot[0]!)).toEqual([0]);
    expect((await parking.database.rows<{ count: number }>('SELECT COUNT(*) AS count FROM spot_day'))[0]!.count).toBe(7);
  });
});

const act = fc.record({ do: fc.constantFrom('take', 'take', 'take', 'clear', 'cover'), who: fc.nat(2), from: fc.nat(QUARTERS - 1), length: fc.integer({ min: 1, max: 200 }) });

it.each<GuardSubject>(['spot', 'vehicle'])('does with the days of a %s what a list of quarter-hours would', async (subject) => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40, size: 'max' }), async (acts) => {
      await run(async (tx) => void (await tx.write(`DELETE FROM ${subject}_day`)));
      await prepare(subject);
      const model = ids[subject].map(() => new Set<number>());
      for (const { do: what, who, from, length } of acts) {
        const to = Math.min(QUARTERS, from + length);
        const [own, id, masks, quarters] = [model[who]!, ids[subject][who]!, masksOf(from, to), range(from, to)];
        if (what === 'take') {
          const isFree = quarters.every((quarter) => !own.has(quarter));
          expect(await run((tx) => guard.take(tx, subject, id, masks))).toBe(isFree);
          if (isFree) quarters.forEach((quarter) => own.add(quarter));
        } else if (what === 'clear') {
          await run((tx) => guard.clear(tx, subject, id, masks));
          quarters.forEach((quarter) => own.delete(quarter));
        } else {
          await run((tx) => guard.cover(tx, subject, [id, ids[subject][0]!], masks));
          quarters.forEach((quarter) => own.add(quarter) && model[0]!.add(quarter));
        }
      }
      const listed = await guard.list(parking.database, subject, ids[subject], DAYS[0]!, DAYS.at(-1)!);
      for (const [who, own] of model.entries()) {
        const expected = [...own].sort((one, other) => one - other);
        expect(await taken(subject, ids[subject][who]!)).toEqual(expected);
        const bits = (mask: bigint, start: number) => range(0, 48).filter((place) => (mask >> BigInt(place)) % 2n === 1n).map((place) => start + place);
        const masks = listed.get(ids[subject][who]!)!;
        expect(masks.flatMap(({ day, lo, hi }) => [...bits(lo, DAYS.indexOf(day) * 96), ...bits(hi, DAYS.indexOf(day) * 96 + 48)])).toEqual(expected);
        expect(masks.every(({ lo, hi }) => lo > 0n || hi > 0n)).toBe(true);
      }
    }),
    { numRuns: 25 },
  );
});
