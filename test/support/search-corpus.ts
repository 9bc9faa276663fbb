import fc from 'fast-check';
import type { Place, SearchDocument, SearchRequest, SearchSort } from '../../src/features/memes/search/search.types.js';

/** Small worlds for the search: few words, many of them alike, so that ties, typos and prefixes are everywhere. */

export type Meme = SearchDocument;

/** What a request looks for, except for the page. */
export type Wish = Omit<SearchRequest, 'after'>;

/** Words that are mistaken for each other; one family, and a few strangers, make the texts of one world. */
const FAMILIES = [
  ['a', 'an', 'ab', 'ba', 'ant', 'act', 'cat', 'cats', 'cart', 'carts', 'coat'],
  ['crate', 'crates', 'create', 'created', 'carte', 'rate', 'cr', 'grate', 'irate'],
  ['coffee', 'cofee', 'coffees', 'toffee', 'coffeepot', 'coffeepots', 'coffepots', 'c', 'printer', 'pritner', 'printers', 'print'],
  ['abcdefgh', 'abcdefhg', 'bacdefhg', 'abcdefghi', 'abcdefgih', 'bacdefgih', 'abcdefghijklm', 'abcdefghijkml', 'bacdefghijkml', 'abc'],
  ['𐐨𐐩𐐪𐐫𐐬', '𐐨𐐩𐐫𐐪𐐬', '𐐨𐐩𐐪', '𐐩𐐨𐐪', '𐐨𐐪𐐩𐐫𐐬𐐭𐐮𐐯𐐰', '𐐨𐐩𐐪𐐫𐐬𐐭𐐮𐐯𐐰', '日本', '2026', '2062', 'οδοσ'],
] as const;
const TEMPLATES = ['Hopeful Plant', 'HOPEFUL PLANT', 'hopeful  Plánt', 'Polite Printer', 'polite printer', 'ant', 'Cat Act', 'coffee', '😀', 'Straße', 'STRASSE'] as const;
const RATINGS = ['unrated', 'safe', 'explicit'] as const;
const LATS = [-90, -89.999, -17.7, 0, 0, 52.52, 89.999, 90] as const;
const LONS = [-180, -179.999, -90, 0, 0, 13.405, 90, 179.999, 180] as const;

/** Words of two or three letters only: everything is near to everything. */
export const crampedWord = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '𐐨'), minLength: 1, maxLength: 12 });
const vocabulary = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...FAMILIES), fc.array(crampedWord, { maxLength: 2 })).map(([family, strangers]) => [...family, ...strangers]) },
  { weight: 1, arbitrary: fc.uniqueArray(crampedWord, { minLength: 4, maxLength: 9, size: 'max' }) },
);
/** Most lists are as long as they may be: in short ones nothing happens. */
const LONG = { size: 'max' } as const;
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Kilometres: none, hardly any, some, a quarter and half of the way around, and beyond. */
export const radius = fc.constantFrom(0, 0.000001, 0.2, 111.2, 5000, 10_007.6, 20_015.1, 30_000);

export const place: fc.Arbitrary<Place> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ lat: fc.constantFrom(...LATS), lon: fc.constantFrom(...LONS) }) },
  { weight: 1, arbitrary: fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lon: fc.double({ min: -180, max: 180, noNaN: true }) }) },
);

/** Everything that can happen where only some words are known. */
export interface World {
  /** A meme without its id. */
  readonly content: fc.Arbitrary<Omit<Meme, 'id'>>;
  readonly wish: fc.Arbitrary<Wish>;
  /** What one types into the box that suggests. */
  readonly typing: fc.Arbitrary<string>;
  /** Memes with different ids, in no order of these. */
  memes(maxLength: number): fc.Arbitrary<Meme[]>;
  /** Changes of few memes, so that they are replaced and removed and made again. */
  changes(maxLength: number): fc.Arbitrary<Change[]>;
}

/** Something of a world of few words. */
export function inWorld<T>(choose: (world: World) => fc.Arbitrary<T>): fc.Arbitrary<T> {
  return vocabulary.chain((words) => choose(worldOfWords(words)));
}

function worldOfWords(words: readonly string[]): World {
  const word = fc.constantFrom(...words);
  const content = contentOf(word);
  const queryWord = fc.oneof(word, typedOf(word));
  const queries = fc.array(queryWord, { minLength: 1, maxLength: 4 }).map((some) => some.join(' '));
  return {
    content,
    wish: wishOf(queries),
    typing: fc.oneof({ weight: 4, arbitrary: queries }, { weight: 1, arbitrary: fc.constantFrom('', ' ', '😀', 'hopeful', 'HOPEFUL pl', 'c', 's', 'P') }),
    memes: (maxLength) => {
      const numbered = fc.uniqueArray(fc.tuple(fc.nat(200), content), { maxLength, ...LONG, selector: ([number]) => number });
      return numbered.map((all) => all.map(([number, fields]) => ({ id: idOf(number), ...fields })));
    },
    changes: (maxLength) => fc.array(changeOf(content), { maxLength, ...LONG }),
  };
}

