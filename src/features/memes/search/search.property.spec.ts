import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { naiveDistance, naiveSearch } from '../../../../test/support/naive-search.js';
import { crampedWord, idOf, inWorld, type Meme, type Wish } from '../../../../test/support/search-corpus.js';
import { expectReference, expectReferenceOfLists, pagesOf, positionAfter, searchIn, shown, worldOf } from '../../../../test/support/search-world.js';
import { seededChance } from '../../../../test/support/seeded-chance.js';
import { queryTerms, tokensOf } from './text.rules.js';

const state = fc.constantFrom('merged', 'live', 'half');
const RELEVANT: Wish = { fuzzy: true, sort: 'relevance', limit: 50 };

/** A meme of which only the caption matters. */
const captioned = (caption: string, number: number, more: Partial<Meme> = {}): Meme => ({
  id: idOf(number), caption, template: '…', tags: [], lat: null, lon: null, rating: 'unrated', likes: 0, trend: null, ...more,
});
const captionsFound = (captions: readonly string[], request: Partial<Wish>): string[] =>
  searchIn([worldOf(captions.map((caption, index) => captioned(caption, index)))], { ...RELEVANT, ...request }).hits.map(({ doc }) => doc.caption);

describe('the order of relevance', () => {
  it.each<[string, string, Partial<Meme>[]]>([
    ['more words before fewer typos', 'coffee printer', [{ caption: 'cofee pritner' }, { caption: 'coffee' }]],
    ['fewer typos before whole words', 'coffee print', [{ caption: 'coffee printer' }, { caption: 'cofee print' }]],
    ['whole words before beginnings', 'coffee print', [{ caption: 'coffee x x x print' }, { caption: 'coffee printer' }]],
    ['words that stand together before words in a better field', 'coffee break', [{ template: 'coffee break' }, { caption: 'coffee x break' }]],
    ['two fields are as bad as eight words apart', 'coffee break', [
      { caption: 'coffee 1 2 3 4 5 6 break', template: '…' },
      { caption: 'coffee 1 2 3 4 5 6 7 8 9 break', template: '…' },
      { caption: 'coffee', template: 'break' },
    ]],
    ['eight words apart are as bad as ten', 'coffee break', [
      { caption: 'coffee 1 2 3 4 5 6 7 8 9 break', likes: 1 },
      { caption: 'coffee 1 2 3 4 5 6 7 break' },
    ]],
    ['caption before template before tags', 'coffee', [{ caption: 'coffee' }, { template: 'coffee' }, { tags: ['coffee'] }]],
    ['likes only then', 'coffee', [{ caption: 'tea coffee', likes: 2 }, { caption: 'coffee', likes: 1 }, { template: 'coffee', likes: 9 }]],
    ['older memes last of all', 'coffee', [{ caption: 'coffee' }, { caption: 'coffee' }]],
  ])('%s', (_, query, best) => {
    const all = best.map((fields, index) => captioned(fields.caption ?? '…', index, fields));
    const ids = all.map(({ id }) => id);
    expect(searchIn([worldOf(all)], { ...RELEVANT, query }).hits.map(({ doc }) => doc.id)).toEqual(ids);
    expect(naiveSearch([all], { ...RELEVANT, query }).hits.map(({ doc }) => doc.id)).toEqual(ids);
    if (best.every((fields) => JSON.stringify(fields) === JSON.stringify(best[0]))) return;
    // The other way round the ids would say otherwise.
    const turned = all.map((meme, index) => ({ ...meme, id: ids.at(-1 - index)! }));
    expect(searchIn([worldOf(turned)], { ...RELEVANT, query }).hits.map(({ doc }) => doc.id)).toEqual(turned.map(({ id }) => id));
  });
});

