import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayMasksOf, QUARTER_MS, utcDayOf } from '../guard/day-masks.rules.js';
import { SIZES, type Size, type Span, type Spot } from '../parking.types.js';
import { countFree, countFreeAt, timesOf, type InGarage, type OnSpot } from './free-time.rules.js';

const START = Date.parse('2026-05-01T20:00:00Z');
const QUARTERS = 60;
const at = (quarter: number) => new Date(START + quarter * QUARTER_MS);
const WHOLE: Span = { startsAt: at(0), endsAt: at(QUARTERS) };
const spotOf = (id: string, more: Partial<Spot> = {}): Spot => ({ id, garageId: 'g', label: id, size: 'regular', features: [], ord: 0, activeFrom: new Date(0), activeTo: null, ...more });
const onSpot = (spotId: string, from: number, to: number): OnSpot => ({ spotId, startsAt: at(from), endsAt: at(to) });
const inGarage = (garageId: string, spotId: string | null, from: number, to: number): InGarage => ({ garageId, spotId, startsAt: at(from), endsAt: at(to) });
const masksOf = (...taken: readonly OnSpot[]) => new Map(taken.map((one) => [one.spotId, dayMasksOf(one)]));
const places = Array.from({ length: QUARTERS + 1 }, (_, quarter) => at(quarter));
const freeQuarters = (...[taken, span = WHOLE]: [Parameters<typeof timesOf>[0], Span?]) =>
  countFree(timesOf(taken, span), places).map(({ regular }, quarter) => (regular > 0 ? quarter : -1)).filter((quarter) => quarter >= 0);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('when spots are free', () => {
  const spots = [spotOf('a')];

  it('is when the guard has nothing', () => {
    expect(freeQuarters({ spots, masks: masksOf(onSpot('a', 4, 50)) })).toEqual([...range(0, 4), ...range(50, 60)]);
    expect(freeQuarters({ spots })).toEqual(range(0, 60));
  });

  it('is also when what the guard has is over', () => {
    const masks = masksOf(onSpot('a', -10, 50));
    expect(freeQuarters({ spots, masks, lapsed: [onSpot('a', -10, 20), onSpot('b', 20, 50)] })).toEqual([...range(0, 20), ...range(50, 60)]);
  });

  it('is not under a blackout that was laid over what is over', () => {
    const masks = masksOf(onSpot('a', 10, 50));
    expect(freeQuarters({ spots, masks, lapsed: [onSpot('a', 10, 50)], blackouts: [inGarage('g', 'a', 5, 20)] })).toEqual([...range(0, 5), ...range(20, 60)]);
    expect(freeQuarters({ spots, masks, lapsed: [onSpot('a', 10, 50)], blackouts: [inGarage('g', null, 5, 20), inGarage('h', null, 20, 60), inGarage('g', 'b', 20, 60)] }))
      .toEqual([...range(0, 5), ...range(20, 60)]);
  });

  it('is not while the spot is out of use', () => {
    expect(freeQuarters({ spots: [spotOf('a', { activeTo: at(7) })] })).toEqual(range(0, 7));
    expect(freeQuarters({ spots: [spotOf('a', { activeFrom: at(7) })] })).toEqual(range(7, 60));
    expect(freeQuarters({ spots: [spotOf('a', { activeTo: at(-200) })] })).toEqual([]);
    expect(freeQuarters({ spots: [spotOf('a', { activeTo: at(500) })] })).toEqual(range(0, 60));
  });

  it('is not during stays, whatever part of them is in the span', () => {
    expect(freeQuarters({ spots, stays: [onSpot('a', -500, 3), onSpot('a', 50, 900)] })).toEqual(range(3, 50));
  });
});

describe('how many spots are free', () => {
  it('counts by size those that are free for all of a step', () => {
    const spots = [spotOf('c', { size: 'compact' }), spotOf('r'), spotOf('s'), spotOf('l', { size: 'large' })];
    const times = timesOf({ spots, stays: [onSpot('r', 3, 4), onSpot('l', 0, 60)] }, WHOLE);
    const free = (regular: number) => ({ compact: 1, regular, large: 0 });
    expect(countFree(times, [at(0), at(3), at(4), at(60)])).toEqual([free(2), free(1), free(2)]);
    expect(countFreeAt(times, { startsAt: at(2), endsAt: at(5) })).toEqual(free(1));
    expect(countFree([], [at(0), at(1)])).toEqual([{ compact: 0, regular: 0, large: 0 }]);
  });

  it('is what comes out of asking each spot about each quarter-hour', () => {
    const stretch = fc.tuple(fc.nat(QUARTERS - 1), fc.integer({ min: 1, max: 12 })).map(([from, length]) => [from, Math.min(QUARTERS, from + length)] as const);
    const stay = fc.record({ spot: fc.nat(4), time: stretch });
    const edges = fc.uniqueArray(fc.nat(QUARTERS), { minLength: 2, maxLength: 10 }).map((all) => all.sort((one, other) => one - other));
    const five = fc.array(fc.constantFrom<Size>(...SIZES), { minLength: 5, maxLength: 5 });
    const stays = (maxLength: number) => fc.array(stay, { maxLength });
    fc.assert(
      fc.property(five, stays(12), stays(4), stays(3), edges, (sizes, kept, over, black, cuts) => {
        const spots = sizes.map((size, index) => spotOf(`s${index}`, { size, activeTo: index === 4 ? at(40) : null }));
        const bits = spots.map(() => new Set<number>());
        for (const { spot, time: [from, to] } of kept) for (let quarter = from; quarter < to; quarter += 1) bits[spot]!.add(quarter);
        const masks = new Map(spots.map(({ id }, index) => [id, [...bits[index]!].flatMap((quarter) => dayMasksOf({ startsAt: at(quarter), endsAt: at(quarter + 1) }))]));
        for (const { spot, time: [from, to] } of over) for (let quarter = from; quarter < to; quarter += 1) bits[spot]!.delete(quarter);
        for (const { spot, time: [from, to] } of black) for (let quarter = from; quarter < to; quarter += 1) bits[spot]!.add(quarter);
        const lapsed = over.map(({ spot, time }) => onSpot(`s${spot}`, ...time));
        const blackouts = black.map(({ spot, time }) => inGarage('g', `s${spot}`, ...time));
        const times = timesOf({ spots, masks, lapsed, blackouts }, WHOLE);
        const isFree = (spot: number, quarter: number) => !bits[spot]!.has(quarter) && (spot !== 4 || quarter < 40);
        const expected = cuts.slice(1).map((to, index) => {
          const free = spots.filter((_, which) => range(cuts[index]!, to).every((quarter) => isFree(which, quarter)));
          return Object.fromEntries(SIZES.map((size) => [size, free.filter((spot) => spot.size === size).length]));
        });
        expect(countFree(times, cuts.map(at))).toEqual(expected);
      }),
    );
  });

  it('knows days that the masks name in any order', () => {
    const masks = new Map([['a', [...dayMasksOf({ startsAt: at(0), endsAt: at(40) })].reverse()]]);
    expect(utcDayOf(at(0))).not.toBe(utcDayOf(at(39)));
    expect(freeQuarters({ spots: [spotOf('a')], masks })).toEqual(range(40, 60));
  });
});
