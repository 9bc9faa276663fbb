import { describe, expect, it } from '@jest/globals';
import { addDays, daysBetween, firstInstantOf, instantOf, isTimeZone, localDateOf } from './calendar.js';

describe('first instant of a local date', () => {
  it.each([
    ['UTC', '2024-05-01', '2024-05-01T00:00:00.000Z', 'no offset'],
    ['America/Havana', '2024-03-10', '2024-03-10T05:00:00.000Z', 'midnight does not exist: the day begins at 01:00'],
    ['America/Havana', '2024-11-03', '2024-11-03T04:00:00.000Z', 'midnight happens twice: the earlier one'],
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z', 'midnight does not exist'],
    ['Asia/Kathmandu', '2024-05-01', '2024-04-30T18:15:00.000Z', 'an offset of quarters'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', 'the day after the skipped one'],
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', 'a date that the zone skipped begins where the calendar resumes'],
  ])('%s %s is %s: %s', (zone, date, instant) => {
    expect(firstInstantOf(date, zone).toISOString()).toBe(instant);
  });
});

describe('local date of an instant', () => {
  it.each([
    ['America/Havana', '2024-11-03T03:59:59.999Z', '2024-11-02'],
    ['America/Havana', '2024-11-03T04:00:00.000Z', '2024-11-03'],
    // The second midnight of that night does not begin another day.
    ['America/Havana', '2024-11-03T05:00:00.000Z', '2024-11-03'],
    ['America/Havana', '2024-03-10T04:59:59.999Z', '2024-03-09'],
    ['America/Havana', '2024-03-10T05:00:00.000Z', '2024-03-10'],
    ['Africa/Cairo', '2024-04-25T21:59:59.999Z', '2024-04-25'],
    ['Africa/Cairo', '2024-04-25T22:00:00.000Z', '2024-04-26'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
  ])('%s at %s is %s', (zone, instant, date) => {
    expect(localDateOf(new Date(instant), zone)).toBe(date);
  });

  it('is the date whose first instant it is, and the day before one millisecond earlier', () => {
    for (const zone of ['America/Havana', 'Africa/Cairo', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Berlin']) {
      for (let date = '2024-01-01'; date < '2025-01-01'; date = addDays(date, 1)) {
        const first = firstInstantOf(date, zone);
        expect(localDateOf(first, zone)).toBe(date);
        expect(localDateOf(new Date(first.getTime() - 1), zone)).toBe(addDays(date, -1));
      }
    }
  });
});

describe('date arithmetic', () => {
  it('moves over months, leap days and years', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2024-12-31', 1)).toBe('2025-01-01');
    expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
  });

  it('counts days by date, whatever the clocks did', () => {
    expect(daysBetween('2024-03-09', '2024-03-11')).toBe(2);
    expect(daysBetween('2023-01-01', '2024-01-01')).toBe(365);
    expect(daysBetween('2024-05-02', '2024-05-01')).toBe(-1);
  });

  it('knows time zones by name', () => {
    expect(isTimeZone('Asia/Kathmandu')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});

describe('an instant in a text', () => {
  it.each([
    ['2026-03-01T00:00:00Z', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T00:00:00+05:45', '2026-02-28T18:15:00.000Z'],
    ['2028-02-29T12:00:00.123456789-00:00', '2028-02-29T12:00:00.123Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-30T01:00:00+01:00', '9999-12-30T00:00:00.000Z'],
  ])('%s is read', (text, expected) => expect(instantOf(text)?.toISOString()).toBe(expected));

  it.each([
    '', 'soon', '2026-03-01', '2026-03-01T00:00:00', '2026-03-01T00:00Z', '2026-03-01 00:00:00Z', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-03-01T24:00:00Z',
    '2026-03-01T00:00:60Z', '2026-03-01T00:00:00+24:00', '2026-03-01T00:00:00Z[UTC]', '0001-01-01T00:00:00+00:01', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-10:00', '+012026-03-01T00:00:00Z',
  ])('%j is none', (text) => expect(instantOf(text)).toBeUndefined());
});