describe('typos', () => {
  it.each<[string, string, string[], string[]]>([
    ['none in up to four letters', 'cats', ['cat', 'cats', 'bats', 'cast'], ['cats']],
    ['one from five', 'crate', ['crate', 'crates', 'crte', 'rcate', 'crtae', 'carets'], ['crate', 'crates', 'crte', 'rcate', 'crtae']],
    ['one up to eight', 'abcdefgh', ['abcdefgh', 'abdcefgh', 'badcefgh'], ['abcdefgh', 'abdcefgh']],
    ['two from nine', 'abcdefghi', ['abcdefghi', 'badcefghi', 'badcfeghi'], ['abcdefghi', 'badcefghi']],
    ['no letter of a swap is touched again', 'abcdefghi', ['xabcdefgih', 'bcadefghi', 'bxacdefghi'], ['xabcdefgih', 'bcadefghi']],
    ['one in three when nothing else is found', 'cat', ['act', 'bat', 'bats'], ['act', 'bat']],
    ['never one in two letters', 'ca', ['ac', 'a', 'ba'], []],
    ['two in five when nothing else is found', 'crate', ['crtaes', 'crtaesx'], ['crtaes']],
    ['letters beyond the basic plane count once', '𐐨𐐨𐐨', ['𐐨𐐨𐐨𐐨𐐩', '𐐨𐐩𐐨', '𐐩𐐩𐐨'], ['𐐨𐐨𐐨𐐨𐐩']],
  ])('%s', (_, query, vocabulary, expected) => expect(captionsFound(vocabulary, { query })).toEqual(expected));

  it('are not allowed without being asked for', () => {
    expect(captionsFound(['cofee', 'coffees', 'coffee'], { query: 'coffee', fuzzy: false })).toEqual(['coffee', 'coffees']);
    expect(captionsFound(['cofee'], { query: 'coffee', fuzzy: false })).toEqual([]);
  });

  it('find what measuring every word finds', () => {
    const far = 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz';
    fc.assert(
      fc.property(fc.uniqueArray(crampedWord, { maxLength: 80, size: 'max' }), fc.array(crampedWord, { minLength: 10, maxLength: 30 }), state, (vocabulary, terms, how) => {
        const world = worldOf(vocabulary.map((word, index) => captioned(word, index)), how);
        for (const term of terms) {
          // A term after it that nobody has: the first must not be found by its beginning.
          const found = searchIn([world], { ...RELEVANT, limit: 100, query: `${term} ${far}` });
          const letters = [...term].length;
          const distances = vocabulary.map((word) => ({ word, typos: naiveDistance(term, word) }));
          const within = (limit: number) => distances.filter(({ typos }) => typos <= limit).map(({ word }) => word);
          const asked = within(letters <= 4 ? 0 : letters <= 8 ? 1 : 2);
          const expected = asked.length > 0 ? asked : within(letters <= 2 ? 0 : letters <= 4 ? 1 : 2);
          expect(found.hits.map(({ doc }) => doc.caption).sort()).toEqual(expected.sort());
          expect(found.widened).toBe(asked.length === 0 && expected.length > 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are found wherever they are, however many words there are', () => {
    const chance = seededChance(3);
    const letter = () => 'abcdefghijklmnop'[Math.floor(chance() * 16)]!;
    const vocabulary = Array.from({ length: 300 }, (_, number) => Array.from({ length: 8 + (number % 2) }, letter).join(''));
    const world = worldOf(vocabulary.map((word, number) => captioned(word, number)), 'live');
    for (const word of vocabulary) {
      // One letter of eight may be wrong, and two of nine.
      const isLong = word.length === 9;
      for (let first = 0; first < word.length; first += 1) {
        for (let second = isLong ? first + 1 : first; second < (isLong ? 9 : first + 1); second += 1) {
          const query = [...word].map((plain, at) => (at === first || at === second ? 'z' : plain)).join('');
          const { hits, widened } = searchIn([world], { ...RELEVANT, query });
          if (widened || !hits.some(({ doc }) => doc.caption === word)) throw new Error(`${query} does not find ${word}`);
        }
      }
    }
  });
});

describe('search', () => {
  it('answers what looking at every word of every meme answers', () => {
    const cases = inWorld((world) => fc.tuple(world.memes(25), fc.array(world.wish, { minLength: 3, maxLength: 6 })));
    fc.assert(
      fc.property(cases, state, ([all, wishes], how) => {
        const worlds = [worldOf(all, how)];
        for (const one of wishes) expectReference(worlds, one);
      }),
      { numRuns: 250 },
    );
  });

  it('keeps that order among hundreds that are alike', () => {
    const cases = inWorld((world) => fc.tuple(world.memes(20), world.wish));
    fc.assert(
      fc.property(cases, state, ([few, one], how) => {
        const all = Array.from({ length: 30 * few.length }, (_, number) => ({ ...few[number % few.length]!, id: idOf((number * 7919) % 10_007), likes: number % 11 }));
        expectReference([worldOf(all, how)], { ...one, limit: one.limit * 7 });
      }),
      { numRuns: 25 },
    );
  });

  it('answers the hits of one partition after those of the other', () => {
    const cases = inWorld((world) => fc.tuple(world.memes(24), fc.nat(24), world.wish, world.typing));
    fc.assert(
      fc.property(cases, ([all, first, one, text]) => {
        const worlds = [worldOf(all.slice(0, first)), worldOf(all.slice(first), 'half')];
        expectReference(worlds, one);
        expectReference(worlds.toReversed(), one);
        expectReferenceOfLists(worlds, text);
      }),
      { numRuns: 150 },
    );
  });

  it('answers the same bytes to the same question, whatever else is in a partition that was not named', () => {
    const cases = inWorld((world) => fc.tuple(world.memes(12), world.memes(12), world.wish, world.typing));
    fc.assert(
      fc.property(cases, ([all, others, one, text]) => {
        const world = worldOf(all);
        const answers = () => JSON.stringify([pagesOf([world], one), searchIn([world], one)]);
        const before = answers();
        const other = worldOf(others, 'half');
        pagesOf([other, world], { ...one, query: `${one.query ?? ''} ${others[0]?.caption ?? ''}` });
        expectReferenceOfLists([other, world], text);
        expect(answers()).toBe(before);
      }),
      { numRuns: 100 },
    );
  });

  it('never puts a word with a typo above the word itself', () => {
    const cases = inWorld((world) => fc.tuple(world.memes(25), world.wish));
    fc.assert(
      fc.property(cases, ([all, one]) => {
        const worlds = [worldOf(all)];
        const exact = searchIn(worlds, { ...one, sort: 'relevance', fuzzy: false, limit: 50 });
        const fuzzy = searchIn(worlds, { ...one, sort: 'relevance', fuzzy: true, limit: 50 });
        const terms = queryTerms(one.query ?? '');
        const hasAll = (meme: Meme) => {
          const words = [meme.caption, meme.template, ...meme.tags].flatMap((text) => tokensOf(text).map(({ word }) => word));
          return terms.every((term, at) => words.some((word) => word === term || (at === terms.length - 1 && word.startsWith(term))));
        };
        const literal = exact.hits.filter(({ doc }) => hasAll(doc));
        expect(fuzzy.hits.slice(0, literal.length).map(shown)).toEqual(literal.map(shown));
      }),
      { numRuns: 150 },
    );
  });

  it('begins a page anywhere', () => {
    const cases = inWorld((world) => fc.tuple(world.memes(25), world.wish));
    fc.assert(
      fc.property(cases, state, ([all, one], how) => {
        const worlds = [worldOf(all, how)];
        const whole = searchIn(worlds, { ...one, limit: 50 });
        whole.hits.forEach((_, index) => {
          const rest = searchIn(worlds, { ...one, limit: 50, after: positionAfter(whole.hits.slice(0, index + 1)) });
          expect(rest.hits).toEqual(whole.hits.slice(index + 1));
          expect(rest.more).toBe(false);
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('suggestions and templates', () => {
  it('are those of looking at everything', () => {
    const cases = inWorld((world) => fc.tuple(world.memes(25), fc.array(world.typing, { minLength: 1, maxLength: 3 })));
    fc.assert(
      fc.property(cases, state, ([all, texts], how) => {
        const worlds = [worldOf(all, how)];
        for (const text of texts) expectReferenceOfLists(worlds, text);
      }),
      { numRuns: 150 },
    );
  });
});
