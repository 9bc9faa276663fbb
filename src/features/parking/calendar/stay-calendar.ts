import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { eventStatus } from './calendar.rules.js';
import type { CalendarStay } from './calendar.types.js';
import { vtimezone, zonedTime } from './time-zone.rules.js';

/** How often calendars are asked to look again. */
const REFRESH_SECONDS = 3600;

/** Stays as an iCalendar object (RFC 5545). The same stays give the same text. */
export function stayCalendar(stays: readonly CalendarStay[]): string {
  const calendar = ical({
    method: ICalCalendarMethod.PUBLISH,
    prodId: '//Plaza//Parking//EN',
    name: 'Parking',
    ttl: REFRESH_SECONDS,
    timezone: { name: null, generator: (timeZone) => vtimezone(timeZone, ...yearsOf(stays)) },
  });
  for (const { reservation, garage } of stays) {
    const [start, end] = [reservation.startsAt, reservation.endsAt].map((instant) => zonedTime(instant, garage.timeZone));
    const status = eventStatus(reservation.status);
    calendar.createEvent({
      id: `${reservation.id}@plaza`,
      sequence: reservation.version,
      stamp: reservation.createdAt,
      status: status === undefined ? null : ICalEventStatus[status],
      ...(start !== undefined && end !== undefined ? { start, end, timezone: garage.timeZone } : { start: reservation.startsAt, end: reservation.endsAt }),
      summary: printable(`Parking: ${garage.name} ${reservation.spotLabel}`),
      location: { title: printable(garage.name), address: printable(garage.address), geo: { lat: garage.lat, lon: garage.lon } },
    });
  }
  // The library leaves out the end of the last line.
  return `${calendar.toString()}\r\n`;
}

/** When the first begins and the last ends. */
function yearsOf(stays: readonly CalendarStay[]): [from: Date, to: Date] {
  const times = stays.flatMap(({ reservation }) => [reservation.startsAt.getTime(), reservation.endsAt.getTime()]);
  return [new Date(Math.min(...times)), new Date(Math.max(...times))];
}

/** A text of iCalendar has no control characters but tabs and ends of lines (RFC 5545 §3.3.11). */
function printable(text: string): string {
  return text.toWellFormed().replace(/[^\P{Cc}\t\r\n]/gu, '\uFFFD');
}
