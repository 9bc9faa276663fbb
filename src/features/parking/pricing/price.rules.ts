import { Temporal } from 'temporal-polyfill';
import { WEEKDAYS, type Price, type Size, type Span, type TariffElement } from '../parking.types.js';
import { elementAt } from './tariff.rules.js';

const MINUTE_MS = 60_000;
const QUARTER_MINUTES = 15;
const DAY_MINUTES = 1440;

/** What is to be priced. */
export interface Stay {
  /** A tariff without a fault. */
  readonly elements: readonly TariffElement[];
  /** Of the vehicle. */
  readonly size: Size;
  readonly span: Span;
  /** IANA name of the time zone of the garage. */
  readonly timeZone: string;
}

/** Time with one element on one local date; `from` and `to` in minutes after the start of the stay. */
interface Run {
  readonly element: TariffElement;
  /** Number of its element and local date, which share a cap. */
  readonly group: number;
  readonly from: number;
  to: number;
}

/**
 * What a stay costs, in minor units. Elapsed time is rounded up to the step of the element in which the stay begins,
 * and split where the local date or the element changes; each line costs minutes × hourly rate / 60, half up; lines
 * of one element on one local date cost no more than its daily cap together.
 *
 * That alone could make a stay dearer than the same time booked in parts: by rounding, by caps of other elements, by
 * dear hours into which a step reaches. So the price is that of the cheapest way to book it in parts, cut at
 * quarter-hours; of equally cheap ways, of that with the longest last part, which is the whole where parts gain nothing.
 * Hence price(a, c) ≤ price(a, b) + price(b, c) whatever the tariff, and a stay that ends later never costs less. The
 * lines are those of the parts, one after the other and joined where the local date and the element are the same; what
 * a part is billed for beyond its end may lie in the next one.
 *
 * Numbers are exact as long as a rate times the minutes of the stay is below 2^53.
 */
export function priceOf({ elements, size, span, timeZone }: Stay): Price {
  const startMs = span.startsAt.getTime();
  const at = (minutes: number) => new Date(startMs + minutes * MINUTE_MS);
  const quarters = (span.endsAt.getTime() - startMs) / (QUARTER_MINUTES * MINUTE_MS);
  const ofSize = elements.filter((element) => element.size === size);
  const longestStep = Math.max(...ofSize.map(({ stepMinutes }) => stepMinutes));
  const runs = runsOf(ofSize, size, startMs, quarters + Math.ceil(longestStep / QUARTER_MINUTES), timeZone);
  const lines = joined(cheapestParts(runs, quarters).flatMap((part) => part.lines()));
  return {
    priceMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    lines: lines.map(({ from, to, minutes, amountMinor }) => ({ from: at(from), to: at(to), minutes, amountMinor })),
  };
}

/** A line of a part; times are minutes after the start of the stay. */
interface Line {
  readonly group: number;
  readonly from: number;
  readonly to: number;
  readonly minutes: number;
  readonly amountMinor: number;
}

function joined(lines: readonly Line[]): Line[] {
  const joint: Line[] = [];
  for (const line of lines) {
    const last = joint.at(-1);
    if (last?.group !== line.group) joint.push(line);
    else joint[joint.length - 1] = { ...last, to: Math.max(last.to, line.to), minutes: last.minutes + line.minutes, amountMinor: last.amountMinor + line.amountMinor };
  }
  return joint;
}

function runsOf(elements: readonly TariffElement[], size: Size, startMs: number, quarters: number, timeZone: string): Run[] {
  const runs: Run[] = [];
  const groups = new Map<string, number>();
  let [offsetMinutes, offsetUntil] = [0, -Infinity];
  for (let quarter = 0; quarter < quarters; quarter += 1) {
    const ms = startMs + quarter * QUARTER_MINUTES * MINUTE_MS;
    if (ms >= offsetUntil) [offsetMinutes, offsetUntil] = offsetAt(ms, timeZone);
    const localMinutes = ms / MINUTE_MS + offsetMinutes;
    const day = Math.floor(localMinutes / DAY_MINUTES);
    // The first of January 1970 was a Thursday.
    const weekday = WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;
    const element = elementAt(elements, size, weekday, localMinutes - day * DAY_MINUTES)!;
    const key = `${day}/${elements.indexOf(element)}`;
    if (!groups.has(key)) groups.set(key, groups.size);
    const group = groups.get(key)!;
    const [from, to, last] = [quarter * QUARTER_MINUTES, (quarter + 1) * QUARTER_MINUTES, runs.at(-1)];
    if (last?.group === group) last.to = to;
    else runs.push({ element, group, from, to });
  }
  return runs;
}

/** Minutes by which local time is ahead of UTC, and until when, in milliseconds since 1970. */
function offsetAt(ms: number, timeZone: string): [minutes: number, until: number] {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
  return [local.offsetNanoseconds / (MINUTE_MS * 1_000_000), local.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity];
}

