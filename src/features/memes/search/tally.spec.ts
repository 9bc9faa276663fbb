import { describe, expect, it } from '@jest/globals';
import { Expansion } from './expansion.js';
import { LiveSegment } from './live-segment.js';
import type { SearchDocument } from './search.types.js';
import { fieldsOf, Tally, tierOf } from './tally.js';

const doc = (id: string, caption: string, template: string, ...tags: string[]): SearchDocument => ({
  id, caption, template, tags, lat: null, lon: null, rating: 'unrated', likes: 0, trend: null,
});

const segment = new LiveSegment<SearchDocument>();
[doc('a', 'grumpy cats', 'cat'), doc('b', 'dog', 'x', 'catb', 'cata'), doc('c', 'catc', 'x', 'cata')].forEach((each) => segment.add(each, 0, 0));

/** Tier and fields of the documents that were found. */
function tallied(tally: Tally, terms: string[], finds = true): Record<string, [number, number]> {
  const expansion = new Expansion(segment, terms, 'none');
  tally.begin(segment.documents.count);
  terms.forEach((_, term) => tally.addTerm(expansion, term, finds || term === 0));
  expansion.clear();
  const found = [...tally.found.documents.subarray(0, tally.found.count)];
  expect(new Set(found).size).toBe(found.length);
  return Object.fromEntries(found.map((ordinal) => [segment.documents.ids[ordinal]!, [tierOf(tally.sums[ordinal]!), fieldsOf(tally.sums[ordinal]!)]]));
}

describe('a tally', () => {
  it('adds up terms, typos and beginnings to a tier, and the best field of each term', () => {
    const tally = new Tally();
    expect(tallied(tally, ['grumpy', 'cat'])).toEqual({ a: [128, 1], b: [63, 2], c: [63, 0] });
    // The same once more: nothing is left of the search before.
    expect(tallied(tally, ['cat'])).toEqual({ a: [64, 1], b: [63, 2], c: [63, 0] });
  });

  it('finds no more documents when it is told so', () => expect(tallied(new Tally(), ['grumpy', 'cat'], false)).toEqual({ a: [128, 1] }));

  it('goes on when its stamps run out', () => {
    const tally = new Tally();
    tallied(tally, ['cat']);
    Object.assign(tally, { stamp: 2 ** 31 - 8 });
    expect(tallied(tally, ['grumpy', 'cat'])).toEqual({ a: [128, 1], b: [63, 2], c: [63, 0] });
  });
});
