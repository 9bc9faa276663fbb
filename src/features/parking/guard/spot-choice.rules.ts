import { SIZES, type Size, type Span, type Spot, type SpotFeature } from '../parking.types.js';
import { DAY_MS, daysOfSpan, Timeline, type DayMask, type DayRange } from './day-masks.rules.js';

/** What somebody looks for. */
export interface Need {
  /** Of the vehicle. */
  readonly size: Size;
  /** That the spot must have. */
  readonly features: readonly SpotFeature[];
  /** Whether accessible spots are for them. */
  readonly isEntitled: boolean;
}

/** A spot, and when it is taken. */
export interface SurveyedSpot {
  readonly spot: Spot;
  readonly masks: readonly DayMask[];
}

export function isLargeEnough(spot: Size, vehicle: Size): boolean {
  return SIZES.indexOf(spot) >= SIZES.indexOf(vehicle);
}

/** Accessible spots are for those who have the entitlement; all others are for everybody. */
export function isOpenTo({ features }: Pick<Spot, 'features'>, isEntitled: boolean): boolean {
  return isEntitled || !features.includes('accessible');
}

/** Whether the spot is one for this need, at whatever time. */
export function fits(spot: Pick<Spot, 'size' | 'features'>, need: Need): boolean {
  return isLargeEnough(spot.size, need.size) && need.features.every((feature) => spot.features.includes(feature)) && isOpenTo(spot, need.isEntitled);
}

/** Whether the spot is in use all that time. */
export function isActive({ activeFrom, activeTo }: Pick<Spot, 'activeFrom' | 'activeTo'>, { startsAt, endsAt }: Span): boolean {
  return activeFrom <= startsAt && (activeTo === null || activeTo >= endsAt);
}

/** The days that are looked at for a span: those it touches, and one more on each side, which say how tight the gap is. */
export function daysAround({ startsAt, endsAt }: Span): DayRange {
  return daysOfSpan({ startsAt: new Date(startsAt.getTime() - DAY_MS), endsAt: new Date(endsAt.getTime() + DAY_MS) });
}

/**
 * The spots that are free for this need and span, the best first: the smallest size, then the fewest features that
 * nobody asked for, so that those stay free for who needs them, then the tightest gap, then the garage's own order. Those
 * that are as good as each other come together, by their labels.
 */
export function bestFit(surveyed: readonly SurveyedSpot[], need: Need, span: Span): Spot[][] {
  const { firstDay, days } = daysAround(span);
  const ranked = surveyed
    .filter(({ spot }) => fits(spot, need) && isActive(spot, span))
    .map(({ spot, masks }) => ({ spot, timeline: new Timeline(firstDay, days, masks) }))
    .filter(({ timeline }) => timeline.isFree(span))
    .map(({ spot, timeline }) => ({
      spot,
      rank: [SIZES.indexOf(spot.size), spot.features.filter((feature) => !need.features.includes(feature)).length, timeline.gapAround(span), spot.ord],
    }))
    .sort((one, other) => compare(one.rank, other.rank) || (one.spot.label < other.spot.label ? -1 : 1));
  const groups: (typeof ranked)[] = [];
  for (const one of ranked) {
    const group = groups.at(-1);
    if (group !== undefined && compare(group[0]!.rank, one.rank) === 0) group.push(one);
    else groups.push([one]);
  }
  return groups.map((group) => group.map(({ spot }) => spot));
}

function compare(one: readonly number[], other: readonly number[]): number {
  const place = one.findIndex((number, index) => number !== other[index]);
  return place === -1 ? 0 : one[place]! - other[place]!;
}
