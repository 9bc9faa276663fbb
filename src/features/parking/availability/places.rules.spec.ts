import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boxesAround, distanceOf, nearest, type Box, type Place } from './places.rules.js';

const lat = fc.double({ min: -90, max: 90, noNaN: true });
const lon = fc.double({ min: -180, max: 180, noNaN: true });
const place: fc.Arbitrary<Place> = fc.record({
  lat: fc.oneof(lat, fc.constantFrom(-90, 90, 0, 89.99, -89.99)),
  lon: fc.oneof(lon, fc.constantFrom(-180, 180, 0, 179.999, -179.999)),
});

/** Along the great circle by vectors: another way to the same. */
function byVectors(one: Place, other: Place): number {
  const vector = ({ lat, lon }: Place) => {
    const [phi, lambda] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)] as const;
  };
  const [a, b] = [vector(one), vector(other)];
  return 6_371_008.8 * 2 * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2));
}

/** A place so many metres from another, in some direction. */
function onward({ lat, lon }: Place, metres: number, bearing: number): Place {
  const [phi, angle] = [(lat * Math.PI) / 180, metres / 6_371_008.8];
  const there = Math.asin(Math.max(-1, Math.min(1, Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(bearing))));
  const turn = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(phi), Math.cos(angle) - Math.sin(phi) * Math.sin(there));
  const east = lon + (turn * 180) / Math.PI;
  return { lat: (there * 180) / Math.PI, lon: ((((east + 180) % 360) + 360) % 360) - 180 };
}

const isIn = (at: Place, boxes: readonly Box[]) =>
  boxes.some(({ south, north, west, east }) => at.lat >= south && at.lat <= north && at.lon >= west && at.lon <= east);

describe('the distance of two places', () => {
  it.each<[string, Place, Place, number]>([
    ['none', { lat: 52.5, lon: 13.4 }, { lat: 52.5, lon: 13.4 }, 0],
    ['a degree of latitude', { lat: 10, lon: 20 }, { lat: 11, lon: 20 }, 111_195],
    ['a degree of longitude at 60° north', { lat: 60, lon: 20 }, { lat: 60, lon: 21 }, 55_597],
    ['Berlin to Munich', { lat: 52.52, lon: 13.405 }, { lat: 48.1374, lon: 11.5755 }, 504_286],
    ['over the antimeridian', { lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 }, 111_195],
    ['over the pole', { lat: 89.5, lon: 0 }, { lat: 89.5, lon: 180 }, 111_195],
    ['to the other side of the Earth', { lat: 12, lon: 34 }, { lat: -12, lon: -146 }, 20_015_114],
  ])('%s', (_name, one, other, metres) => expect(Math.round(distanceOf(one, other))).toBe(metres));

  it('is the same by vectors, and both ways', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        expect(Math.abs(distanceOf(one, other) - byVectors(one, other))).toBeLessThan(1);
        expect(distanceOf(one, other)).toBeCloseTo(distanceOf(other, one), 3);
      }),
    );
  });
});

describe('the boxes around a place', () => {
  it('hold every place within the radius, wherever that is', () => {
    const upTo = (max: number) => fc.double({ min: 0, max, noNaN: true });
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 100_000 }), upTo(1), upTo(2 * Math.PI), (centre, radiusM, part, bearing) => {
        const there = onward(centre, radiusM * part, bearing);
        expect(isIn(there, boxesAround(centre, radiusM))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leave out what is twice as far, on the four sides', () => {
    const centre = { lat: 52, lon: 13 };
    const boxes = boxesAround(centre, 5_000);
    for (const bearing of [0, 0.5, 1, 1.5]) expect(isIn(onward(centre, 10_000, bearing * Math.PI), boxes)).toBe(false);
  });

  it.each<[string, Place, number, Place]>([
    ['east of the antimeridian', { lat: 10, lon: 179.99 }, 5_000, { lat: 10, lon: -179.99 }],
    ['west of it', { lat: 10, lon: -179.99 }, 5_000, { lat: 10, lon: 179.99 }],
    ['under its other name', { lat: 0, lon: 180 }, 100, { lat: 0, lon: -180 }],
    ['behind the north pole', { lat: 89.99, lon: 0 }, 5_000, { lat: 89.99, lon: 180 }],
    ['behind the south pole', { lat: -89.99, lon: 90 }, 5_000, { lat: -89.99, lon: -90 }],
    ['the pole itself', { lat: 89.99, lon: 0 }, 5_000, { lat: 90, lon: -77 }],
  ])('hold a place %s', (_name, centre, radiusM, there) => expect(isIn(there, boxesAround(centre, radiusM))).toBe(true));
});

describe('what is nearest', () => {
  const garage = (id: string, lat: number) => ({ id, lat, lon: 13 });

  it('comes first, within the radius, by id where the distance is the same', () => {
    const all = [garage('d', 52.03), garage('b', 52.01), garage('e', 52.1), garage('a', 51.99), garage('c', 52)];
    expect(nearest(all, { lat: 52, lon: 13 }, 5_000).map(({ garage: { id }, distanceM }) => [id, distanceM])).toEqual([['c', 0], ['a', 1_112], ['b', 1_112], ['d', 3_336]]);
  });
});
