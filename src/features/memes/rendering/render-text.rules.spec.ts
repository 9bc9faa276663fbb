import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, encodeText, renderPath } from './render-text.rules.js';

/** Texts of what is special here, and of anything at all. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...' _~/.sn%?#\\\n\r\t\0\u2028\u2029&+;:é猫😀') }),
  fc.string({ unit: 'binary' }),
);

describe('a text in a path', () => {
  it.each([
    ['', '_'],
    ['one does not simply', 'one_does_not_simply'],
    ['snake_case', 'snake__case'],
    ['and/or', 'and~sor'],
    [' ', '%20'],
    ['_', '__'],
    ['  ', '%20_'],
    [' _', '%20__'],
    ['_ ', '___'],
    ['a  b', 'a%20_b'],
    ['~s', '~~s'],
    ['.', '~.'],
    ['..', '~..'],
    ['a.b', 'a.b'],
    ['why?', 'why%3F'],
    ['100% #1', '100%25_%231'],
    ['a\\b', 'a%5Cb'],
    ['two\nlines', 'two~nlines'],
    ['Müsli 猫', 'M%C3%BCsli_%E7%8C%AB'],
  ])('%j is spelled %s', (written, segment) => {
    expect(encodeText(written)).toBe(segment);
    expect(decodeText(decodeURIComponent(segment))).toBe(written);
  });

  it.each([
    ['a b', 'a b'],
    ['a/b', 'a/b'],
    ['~', '~'],
    ['a~b~', 'a~b~'],
    ['___', '_ '],
    ['a______b', 'a___b'],
  ])('%j, which is spelled otherwise than here, is read as %j', (segment, read) => expect(decodeText(segment)).toBe(read));

  it('comes back as it was, whatever it is', () => {
    fc.assert(fc.property(text, (written) => expect(decodeText(decodeURIComponent(encodeText(written)))).toBe(written)), { numRuns: 2_000 });
  });

  it('is never more than one segment, and none that a client changes', () => {
    fc.assert(
      fc.property(text, text, text, (template, upper, lower) => {
        const path = renderPath({ template, upper, lower, ext: 'png' });
        const url = new URL(path, 'https://plaza.example');
        expect(url.href).toBe(`https://plaza.example${path}`);
        const [, , , , ...segments] = url.pathname.split('/').map(decodeURIComponent);
        expect(segments).toHaveLength(3);
        expect(segments[2]).toMatch(/\.png$/);
        expect([segments[0]!, segments[1]!, segments[2]!.slice(0, -4)].map(decodeText)).toEqual([template, upper, lower]);
        // What a dot of a pattern does not match would find no route.
        expect(segments.join('')).not.toMatch(/[\n\r\u2028\u2029]/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('has halves of surrogate pairs replaced: no address can hold them', () => expect(encodeText('a\ud800b')).toBe('a%EF%BF%BDb'));
});
