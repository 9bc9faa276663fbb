import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { WEEKDAYS, type Price, type TariffElement } from '../parking.types.js';
import { priceOf } from './price.rules.js';

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const element = (given: Partial<TariffElement> = {}): TariffElement => ({ size: 'regular', hourlyMinor: 200, stepMinutes: 60, ...given });
/** `2026-03-29T01:30` in a time zone, or an instant with its offset. */
const instantOf = (text: string, timeZone: string) => new Date(/[Z+]/.test(text)
  ? text
  : Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds);
const price = (elements: TariffElement[], from: string, to: string, timeZone = 'Europe/Berlin') =>
  priceOf({ elements, size: 'regular', timeZone, span: { startsAt: instantOf(from, timeZone), endsAt: instantOf(to, timeZone) } });
const linesOf = ({ lines }: Price) => lines.map(({ minutes, amountMinor }) => [minutes, amountMinor]);

describe('a price', () => {
  const day = element({ hourlyMinor: 400, startTime: '08:00', endTime: '20:00' });
  const night = element({ hourlyMinor: 100, startTime: '22:00', endTime: '06:00', dailyCapMinor: 250 });
  const early = element({ stepMinutes: 15, startTime: '00:00', endTime: '08:00' });
  const dawn = element({ hourlyMinor: 600, startTime: '02:30', endTime: '06:00' });
  const noon = element({ hourlyMinor: 900, stepMinutes: 15, startTime: '12:00', endTime: '13:00' });
  const weekend = element({ hourlyMinor: 50, daysOfWeek: ['SATURDAY', 'SUNDAY'] });
  it.each<[string, TariffElement[], string, string, [minutes: number, amountMinor: number][]]>([
    ['an hour', [element()], '2026-02-10T10:00', '2026-02-10T11:00', [[60, 200]]],
    ['an hour by the size of the vehicle', [element({ size: 'compact', hourlyMinor: 1 }), element()], '2026-02-10T10:00', '2026-02-10T11:00', [[60, 200]]],
    ['up to the step', [element()], '2026-02-10T10:00', '2026-02-10T11:30', [[120, 400]]],
    ['up to a step that is no quarter-hour', [element({ stepMinutes: 20 })], '2026-02-10T10:00', '2026-02-10T10:30', [[40, 133]]],
    ['up to a step of a minute', [element({ stepMinutes: 1 })], '2026-02-10T10:00', '2026-02-10T10:45', [[45, 150]]],
    ['half up', [element({ hourlyMinor: 250, stepMinutes: 15 })], '2026-02-10T10:00', '2026-02-10T10:45', [[45, 188]]],
    ['nothing', [element({ hourlyMinor: 0 })], '2026-02-10T10:00', '2026-02-11T00:30', [[840, 0], [60, 0]]],
    ['over midnight', [element()], '2026-02-10T23:30', '2026-02-11T00:30', [[30, 100], [30, 100]]],
    ['over midnight by the step alone', [element()], '2026-02-10T23:30', '2026-02-10T23:45', [[30, 100], [30, 100]]],
    ['each date up to the cap', [element({ dailyCapMinor: 1000 })], '2026-02-10T20:00', '2026-02-12T04:00', [[240, 800], [1440, 1000], [240, 800]]],
    ['nothing beyond a cap of nothing', [element({ dailyCapMinor: 0 })], '2026-02-10T20:00', '2026-02-10T21:00', [[60, 0]]],
    ['at edges of elements', [day, element()], '2026-02-10T07:30', '2026-02-10T20:30', [[30, 100], [720, 4800], [30, 100]]],
    ['in the step of the element it begins in', [early, element()], '2026-02-10T07:45', '2026-02-10T08:15', [[15, 50], [15, 50]]],
    ['by a night over midnight, whose cap is for each date', [night, element()], '2026-02-10T21:00', '2026-02-11T07:00', [[60, 200], [120, 200], [360, 250], [60, 200]]],
    ['by a night twice on a date, up to one cap', [night, element({ hourlyMinor: 1 })], '2026-02-10T04:00', '2026-02-11T00:00', [[120, 200], [960, 16], [120, 50]]],
    ['on days of the week', [weekend, element()], '2026-02-13T23:00', '2026-02-14T01:00', [[60, 200], [60, 50]]],
    ['of 1969', [weekend, element()], '1969-12-28T23:00', '1969-12-29T01:00', [[60, 50], [60, 200]]],
    ['a day of 23 hours', [element()], '2026-03-29T00:00', '2026-03-30T00:00', [[1380, 4600]]],
    ['a day of 25 hours', [element()], '2026-10-25T00:00', '2026-10-26T00:00', [[1500, 5000]]],
    ['an hour over the gap', [element()], '2026-03-29T01:30', '2026-03-29T03:30', [[60, 200]]],
    ['an edge in the gap', [dawn, element()], '2026-03-29T01:00', '2026-03-29T04:00', [[60, 200], [60, 600]]],
    ['an edge that comes twice', [dawn, element()], '2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z', [[30, 100], [30, 300], [30, 100], [30, 300]]],
  ])('is for %s', (_, elements, from, to, expected) => {
    const found = price(elements, from, to);
    expect(linesOf(found)).toEqual(expected);
    expect(found.priceMinor).toBe(expected.reduce((sum, [, amountMinor]) => sum + amountMinor, 0));
  });

  it('of many parts has one line for each local date and element', () => {
    // Of an odd rate half an hour is dearer than its two quarters, so a week is booked in 672 parts.
    const week = price([element({ hourlyMinor: 101, stepMinutes: 15 })], '2026-02-10T10:00', '2026-02-17T10:00');
    expect(linesOf(week)).toEqual([[840, 14 * 100], ...Array.from({ length: 6 }, () => [1440, 24 * 100]), [600, 10 * 100]]);
    expect(week.priceMinor).toBe(7 * 24 * 100);
    const busy = element({ hourlyMinor: 301, stepMinutes: 15, startTime: '08:00', endTime: '20:00' });
    expect(linesOf(price([busy, element({ hourlyMinor: 101, stepMinutes: 15 })], '2026-02-10T06:00', '2026-02-11T10:00'))).toEqual([
      [120, 200], [720, 12 * 300], [240, 400], [480, 800], [120, 600],
    ]);
  });

  it('says of which time each line is', () => {
    expect(price([element()], '2026-02-10T23:30', '2026-02-10T23:45').lines).toEqual([
      { from: new Date('2026-02-10T22:30:00Z'), to: new Date('2026-02-10T23:00:00Z'), minutes: 30, amountMinor: 100 },
      { from: new Date('2026-02-10T23:00:00Z'), to: new Date('2026-02-10T23:30:00Z'), minutes: 30, amountMinor: 100 },
    ]);
  });

  it.each([
    ['Africa/Cairo', '2026-04-23T23:00', '2026-04-24T02:00', [[60, 200], [60, 200]]],
    ['Africa/Cairo', '2026-10-29T23:00+03:00', '2026-10-30T01:00+02:00', [[120, 400], [60, 200]]],
    ['America/Havana', '2026-03-07T23:00', '2026-03-08T02:00', [[60, 200], [60, 200]]],
    ['Australia/Lord_Howe', '2026-04-05T00:00', '2026-04-06T00:00', [[1470, 4900]]],
    ['Australia/Lord_Howe', '2026-10-04T00:00', '2026-10-05T00:00', [[1410, 4700]]],
    ['Asia/Kathmandu', '2026-10-04T23:45', '2026-10-05T00:15', [[15, 50], [15, 50]]],
  ])('goes by the midnights of %s on %s', (timeZone, from, to, expected) => {
    expect(linesOf(price([element({ stepMinutes: 30 })], from, to, timeZone))).toEqual(expected);
  });

  it.each<[string, TariffElement[], string, string, [minutes: number, amountMinor: number][]]>([
    ['what is rounded down in parts', [element({ hourlyMinor: 249, stepMinutes: 15 })], '2026-02-10T10:00', '2026-02-10T10:30', [[30, 124]]],
    ['halves at midnight', [element({ hourlyMinor: 250 })], '2026-02-10T22:15', '2026-02-11T01:00', [[120, 500], [60, 250]]],
    ['dear hours in the step', [noon, element()], '2026-02-10T10:30', '2026-02-10T12:15', [[105, 350], [15, 225]]],
  ])('is that of parts where these are cheaper: %s', (_, elements, from, to, expected) => {
    expect(linesOf(price(elements, from, to))).toEqual(expected);
  });

  it('is exact up to 2^53', () => {
    const hourlyMinor = Math.floor((Number.MAX_SAFE_INTEGER - 30) / 45);
    const minutes = 45n;
    const exact = (minutes * BigInt(hourlyMinor) * 2n + 60n) / 120n;
    expect(BigInt(price([element({ hourlyMinor, stepMinutes: 45 })], '2026-02-10T10:00', '2026-02-10T10:45').priceMinor)).toBe(exact);
  });

  it('of a month is found', () => {
    const found = price([element({ hourlyMinor: 249, stepMinutes: 15, dailyCapMinor: 5800 })], '2026-03-01T00:00', '2026-04-01T00:00');
    expect([found.priceMinor, found.lines.length]).toEqual([30 * 5800 + 23 * 248, 31]);
  });
});

