import { describe, expect, it } from '@jest/globals';
import ICAL from 'ical.js';
import { vtimezone, zonedTime } from './time-zone.rules.js';

describe('an instant by the clock of a zone', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00'],
    ['Europe/Berlin', '2026-03-29T01:30:00Z', '2026-03-29T03:30:00'],
    ['Europe/Berlin', '2026-10-24T23:45:00Z', '2026-10-25T01:45:00'],
    ['Europe/Berlin', '2026-10-25T02:00:00Z', '2026-10-25T03:00:00'],
    ['Asia/Kathmandu', '2026-05-01T00:00:00Z', '2026-05-01T05:45:00'],
    ['Etc/GMT+2', '2026-05-01T00:00:00Z', '2026-04-30T22:00:00'],
  ])('%s at %s is %s', (zone, instant, local) => {
    expect(zonedTime(new Date(instant), zone)?.toPlainDateTime().toString()).toBe(local);
  });

  it.each([
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 'the first 02:30 of that night'],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', 'the second 02:30 of that night'],
    ['America/New_York', '2026-11-01T06:15:00Z', 'the second 01:15 of that night'],
    ['+02:00', '2026-05-01T00:00:00Z', 'no name that can stand in a parameter'],
  ])('%s at %s has none: %s', (zone, instant) => expect(zonedTime(new Date(instant), zone)).toBeUndefined());
});

/** The offsets in seconds that the runtime knows. */
function offsetsOf(timeZone: string): (instant: Date) => number {
  const clock = new Intl.DateTimeFormat('en', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  return (instant) => {
    const parts = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    return (Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute'], parts['second']) - instant.getTime()) / 1000;
  };
}

describe('a zone in a calendar', () => {
  it.each([
    'UTC', 'Europe/Berlin', 'Europe/Dublin', 'America/New_York', 'America/Mexico_City', 'America/Sao_Paulo', 'America/Nuuk', 'Africa/Cairo', 'Africa/Casablanca',
    'Asia/Kathmandu', 'Asia/Tehran', 'Asia/Almaty', 'Australia/Lord_Howe', 'Pacific/Apia', 'Pacific/Chatham', 'Antarctica/Troll',
  ])('%s is read as the runtime knows it', (timeZone) => {
    const [from, to] = [new Date('2026-06-15T00:00:00Z'), new Date('2027-06-15T00:00:00Z')];
    const component = new ICAL.Component(ICAL.parse(`BEGIN:VCALENDAR\r\n${vtimezone(timeZone, from, to)}\r\nEND:VCALENDAR`) as unknown[]).getFirstSubcomponent('vtimezone')!;
    const zone = ICAL.Timezone.fromData({ component, tzid: timeZone });
    const offsetOf = offsetsOf(timeZone);
    // An odd step, so that every time of the day is met.
    for (let at = Date.UTC(2026, 0, 2); at < Date.UTC(2027, 11, 30); at += 5 * 3_600_000 + 420_000) {
      const instant = new Date(at);
      const zoned = zonedTime(instant, timeZone);
      if (zoned === undefined) continue;
      const { year, month, day, hour, minute, second } = zoned;
      expect({ instant, offset: zone.utcOffset(new ICAL.Time({ year, month, day, hour, minute, second, isDate: false }, zone)) }).toEqual({ instant, offset: offsetOf(instant) });
    }
  });

  it('has summer and winter of the years it is asked for, each with its own dates', () => {
    expect(vtimezone('Europe/Berlin', new Date('2026-07-01T00:00:00Z'), new Date('2026-07-01T02:00:00Z')).split('\r\n')).toEqual([
      'BEGIN:VTIMEZONE', 'TZID:Europe/Berlin',
      'BEGIN:STANDARD', 'DTSTART:20260101T000000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0100', 'END:STANDARD',
      'BEGIN:DAYLIGHT', 'DTSTART:20260329T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'END:DAYLIGHT',
      'BEGIN:STANDARD', 'DTSTART:20261025T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'END:STANDARD',
      'END:VTIMEZONE',
    ]);
  });
});
