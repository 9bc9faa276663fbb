import { daysOfSpan, Timeline, type DayMask } from '../guard/day-masks.rules.js';
import { SIZES, type BySize, type Size, type Span, type Spot } from '../parking.types.js';

/** A spot, and when it is free. */
export interface SpotTime {
  readonly spot: Spot;
  readonly timeline: Timeline;
}

/** Time on one spot. */
export interface OnSpot extends Span {
  readonly spotId: string;
}

/** Time on one spot, or on all of a garage. */
export interface InGarage extends Span {
  readonly garageId: string;
  readonly spotId: string | null;
}

/** What spots are taken by, as it was read. */
export interface Taken {
  readonly spots: readonly Spot[];
  /** By the spot's id. */
  readonly masks?: ReadonlyMap<string, readonly DayMask[]>;
  /** In the masks still, but over. */
  readonly lapsed?: readonly OnSpot[];
  readonly stays?: readonly OnSpot[];
  readonly blackouts?: readonly InGarage[];
}

/** When spots are free at some time of a span. Time at which a spot is out of use is not free. */
export function timesOf({ spots, masks, lapsed = [], stays = [], blackouts = [] }: Taken, span: Span): SpotTime[] {
  const { firstDay, days } = daysOfSpan(span);
  const times = spots.map((spot) => ({ spot, timeline: new Timeline(firstDay, days, masks?.get(spot.id)) }));
  const timelines = new Map(times.map(({ spot, timeline }) => [spot.id, timeline]));
  for (const over of lapsed) timelines.get(over.spotId)?.mark(over, false);
  for (const stay of stays) timelines.get(stay.spotId)?.mark(stay, true);
  // After the lapsed ones: they may have been laid over them.
  for (const blackout of blackouts) for (const { spot, timeline } of times) if (isUnder(spot, blackout)) timeline.mark(blackout, true);
  for (const { spot, timeline } of times) {
    timeline.mark({ startsAt: span.startsAt, endsAt: spot.activeFrom }, true);
    if (spot.activeTo !== null) timeline.mark({ startsAt: spot.activeTo, endsAt: span.endsAt }, true);
  }
  return times;
}

function isUnder(spot: Spot, { garageId, spotId }: InGarage): boolean {
  return spotId === null ? garageId === spot.garageId : spotId === spot.id;
}

/** How many spots of each size are free for the whole of each step: the time from one edge up to the next. */
export function countFree(times: readonly SpotTime[], edges: readonly Date[]): BySize[] {
  const places = times[0] === undefined ? [] : edges.map((edge) => times[0]!.timeline.placeOf(edge));
  const counts = Object.fromEntries(SIZES.map((size) => [size, new Uint32Array(edges.length - 1)])) as Record<Size, Uint32Array>;
  for (const { spot, timeline } of times) timeline.addFreeTo(counts[spot.size], places);
  return edges.slice(1).map((_, index) => ({ compact: counts.compact[index]!, regular: counts.regular[index]!, large: counts.large[index]! }));
}

/** How many spots of each size are free for the whole of a span. */
export function countFreeAt(times: readonly SpotTime[], { startsAt, endsAt }: Span): BySize {
  return countFree(times, [startsAt, endsAt])[0]!;
}
