import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QUARTER_MS } from '../guard/day-masks.rules.js';
import type { Spot } from '../parking.types.js';
import { LOOKED_AHEAD_MS, nextFreeOf } from './alternatives.rules.js';
import { timesOf } from './free-time.rules.js';

const NOW = new Date('2026-05-01T08:05:00Z');
const START = Date.parse('2026-05-01T10:00:00Z');
const at = (quarter: number) => new Date(START + quarter * QUARTER_MS);
const LAST = LOOKED_AHEAD_MS / QUARTER_MS;
const spotOf = (id: string, activeTo: Date | null = null): Spot => ({ id, garageId: 'g', label: id, size: 'regular', features: [], ord: 0, activeFrom: new Date(0), activeTo });

/** The number of the first quarter-hour after the wished one, for a stay of `length` quarter-hours. */
function next(length: number, taken: readonly (readonly [spot: string, from: number, to: number])[], { spots = [spotOf('a'), spotOf('b')], maxAdvanceDays = 90 } = {}): number | undefined {
  const wish = { startsAt: at(0), endsAt: at(length) };
  const stays = taken.map(([spotId, from, to]) => ({ spotId, startsAt: at(from), endsAt: at(to) }));
  const found = nextFreeOf(timesOf({ spots, stays }, { startsAt: at(0), endsAt: at(LAST + length) }), wish, maxAdvanceDays, NOW);
  if (found === undefined) return undefined;
  expect(found.endsAt.getTime() - found.startsAt.getTime()).toBe(length * QUARTER_MS);
  return (found.startsAt.getTime() - START) / QUARTER_MS;
}

describe('the next free time', () => {
  it.each<[string, number | undefined, number | undefined]>([
    ['begins as soon as a spot is free for long enough', next(4, [['a', 0, 6], ['a', 9, 20], ['b', 0, 7]]), 7],
    ['skips gaps that are too short', next(4, [['a', 0, 6], ['a', 9, 20], ['b', 0, 30]]), 20],
    ['is later than what was wished, even were that free by now', next(4, []), 1],
    ['is none without spots', next(4, [], { spots: [] }), undefined],
    ['is none when nothing is free for 14 days', next(4, [['a', 0, 9_000], ['b', 0, 9_000]]), undefined],
    ['may be 14 days later', next(4, [['a', 0, LAST], ['b', 0, 9_000]]), LAST],
    ['is at most 14 days later', next(4, [['a', 0, LAST + 1], ['b', 0, 9_000]]), undefined],
    ['is not later than the garage takes reservations', next(4, [['a', 0, 2 * 96], ['b', 0, 9_000]], { maxAdvanceDays: 2 }), undefined],
    ['may be as late as it does', next(4, [['a', 0, 2 * 96 - 8], ['b', 0, 9_000]], { maxAdvanceDays: 2 }), 2 * 96 - 8],
    ['is not on a spot that goes out of use meanwhile', next(4, [['a', 0, 6], ['b', 0, 30]], { spots: [spotOf('a', at(9)), spotOf('b')] }), 30],
  ])('%s', (_name, found, expected) => expect(found).toBe(expected));

  it('is what comes out of trying one after the other', () => {
    const stretch = fc.tuple(fc.constantFrom('a', 'b'), fc.nat(40), fc.integer({ min: 1, max: 20 })).map(([spot, from, length]) => [spot, from, from + length] as const);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(stretch, { maxLength: 10 }), (length, taken) => {
        const isFree = (spot: string, start: number) => taken.every(([other, from, to]) => other !== spot || to <= start || from >= start + length);
        let expected = 1;
        while (!isFree('a', expected) && !isFree('b', expected)) expected += 1;
        expect(next(length, taken)).toBe(expected);
      }),
    );
  });
});
