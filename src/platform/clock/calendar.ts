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

/** True when the runtime knows this IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
