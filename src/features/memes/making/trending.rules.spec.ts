import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { trendOf, withLike } from './trending.rules.js';

const EPOCH = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const after = (hours: number): Date => new Date(EPOCH + hours * HOUR);
/** Ten years before and after the epoch, to the millisecond. */
const time = fc.integer({ min: -87_600 * HOUR, max: 87_600 * HOUR }).map((ms) => new Date(EPOCH + ms));

describe('the trend of a meme', () => {
  it.each<[string, Date[], number | null]>([
    ['is none without likes', [], null],
    ['is 0 for one like at the epoch', [after(0)], 0],
    ['is one more for each 48 hours that a like is later', [after(48)], 1],
    ['is one more for twice the likes', [after(48), after(48)], 2],
    ['weighs a like half that is 48 hours older', [after(0), after(0), after(48)], 2],
    ['is below zero before the epoch', [after(-96)], -2],
  ])('%s', (_, times, expected) => expect(trendOf(times)).toBe(expected));

  it('of new likes beats that of more old ones', () => {
    expect(trendOf([after(100)])).toBeGreaterThan(trendOf([after(0), after(1), after(2)])!);
    expect(trendOf([after(100)])).toBeLessThan(trendOf([after(52), after(53), after(54)])!);
  });

  it('is that of the decayed sum, whenever one looks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1 }), fc.integer({ min: 2_000, max: 4_000 }), (hours, now) => {
        const decayed = hours.reduce((sum, hour) => sum + 0.5 ** ((now - hour) / 48), 0);
        expect(trendOf(hours.map(after))! - now / 48).toBeCloseTo(Math.log2(decayed), 9);
      }),
    );
  });

  it('does not drift as likes come one by one, in any order', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 300 }), (times) => {
        expect(times.reduce<number | null>(withLike, null)).toBeCloseTo(trendOf(times)!, 9);
      }),
    );
  });

  it('stays a number over a century of likes', () => {
    const times = Array.from({ length: 1_000 }, (_, n) => after(n * 876));
    expect(trendOf(times)).toBeCloseTo((999 * 876) / 48, 3);
  });
});
