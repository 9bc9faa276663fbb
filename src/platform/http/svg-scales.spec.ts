import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timeTicks, valueTicks } from './svg-scales.js';

describe('ticks of values', () => {
  it.each([
    [[], [0, 1]],
    [[0, 0], [0, 1]],
    [[1], [0, 1]],
    [[3, 7], [0, 2, 4, 6, 8]],
    [[13], [0, 5, 10, 15]],
    [[0.5], [0, 0.2, 0.4, 0.6000000000000001]],
    [[-3], [-3, -2, -1, 0]],
    [[-10, 30], [-10, 0, 10, 20, 30]],
    [[1_000_003], [0, 500_000, 1_000_000, 1_500_000]],
  ])('around %j are %j', (values, ticks) => expect(valueTicks(values)).toEqual(ticks));

  it('are few, even, of 1, 2 or 5 and a power of ten, and enclose every value', () => {
    const value = fc.double({ min: -1e300, max: 1e300, noNaN: true }).map((given) => (Math.abs(given) < 1e-300 ? 0 : given));
    fc.assert(fc.property(fc.array(fc.oneof(value, fc.integer())), (values) => {
      const ticks = valueTicks(values);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(9);
      expect(ticks).toContain(0);
      const step = ticks[1]! - ticks[0]!;
      // A value that is nothing beside a step may lie outside by that much.
      expect(Math.min(...ticks)).toBeLessThanOrEqual(Math.min(0, ...values) + step * 1e-9);
      expect(Math.max(...ticks)).toBeGreaterThanOrEqual(Math.max(0, ...values) - step * 1e-9);
      expect(['1', '2', '5']).toContain(step.toExponential(6)[0]);
    }));
  });
});

describe('ticks of time', () => {
  const ticks = (from: string, to: string, timeZone: string, leastMs?: number) => timeTicks(new Date(from), new Date(to), timeZone, leastMs);
  const labels = (...given: Parameters<typeof ticks>) => ticks(...given).map(({ label }) => label);

  it.each([
    ['2026-05-03T00:00:00Z', '2026-05-03T00:05:00Z', 'UTC', ['3 May', '00:01', '00:02', '00:03', '00:04', '00:05']],
    ['2026-05-03T00:00:00Z', '2026-05-04T00:00:00Z', 'UTC', ['3 May', '06:00', '12:00', '18:00', '4 May']],
    ['2026-05-03T00:00:00Z', '2026-05-04T00:00:00Z', 'Europe/Berlin', ['3 May, 06:00', '12:00', '18:00', '4 May']],
    ['2026-05-03T00:00:00Z', '2026-05-10T00:00:00Z', 'Asia/Kathmandu', ['4 May', '5 May', '6 May', '7 May', '8 May', '9 May', '10 May']],
    ['2026-05-03T00:00:00Z', '2026-06-03T00:00:00Z', 'UTC', ['3 May', '10 May', '17 May', '24 May', '31 May']],
    ['2026-01-31T00:00:00Z', '2026-08-01T00:00:00Z', 'UTC', ['Feb 2026', 'Mar 2026', 'Apr 2026', 'May 2026', 'Jun 2026', 'Jul 2026', 'Aug 2026']],
    ['1987-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'UTC', ['1990', '2000', '2010', '2020']],
    ['0001-01-02T00:00:00Z', '9999-12-30T00:00:00Z', 'UTC', ['2000', '4000', '6000', '8000']],
  ])('from %s to %s in %s are %j', (from, to, timeZone, expected) => expect(labels(from, to, timeZone)).toEqual(expected));

  it('keep to round local times when the clocks change', () => {
    const spring = ticks('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 'Europe/Berlin');
    expect(spring.map(({ label }) => label)).toEqual(['29 Mar', '06:00', '12:00', '18:00', '30 Mar']);
    expect(spring.map(({ at }) => at.toISOString().slice(11, 16))).toEqual(['23:00', '04:00', '10:00', '16:00', '22:00']);
    // Midnight does not exist there that day: it begins at 01:00.
    expect(ticks('2024-03-10T00:00:00Z', '2024-03-11T12:00:00Z', 'America/Havana').find(({ label }) => label === '10 Mar')!.at.toISOString()).toBe('2024-03-10T05:00:00.000Z');
  });

  it('are no closer than a bar is wide', () => {
    expect(labels('2026-05-03T01:00:00Z', '2026-05-03T02:00:00Z', 'UTC', 3_600_000)).toEqual(['3 May, 01:00', '02:00']);
  });

  it('are few, inside and in order', () => {
    const instant = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(fc.property(instant, instant, fc.constantFrom('UTC', 'America/Havana', 'Pacific/Apia', 'Asia/Kathmandu'), (one, other, timeZone) => {
      const [from, to] = one <= other ? [one, other] : [other, one];
      const times = timeTicks(from, to, timeZone).map(({ at }) => at.getTime());
      expect(times.length).toBeLessThanOrEqual(9);
      expect(times.every((at, index) => at >= from.getTime() && at <= to.getTime() && (index === 0 || at > times[index - 1]!))).toBe(true);
    }));
  });
});
