import { distance } from 'geokdbush';
import type { Place } from './search.types.js';
import type { TopList } from './top-list.js';

/** Half the way around the Earth of geokdbush: nothing is farther away. */
const FARTHEST_KM = 6371 * Math.PI;

/** Kilometres along the great circle, on a sphere. Not a number when there is no place. */
export function kilometres(from: Place, lat: number, lon: number): number {
  return distance(from.lon, from.lat, lon, lat);
}

/** What is looked for: the documents nearest to a place that are accepted, in `top` under minus their kilometres. */
export interface NearestSearch {
  readonly near: Place;
  /** Infinity when any distance will do. */
  readonly withinKm: number;
  readonly top: TopList;
  /** Whether a document, which has a place within the radius, is wanted. */
  readonly accepts: (ordinal: number) => boolean;
}

/**
 * A limit for geokdbush, which compares haversines: a little more than was asked for, because theirs and the
 * kilometres are rounded differently; none where a larger angle would have a smaller haversine.
 */
export function looseKm(km: number): number {
  const loose = km * (1 + 1e-9) + 1e-6;
  return loose < FARTHEST_KM ? loose : Infinity;
}
