import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayMasksOf, quarterOf, QUARTER_MS, QUARTERS_A_DAY, Timeline, utcDayOf, type DayMask } from './day-masks.rules.js';

const FULL = 2n ** 48n - 1n;
const at = (text: string) => new Date(text);
const spanOf = (from: string, to: string) => ({ startsAt: at(from), endsAt: at(to) });

describe('the masks of a span', () => {
  it.each<[string, string, DayMask[]]>([
    ['2026-03-29T00:00:00Z', '2026-03-29T00:15:00Z', [{ day: '2026-03-29', lo: 1n, hi: 0n }]],
    ['2026-03-29T11:45:00Z', '2026-03-29T12:15:00Z', [{ day: '2026-03-29', lo: 2n ** 47n, hi: 1n }]],
    ['2026-03-29T12:00:00Z', '2026-03-30T00:00:00Z', [{ day: '2026-03-29', lo: 0n, hi: FULL }]],
    ['2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z', [{ day: '2026-03-29', lo: FULL, hi: FULL }]],
    ['2026-03-29T23:45:00Z', '2026-03-30T00:15:00Z', [{ day: '2026-03-29', lo: 0n, hi: 2n ** 47n }, { day: '2026-03-30', lo: 1n, hi: 0n }]],
    ['2026-12-31T18:00:00Z', '2027-01-02T06:00:00Z', [
      { day: '2026-12-31', lo: 0n, hi: FULL - (2n ** 24n - 1n) }, { day: '2027-01-01', lo: FULL, hi: FULL }, { day: '2027-01-02', lo: 2n ** 24n - 1n, hi: 0n },
    ]],
    ['2028-02-28T12:00:00Z', '2028-03-01T00:00:00Z', [{ day: '2028-02-28', lo: 0n, hi: FULL }, { day: '2028-02-29', lo: FULL, hi: FULL }]],
  ])('from %s to %s', (from, to, masks) => expect(dayMasksOf(spanOf(from, to))).toEqual(masks));

  it('have as many bits as the span has quarter-hours, on ascending days, and none of them is empty', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 500 }), (from, length) => {
        const start = at('2026-03-20T00:00:00Z').getTime();
        const masks = dayMasksOf({ startsAt: new Date(start + from * QUARTER_MS), endsAt: new Date(start + (from + length) * QUARTER_MS) });
        expect(masks.reduce((sum, { lo, hi }) => sum + [...(lo.toString(2) + hi.toString(2))].filter((bit) => bit === '1').length, 0)).toBe(length);
        expect(masks.map(({ day }) => day)).toEqual([...new Set(masks.map(({ day }) => day))].sort());
        for (const { lo, hi } of masks) expect(lo + hi > 0n && lo <= FULL && hi <= FULL).toBe(true);
      }),
    );
  });
});

describe('the quarter-hour of an instant', () => {
  it.each([
    ['2026-03-29T08:00:00.000Z', '2026-03-29T08:00:00.000Z'],
    ['2026-03-29T08:14:59.999Z', '2026-03-29T08:00:00.000Z'],
    ['2026-03-29T08:15:00.000Z', '2026-03-29T08:15:00.000Z'],
  ])('%s is in that of %s', (instant, quarter) => expect(quarterOf(at(instant)).toISOString()).toBe(quarter));
});

describe('a timeline', () => {
  const FIRST = '2026-03-28';
  const start = at(`${FIRST}T00:00:00Z`).getTime();
  const place = (number: number) => new Date(start + number * QUARTER_MS);
  const DAYS = 3;
  const PLACES = DAYS * QUARTERS_A_DAY;
  const spans = fc.array(fc.tuple(fc.nat(PLACES - 1), fc.integer({ min: 1, max: 120 })), { maxLength: 6 });

  it('agrees with a list of places about what is free, and how wide the gap is', () => {
    fc.assert(
      fc.property(spans, fc.nat(PLACES - 1), fc.integer({ min: 1, max: 100 }), (takings, from, length) => {
        const taken = new Set<number>();
        const masks = takings.flatMap(([first, quarters]) => {
          for (let number = first; number < first + quarters; number += 1) taken.add(number);
          return dayMasksOf({ startsAt: place(first), endsAt: place(first + quarters) });
        });
        const timeline = new Timeline(FIRST, DAYS, masks);
        const to = Math.min(PLACES, from + length);
        const span = { startsAt: place(from), endsAt: place(to) };
        const isFree = Array.from({ length: to - from }, (_, index) => from + index).every((number) => !taken.has(number));
        expect(timeline.isFree(span)).toBe(isFree);
        let [before, after] = [0, 0];
        while (from - before - 1 >= 0 && !taken.has(from - before - 1)) before += 1;
        while (to + after < PLACES && !taken.has(to + after)) after += 1;
        expect(timeline.gapAround(span)).toBe(before + after);
        const edges = [0, from, to, PLACES].filter((edge, index, all) => index === 0 || edge > all[index - 1]!);
        const counts = new Uint32Array(edges.length - 1).fill(1);
        timeline.addFreeTo(counts, edges);
        expect([...counts]).toEqual(edges.slice(1).map((end, index) => ([...taken].some((number) => number >= edges[index]! && number < end) ? 1 : 2)));
      }),
    );
  });

  it('knows nothing of other days: they are free', () => {
    const timeline = new Timeline(FIRST, 1, dayMasksOf({ startsAt: place(-96), endsAt: place(200) }));
    expect(timeline.isFree({ startsAt: place(-96), endsAt: place(0) })).toBe(true);
    expect(timeline.isFree({ startsAt: place(96), endsAt: place(97) })).toBe(true);
    expect(timeline.isFree({ startsAt: place(-96), endsAt: place(1) })).toBe(false);
    expect(utcDayOf(place(95))).toBe(FIRST);
  });
});