function contentOf(word: fc.Arbitrary<string>): World['content'] {
  // As people write it: the word found in it is always the same.
  const written = fc.tuple(word, fc.nat(9)).map(([plain, style]) => [plain.toUpperCase(), `${plain}\u0301`, `“${plain}!”`][style] ?? plain);
  const phrase = (maxLength: number) =>
    fc.tuple(fc.array(written, { maxLength, ...LONG }), fc.constantFrom(' ', ' ', ' - ', ' 😀 ', '_')).map(([words, between]) => words.join(between));
  const name = fc.oneof(fc.constantFrom(...TEMPLATES), fc.array(written, { minLength: 1, maxLength: 2 }).map((words) => words.join(' ')));
  return fc
    .record({
      caption: fc.oneof(phrase(1), phrase(4), phrase(14)),
      template: name,
      tags: fc.array(phrase(2), { maxLength: 2 }),
      place: fc.option(place, { freq: 2 }),
      rating: fc.constantFrom(...RATINGS),
      likes: fc.nat(2),
      trend: fc.option(fc.constantFrom(-3.25, 0, 1.5, 40), { freq: 3 }),
    })
    .map(({ place: where, ...fields }) => ({ ...fields, lat: where?.lat ?? null, lon: where?.lon ?? null }));
}

/** Ids as the database makes them; `number` orders them. */
export function idOf(number: number): string {
  return `0198c0de-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

/** A word of the world with up to three slips of the finger, or only the beginning of it. */
function typedOf(word: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const slips = fc.array(fc.tuple(fc.nat(3), fc.nat(12), fc.constantFrom('a', 'b', 'e', 'r', '𐐨')), { maxLength: 3 });
  return fc.tuple(word, slips, fc.nat(4)).map(([plain, mistakes, cut]) => {
    const letters = [...plain];
    for (const [kind, at, letter] of mistakes) {
      const index = at % letters.length;
      if (kind === 0 && letters.length > 1) letters.splice(index, 1);
      if (kind === 1) letters.splice(index, 0, letter);
      if (kind === 2) letters[index] = letter;
      if (kind === 3) letters.splice(index, 2, ...letters.slice(index, index + 2).reverse());
    }
    return letters.slice(0, cut === 0 ? Math.ceil(letters.length / 2) : letters.length).join('');
  });
}

function wishOf(queries: fc.Arbitrary<string>): World['wish'] {
  return fc
    .record({
      query: fc.oneof({ weight: 8, arbitrary: queries }, { weight: 1, arbitrary: fc.constantFrom(undefined, '', ' \t\u3000', '😀', '… !?', "%_'\\", '^(a+)+$') }),
      fuzzy: fc.boolean(),
      near: fc.option(place, { nil: undefined, freq: 1 }),
      radiusKm: rarely(radius),
      template: rarely(fc.constantFrom(...TEMPLATES, ' ｈｏｐｅｆｕｌ plant ', 'unknown')),
      rating: rarely(fc.constantFrom(...RATINGS, 'unknown')),
      sort: fc.constantFrom<SearchSort>('relevance', 'relevance', 'relevance', 'distance', 'trending', 'new'),
      limit: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(50)),
    })
    .map((request) => (request.near ? request : { ...request, radiusKm: undefined, sort: request.sort === 'distance' ? 'relevance' : request.sort }));
}

/** One change of an index, told by the numbers of the memes. */
export type Change =
  | { readonly kind: 'put'; readonly number: number; readonly fields: Omit<Meme, 'id'> }
  | { readonly kind: 'like'; readonly number: number; readonly likes: number; readonly trend: number | null }
  /** Only this is another than it was. */
  | { readonly kind: 'edit'; readonly number: number; readonly part: keyof Omit<Meme, 'id'>; readonly fields: Omit<Meme, 'id'> }
  | { readonly kind: 'remove'; readonly number: number }
  | { readonly kind: 'merge'; readonly steps: number };

const PARTS = ['caption', 'template', 'tags', 'rating', 'lat', 'lon'] as const;

function changeOf(content: World['content']): fc.Arbitrary<Change> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), number: fc.nat(30), fields: content }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('like' as const), number: fc.nat(30), likes: fc.nat(3), trend: fc.option(fc.constantFrom(1.5, 41)) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), number: fc.nat(30), part: fc.constantFrom(...PARTS), fields: content }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), number: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('merge' as const), steps: fc.constantFrom(1, 3, 20, 60, Infinity) }) },
  );
}
