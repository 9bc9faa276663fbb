import { Temporal } from 'temporal-polyfill';
import { instantOf } from '../../platform/clock/calendar.js';
import type { DomainError } from '../../platform/errors/domain-error.js';
import { requestInvalid } from '../../platform/errors/house.errors.js';
import { QUARTER_MS, quarterOf } from './guard/day-masks.rules.js';
import { windowInvalid, windowPast, windowTooFar, windowTooLong, windowTooShort } from './parking.errors.js';
import type { Garage, Span } from './parking.types.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A window as it is sent, and the names of its fields. */
export interface WindowText {
  readonly from: string;
  readonly to: string;
  readonly paths?: readonly [from: string, to: string];
}

/** `from` and `to` of a query: both, or undefined when it has neither. @throws requestInvalid when one is missing */
export function windowOf({ from, to }: { from?: string; to?: string }): { from: string; to: string } | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from !== undefined && to !== undefined) return { from, to };
  throw requestInvalid({ errors: [{ path: from === undefined ? 'from' : 'to', message: 'from and to must come together' }] });
}

/**
 * The span that two texts name.
 *
 * @param timeZone of the garage: a wall-clock time that its clocks skip is refused, although its offset would give it a meaning
 * @throws windowInvalid
 */
export function spanOf({ from, to, paths = ['startsAt', 'endsAt'] }: WindowText, timeZone: string): Span {
  const startsAt = timeOf(from, paths[0], timeZone);
  const endsAt = timeOf(to, paths[1], timeZone);
  if (endsAt <= startsAt) throw windowInvalid({ path: paths[1], reason: `must be after ${paths[0]}` });
  return { startsAt, endsAt };
}

/** A time on a quarter-hour. @throws windowInvalid */
export function timeOf(text: string, path: string, timeZone: string): Date {
  const instant = instantOf(text);
  if (instant === undefined) throw windowInvalid({ path, reason: 'must be an RFC 3339 time with an offset, such as 2026-03-29T08:00:00+02:00' });
  if (instant.getTime() % QUARTER_MS !== 0) throw windowInvalid({ path, reason: 'must be on a quarter-hour' });
  if (isSkipped(text, timeZone)) throw windowInvalid({ path, reason: `does not exist in ${timeZone}, whose clocks skip it that day` });
  return instant;
}

/** True when the garage's clocks never show this time, and its offset is one that they have before or after the gap: so it was meant for them. */
function isSkipped(text: string, timeZone: string): boolean {
  const [local = '', offset = ''] = [text.slice(0, 19), text.slice(19).replace(/^\.\d+/, '')];
  if (/^z$/i.test(offset)) return false;
  const wall = Temporal.PlainDateTime.from(local);
  const [earlier, later] = (['earlier', 'later'] as const).map((disambiguation) => wall.toZonedDateTime(timeZone, { disambiguation }));
  const isGap = !earlier!.toPlainDateTime().equals(wall) && !later!.toPlainDateTime().equals(wall);
  return isGap && [earlier!.offset, later!.offset].includes(offset);
}

/**
 * Why the garage takes no reservation of this span; undefined when it does.
 *
 * @param now of the calendar clock
 */
export function refusalOf({ startsAt, endsAt }: Span, garage: Pick<Garage, 'maxAdvanceDays' | 'minMinutes' | 'maxMinutes'>, now: Date): DomainError | undefined {
  const { maxAdvanceDays, minMinutes, maxMinutes } = garage;
  // Who stands at the gate books the quarter-hour that has begun.
  if (startsAt < quarterOf(now)) return windowPast();
  if (startsAt.getTime() > now.getTime() + maxAdvanceDays * DAY_MS) return windowTooFar({ maxAdvanceDays });
  const minutes = (endsAt.getTime() - startsAt.getTime()) / MINUTE_MS;
  if (minutes < minMinutes) return windowTooShort({ minMinutes });
  if (minutes > maxMinutes) return windowTooLong({ maxMinutes });
  return undefined;
}

/** @throws windowPast; windowTooFar; windowTooShort; windowTooLong, as {@link refusalOf} has them */
export function checkSpan(span: Span, garage: Pick<Garage, 'maxAdvanceDays' | 'minMinutes' | 'maxMinutes'>, now: Date): void {
  const refusal = refusalOf(span, garage, now);
  if (refusal !== undefined) throw refusal;
}