/** The rule once more, as plainly as it can be told: minute by minute, and every way to cut. */
function slowPriceOf(elements: readonly TariffElement[], startMs: number, quarters: number, timeZone: string): number {
  const places = new Map<number, { element: TariffElement; date: string }>();
  const placeAt = (minute: number) => {
    const quarter = Math.floor(minute / 15);
    if (!places.has(quarter)) places.set(quarter, placeOf(elements, startMs + quarter * QUARTER_MS, timeZone));
    return places.get(quarter)!;
  };
  const plain = (from: number, to: number): number => {
    const { stepMinutes } = placeAt(from * 15).element;
    let steps = 0;
    while (steps * stepMinutes < (to - from) * 15) steps += 1;
    const lines: { element: TariffElement; date: string; minutes: number }[] = [];
    for (let minute = from * 15; minute < from * 15 + steps * stepMinutes; minute += 1) {
      const [place, line] = [placeAt(minute), lines.at(-1)];
      if (line?.element === place.element && line.date === place.date) line.minutes += 1;
      else lines.push({ ...place, minutes: 1 });
    }
    const sums = new Map<TariffElement, Map<string, number>>();
    for (const { element: each, date, minutes } of lines) {
      const byDate = sums.get(each) ?? new Map<string, number>();
      sums.set(each, byDate.set(date, (byDate.get(date) ?? 0) + Math.round((minutes * each.hourlyMinor) / 60)));
    }
    return [...sums].flatMap(([each, byDate]) => [...byDate.values()].map((sum) => Math.min(sum, each.dailyCapMinor ?? sum))).reduce((a, b) => a + b, 0);
  };
  const best = (from: number): number => from === quarters
    ? 0
    : Math.min(...Array.from({ length: quarters - from }, (_, more) => plain(from, from + more + 1) + best(from + more + 1)));
  return best(0);
}

