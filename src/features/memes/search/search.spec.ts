import { describe, expect, it } from '@jest/globals';
import { SearchIndex } from './search-index.js';
import { Search } from './search.js';
import type { SearchDocument, SearchRequest } from './search.types.js';

/** Named by the last letters of its id. */
const doc = (name: string, fields: Partial<SearchDocument>): SearchDocument => ({
  id: `0198c0de-${name}`, caption: '', template: '', tags: [], lat: null, lon: null, rating: 'unrated', likes: 0, trend: null, ...fields,
});

function indexOf(...docs: SearchDocument[]): SearchIndex<SearchDocument> {
  const index = new SearchIndex<SearchDocument>();
  for (const each of docs) index.put(each);
  return index;
}

const search = new Search<SearchDocument>();
const ask = (indexes: SearchIndex<SearchDocument>[], request: Partial<SearchRequest>) => search.search(indexes, { fuzzy: false, sort: 'relevance', limit: 20, ...request });
const names = (indexes: SearchIndex<SearchDocument>[], request: Partial<SearchRequest>): string[] => ask(indexes, request).hits.map((hit) => hit.doc.id.slice(9));

describe('the order of relevance', () => {
  it.each<[string, string, boolean, SearchDocument[], string[]]>([
    ['more terms', 'grumpy cat', false, [doc('a', { caption: 'cat', likes: 9 }), doc('b', { caption: 'grumpy old cat' })], ['b', 'a']],
    ['fewer typos', 'grumpy', true, [doc('a', { caption: 'grumpi', likes: 9 }), doc('b', { caption: 'grumpy' })], ['b', 'a']],
    ['the word before its beginning', 'cat', false, [doc('a', { caption: 'cats', likes: 9 }), doc('b', { caption: 'cat' })], ['b', 'a']],
    ['a beginning before a typo', 'grump', true, [doc('a', { caption: 'grumq', likes: 9 }), doc('b', { caption: 'grumpy' })], ['b', 'a']],
    ['words that are near each other', 'grumpy cat', false, [doc('a', { caption: 'grumpy old cat', likes: 9 }), doc('b', { caption: 'cat grumpy' })], ['b', 'a']],
    ['words of one field', 'grumpy cat', false, [doc('a', { caption: 'grumpy', template: 'cat', likes: 9 }), doc('b', { caption: 'grumpy very much old cat' })], ['b', 'a']],
    ['nothing by words farther apart than eight', 'grumpy cat', false, [doc('b', { caption: 'grumpy 2 3 4 5 6 7 8 cat' }), doc('a', { caption: 'grumpy 2 3 4 5 6 7 8 9 cat' })], ['a', 'b']],
    ['words of neighbouring tags by their positions', 'grumpy cat', false, [doc('a', { tags: ['grumpy old fat', 'cat'] }), doc('b', { tags: ['grumpy', 'cat'] })], ['b', 'a']],
    ['the best field of several beginnings', 'cat', false, [doc('a', { template: 'catc' }), doc('b', { caption: 'catb', tags: ['cata'] })], ['b', 'a']],
    ['caption, template, tags', 'cat', false, [doc('a', { tags: ['cat'] }), doc('b', { template: 'cat' }), doc('c', { caption: 'cat' })], ['c', 'b', 'a']],
    ['likes', 'cat', false, [doc('a', { caption: 'cat' }), doc('b', { caption: 'cat', likes: 1 })], ['b', 'a']],
    ['age', 'cat', false, [doc('b', { caption: 'cat' }), doc('a', { caption: 'cat' })], ['a', 'b']],
  ])('puts first %s', (_, query, fuzzy, docs, expected) => expect(names([indexOf(...docs)], { query, fuzzy })).toEqual(expected));

  it('does not take two terms that are not there for neighbours', () => {
    // Three terms in different fields: none of them is near another.
    const apart = doc('a', { template: 'cat', tags: ['old grumpy'] });
    const together = doc('b', { caption: 'old grumpy', tags: ['cat'] });
    expect(names([indexOf(apart, together)], { query: 'grumpy old cat' })).toEqual(['b', 'a']);
  });

  it('does not overlook what is nearer than what it found first', () => {
    const apart = ['a', 'b'].map((name) => doc(name, { caption: 'grumpy old cat' }));
    expect(names([indexOf(...apart, doc('c', { caption: 'grumpy cat' }))], { query: 'grumpy cat', limit: 1 })).toEqual(['c']);
    // One word that is similar to both terms is nearer than two that are each similar to one.
    const beside = ['a', 'b'].map((name) => doc(name, { caption: 'xbcde xbcdf' }));
    expect(names([indexOf(...beside, doc('c', { caption: 'abcdg' }))], { query: 'abcde abcdf', fuzzy: true, limit: 1 })).toEqual(['c']);
  });

  it('finds those that have only the commonest word, when there are not enough others', () => {
    const common = Array.from({ length: 10 }, (_, number) => doc(`c${number}`, { caption: 'cat' }));
    const index = indexOf(...common, doc('a', { caption: 'grumpy' }), doc('b', { caption: 'grumpy cat' }));
    expect(names([index], { query: 'grumpy cat', limit: 4 })).toEqual(['b', 'a', 'c0', 'c1']);
  });
});

