import { Temporal } from 'temporal-polyfill';

/** An IANA name that stands in a parameter as it is: `+02:00` would not. */
const NAME = /^[\w+/-]+$/;

/**
 * The instant as a time of the zone's clock; undefined when it might be read as another instant. Of a time that the
 * clock shows twice RFC 5545 §3.3.5 means the first, but many readers take the second: it is better said in UTC.
 */
export function zonedTime(instant: Date, timeZone: string): Temporal.ZonedDateTime | undefined {
  if (!NAME.test(timeZone)) return undefined;
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
  const [first, second] = (['earlier', 'later'] as const).map((disambiguation) => zoned.toPlainDateTime().toZonedDateTime(timeZone, { disambiguation }));
  return first!.equals(second!) ? zoned : undefined;
}

/**
 * The zone as a VTIMEZONE (RFC 5545 §3.6.5) for all of the years that `from` and `to` are in: each change of the
 * clock for itself, as the runtime knows it. Rules for all times would be wrong for zones that change theirs.
 */
export function vtimezone(timeZone: string, from: Date, to: Date): string {
  const start = startOfYear(from, timeZone);
  const end = startOfYear(to, timeZone).add({ years: 1 });
  const observances = [observance(start, start)];
  for (let change = start.getTimeZoneTransition('next'); change !== null && change.epochMilliseconds < end.epochMilliseconds; change = change.getTimeZoneTransition('next')) {
    observances.push(observance(change, change.subtract({ nanoseconds: 1 })));
  }
  return ['BEGIN:VTIMEZONE', `TZID:${timeZone}`, ...observances.flat(), 'END:VTIMEZONE'].join('\r\n');
}

function startOfYear(instant: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone).with({ month: 1, day: 1 }).startOfDay();
}

/** From `change` on the offset is another. Its start is told by the clock as it ran before. */
function observance(change: Temporal.ZonedDateTime, before: Temporal.ZonedDateTime): string[] {
  const name = change.offsetNanoseconds > before.offsetNanoseconds ? 'DAYLIGHT' : 'STANDARD';
  return [
    `BEGIN:${name}`,
    `DTSTART:${change.withTimeZone(before.offset).toPlainDateTime().toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')}`,
    `TZOFFSETFROM:${before.offset.replaceAll(':', '')}`,
    `TZOFFSETTO:${change.offset.replaceAll(':', '')}`,
    `END:${name}`,
  ];
}
