import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { naiveDistance } from '../../../../test/support/naive-search.js';
import { crampedWord } from '../../../../test/support/search-corpus.js';
import { distance, isWithin } from './edit-distance.rules.js';

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['ca', 'abc', 3],
    ['abcd', 'badc', 2],
    ['𐐨𐐩', '𐐩𐐨', 1],
    ['𐐨', '𐐩', 1],
    ['😀', 'a', 1],
  ])('of %s and %s is %d', (a, b, expected) => {
    expect(distance(a, b)).toBe(expected);
    expect(naiveDistance(a, b)).toBe(expected);
  });

  it('is that of the full matrix, and within a limit exactly when it is', () => {
    fc.assert(
      fc.property(fc.oneof(crampedWord, fc.constant('')), fc.oneof(crampedWord, fc.string()), fc.nat(3), (a, b, max) => {
        const expected = naiveDistance(a, b);
        expect([distance(a, b), distance(b, a)]).toEqual([expected, expected]);
        expect([isWithin(a, b, max), isWithin(b, a, max)]).toEqual([expected <= max, expected <= max]);
        expect(Math.min(distance(a, b, max), max + 1)).toBe(Math.min(expected, max + 1));
      }),
      { numRuns: 2000 },
    );
  });

  it('has no longest word', () => {
    const long = fc.string({ unit: fc.constantFrom('a', 'b', '𐐨'), minLength: 60, maxLength: 200, size: 'max' });
    fc.assert(fc.property(long, long, fc.nat(2), (a, b, edits) => {
      expect(distance(a, b)).toBe(naiveDistance(a, b));
      expect(isWithin(a, `${'c'.repeat(edits)}${a}`, edits)).toBe(true);
      expect(isWithin(a, `${a}${'c'.repeat(edits + 1)}`, edits)).toBe(false);
    }), { numRuns: 30 });
  });
});
