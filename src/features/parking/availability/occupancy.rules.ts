import { QUARTER_MS } from '../guard/day-masks.rules.js';
import { SIZES, type ReservationStatus, type Size, type Span, type Spot } from '../parking.types.js';
import { noShowFrom } from '../reservations/reservation.rules.js';
import { countFree, timesOf, type InGarage, type OnSpot } from './free-time.rules.js';

/** A reservation that was neither cancelled nor given up, as it is stored. */
export interface StoredStay extends OnSpot {
  readonly status: ReservationStatus;
  /** Of an extension that waits to be paid and may be still. */
  readonly extensionEndsAt: Date | null;
  readonly checkedOutAt: Date | null;
}

/** Spots of a size, in numbers. */
export interface Use {
  readonly total: number;
  readonly taken: number;
  readonly free: number;
}

export interface Occupancy {
  readonly from: Date;
  readonly to: Date;
  readonly sizes: Readonly<Record<Size, Use>>;
}

/** When a stay took its spot: until the check-out, and until nobody was expected any more where nobody came. In whole quarter-hours, as spots are let. */
export function timeTaken({ spotId, startsAt, endsAt, status, extensionEndsAt, checkedOutAt }: StoredStay, noShowMinutes: number, now: Date): OnSpot {
  const noShowAt = new Date(noShowFrom({ startsAt, endsAt: extensionEndsAt ?? endsAt }, noShowMinutes));
  const left = status === 'no-show' || (status === 'confirmed' && noShowAt <= now) ? noShowAt : checkedOutAt;
  if (left === null) return { spotId, startsAt, endsAt: extensionEndsAt ?? endsAt };
  return { spotId, startsAt, endsAt: new Date(Math.min(endsAt.getTime(), Math.ceil(left.getTime() / QUARTER_MS) * QUARTER_MS)) };
}

/**
 * How a garage was and will be taken: of each step, and for each size, its busiest quarter-hour. Blackouts count as taken,
 * spots that are out of use not at all.
 *
 * @param edges on quarter-hours: where the steps begin, and where the last one ends
 */
export function occupancyOf(spots: readonly Spot[], stays: readonly OnSpot[], blackouts: readonly InGarage[], edges: readonly Date[]): Occupancy[] {
  const span: Span = { startsAt: edges[0]!, endsAt: edges.at(-1)! };
  const quarters = Array.from({ length: (span.endsAt.getTime() - span.startsAt.getTime()) / QUARTER_MS + 1 }, (_, index) => new Date(span.startsAt.getTime() + index * QUARTER_MS));
  const total = countFree(timesOf({ spots }, span), quarters);
  const free = countFree(timesOf({ spots, stays, blackouts }, span), quarters);
  let quarter = 0;
  return edges.slice(1).map((to, index) => {
    const first = quarter;
    while (quarter < free.length && quarters[quarter]! < to) quarter += 1;
    const busiest = (size: Size): Use => {
      let use = { total: 0, taken: -1, free: 0 };
      for (let at = first; at < quarter; at += 1) {
        const taken = total[at]![size] - free[at]![size];
        if (taken > use.taken) use = { total: total[at]![size], taken, free: free[at]![size] };
      }
      return use;
    };
    return { from: edges[index]!, to, sizes: Object.fromEntries(SIZES.map((size) => [size, busiest(size)])) as Record<Size, Use> };
  });
}

/** RFC 4180: a line for each step and size. Nothing in it is a text of anybody's, so nothing needs quotes. */
export function occupancyCsv(occupancy: readonly Occupancy[]): string {
  const lines = occupancy.flatMap(({ from, to, sizes }) =>
    SIZES.map((size) => [from.toISOString(), to.toISOString(), size, sizes[size].total, sizes[size].taken, sizes[size].free].join(',')),
  );
  return ['from,to,size,total,taken,free', ...lines, ''].join('\r\n');
}