function cheapestParts(runs: readonly Run[], quarters: number): Part[] {
  const whole = new Part(runs, 0, 0);
  if (whole.extendTo(quarters * QUARTER_MINUTES) === leastOf(runs, quarters * QUARTER_MINUTES)) return [whole];
  // Of the time up to each quarter-hour: the least it costs, and where the last part of it begins.
  const least = new Float64Array(quarters + 1).fill(Infinity);
  const starts = new Int32Array(quarters + 1);
  least[0] = 0;
  const runAt = startingRuns(runs, quarters);
  for (let start = 0; start < quarters; start += 1) {
    const part = new Part(runs, runAt[start]!, start * QUARTER_MINUTES);
    for (let end = start + 1; end <= quarters; end += 1) {
      const amount = least[start]! + part.extendTo(end * QUARTER_MINUTES);
      if (amount >= least[end]!) continue;
      least[end] = amount;
      starts[end] = start;
    }
  }
  const parts: Part[] = [];
  for (let end = quarters; end > 0; end = starts[end]!) {
    const part = new Part(runs, runAt[starts[end]!]!, starts[end]! * QUARTER_MINUTES);
    part.extendTo(end * QUARTER_MINUTES);
    parts.unshift(part);
  }
  return parts;
}

/** For each quarter-hour the number of the run that it is in. */
function startingRuns(runs: readonly Run[], quarters: number): Int32Array {
  const runAt = new Int32Array(quarters);
  let run = 0;
  for (let quarter = 0; quarter < quarters; quarter += 1) {
    if (runs[run]!.to <= quarter * QUARTER_MINUTES) run += 1;
    runAt[quarter] = run;
  }
  return runAt;
}

/** No way to book this time costs less. Mostly the whole at once costs just that, and needs no search. */
function leastOf(runs: readonly Run[], minutes: number): number {
  const groups = new Map<number, { quarters: number; element: TariffElement }>();
  for (const { element, group, from, to } of runs) {
    const quarters = Math.max(0, Math.min(to, minutes) - from) / QUARTER_MINUTES;
    groups.set(group, { quarters: (groups.get(group)?.quarters ?? 0) + quarters, element });
  }
  let leastMinor = 0;
  for (const { quarters, element: { hourlyMinor, dailyCapMinor } } of groups.values()) {
    // Of an even rate a quarter-hour is whole or ends in a half, and half up takes nothing off; elsewhere at most the fraction.
    const quarterMinor = hourlyMinor % 2 === 0 ? hourlyMinor / 4 : Math.floor(hourlyMinor / 4);
    leastMinor += Math.min(dailyCapMinor ?? Infinity, Math.ceil(quarters * quarterMinor));
  }
  return leastMinor;
}

/** A part of a stay as if it was booked alone, which can be made longer. Times are minutes after the start of the stay. */
class Part {
  private readonly finishedMinor: number[] = [];
  private readonly spentMinor: number[] = [];
  private sumMinor = 0;
  private lastMinor = 0;
  private lastRun: number;
  private billedTo: number;

  constructor(
    private readonly runs: readonly Run[],
    private readonly firstRun: number,
    private readonly from: number,
  ) {
    this.lastRun = firstRun;
    this.billedTo = from;
  }

  get amountMinor(): number {
    return this.sumMinor + this.lastMinor;
  }

  /** Makes it end then, not earlier than it did. @returns what it costs */
  extendTo(end: number): number {
    if (end > this.billedTo) {
      const { stepMinutes } = this.runs[this.firstRun]!.element;
      this.billedTo = this.from + Math.ceil((end - this.from) / stepMinutes) * stepMinutes;
      while (this.runs[this.lastRun]!.to < this.billedTo) this.finishLine();
      this.lastMinor = this.costTo(this.billedTo);
    }
    return this.amountMinor;
  }

  lines(): Line[] {
    return [...this.finishedMinor, this.lastMinor].map((amountMinor, index) => {
      const run = this.runs[this.firstRun + index]!;
      const [from, to] = [Math.max(this.from, run.from), Math.min(this.billedTo, run.to)];
      return { group: run.group, from, to, minutes: to - from, amountMinor };
    });
  }

  private finishLine(): void {
    const { group, to } = this.runs[this.lastRun]!;
    const amountMinor = this.costTo(to);
    this.finishedMinor.push(amountMinor);
    this.spentMinor[group] = (this.spentMinor[group] ?? 0) + amountMinor;
    this.sumMinor += amountMinor;
    this.lastRun += 1;
  }

  /** What the line in the last run costs when it goes up to `to`. */
  private costTo(to: number): number {
    const { element, group, from } = this.runs[this.lastRun]!;
    // Exact: a sixtieth, by which the quotient may fall short of a whole number, is more than a division below 2^53 rounds by.
    const uncapped = Math.floor(((to - Math.max(this.from, from)) * element.hourlyMinor + 30) / 60);
    return Math.min(uncapped, (element.dailyCapMinor ?? Infinity) - (this.spentMinor[group] ?? 0));
  }
}
