import { describe, expect, it } from '@jest/globals';
import { editsAllowed, Expansion, type Tolerance } from './expansion.js';
import { LiveSegment } from './live-segment.js';
import type { SearchDocument } from './search.types.js';

const doc = (number: number, caption: string): SearchDocument => ({
  id: String(number), caption, template: '', tags: [], lat: null, lon: null, rating: 'unrated', likes: 0, trend: null,
});

function expansionOf(terms: string[], tolerance: Tolerance): Expansion {
  const segment = new LiveSegment<SearchDocument>();
  ['cat cats', 'grumpy cta', 'grumpier', 'gruumpy', 'grampi', 'gone'].forEach((caption, number) => segment.add(doc(number, caption), 0, 0));
  segment.kill(5);
  return new Expansion(segment, terms, tolerance);
}

/** Words of a term with their levels: 0 exact, 1 beginning, 2 one typo, 4 two. */
function levelsOf(terms: string[], tolerance: Tolerance, term: number): Record<string, number> {
  const expansion = expansionOf(terms, tolerance);
  const { words } = expansion.segment.vocabulary;
  const entries = expansion.words.map((word, at): [string, number] => [words[word]!, expansion.levels[at]!]);
  return Object.fromEntries(entries.slice(expansion.start(term), expansion.ends[term]));
}

describe('edits that a term may be away', () => {
  it.each([
    ['a', [0, 0]], ['ab', [0, 0]], ['abc', [0, 1]], ['abcd', [0, 1]], ['abcde', [1, 2]], ['abcdefgh', [1, 2]], ['abcdefghi', [2, 2]],
    // Letters are counted, not halves of letters.
    ['𐐨𐐨𐐨𐐨', [0, 1]], ['𐐨𐐨𐐨𐐨𐐨', [1, 2]],
  ])('%s', (term, [normal, widened]) => {
    expect([editsAllowed(term, 'none'), editsAllowed(term, 'normal'), editsAllowed(term, 'widened')]).toEqual([0, normal, widened]);
  });
});

describe('the words that match a term', () => {
  it('are the exact one, then those that the last term begins, then similar ones', () => {
    expect(levelsOf(['cat'], 'none', 0)).toEqual({ cat: 0, cats: 1 });
    expect(levelsOf(['cat', 'grumpy'], 'none', 0)).toEqual({ cat: 0 });
    expect(levelsOf(['cat'], 'widened', 0)).toEqual({ cat: 0, cats: 1, cta: 2 });
    expect(levelsOf(['grumpy'], 'normal', 0)).toEqual({ grumpy: 0, gruumpy: 2 });
    expect(levelsOf(['grumpy'], 'widened', 0)).toEqual({ grumpy: 0, gruumpy: 2, grampi: 4 });
  });

  it('come in the order of their levels', () => {
    const { levels } = expansionOf(['grump'], 'widened');
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
  });

  it('are of living documents', () => expect(levelsOf(['gone'], 'normal', 0)).toEqual({}));

  it('know how many documents they stand for, and whether a word matches two terms', () => {
    const apart = expansionOf(['cat', 'grumpy'], 'normal');
    expect([apart.postings(0), apart.postings(1), apart.isShared]).toEqual([1, 2, false]);
    expect(expansionOf(['cta', 'cat'], 'widened').isShared).toBe(true);
  });

  it('leave nothing behind', () => {
    const expansion = expansionOf(['cat', 'grumpy'], 'widened');
    expect(expansion.segment.vocabulary.matches.some((match) => match !== 0)).toBe(true);
    expansion.clear();
    expect(expansion.segment.vocabulary.matches.some((match) => match !== 0)).toBe(false);
  });
});
