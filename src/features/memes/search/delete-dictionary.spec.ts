import { describe, expect, it } from '@jest/globals';
import { DeleteDictionary } from './delete-dictionary.js';

function dictionaryOf(words: readonly string[], expected?: number): (term: string, edits: number) => string[] {
  const dictionary = new DeleteDictionary(expected);
  words.forEach((word, id) => dictionary.add(word, id));
  return (term, edits) => dictionary.candidates(term, edits).map((id) => words[id]!);
}

describe('a dictionary of deletes', () => {
  const find = dictionaryOf(['cat', 'cart', 'act', 'dog', 'condescending', '𐐨𐐩𐐪', 'a']);

  it.each([
    ['the word itself', 'cat', 0, 'cat'],
    ['a letter too few', 'ca', 1, 'cat'],
    ['a letter too many', 'carrt', 1, 'cart'],
    ['another letter', 'cot', 1, 'cat'],
    ['two letters swapped', 'atc', 1, 'act'],
    ['two edits', 'kxt', 2, 'cat'],
    ['a typo behind the letters that are looked at', 'condescendign', 1, 'condescending'],
    ['two typos before and behind', 'ocndescendign', 2, 'condescending'],
    ['letters beyond the basic plane', '𐐨𐐪𐐩', 1, '𐐨𐐩𐐪'],
    ['nearly nothing left', 'xa', 1, 'a'],
  ])('finds %s', (_, term, edits, word) => expect(find(term, edits)).toContain(word));

  it('does not find what is far away', () => expect(find('elephant', 2)).toEqual([]));

  it('tells each word once, at every look-up', () => {
    const aaa = dictionaryOf(['aaaaaaa', 'aaaaaa']);
    for (let again = 0; again < 2; again++) expect(aaa('aaaaaaa', 2).sort()).toEqual(['aaaaaa', 'aaaaaaa']);
  });

  it('grows beyond what was expected', () => {
    const words = Array.from({ length: 2_000 }, (_, number) => `word${number.toString(36)}x`);
    const grown = dictionaryOf(words, 1);
    for (const word of words) expect(grown(word, 1)).toContain(word);
  });
});