function placeOf(elements: readonly TariffElement[], ms: number, timeZone: string): { element: TariffElement; date: string } {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
  const time = local.toPlainTime().toString().slice(0, 5);
  const date = local.toPlainDate();
  const isOn = ({ daysOfWeek }: TariffElement, { dayOfWeek }: Temporal.PlainDate) => daysOfWeek?.includes(WEEKDAYS[dayOfWeek - 1]!) ?? true;
  const element = elements.find((each) => {
    const { startTime = '00:00', endTime = '00:00' } = each;
    const isOver = endTime <= startTime;
    return (time >= startTime && (isOver || time < endTime) && isOn(each, date)) || (isOver && time < endTime && isOn(each, date.subtract({ days: 1 })));
  })!;
  return { element, date: date.toString() };
}

const timeOfDay = (quarter: number) => `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
const rates = fc.record({
  hourlyMinor: fc.oneof(fc.nat(12), fc.nat(1_000)),
  stepMinutes: fc.constantFrom(1, 10, 15, 20, 30, 45, 60, 90, 240, 1440),
  dailyCapMinor: fc.option(fc.oneof(fc.nat(20), fc.nat(4_000)), { nil: undefined }),
});
const times = fc.oneof(
  fc.constant({}),
  fc.uniqueArray(fc.nat(95), { minLength: 2, maxLength: 2 }).map(([start, end]) => ({ startTime: timeOfDay(start!), endTime: timeOfDay(end!) })),
);
const days = fc.option(fc.subarray([...WEEKDAYS], { minLength: 1 }), { nil: undefined });
const tariffs = fc
  .tuple(fc.array(fc.tuple(rates, times, days).map(([rate, hours, daysOfWeek]) => element({ ...rate, ...hours, daysOfWeek })), { maxLength: 4 }), rates.map(element))
  .map(([some, always]) => [...some, always]);
/** Near a change of the clocks, where there is one. */
const places = fc
  .tuple(
    fc.constantFrom(
      ['Europe/Berlin', '2026-03-29T01:00Z'], ['Europe/Berlin', '2026-10-25T01:00Z'], ['America/Havana', '2026-03-08T05:00Z'], ['America/Havana', '2026-11-01T05:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00Z'], ['Australia/Lord_Howe', '2026-10-03T15:30Z'], ['Asia/Kathmandu', '2026-10-04T18:15Z'],
      ['Africa/Cairo', '2026-04-23T22:00Z'], ['Africa/Cairo', '2026-10-29T21:00Z'],
    ),
    fc.oneof(fc.integer({ min: -8, max: 2 }), fc.integer({ min: -150, max: 50 })),
  )
  .map(([[timeZone, change], quarters]) => ({ timeZone: timeZone!, startMs: Date.parse(change!) + quarters * QUARTER_MS }));
const between = (elements: TariffElement[], timeZone: string, fromMs: number, toMs: number) =>
  priceOf({ elements, size: 'regular', timeZone, span: { startsAt: new Date(fromMs), endsAt: new Date(toMs) } });

describe('a price, whatever the tariff', () => {
  it('is that of the cheapest way to cut the stay', () => {
    fc.assert(fc.property(tariffs, places, fc.integer({ min: 1, max: 7 }), (elements, { timeZone, startMs }, quarters) => {
      expect(between(elements, timeZone, startMs, startMs + quarters * QUARTER_MS).priceMinor).toBe(slowPriceOf(elements, startMs, quarters, timeZone));
    }), { numRuns: 300 });
  });

  it('is no more than that of two stays one after the other, and never falls when the stay ends later', () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 120 }));
    fc.assert(fc.property(tariffs, places, lengths, lengths, (elements, { timeZone, startMs: a }, first, second) => {
      const [b, c] = [a + first * QUARTER_MS, a + (first + second) * QUARTER_MS];
      const [ab, bc, ac] = [between(elements, timeZone, a, b), between(elements, timeZone, b, c), between(elements, timeZone, a, c)];
      expect(ac.priceMinor).toBeLessThanOrEqual(ab.priceMinor + bc.priceMinor);
      expect(ac.priceMinor).toBeGreaterThanOrEqual(ab.priceMinor);
    }), { numRuns: 500 });
  });

  it('is the sum of its lines, which cover the stay and are whole', () => {
    fc.assert(fc.property(tariffs, places, fc.integer({ min: 1, max: 120 }), (elements, { timeZone, startMs }, quarters) => {
      const { priceMinor, lines } = between(elements, timeZone, startMs, startMs + quarters * QUARTER_MS);
      expect(lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(priceMinor);
      let covered = startMs;
      for (const { from, to, minutes, amountMinor } of lines) {
        expect(from.getTime()).toBeLessThanOrEqual(covered);
        // More, where a part of the stay is billed beyond the beginning of the next.
        expect(to.getTime() - from.getTime()).toBeLessThanOrEqual(minutes * MINUTE_MS);
        expect(minutes).toBeGreaterThan(0);
        expect(Number.isSafeInteger(amountMinor) && amountMinor >= 0).toBe(true);
        covered = Math.max(covered, to.getTime());
      }
      expect(covered).toBeGreaterThanOrEqual(startMs + quarters * QUARTER_MS);
    }));
  });
});
