import { addDays, firstInstantOf, localDateOf } from '../../../platform/clock/calendar.js';
import { QUARTER_MS, quarterOf } from '../guard/day-masks.rules.js';
import { windowInvalid } from '../parking.errors.js';
import type { Span } from '../parking.types.js';

/** Into what a time is cut: `1d` are the days of the garage's calendar, which have 23 or 25 hours at times. */
export const STEPS = ['15m', '1h', '1d'] as const;
export type Step = (typeof STEPS)[number];

export const MOST_DAYS = 400;
const STEP_MS = { '15m': QUARTER_MS, '1h': 3_600_000 } as const;
const DAY_MS = 86_400_000;
/** By which so many days of a calendar may be longer than so many times 24 hours. */
const CLOCK_CHANGE_MS = 3_600_000;

/**
 * Where the steps of a span begin, and where the last one ends.
 *
 * @param most so many steps are allowed
 * @throws windowInvalid when there would be more, or the span is longer than 400 days
 */
export function edgesOf(span: Span, step: Step, timeZone: string, most: number): Date[] {
  const [from, to] = [span.startsAt.getTime(), span.endsAt.getTime()];
  const isTooLong = to - from > MOST_DAYS * DAY_MS + CLOCK_CHANGE_MS || (step !== '1d' && to - from > most * STEP_MS[step]);
  if (isTooLong) throw windowInvalid({ path: 'to', reason: `must be at most ${MOST_DAYS} days and, in steps of ${step}, ${most} steps after from` });
  return step === '1d' ? days(span, timeZone) : [...evenly(from, to, STEP_MS[step]), span.endsAt];
}

function* evenly(from: number, to: number, stepMs: number): Generator<Date> {
  for (let at = from; at < to; at += stepMs) yield new Date(at);
}

function days({ startsAt, endsAt }: Span, timeZone: string): Date[] {
  const edges = [startsAt];
  for (let date = addDays(localDateOf(startsAt, timeZone), 1); ; date = addDays(date, 1)) {
    // Midnights of long ago were not on quarter-hours everywhere.
    const midnight = quarterOf(firstInstantOf(date, timeZone));
    if (midnight >= endsAt) return [...edges, endsAt];
    // A date that the zone left out begins with the next one.
    if (midnight > edges.at(-1)!) edges.push(midnight);
  }
}

/** The week of a calendar around today: three days before it, and three after. */
export function weekAround(now: Date, timeZone: string): Span {
  const today = localDateOf(now, timeZone);
  return { startsAt: quarterOf(firstInstantOf(addDays(today, -3), timeZone)), endsAt: quarterOf(firstInstantOf(addDays(today, 4), timeZone)) };
}
