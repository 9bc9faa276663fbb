/** A place on Earth, in degrees. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** Latitudes and longitudes from one to another, both included. */
export interface Box {
  readonly south: number;
  readonly north: number;
  readonly west: number;
  readonly east: number;
}

/** Mean radius of the Earth (IUGG). As a sphere it is right to half a percent. */
const EARTH_M = 6_371_008.8;
const RADIANS = Math.PI / 180;
/** Some centimetres, more than rounding could take from a box. */
const MARGIN = 1e-6;

/** The way between two places along the surface of the Earth, in metres: on the same sphere as the boxes, and without a library, as rules are. */
export function distanceOf(one: Place, other: Place): number {
  const haversine = (degrees: number) => Math.sin((degrees * RADIANS) / 2) ** 2;
  const part = haversine(other.lat - one.lat) + Math.cos(one.lat * RADIANS) * Math.cos(other.lat * RADIANS) * haversine(other.lon - one.lon);
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, part)));
}

/** Boxes that hold every place within so many metres, and some that are farther: two where they cross the antimeridian. */
export function boxesAround({ lat, lon }: Place, radiusM: number): Box[] {
  const angle = radiusM / EARTH_M;
  const height = angle / RADIANS + MARGIN;
  const [south, north] = [lat - height, lat + height];
  // A circle with a pole in it has places of every longitude.
  if (south <= -90 || north >= 90) return [{ south, north, west: -180, east: 180 }];
  const width = Math.asin(Math.sin(angle) / Math.cos(lat * RADIANS)) / RADIANS + MARGIN;
  const [west, east] = [lon - width, lon + width];
  if (west < -180) return [{ south, north, west: -180, east }, { south, north, west: west + 360, east: 180 }];
  if (east > 180) return [{ south, north, west, east: 180 }, { south, north, west: -180, east: east - 360 }];
  // The antimeridian has two names.
  if (west === -180 || east === 180) return [{ south, north, west, east }, { south, north, west: -west, east: -east }];
  return [{ south, north, west, east }];
}

/** Those within so many metres of a place, the nearest first, with how far they are in whole metres. */
export function nearest<G extends Place & { readonly id: string }>(garages: readonly G[], place: Place, radiusM: number): { garage: G; distanceM: number }[] {
  return garages
    .map((garage) => ({ garage, metres: distanceOf(place, garage) }))
    .filter(({ metres }) => metres <= radiusM)
    .map(({ garage, metres }) => ({ garage, distanceM: Math.round(metres) }))
    .sort((one, other) => one.distanceM - other.distanceM || (one.garage.id < other.garage.id ? -1 : 1));
}
