import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { captionBoxes, drawnSize, drawnText, escapeMarkup, firstFontSize, smallerFontSize } from './render-layout.rules.js';

describe('the size a picture is drawn at', () => {
  it.each([
    ['as it is', { width: 800, height: 600 }, undefined, { width: 800, height: 600 }],
    ['at most 1200 wide, unless more is asked for', { width: 4000, height: 3000 }, undefined, { width: 1200, height: 900 }],
    ['as wide as asked for', { width: 800, height: 600 }, 2000, { width: 2000, height: 1500 }],
    ['small as it is', { width: 3, height: 2 }, undefined, { width: 3, height: 2 }],
    ['at most 3000 high', { width: 100, height: 10_000 }, 1000, { width: 30, height: 3000 }],
    ['at least a pixel high', { width: 5000, height: 1 }, undefined, { width: 1200, height: 1 }],
    ['at least a pixel wide', { width: 1, height: 50_000 }, 64, { width: 1, height: 3000 }],
  ])('is %s', (_, picture, width, drawn) => expect(drawnSize(picture, width)).toEqual(drawn));
});

describe('the room for words', () => {
  it('is inside the picture, off its border, the upper above the lower', () => {
    const side = fc.integer({ min: 1, max: 3_000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const { upper, lower } = captionBoxes({ width, height });
        for (const box of [upper, lower]) {
          expect(Math.min(box.width, box.height)).toBeGreaterThan(0);
          if (Math.min(width, height) < 5) continue;
          expect(Math.min(box.left, box.top, width - box.left - box.width, height - box.top - box.height)).toBeGreaterThan(0);
        }
        if (height >= 5) expect(upper.top + upper.height).toBeLessThanOrEqual(lower.top);
      }),
    );
  });
});

describe('the size of letters', () => {
  const picture = { width: 800, height: 600 };
  const box = captionBoxes(picture).upper;

  it('is that of few words, and less for many words or lines', () => {
    expect(firstFontSize('hi', box, picture)).toBe(66);
    expect(firstFontSize('x'.repeat(300), box, picture)).toBeLessThan(40);
    expect(firstFontSize('a\n'.repeat(20), box, picture)).toBeLessThan(20);
    expect(firstFontSize('hi', box, { width: 20, height: 20 })).toBe(8);
  });

  it('gets smaller with each try, until there is none smaller', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 300 }), fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }), (size, width, height) => {
        const smaller = smallerFontSize(size, { width, height }, box);
        if (size === 8) expect(smaller).toBeUndefined();
        else expect(smaller! >= 8 && smaller! < size).toBe(true);
      }),
    );
  });
});

it.each([
  ['one\r\ntwo \u2028\n three', 'one\ntwo\nthree'],
  [' a\tb\0\u0007\u009f\u007f ', 'a b'],
  ['\n\n', ''],
  ['a\ud800', 'a\ufffd'],
  ['<b>&', '<b>&'],
])('of %j is drawn %j', (written, drawn) => expect(drawnText(written)).toBe(drawn));

it('markup is escaped', () => expect(escapeMarkup('<b>a &amp; b</b>')).toBe('&lt;b&gt;a &amp;amp; b&lt;/b&gt;'));
