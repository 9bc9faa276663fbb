import { describe, expect, it } from '@jest/globals';
import { requestInvalid } from '../../platform/errors/house.errors.js';
import { checkSpan, spanOf, timeOf, windowOf } from './window.rules.js';

const BERLIN = 'Europe/Berlin';
const read = (from: string, to: string, timeZone = BERLIN) => {
  const { startsAt, endsAt } = spanOf({ from, to }, timeZone);
  return [startsAt.toISOString(), endsAt.toISOString()];
};
const refusal = (code: string, details: object = {}) => expect.objectContaining({ code, details: expect.objectContaining(details) });

describe('a window', () => {
  it.each([
    ['2026-06-01T08:00:00+02:00', '2026-06-01T10:15:00+02:00', '2026-06-01T06:00:00.000Z', '2026-06-01T08:15:00.000Z'],
    ['2026-06-01T08:00:00Z', '2026-06-01T15:45:00+05:45', '2026-06-01T08:00:00.000Z', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T08:00:00.000z'.toUpperCase(), '2026-06-01T10:00:00-00:00', '2026-06-01T08:00:00.000Z', '2026-06-01T10:00:00.000Z'],
    // 23 and 25 hours long.
    ['2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    // The hour that happens twice, first and second time.
    ['2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
    ['2026-03-29T01:30:00+01:00', '2026-03-29T03:30:00+02:00', '2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z'],
    // Skipped in Berlin, and yet a plain time elsewhere.
    ['2026-03-29T02:30:00Z', '2026-03-29T02:30:00-05:00', '2026-03-29T02:30:00.000Z', '2026-03-29T07:30:00.000Z'],
  ])('from %s to %s', (from, to, startsAt, endsAt) => expect(read(from, to)).toEqual([startsAt, endsAt]));

  it.each([
    ['no time', 'tomorrow', '2026-06-01T10:00:00Z', 'startsAt'],
    ['no offset', '2026-06-01T08:00:00', '2026-06-01T10:00:00Z', 'startsAt'],
    ['no offset at the end', '2026-06-01T08:00:00Z', '2026-06-01T10:00:00', 'endsAt'],
    ['a day that is none', '2026-02-30T08:00:00Z', '2026-06-01T10:00:00Z', 'startsAt'],
    ['not on a quarter-hour', '2026-06-01T08:05:00Z', '2026-06-01T10:00:00Z', 'startsAt'],
    ['a second too late', '2026-06-01T08:00:00Z', '2026-06-01T10:00:01Z', 'endsAt'],
    ['a millisecond too late', '2026-06-01T08:00:00Z', '2026-06-01T10:00:00.001Z', 'endsAt'],
    ['empty', '2026-06-01T08:00:00Z', '2026-06-01T08:00:00Z', 'endsAt'],
    ['empty in another zone', '2026-06-01T08:00:00Z', '2026-06-01T10:00:00+02:00', 'endsAt'],
    ['reversed', '2026-06-01T10:00:00Z', '2026-06-01T08:00:00Z', 'endsAt'],
    ['skipped, with the offset of before', '2026-03-29T02:30:00+01:00', '2026-03-29T08:00:00Z', 'startsAt'],
    ['skipped, with the offset of after', '2026-03-29T00:00:00+01:00', '2026-03-29T02:30:00+02:00', 'endsAt'],
  ])('%s', (_, from, to, path) => {
    expect(() => read(from, to)).toThrow(refusal('parking.window-invalid', { path }));
  });

  it('names its fields as they were sent', () => {
    expect(() => spanOf({ from: 'x', to: 'y', paths: ['from', 'to'] }, BERLIN)).toThrow(refusal('parking.window-invalid', { path: 'from' }));
    expect(() => timeOf('2026-06-01T08:07:00Z', 'from', BERLIN)).toThrow(refusal('parking.window-invalid', { path: 'from', reason: 'must be on a quarter-hour' }));
  });

  it('that another zone skips is none of this garage\'s', () => {
    expect(read('2026-03-29T02:30:00+01:00', '2026-03-29T08:00:00Z', 'UTC')[0]).toBe('2026-03-29T01:30:00.000Z');
  });
});

describe('the rules of a garage', () => {
  const GARAGE = { maxAdvanceDays: 90, minMinutes: 30, maxMinutes: 120 };
  const NOW = new Date('2026-06-01T08:07:00Z');
  const check = (from: string, minutes: number) => checkSpan({ startsAt: new Date(from), endsAt: new Date(Date.parse(from) + minutes * 60_000) }, GARAGE, NOW);

  it.each([
    ['in the quarter-hour that has begun', '2026-06-01T08:00:00Z', 30],
    ['as far ahead as can be', '2026-08-30T08:00:00Z', 120],
  ])('take a stay %s', (_, from, minutes) => expect(() => check(from, minutes)).not.toThrow());

  it.each([
    ['in the past', '2026-06-01T07:45:00Z', 60, 'parking.past', {}],
    ['too far ahead', '2026-08-30T08:15:00Z', 60, 'parking.too-far', { maxAdvanceDays: 90 }],
    ['too short', '2026-06-01T09:00:00Z', 15, 'parking.too-short', { minMinutes: 30 }],
    ['too long', '2026-06-01T09:00:00Z', 135, 'parking.too-long', { maxMinutes: 120 }],
  ])('refuse a stay %s', (_, from, minutes, code, details) => expect(() => check(from, minutes)).toThrow(refusal(code, details)));

  it('begin anew with each quarter-hour', () => {
    const span = { startsAt: new Date('2026-06-01T08:00:00Z'), endsAt: new Date('2026-06-01T08:30:00Z') };
    expect(() => checkSpan(span, GARAGE, new Date('2026-06-01T08:14:59.999Z'))).not.toThrow();
    expect(() => checkSpan(span, GARAGE, new Date('2026-06-01T08:15:00Z'))).toThrow(refusal('parking.past'));
  });
});

describe('a window of a query', () => {
  it('is both times or none', () => {
    expect(windowOf({})).toBeUndefined();
    expect(windowOf({ from: 'a', to: 'b' })).toEqual({ from: 'a', to: 'b' });
    for (const half of [{ from: 'a' }, { to: 'b' }]) expect(() => windowOf(half)).toThrow(requestInvalid().message);
  });
});
