import { describe, expect, it } from '@jest/globals';
import { distance, isWithin } from './edit-distance.rules.js';

describe('the distance of two words', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['cat', 'cat', 0],
    ['cat', 'cats', 1],
    ['cat', 'at', 1],
    ['cat', 'cut', 1],
    ['cat', 'act', 1],
    ['cat', 'tca', 2],
    // No part is edited twice: not by way of "ac", which would be two edits.
    ['ca', 'abc', 3],
    ['xyx', 'xxy', 1],
    ['grumpy', 'grupmyy', 2],
    ['kitten', 'sitting', 3],
    ['𝔘𐐀x', '𐐀𝔘x', 1],
    ['𝔘', 'u', 1],
    ['x'.repeat(100), `y${'x'.repeat(98)}y`, 2],
  ])('from %j to %j is %i', (a, b, expected) => {
    expect(distance(a, b)).toBe(expected);
    expect(distance(b, a)).toBe(expected);
  });

  it('is exact up to the limit, and beyond it only said to be larger', () => {
    expect(distance('kitten', 'sitting', 3)).toBe(3);
    expect(distance('kitten', 'sitting', 2)).toBeGreaterThan(2);
    expect(distance('abcdefgh', 'hgfedcba', 1)).toBeGreaterThan(1);
    expect(distance('a', 'abcd', 2)).toBeGreaterThan(2);
    expect([0, 1, 2].map((max) => isWithin('cat', 'act', max))).toEqual([false, true, true]);
  });
});