describe('a query', () => {
  const index = indexOf(
    doc('a', { caption: 'hello world', template: 'Doge', rating: 'safe', lat: 50, lon: 8, trend: 2, likes: 1 }),
    doc('b', { caption: 'hello there', template: 'Cat', lat: 51, lon: 8, trend: 3, likes: 1 }),
    doc('c', { caption: 'good bye', template: 'DOGE' }),
  );
  const near = { lat: 50, lon: 8 };

  it.each<[string, Partial<SearchRequest>, string[]]>([
    ['missing: the newest', {}, ['c', 'b', 'a']],
    ['of white space is none', { query: ' \t\u3000' }, ['c', 'b', 'a']],
    ['without a word finds nothing', { query: '😀 !?' }, []],
    ['without a word finds nothing in any order', { query: '…', sort: 'new' }, []],
    ['missing, at a place: the nearest', { near }, ['a', 'b']],
    ['by distance leaves out what has no place', { query: 'hello good', near, sort: 'distance' }, ['a', 'b']],
    ['by distance without a place: the newest', { sort: 'distance' }, ['c', 'b', 'a']],
    ['by trend', { sort: 'trending' }, ['b', 'a', 'c']],
    ['by age', { query: 'hello', sort: 'new' }, ['b', 'a']],
    ['with a place finds the others too', { query: 'good', near }, ['c']],
    ['in a radius', { query: 'hello good', near, radiusKm: 100 }, ['a']],
    ['of a radius without a place', { query: 'good', radiusKm: 1 }, ['c']],
    ['of a template, however it is written', { template: ' dogE ' }, ['c', 'a']],
    ['of a template that nobody uses', { template: 'nobody' }, []],
    ['of a rating', { rating: 'safe' }, ['a']],
    ['of a rating that nobody has', { rating: 'explicit' }, []],
    ['with typos that are not allowed', { query: 'helo' }, []],
  ])('%s', (_, request, expected) => expect(names([index], request)).toEqual(expected));

  it('shows how far away it is, where it is anywhere', () => {
    const { hits } = ask([index], { query: 'hello good', near });
    expect(hits.map(({ distanceKm }) => distanceKm?.toFixed(1))).toEqual(['0.0', '111.2', undefined]);
    expect('distanceKm' in ask([index], {}).hits[0]!).toBe(false);
  });

  it('is widened when nothing is found, and only with fuzzy', () => {
    expect(ask([index], { query: 'helo', fuzzy: true })).toMatchObject({ widened: true, corrected: 'hello', hits: [{}, {}] });
    expect(ask([index], { query: 'helo' })).toEqual({ hits: [], more: false, widened: false });
    expect(ask([index], { query: 'helo', fuzzy: true, rating: 'nobody' })).toEqual({ hits: [], more: false, widened: false, corrected: 'hello' });
    expect(ask([index], { query: 'helloo', fuzzy: true })).toMatchObject({ widened: false, corrected: 'hello' });
  });

  it('goes on as it began: widened', () => {
    const [first] = ask([index], { query: 'helo', fuzzy: true, limit: 1 }).hits;
    const { hits, widened } = ask([index], { query: 'helo', fuzzy: true, limit: 1, after: first!.position });
    expect([hits.map((hit) => hit.doc.id.slice(9)), widened]).toEqual([['b'], true]);
  });
});

describe('pages', () => {
  const near = { lat: 0, lon: 0 };
  const index = new SearchIndex<SearchDocument>();
  for (const number of [6, 2, 8, 4, 1, 7, 3, 5]) {
    index.put(doc(`${number}`, { caption: number % 2 === 0 ? 'cat' : 'cats', likes: number % 3, trend: number % 3 === 0 ? null : (number % 3) - 1.5, lat: number % 4, lon: 0 }));
    if (number === 7) index.startMerge();
    while (index.mergeStep(0, () => 0));
  }
  it.each<[string, Partial<SearchRequest>, string]>([
    ['relevance', { query: 'cat' }, '28465173'],
    ['the newest', {}, '87654321'],
    ['the newest of a query', { query: 'cats', sort: 'new' }, '7531'],
    ['trend', { sort: 'trending' }, '85274163'],
    ['distance', { near }, '48152637'],
  ])('by %s, joined, are the whole list', (_, request, expected) => {
    for (const limit of [1, 2, 3, 8]) {
      const joined: string[] = [];
      for (let page = ask([index], { ...request, limit }); ; page = ask([index], { ...request, limit, after: page.hits.at(-1)!.position })) {
        joined.push(...page.hits.map((hit) => hit.doc.id.slice(9)));
        if (!page.more || joined.length > 8) break;
      }
      expect(joined.join('')).toBe(expected);
    }
  });
});

