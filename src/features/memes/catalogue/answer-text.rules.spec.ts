import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SearchHit, SearchResult } from '../search/search.types.js';
import { closed, headOf, listBytes, type WrittenMeme } from './answer-text.rules.js';

/** What breaks text that is put together by hand: quotes, backslashes, control characters, line ends of JavaScript, halves of pairs. */
const nastyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('"', '\\', '\u2028', '\u2029', '\ud800', '\udfff', '\0', '\n', '\u007f', '</script>', '😀', 'a') }));
const coordinate = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
const place = fc.oneof(fc.constant({ lat: null, lon: null }), fc.record({ lat: coordinate(90), lon: coordinate(180) }));

const meme = fc
  .record({ id: fc.uuid(), caption: nastyText, template: nastyText, imageUrl: nastyText, place, likes: fc.nat(), kind: fc.constantFrom('normal' as const, 'ai' as const) })
  .map(({ place: { lat, lon }, ...rest }): WrittenMeme => {
    const shown = { ...rest, lat, lon, upper: '', lower: '', tags: [], rating: 'unrated' as const, language: null, createdAt: new Date(0), trend: null };
    return { ...shown, head: headOf(shown) };
  });

const hit: fc.Arbitrary<SearchHit<WrittenMeme>> = fc.record(
  {
    doc: meme,
    distanceKm: fc.double({ min: 0, max: 20_038, noNaN: true }),
    highlights: fc.array(fc.record({ field: fc.constantFrom('caption' as const, 'template' as const), start: fc.nat(), end: fc.nat() }), { maxLength: 3 }),
    position: fc.constant([]),
  },
  { requiredKeys: ['doc', 'highlights', 'position'] },
);

const result: fc.Arbitrary<SearchResult<WrittenMeme>> = fc.record(
  { hits: fc.array(hit, { maxLength: 3 }), more: fc.boolean(), corrected: nastyText, widened: fc.boolean() },
  { requiredKeys: ['hits', 'more', 'widened'] },
);

/** The answer as an object. Its fields stand in the order of the text. */
function plain({ hits, corrected, widened }: SearchResult<WrittenMeme>, nextCursor: string | null, tookMicros: number): object {
  const items = hits.map(({ doc, distanceKm, highlights }) => ({
    id: doc.id,
    caption: doc.caption,
    template: doc.template,
    imageUrl: doc.imageUrl,
    ...(doc.lat !== null && doc.lon !== null && { lat: doc.lat, lon: doc.lon }),
    ...(distanceKm !== undefined && { distanceKm: Math.round(distanceKm * 1000) / 1000 }),
    likes: doc.likes,
    kind: doc.kind,
    highlights: highlights.map(({ field, start, end }) => ({ field, start, end })),
  }));
  return { items, nextCursor, ...(corrected !== undefined && { corrected }), ...(widened && { widened }), tookMicros };
}

describe('the text of an answer', () => {
  it('is what JSON.stringify makes of the plain object, whatever the memes say', () => {
    fc.assert(
      fc.property(result, fc.option(nastyText, { nil: null }), fc.nat(), (found, nextCursor, tookMicros) => {
        expect(closed(listBytes(found, nextCursor), tookMicros).toString()).toBe(JSON.stringify(plain(found, nextCursor, tookMicros)));
      }),
      { numRuns: 500 },
    );
  });

  it('of nothing is an empty list', () => {
    expect(closed(listBytes({ hits: [], more: false, widened: false }, null), 7).toString()).toBe('{"items":[],"nextCursor":null,"tookMicros":7}');
  });
});
