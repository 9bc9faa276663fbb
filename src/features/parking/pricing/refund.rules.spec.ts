import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CancellationTier } from '../parking.types.js';
import { creditsOf, DEFAULT_TIERS, faultOfTiers, refundOf, tierAt } from './refund.rules.js';

const START = Date.parse('2026-03-29T10:00:00Z');
const tier = (minutesBefore: number, refundPercent: number): CancellationTier => ({ minutesBefore, refundPercent });
const before = (minutes: number, ms = 0) => new Date(START - minutes * 60_000 + ms);

describe('money in credits', () => {
  it.each([
    [0, 100, 0], [1, 100, 1], [100, 100, 1], [101, 100, 2], [188, 1, 188], [Number.MAX_SAFE_INTEGER, 2, 4_503_599_627_370_496],
  ])('%i at %i is %i', (minor, value, credits) => {
    expect(creditsOf(minor, value)).toBe(credits);
  });

  it('are just enough', () => {
    fc.assert(fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 1_000_000 }), (minor, value) => {
      const credits = BigInt(creditsOf(minor, value));
      expect(credits * BigInt(value)).toBeGreaterThanOrEqual(BigInt(minor));
      expect((credits - 1n) * BigInt(value)).toBeLessThan(BigInt(minor));
    }));
  });
});

describe('a refund', () => {
  it.each([
    [0, 100, 0], [999, 100, 999], [999, 0, 0], [1, 50, 1], [1, 49, 0], [101, 50, 51], [333, 33, 110], [150, 33, 50],
    [90_000_000_000_001, 100, 90_000_000_000_001],
  ])('of %i at %i %% is %i', (paid, percent, refund) => {
    expect(refundOf(paid, percent)).toBe(refund);
  });
});

describe('tiers of cancellation', () => {
  const tiers = [tier(60, 50), tier(1440, 100), tier(0, 10)];
  it.each([
    ['long before', tiers, before(100_000), 100, before(1440)],
    ['in the last millisecond of a tier', tiers, before(1440), 100, before(1440)],
    ['a millisecond later', tiers, before(1440, 1), 50, before(60)],
    ['in the last of the next', tiers, before(60), 50, before(60)],
    ['in the last tier', tiers, before(60, 1), 10, before(0)],
    ['at the start', tiers, before(0), 10, before(0)],
    ['after the start', tiers, before(0, 1), 0, null],
    ['by default until the start', DEFAULT_TIERS, before(0), 100, before(0)],
    ['by default after it', DEFAULT_TIERS, before(0, 1), 0, null],
    ['over tiers that give the same', [tier(120, 50), tier(60, 50), tier(30, 20)], before(120), 50, before(60)],
    ['where the rest gives nothing', [tier(120, 50), tier(60, 0), tier(0, 0)], before(180), 50, before(120)],
    ['where nothing comes back any more', [tier(120, 50), tier(60, 0), tier(0, 0)], before(90), 0, null],
    ['without tiers', [], before(90), 0, null],
  ])('%s', (_, given, now, refundPercent, nextTierAt) => {
    expect(tierAt(given, new Date(START), now)).toEqual({ refundPercent, nextTierAt });
  });

  it('give the same up to the next, and less a millisecond after', () => {
    const tables = fc.uniqueArray(fc.tuple(fc.nat(300), fc.nat(100)), { selector: ([minutes]) => minutes }).map((pairs) => {
      const percents = pairs.map(([, percent]) => percent).sort((a, b) => a - b);
      const minutes = pairs.map(([each]) => each).sort((a, b) => a - b);
      return minutes.map((each, index) => tier(each, percents[index]!));
    });
    fc.assert(fc.property(tables, fc.integer({ min: -10, max: 310 }), (given, minutes) => {
      expect(faultOfTiers(given)).toBeUndefined();
      const { refundPercent, nextTierAt } = tierAt(given, new Date(START), before(minutes));
      if (nextTierAt === null) return expect(refundPercent).toBe(0);
      expect(tierAt(given, new Date(START), nextTierAt).refundPercent).toBe(refundPercent);
      expect(tierAt(given, new Date(START), new Date(nextTierAt.getTime() + 1)).refundPercent).toBeLessThan(refundPercent);
    }));
  });

  it.each([
    ['none', []],
    ['those by default', DEFAULT_TIERS],
    ['several in any order', tiers],
    ['two that give the same', [tier(60, 50), tier(0, 50)]],
  ])('may be %s', (_, given) => {
    expect(faultOfTiers(given)).toBeUndefined();
  });

  it.each([
    ['more than all', [tier(0, 101)], 'cancellation.0.refundPercent'],
    ['less than nothing', [tier(0, -1)], 'cancellation.0.refundPercent'],
    ['half a percent', [tier(0, 0.5)], 'cancellation.0.refundPercent'],
    ['a time after the start', [tier(-1, 50)], 'cancellation.0.minutesBefore'],
    ['half a minute', [tier(0.5, 50)], 'cancellation.0.minutesBefore'],
    ['two at a time', [tier(60, 50), tier(0, 10), tier(60, 50)], 'cancellation.2.minutesBefore'],
    ['less for more time', [tier(60, 50), tier(120, 49)], 'cancellation.1.refundPercent'],
    ['more for less time', [tier(120, 49), tier(60, 50)], 'cancellation.1.refundPercent'],
  ])('may not be %s', (_, given, path) => {
    expect(faultOfTiers(given)).toEqual({ path, reason: expect.any(String) });
  });
});
