import { Temporal } from 'temporal-polyfill';

export interface TimeTick {
  readonly at: Date;
  readonly label: string;
}

const VALUE_STEPS = 4;
const TIME_LABELS = 7;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365.25 * DAY_MS;

interface TimeStep {
  readonly step: Temporal.DurationLike;
  readonly milliseconds: number;
  /** The ticks are counted from the start of this unit. */
  readonly from: (local: Temporal.PlainDateTime) => Temporal.PlainDateTime;
  readonly format: Intl.DateTimeFormatOptions;
}

const hourStart = (local: Temporal.PlainDateTime) => local.round({ smallestUnit: 'hour', roundingMode: 'floor' });
const dayStart = (local: Temporal.PlainDateTime) => local.round({ smallestUnit: 'day', roundingMode: 'floor' });
const yearStart = (local: Temporal.PlainDateTime) => dayStart(local).with({ month: 1, day: 1 });

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

const TIME_STEPS: readonly TimeStep[] = [
  ...[1, 5, 15, 30].map((minutes) => ({ step: { minutes }, milliseconds: minutes * MINUTE_MS, from: hourStart, format: CLOCK })),
  ...[1, 3, 6, 12].map((hours) => ({ step: { hours }, milliseconds: hours * HOUR_MS, from: dayStart, format: CLOCK })),
  ...[1, 2, 7, 14].map((days) => ({ step: { days }, milliseconds: days * DAY_MS, from: dayStart, format: DAY })),
  ...[1, 3, 6].map((months) => ({ step: { months }, milliseconds: (months * YEAR_MS) / 12, from: yearStart, format: { month: 'short', year: 'numeric' } as const })),
];

/** The smallest of 1, 2 and 5 times a power of ten that is not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

/**
 * Round steps around `values` and zero: a bar or an area that does not stand on zero misleads.
 *
 * @param values finite, of a magnitude from 1e-300 to 1e300, or zero
 */
export function valueTicks(values: readonly number[]): number[] {
  const lowest = values.reduce((a, b) => Math.min(a, b), 0);
  const highest = values.reduce((a, b) => Math.max(a, b), 0);
  if (lowest === highest) return [0, 1];
  const least = (highest - lowest) / VALUE_STEPS;
  // Half a member is none.
  const step = values.every(Number.isInteger) ? Math.max(1, roundStep(least)) : roundStep(least);
  const first = Math.floor(lowest / step);
  return Array.from({ length: Math.ceil(highest / step) - first + 1 }, (_, index) => (first + index) * step + 0);
}

/**
 * A few round times from `from` to `to` by the clocks of a time zone, labelled in its time.
 *
 * @param leastMs no two labels are closer than this: less would point into a bar
 */
export function timeTicks(from: Date, to: Date, timeZone: string, leastMs = 0): TimeTick[] {
  const span = to.getTime() - from.getTime();
  const { step, from: startOf, format } = TIME_STEPS.find(({ milliseconds }) => milliseconds >= leastMs && span / milliseconds <= TIME_LABELS) ?? yearStep(span);
  const start = startOf(Temporal.Instant.fromEpochMilliseconds(from.getTime()).toZonedDateTimeISO(timeZone).toPlainDateTime());
  const ticks: TimeTick[] = [];
  let last = from.getTime() - 1;
  for (let count = 0; ; count += 1) {
    // Each from the start: a month later than 31 January is not two months later than 31 December.
    const local = start.add(multiplied(step, count));
    // By the wall clock, so that labels stay round over a change of the clocks; a time that is skipped comes later.
    const at = local.toZonedDateTime(timeZone).epochMilliseconds;
    if (at > to.getTime()) return ticks;
    if (at <= last) continue;
    last = at;
    ticks.push({ at: new Date(at), label: labelOf(local, format, ticks.length === 0) });
  }
}

function yearStep(span: number): TimeStep {
  const years = Math.max(1, roundStep(span / YEAR_MS / TIME_LABELS));
  return { step: { years }, milliseconds: years * YEAR_MS, from: (local) => yearStart(local).with({ year: local.year - (local.year % years) }), format: { year: 'numeric' } };
}

function multiplied(step: Temporal.DurationLike, count: number): Temporal.DurationLike {
  return Object.fromEntries(Object.entries(step).map(([unit, amount]) => [unit, (amount as number) * count]));
}

/** A clock time says its day where the day begins, and where the axis does. */
function labelOf(local: Temporal.PlainDateTime, format: Intl.DateTimeFormatOptions, first: boolean): string {
  const midnight = local.hour === 0 && local.minute === 0;
  const options = format !== CLOCK ? format : midnight ? DAY : first ? { ...DAY, ...CLOCK } : CLOCK;
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(local.toZonedDateTime('UTC').epochMilliseconds);
}
