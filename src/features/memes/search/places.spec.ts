import { describe, expect, it } from '@jest/globals';
import { kilometres, looseKm, type NearestSearch } from './nearest.js';
import { makePlaces, type Places } from './places.js';
import { TopList } from './top-list.js';

/** Latitude and longitude of each document, if it has any. */
type Points = readonly (readonly [number, number] | undefined)[];

function placesOf(points: Points): Places {
  const making = makePlaces(Float64Array.from(points, (point) => point?.[0] ?? NaN), Float64Array.from(points, (point) => point?.[1] ?? NaN), points.length);
  for (;;) {
    const step = making.next();
    if (step.done === true) return step.value;
  }
}

function nearestOf(points: Points, lat: number, lon: number, limit: number, wanted: Partial<NearestSearch> = {}): number[] {
  const top = new TopList(limit, 'ascending');
  placesOf(points).nearest({ near: { lat, lon }, withinKm: Infinity, top, accepts: () => true, ...wanted });
  return top.sorted().map(({ entry }) => entry);
}

describe('the nearest documents', () => {
  it('are found across the antimeridian and at the poles', () => {
    expect(nearestOf([[0, 170], [0, -179], [0, 0]], 0, 179, 3)).toEqual([1, 0, 2]);
    expect(nearestOf([[89, 180], [89.5, -90], [80, 0]], 90, 12, 3)).toEqual([1, 0, 2]);
  });

  it('at one place are all found, in the order of their ids, however long the page', () => {
    const town = Array.from({ length: 300 }, (_, number) => (number % 3 === 0 ? undefined : ([10, 20] as const)));
    expect(nearestOf(town, 10, 20, 5)).toEqual([1, 2, 4, 5, 7]);
    expect(nearestOf(town, 10, 20, 300)).toHaveLength(200);
  });

  it('at different places that are equally far are in the order of their ids too', () => {
    // A few micrometres do not change the kilometres, so these are a hundred places in no particular order.
    const beside = Array.from({ length: 100 }, (_, number) => [(((number * 37) % 100) - 50) * 1e-9, 10] as const);
    expect(new Set(beside.map(([lat, lon]) => kilometres({ lat: 0, lon: 0 }, lat, lon))).size).toBe(1);
    expect(nearestOf(beside, 0, 0, 7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('are those that are wanted', () => {
    const line = Array.from({ length: 100 }, (_, number) => [0, number] as const);
    expect(nearestOf(line, 0, 0, 3, { accepts: (ordinal) => ordinal % 10 === 9 })).toEqual([9, 19, 29]);
    expect(nearestOf(line, 0, 0, 9, { withinKm: kilometres({ lat: 0, lon: 0 }, 0, 2) })).toEqual([0, 1, 2]);
  });

  it('may be in any of several trees', () => {
    const many = Array.from({ length: 20_000 }, (_, number) => [Math.fround((number * 7919) % 180) - 90 + number / 1e6, ((number * 104_729) % 360) - 180] as const);
    const near = { lat: 12, lon: 34 };
    const expected = many
      .map(([lat, lon], ordinal) => ({ ordinal, km: kilometres(near, lat, lon) }))
      .sort((a, b) => a.km - b.km || a.ordinal - b.ordinal)
      .slice(0, 50)
      .map(({ ordinal }) => ordinal);
    expect(nearestOf(many, near.lat, near.lon, 50)).toEqual(expected);
  });

  it('may be on the other side of the Earth', () => {
    expect(nearestOf([[0, 180], [0.5, 179]], 0, 0, 5, { withinKm: 30_000 })).toEqual([1, 0]);
    expect([looseKm(30_000), looseKm(Infinity), looseKm(100) > 100]).toEqual([Infinity, Infinity, true]);
  });
});
