import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { byIcalJs, byNodeIcal, eventsOf } from '../../../../test/support/calendars.js';
import type { CalendarStay } from './calendar.types.js';
import { stayCalendar } from './stay-calendar.js';

const RESERVATION: CalendarStay['reservation'] = {
  id: '019a0000-0000-7000-8000-000000000001', status: 'confirmed', spotLabel: 'A-07', createdAt: new Date('2026-01-01T00:00:00Z'), version: 3,
  startsAt: new Date('2026-06-01T08:00:00Z'), endsAt: new Date('2026-06-01T10:00:00Z'),
};
const GARAGE: CalendarStay['garage'] = { name: 'Harbour', address: 'Quay 1', lat: 52.5, lon: 13.4, timeZone: 'Europe/Berlin' };

const stayWith = (reservation: Partial<CalendarStay['reservation']>, garage: Partial<CalendarStay['garage']> = {}): CalendarStay => ({
  reservation: { ...RESERVATION, ...reservation }, garage: { ...GARAGE, ...garage },
});
const STAY = stayWith({});

describe('a stay in a calendar', () => {
  it('is read the same by two parsers', () => {
    expect(eventsOf(stayCalendar([STAY]))).toEqual([{
      uid: `${RESERVATION.id}@plaza`, summary: 'Parking: Harbour A-07', location: 'Harbour\nQuay 1', sequence: 3, status: 'CONFIRMED',
      start: '2026-06-01T08:00:00.000Z', end: '2026-06-01T10:00:00.000Z',
    }]);
    // Not the time of the answer, which would make every answer another.
    expect(stayCalendar([STAY])).toContain('\r\nDTSTAMP:20260101T000000Z\r\n');
    expect(stayCalendar([STAY])).toContain('DTSTART;TZID=Europe/Berlin:20260601T100000\r\n');
    expect(stayCalendar([STAY])).toContain('\r\nGEO:52.5;13.4\r\n');
  });

  it.each([
    ['over the hour that is missing', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z', 'Europe/Berlin'],
    ['over the hour that is there twice', '2026-10-24T23:45:00Z', '2026-10-25T02:00:00Z', 'Europe/Berlin'],
    ['from the first 02:00', '2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z', 'Europe/Berlin'],
    ['from the first 02:30 to the second', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', 'Europe/Berlin'],
    ['from the second 02:15', '2026-10-25T01:15:00Z', '2026-10-25T05:00:00Z', 'Europe/Berlin'],
    ['over the new year', '2026-12-31T22:00:00Z', '2027-01-01T02:00:00Z', 'Europe/Berlin'],
    ['where there is no summer time any more', '2026-07-01T16:00:00Z', '2026-07-01T18:00:00Z', 'America/Mexico_City'],
    ['in a zone that is an offset', '2026-07-01T16:00:00Z', '2026-07-01T18:00:00Z', '+02:00'],
  ])('is at its time: %s', (_, startsAt, endsAt, timeZone) => {
    const [stay] = eventsOf(stayCalendar([stayWith({ startsAt: new Date(startsAt), endsAt: new Date(endsAt) }, { timeZone })]));
    expect(stay).toMatchObject({ start: new Date(startsAt).toISOString(), end: new Date(endsAt).toISOString() });
  });

  it.each([
    ['held', 'TENTATIVE'], ['confirmed', 'CONFIRMED'], ['checked-in', 'CONFIRMED'], ['completed', 'CONFIRMED'], ['cancelled', 'CANCELLED'],
  ] as const)('that is %s is %s', (status, expected) => {
    expect(eventsOf(stayCalendar([stayWith({ status })]))[0]!.status).toBe(expected);
  });

  it('stands beside others, in zones of their own', () => {
    const stays = ['Europe/Berlin', 'America/New_York', 'Europe/Berlin', 'Africa/Cairo'].map((timeZone, index) => stayWith({ id: `${index}` }, { timeZone }));
    const text = stayCalendar(stays);
    expect(text.match(/^TZID:.*$/gm)).toEqual(['TZID:Europe/Berlin', 'TZID:America/New_York', 'TZID:Africa/Cairo']);
    expect(eventsOf(text).map(({ start }) => start)).toEqual(stays.map(() => RESERVATION.startsAt.toISOString()));
  });

  it('has its texts whole, whatever is in them', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 120 }).map((value) => `x${value}x`);
    const pieces = [',', ';', ':', '\\', '\\n', '\n', '\r\n', '"', '🅿️', '停車', 'BEGIN:VEVENT', '\r\nEND:VEVENT\r\n', 'é', ' ', '\t', 'x'];
    const awkward = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => `x${parts.join('')}x`);
    fc.assert(
      fc.property(fc.oneof(text, awkward), fc.oneof(text, awkward), (garageName, address) => {
        const ics = stayCalendar([stayWith({}, { name: garageName, address })]);
        const plain = (value: string) => value.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\t\n]/gu, '\uFFFD');
        const expected = [{ summary: plain(`Parking: ${garageName} A-07`), location: plain(`${garageName}\n${address}`) }];
        expect(byIcalJs(ics)).toMatchObject(expected);
        // node-ical undoes one kind of escape after the other, so that it takes a backslash before an n for a new line.
        if (!/\\n/i.test(garageName + address)) expect(byNodeIcal(ics)).toMatchObject(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('has no control characters, which no text of a calendar may have', () => {
    expect(eventsOf(stayCalendar([stayWith({}, { name: 'a\u0000b\u0085c\ud800d' })]))[0]!.summary).toBe('Parking: a\uFFFDb\uFFFDc\uFFFDd A-07');
  });
});

describe('the text', () => {
  it('is the same for the same stays', () => expect(stayCalendar([STAY])).toBe(stayCalendar([STAY])));

  it('has lines of at most 75 bytes that end in CRLF, and breaks no character', () => {
    const lines = stayCalendar([stayWith({}, { name: '🅿️停é'.repeat(40) })]).split('\r\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line.isWellFormed()).toBe(true);
      expect(line).not.toMatch(/[\r\n]/);
    }
    expect(lines.slice(0, 4)).toEqual(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Plaza//Parking//EN', 'METHOD:PUBLISH']);
  });

  it('of no stays is a calendar that is empty', () => {
    expect(new ICAL.Component(ICAL.parse(stayCalendar([])) as unknown[]).getAllSubcomponents()).toEqual([]);
  });
});
