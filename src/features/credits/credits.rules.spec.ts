import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { daysBetween } from '../../platform/clock/calendar.js';
import { accruedAfter, dueDays, fellTo, MAX_BALANCE, requirePositive, unitOf } from './credits.rules.js';

describe('accrual', () => {
  it.each([
    { posted: 5, days: 1, perDay: 1, cap: null, after: 6, what: 'one a day' },
    { posted: 5, days: 3, perDay: 1, cap: null, after: 8, what: 'three nights asleep' },
    { posted: 5, days: 3, perDay: 0, cap: null, after: 5, what: 'nothing a day' },
    { posted: 9, days: 3, perDay: 1, cap: 10, after: 10, what: 'stops at the cap' },
    { posted: 9, days: 1, perDay: 4, cap: 10, after: 10, what: 'a last part up to the cap' },
    { posted: 10, days: 9, perDay: 1, cap: 10, after: 10, what: 'at the cap' },
    { posted: 25, days: 9, perDay: 1, cap: 10, after: 25, what: 'the cap never cuts' },
    { posted: 0, days: 9, perDay: 1, cap: 0, after: 0, what: 'a cap of nothing' },
    { posted: MAX_BALANCE - 1, days: 9, perDay: 1, cap: null, after: MAX_BALANCE, what: 'stops where numbers are no longer exact' },
  ])('$what: $posted becomes $after', ({ posted, days, perDay, cap, after }) => {
    expect(accruedAfter(posted, days, { perDay, cap })).toBe(after);
  });

  it('is the same day by day as in one go, and never takes anything away', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(30), fc.nat(5), fc.option(fc.nat(60)), (posted, days, perDay, cap) => {
        const rule = { perDay, cap };
        let daily = posted;
        for (let day = 0; day < days; day += 1) daily = accruedAfter(daily, 1, rule);
        expect(accruedAfter(posted, days, rule)).toBe(daily);
        expect(daily).toBeGreaterThanOrEqual(posted);
      }),
    );
  });
});

describe('due days', () => {
  it('has one for each date after the settled one, at its first instant', () => {
    expect(dueDays('2024-11-01', '2024-11-04', 'America/Havana')).toEqual([
      [
        { date: '2024-11-02', firstInstant: new Date('2024-11-02T04:00:00Z') },
        { date: '2024-11-03', firstInstant: new Date('2024-11-03T04:00:00Z') },
        { date: '2024-11-04', firstInstant: new Date('2024-11-04T05:00:00Z') },
      ],
    ]);
  });

  it('counts a date that the zone skipped', () => {
    expect(dueDays('2011-12-29', '2011-12-31', 'Pacific/Apia').flat().map(({ date }) => date)).toEqual(['2011-12-30', '2011-12-31']);
  });

  it('is empty when settled, and when the clock stands before the settled day', () => {
    expect(dueDays('2024-05-01', '2024-05-01', 'UTC')).toEqual([]);
    expect(dueDays('2024-05-02', '2024-05-01', 'UTC')).toEqual([]);
  });

  it('comes in batches that leave nothing out', () => {
    const batches = dueDays('2020-01-01', '2023-01-01', 'UTC');
    expect(batches.map((batch) => batch.length)).toEqual([366, 366, 364]);
    expect(batches.flat()).toHaveLength(daysBetween('2020-01-01', '2023-01-01'));
  });
});

it('credits are low on the way down only', () => {
  expect(fellTo(1, 2, 1)).toBe(true);
  expect(fellTo(1, 5, 0)).toBe(true);
  expect(fellTo(1, 1, 0)).toBe(false);
  expect(fellTo(1, 0, 1)).toBe(false);
  expect(fellTo(1, 3, 2)).toBe(false);
});

it('members hold credits and API tokens hold calls', () => {
  expect(unitOf('member')).toBe('credit');
  expect(unitOf('api_token')).toBe('call');
});

it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 53])('an amount of %p is refused', (amount) => {
  expect(() => requirePositive(amount)).toThrow(RangeError);
});
