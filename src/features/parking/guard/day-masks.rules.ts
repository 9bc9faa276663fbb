import type { Span } from '../parking.types.js';

export const QUARTER_MS = 900_000;
export const QUARTERS_A_DAY = 96;
const HALF = 48;
export const DAY_MS = QUARTERS_A_DAY * QUARTER_MS;

/** A UTC day as `YYYY-MM-DD`. */
export type UtcDay = string;

/** Some of the 96 quarter-hours of a UTC day, a bit each, in two halves of 48: BIGINTs, and so never `<<` on numbers, which has 32. */
export interface DayMask {
  readonly day: UtcDay;
  /** Quarter-hours 0 to 47; bit 0 is midnight. */
  readonly lo: bigint;
  /** Quarter-hours 48 to 95; bit 0 is noon. */
  readonly hi: bigint;
}

export function utcDayOf(instant: Date): UtcDay {
  return instant.toISOString().slice(0, 10);
}

export function instantOfDay(day: UtcDay): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** The first quarter-hour that has not ended at `instant`. */
export function quarterOf(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / QUARTER_MS) * QUARTER_MS);
}

/** Days in a row, both ends included. */
export interface DayRange {
  readonly firstDay: UtcDay;
  readonly lastDay: UtcDay;
  readonly days: number;
}

/** The days that a span touches. */
export function daysOfSpan({ startsAt, endsAt }: Span): DayRange {
  const firstDay = utcDayOf(startsAt);
  const lastDay = utcDayOf(new Date(endsAt.getTime() - 1));
  return { firstDay, lastDay, days: (instantOfDay(lastDay).getTime() - instantOfDay(firstDay).getTime()) / DAY_MS + 1 };
}

/** The quarter-hours of a span, day by day in ascending order. */
export function dayMasksOf({ startsAt, endsAt }: Span): DayMask[] {
  const masks: DayMask[] = [];
  for (let midnight = instantOfDay(utcDayOf(startsAt)).getTime(); midnight < endsAt.getTime(); midnight += DAY_MS) {
    const from = Math.max(0, (startsAt.getTime() - midnight) / QUARTER_MS);
    const to = Math.min(QUARTERS_A_DAY, (endsAt.getTime() - midnight) / QUARTER_MS);
    masks.push({ day: utcDayOf(new Date(midnight)), lo: bits(from, Math.min(to, HALF)), hi: bits(from - HALF, to - HALF) });
  }
  return masks;
}

/** The bits `from` up to, and without, `to`. */
function bits(from: number, to: number): bigint {
  const first = Math.max(0, from);
  return to <= first ? 0n : (1n << BigInt(to)) - (1n << BigInt(first));
}

/** Quarter-hours of consecutive days as one row of places, of which some are taken. */
export class Timeline {
  private readonly startMs: number;
  private readonly taken: Uint8Array;

  /** @param masks in any order; days that are missing are free */
  constructor(firstDay: UtcDay, days: number, masks: readonly DayMask[] = []) {
    this.startMs = instantOfDay(firstDay).getTime();
    this.taken = new Uint8Array(days * QUARTERS_A_DAY);
    for (const { day, lo, hi } of masks) {
      const start = this.placeOf(instantOfDay(day));
      if (start < 0 || start >= this.taken.length) continue;
      this.put(start, lo);
      this.put(start + HALF, hi);
    }
  }

  /** True when all of the span is free; what lies outside of the timeline is. */
  isFree({ startsAt, endsAt }: Span): boolean {
    return this.taken.subarray(Math.max(0, this.placeOf(startsAt)), Math.max(0, this.placeOf(endsAt))).every((place) => place === 0);
  }

  /** How many quarter-hours are free around a span, itself left out, up to what is taken or the end of the timeline. */
  gapAround({ startsAt, endsAt }: Span): number {
    let gap = 0;
    for (let place = this.placeOf(startsAt) - 1; place >= 0 && this.taken[place] === 0; place -= 1) gap += 1;
    for (let place = this.placeOf(endsAt); place < this.taken.length && this.taken[place] === 0; place += 1) gap += 1;
    return gap;
  }

  /** Marks a span as taken, or as free. */
  mark({ startsAt, endsAt }: Span, isTaken: boolean): void {
    this.taken.fill(isTaken ? 1 : 0, Math.max(0, this.placeOf(startsAt)), Math.max(0, this.placeOf(endsAt)));
  }

  /** The first time, not before `from`, from which on so many quarter-hours are free; undefined when the timeline has none. */
  firstFree(from: Date, quarters: number): Date | undefined {
    let free = 0;
    for (let place = Math.max(0, this.placeOf(from)); place < this.taken.length; place += 1) {
      free = this.taken[place] === 0 ? free + 1 : 0;
      if (free === quarters) return new Date(this.startMs + (place + 1 - quarters) * QUARTER_MS);
    }
    return undefined;
  }

  /** Counts into `counts`, for each place of `edges` but the last, one more when all from it up to the next is free. */
  addFreeTo(counts: Uint32Array, edges: readonly number[]): void {
    for (let index = 1; index < edges.length; index += 1) {
      const end = edges[index]!;
      let place = edges[index - 1]!;
      while (place < end && this.taken[place] === 0) place += 1;
      if (place === end) counts[index - 1]! += 1;
    }
  }

  /** Which quarter-hour of the timeline begins then. */
  placeOf(instant: Date): number {
    return (instant.getTime() - this.startMs) / QUARTER_MS;
  }

  private put(start: number, mask: bigint): void {
    // Numbers, two by two 24 bits: far quicker than a BigInt for each bit.
    for (const [offset, part] of [[0, Number(mask & 0xffffffn)], [24, Number(mask >> 24n)]] as const) {
      for (let bit = 0, rest = part; rest !== 0; bit += 1, rest >>>= 1) if (rest & 1) this.taken[start + offset + bit] = 1;
    }
  }
}
