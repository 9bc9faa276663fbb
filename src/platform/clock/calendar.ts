import { Temporal } from 'temporal-polyfill';

/** A calendar date without a time zone, as `YYYY-MM-DD`. */
export type LocalDate = string;

/** The calendar date that `instant` falls on in an IANA time zone. */
export function localDateOf(instant: Date, timeZone: string): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/**
 * The first instant of a local date. Where midnight does not exist this is the first moment after the
 * gap; where it happens twice, the earlier one (ECMA-262 Temporal, `ZonedDateTime.startOfDay`).
 */
export function firstInstantOf(date: LocalDate, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds);
}

/** `date` moved by whole days; negative moves back. */
export function addDays(date: LocalDate, days: number): LocalDate {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Days from `from` to `to`, negative when `to` is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'days' }).days;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** The first and the last day that a DATETIME column holds whole in every time zone. */
const FIRST_DAY = new Date('0001-01-01T00:00:00.000Z');
const LAST_DAY = new Date('9999-12-30T00:00:00.000Z');

/**
 * The instant that a text names as RFC 3339 with an offset; undefined for any other text, and for what no
 * column holds. `new Date` alone also takes 30 February and local times.
 */
export function instantOf(text: string): Date | undefined {
  if (!RFC_3339.test(text)) return undefined;
  try {
    const instant = new Date(Temporal.Instant.from(text).epochMilliseconds);
    return instant >= FIRST_DAY && instant <= LAST_DAY ? instant : undefined;
  } catch {
    return undefined;
  }
}

/** True when the runtime knows this IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