describe('the corrected query', () => {
  const index = indexOf(doc('a', { caption: 'grumpy frumpy' }), doc('b', { caption: 'grumpy trumps' }), doc('c', { caption: 'gone' }));
  index.remove('0198c0de-c');
  it.each([
    ['the word with the fewest typos', 'grumpyy', 'grumpy'],
    ['the one that more memes have', 'prumpy', 'grumpy'],
    ['words that are right stay', 'frumpy grumpi', 'frumpy grumpy'],
    ['nothing to correct', 'grumpy', undefined],
    ['the beginning of a word', 'trum', undefined],
    ['a beginning that is not the last', 'trump frumpy', 'trumps frumpy'],
    ['a word of nobody', 'gones frumpy', undefined],
  ])('%s', (_, query, expected) => expect(ask([index], { query, fuzzy: true }).corrected).toBe(expected));
});

describe('highlights', () => {
  it.each<[string, SearchDocument, string, string[]]>([
    ['whole words of caption and template', doc('a', { caption: 'The CAT, a cat', template: 'Grumpy Cat', tags: ['cat'] }), 'cat', ['CAT', 'cat', 'Cat']],
    ['only the best match', doc('a', { caption: 'cat cats' }), 'cat', ['cat']],
    ['as written', doc('a', { caption: "¡Ｃａｆé! don't" }), 'cafe dont', ['Ｃａｆé', "don't"]],
    ['what was cut into several words once', doc('a', { template: 'smooth_operator' }), 'operator smooth', ['smooth_operator']],
  ])('are %s', (_, given, query, expected) => {
    const [hit] = ask([indexOf(given)], { query }).hits;
    expect(hit!.highlights.map(({ field, start, end }) => given[field].slice(start, end))).toEqual(expected);
  });
});

describe('partitions', () => {
  const normal = indexOf(doc('a', { caption: 'hello cat' }), doc('c', { caption: 'hello' }));
  const ai = indexOf(doc('b', { caption: 'hello canary', template: 'Secret' }));

  it('come in the order that is asked for, and pages go through all', () => {
    expect(names([ai, normal], { query: 'hello' })).toEqual(['b', 'a', 'c']);
    const [first] = ask([ai, normal], { query: 'hello', limit: 1 }).hits;
    expect(names([ai, normal], { query: 'hello', after: first!.position })).toEqual(['a', 'c']);
    expect(ask([ai, normal], { query: 'hello', limit: 3 }).more).toBe(false);
  });

  it('are all asked whether there is more', () => {
    expect(ask([ai, normal], { query: 'hello', limit: 1 }).more).toBe(true);
    expect(ask([normal], { query: 'hello', limit: 2 }).more).toBe(false);
  });

  it('that are not asked have no say', () => {
    expect(ask([normal], { query: 'canari', fuzzy: true })).toEqual({ hits: [], more: false, widened: false });
    expect(search.suggest([normal], 'cana', 5)).toEqual([]);
    expect(search.templates([normal])).toEqual([{ name: '', memes: 2 }]);
    expect(search.random([normal], () => 0.99)!.id).toBe('0198c0de-c');
  });
});

describe('suggestions', () => {
  const index = indexOf(
    doc('a', { caption: 'good morning', template: 'Good Guy Greg' }),
    doc('b', { caption: 'good morning mordor' }),
    doc('c', { caption: 'goose' }),
    doc('d', { caption: 'moose' }),
    doc('e', { caption: 'goosebumps' }),
  );
  index.remove('0198c0de-e');
  it.each<[string, string, [string, number][]]>([
    ['complete the last word', 'good mor', [['good morning', 2], ['good mordor', 1]]],
    ['are words and templates that begin so', 'goo', [['good', 2], ['Good Guy Greg', 1], ['goose', 1]]],
    ['are templates by their whole beginning', 'good g', [['Good Guy Greg', 1], ['good good', 2], ['good goose', 1], ['good greg', 1], ['good guy', 1]]],
    ['are of a whole word too, and then nothing similar', 'goose', [['goose', 1]]],
    ['are similar words when nothing begins so', 'mornign', [['morning', 2]]],
    ['are nothing when nothing is similar', 'xyz', []],
  ])('%s', (_, text, expected) => {
    const sorted = expected.sort(([a, memesA], [b, memesB]) => memesB - memesA || (a < b ? -1 : 1));
    expect(search.suggest([index], text, 9).map((item) => [item.text, item.memes])).toEqual(sorted);
  });

  it('are the templates without a word', () => {
    expect(search.suggest([index], ' ', 1)).toEqual([{ text: '', memes: 3 }]);
    expect(search.suggest([index], '!', 9)).toEqual([{ text: '', memes: 3 }, { text: 'Good Guy Greg', memes: 1 }]);
  });
});

describe('a random meme', () => {
  it('is each of the living, equally likely', () => {
    const index = indexOf(doc('a', {}), doc('b', {}), doc('c', {}), doc('d', {}));
    index.startMerge();
    while (index.mergeStep(0, () => 0));
    index.remove('0198c0de-b');
    index.put(doc('e', {}));
    const picked = [0, 0.25, 0.5, 0.75, 0.999].map((chance) => search.random([index], () => chance)!.id.slice(9));
    expect(picked).toEqual(['a', 'c', 'd', 'e', 'e']);
    expect(search.random([indexOf()], () => 0)).toBeUndefined();
  });
});
