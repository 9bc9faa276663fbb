import { describe, expect, it } from '@jest/globals';
import { windowInvalid } from '../parking.errors.js';
import { edgesOf, weekAround, type Step } from './steps.rules.js';

const span = (from: string, to: string) => ({ startsAt: new Date(from), endsAt: new Date(to) });
const texts = (edges: readonly Date[]) => edges.map((edge) => edge.toISOString().slice(0, 16));
const hours = (edges: readonly Date[]) => edges.slice(1).map((edge, index) => (edge.getTime() - edges[index]!.getTime()) / 3_600_000);

describe('the edges of steps', () => {
  it.each<[string, Step, string, string, string[]]>([
    ['quarter-hours', '15m', '2026-05-01T08:00Z', '2026-05-01T08:45Z', ['2026-05-01T08:00', '2026-05-01T08:15', '2026-05-01T08:30', '2026-05-01T08:45']],
    ['hours from where it begins, the last one cut', '1h', '2026-05-01T08:15Z', '2026-05-01T10:00Z', ['2026-05-01T08:15', '2026-05-01T09:15', '2026-05-01T10:00']],
    ['days of the calendar, the first and the last one cut', '1d', '2026-05-01T08:15Z', '2026-05-03T06:00Z', ['2026-05-01T08:15', '2026-05-01T22:00', '2026-05-02T22:00', '2026-05-03T06:00']],
    ['a part of a day', '1d', '2026-05-01T08:15Z', '2026-05-01T09:00Z', ['2026-05-01T08:15', '2026-05-01T09:00']],
    ['days from midnight to midnight', '1d', '2026-04-30T22:00Z', '2026-05-01T22:00Z', ['2026-04-30T22:00', '2026-05-01T22:00']],
  ])('%s', (_name, step, from, to, expected) => expect(texts(edgesOf(span(from, to), step, 'Europe/Berlin', 2_000))).toEqual(expected));

  it('has days of 23 and of 25 hours where the clocks change', () => {
    expect(hours(edgesOf(span('2026-03-27T23:00Z', '2026-03-30T22:00Z'), '1d', 'Europe/Berlin', 2_000))).toEqual([24, 23, 24]);
    expect(hours(edgesOf(span('2026-10-23T22:00Z', '2026-10-26T23:00Z'), '1d', 'Europe/Berlin', 2_000))).toEqual([24, 25, 24]);
  });

  it('leaves out a date that the zone left out', () => {
    expect(texts(edgesOf(span('2011-12-29T10:00Z', '2012-01-01T10:00Z'), '1d', 'Pacific/Apia', 2_000))).toEqual(['2011-12-29T10:00', '2011-12-30T10:00', '2011-12-31T10:00', '2012-01-01T10:00']);
  });

  it('stays on quarter-hours where midnights were not', () => {
    const edges = edgesOf(span('1800-01-01T00:00Z', '1800-01-04T00:00Z'), '1d', 'Europe/Berlin', 2_000);
    expect(edges.every((edge) => edge.getTime() % 900_000 === 0)).toBe(true);
  });

  it.each<[Step, string, string, boolean]>([
    ['1h', '2026-01-01T00:00Z', '2026-01-05T04:00Z', true],
    ['1h', '2026-01-01T00:00Z', '2026-01-05T04:15Z', false],
    ['15m', '2026-01-01T00:00Z', '2026-01-02T01:00Z', true],
    ['15m', '2026-01-01T00:00Z', '2026-01-02T01:15Z', false],
    // 400 days of Berlin, an hour longer than 400 times 24 hours.
    ['1d', '2026-09-30T22:00Z', '2027-11-04T23:00Z', true],
    ['1d', '2026-09-30T22:00Z', '2027-11-04T23:15Z', false],
  ])('in steps of %s from %s to %s: allowed %s', (step, from, to, isAllowed) => {
    const edges = () => edgesOf(span(from, to), step, 'Europe/Berlin', 100);
    if (isAllowed) expect(edges().length).toBeGreaterThan(1);
    else expect(edges).toThrow(windowInvalid().message);
  });
});

describe('the week around now', () => {
  it.each([
    ['2026-05-06T21:59Z', '2026-05-02T22:00', '2026-05-09T22:00'],
    ['2026-05-06T22:00Z', '2026-05-03T22:00', '2026-05-10T22:00'],
    ['2026-03-29T12:00Z', '2026-03-25T23:00', '2026-04-01T22:00'],
  ])('at %s is from %s to %s', (now, from, to) => {
    const { startsAt, endsAt } = weekAround(new Date(now), 'Europe/Berlin');
    expect(texts([startsAt, endsAt])).toEqual([from, to]);
  });
});
