import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { naiveKilometres } from '../../../../test/support/naive-search.js';
import { idOf, place, radius, type Meme, type Wish } from '../../../../test/support/search-corpus.js';
import { expectReference, positionAfter, searchIn, worldOf } from '../../../../test/support/search-world.js';
import { seededChance } from '../../../../test/support/seeded-chance.js';
import type { Place } from './search.types.js';

const at = (where: Place | undefined, number: number): Meme => ({
  id: idOf(number), caption: number % 3 === 0 ? 'coffee' : 'tea', template: number % 2 === 0 ? 'Even' : 'Odd', tags: [],
  lat: where?.lat ?? null, lon: where?.lon ?? null, rating: 'unrated', likes: 0, trend: null,
});
/** More than one leaf of the tree; many at the same place, and some at none. */
const places = fc.array(fc.option(place, { nil: undefined, freq: 10 }), { minLength: 1, maxLength: 250, size: 'max' });
const NEAREST: Wish = { fuzzy: false, sort: 'distance', limit: 50 };
/** Two ways to round, at the far side of the earth, where a bit of the sine is centimetres. */
const ROUNDING_KM = 0.001;

describe('nearest', () => {
  it.each<[string, Place, Place[]]>([
    ['right across the antimeridian', { lat: 0, lon: 179.9 }, [{ lat: 0, lon: -179.9 }, { lat: 0, lon: 179 }, { lat: 0, lon: -178 }, { lat: 0, lon: 0 }]],
    ['both names of the antimeridian', { lat: 10, lon: 180 }, [{ lat: 10, lon: 180 }, { lat: 10, lon: -180 }, { lat: 10, lon: -179 }]],
    ['over the north pole', { lat: 89, lon: 0 }, [{ lat: 90, lon: 77 }, { lat: 89.5, lon: 180 }, { lat: 86, lon: 0 }, { lat: 0, lon: 0 }]],
    ['at the south pole, where all longitudes meet', { lat: -90, lon: 0 }, [{ lat: -90, lon: 180 }, { lat: -89, lon: 120 }, { lat: -88, lon: -60 }]],
    ['on the other side of the earth', { lat: 45, lon: 30 }, [{ lat: 0, lon: -60 }, { lat: -45, lon: -149 }, { lat: -45, lon: -150 }]],
  ])('%s', (_, near, best) => {
    for (const state of ['merged', 'live'] as const) {
      const found = searchIn([worldOf(best.map(at), state)], { ...NEAREST, near });
      expect(found.hits.map(({ doc }) => doc.id)).toEqual(best.map((__, number) => idOf(number)));
    }
  });

  it('is what measuring every distance says', () => {
    fc.assert(
      fc.property(places, place, fc.constantFrom('merged', 'live', 'half'), (all, near, state) => {
        const memes = all.map(at);
        const { hits } = searchIn([worldOf(memes, state)], { ...NEAREST, near, limit: 1000 });
        expect(hits.map(({ doc }) => doc.id).sort()).toEqual(memes.filter(({ lat }) => lat !== null).map(({ id }) => id));
        let last = 0;
        for (const { doc, distanceKm } of hits) {
          const measured = naiveKilometres(near, { lat: doc.lat!, lon: doc.lon! });
          expect(Math.abs(distanceKm! - measured)).toBeLessThan(ROUNDING_KM);
          expect(measured).toBeGreaterThan(last - ROUNDING_KM);
          last = Math.max(last, measured);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('has the order of the reference, page by page, within any radius and beside other filters', () => {
    const more = fc.record({
      radiusKm: fc.option(radius, { nil: undefined }),
      query: fc.constantFrom(undefined, undefined, 'coffee', 'c'),
      template: fc.constantFrom(undefined, undefined, 'even'),
      sort: fc.constantFrom<Wish['sort']>('distance', 'distance', 'relevance', 'new'),
      limit: fc.constantFrom(1, 7, 40, 1000),
    });
    fc.assert(
      fc.property(places, place, more, fc.constantFrom('merged', 'live', 'half'), (all, near, request, state) => {
        expectReference([worldOf(all.map(at), state)], { fuzzy: false, near, ...request });
      }),
      { numRuns: 200 },
    );
  });

  it('counts what is exactly as far as the radius says', () => {
    fc.assert(
      fc.property(places, place, fc.nat(), fc.constantFrom('merged', 'live'), (all, near, chosen, state) => {
        const world = worldOf(all.map(at), state);
        const { hits } = searchIn([world], { ...NEAREST, near, limit: 1000 });
        if (hits.length > 0) expectReference([world], { ...NEAREST, near, radiusKm: hits[chosen % hits.length]!.distanceKm! });
      }),
      { numRuns: 200 },
    );
  });

  it('is as right among tens of thousands, on page after page', () => {
    const chance = seededChance(7);
    const coordinate = (range: number) => Math.round((chance() - 0.5) * range * 100) / 100;
    const all = Array.from({ length: 20_000 }, (_, number) => at({ lat: coordinate(180), lon: coordinate(360) }, number));
    const worlds = [worldOf(all)];
    for (const near of [{ lat: 52.52, lon: 13.405 }, { lat: -90, lon: 0 }, { lat: 3, lon: 180 }]) {
      const measured = all.map((meme) => ({ id: meme.id, km: naiveKilometres(near, { lat: meme.lat!, lon: meme.lon! }) }));
      const expected = measured.sort((a, b) => a.km - b.km).slice(0, 90);
      let found = searchIn(worlds, { ...NEAREST, near, limit: 30 }).hits;
      for (let page = 0; page < 2; page += 1) found = [...found, ...searchIn(worlds, { ...NEAREST, near, limit: 30, after: positionAfter(found) }).hits];
      expect(new Set(found.map(({ doc }) => doc.id)).size).toBe(90);
      // Those of the same distance may be in another order here.
      found.forEach(({ distanceKm }, index) => expect(Math.abs(distanceKm! - expected[index]!.km)).toBeLessThan(ROUNDING_KM));
    }
  });
});
