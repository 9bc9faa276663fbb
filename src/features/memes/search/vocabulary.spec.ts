import { describe, expect, it } from '@jest/globals';
import { Vocabulary } from './vocabulary.js';

describe('a vocabulary', () => {
  const vocabulary = new Vocabulary();
  const words = ['cat', 'dog', 'car', 'zebra', 'cart', 'a', 'Ω', '日本'];
  const numbers = words.map((word) => vocabulary.add(word));
  const named = (found: readonly number[]): string[] => found.map((number) => vocabulary.words[number]!);

  it('numbers the words as they come, and each once', () => {
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(words.map((word) => vocabulary.add(word))).toEqual(numbers);
    expect(vocabulary.words).toEqual(words);
  });

  it('finds words', () => {
    expect(words.map((word) => vocabulary.find(word))).toEqual(numbers);
    expect(['', 'ca', 'cats', 'zz', '日'].map((word) => vocabulary.find(word))).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it.each([
    ['ca', ['car', 'cart', 'cat']],
    ['cart', ['cart']],
    ['z', ['zebra']],
    ['日', ['日本']],
    ['x', []],
    ['', [...words].sort()],
  ])('finds what begins with %j, in the order of code units', (prefix, expected) => expect(named(vocabulary.startingWith(prefix))).toEqual(expected));

  it('finds similar words', () => expect(named(vocabulary.candidates('catr', 1)).sort()).toEqual(expect.arrayContaining(['cart', 'cat'])));
});
