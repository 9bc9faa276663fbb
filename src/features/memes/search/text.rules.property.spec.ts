import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldName, queryTerms, tokensOf } from './text.rules.js';

/** The words, each with what it was made of. */
const sources = (text: string): [string, string][] => tokensOf(text).map(({ word, start, end }) => [word, text.slice(start, end)]);
const words = (text: string): string[] => tokensOf(text).map(({ word }) => word);

/** A word's normal form, step by step as the rules say it. */
function normalised(source: string): string {
  return source
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .normalize('NFC')
    .replaceAll(/['’ʼ]/gu, '');
}

/** The rules once more, without a fast path. */
function slowTokens(text: string): { word: string; start: number; end: number }[] {
  return [...new Intl.Segmenter('und', { granularity: 'word' }).segment(text)]
    .filter(({ isWordLike }) => isWordLike)
    .flatMap(({ segment, index }) =>
      normalised(segment)
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word !== '')
        .map((word) => ({ word: [...word].slice(0, 64).join(''), start: index, end: index + segment.length })),
    );
}

const ALPHABETS = fc.constantFrom(
  ...['a', 'B', 'z', '7', ' ', ' ', '-', '_', '.', "'", '’', 'ʼ', 'é', 'e\u0301', '\u0301', 'ß', 'ẞ', 'ﬁ', 'Σ', 'ς', 'İ', 'ı', '\u00AD', '\u200D', '´', '\u3000'],
  ...['日', '本', 'テ', 'ｶﾞ', 'ก', 'ิ', '한', 'ि', '１', '²', '½', 'Ⅷ', '😀', '👍🏽', '1️⃣', '𝔘', '𐐀', '\uD800', '\uDC00', '\0', '%', '\\', '*', '<', '\n'],
);
const text = fc.oneof(
  fc.string({ unit: ALPHABETS, maxLength: 30, size: 'max' }),
  fc.string({ unit: 'binary', maxLength: 30, size: 'max' }),
  fc.string({ unit: 'grapheme', maxLength: 30, size: 'max' }),
  fc.string({ unit: 'binary-ascii', maxLength: 60, size: 'max' }),
  fc.string({ unit: fc.constantFrom('a', 'B', '7', '0', ' ', "'", '.', ',', ':', ';', '_', '-', '"', '@', '/', '\n'), maxLength: 20, size: 'max' }),
  fc.string({ unit: fc.constantFrom('a', 'Q', '0', ' ', '  '), maxLength: 200, size: 'max' }),
);

describe('the words of a text', () => {
  it.each<[string, string, [string, string][]]>([
    ['case', 'ONE Does', [['one', 'ONE'], ['does', 'Does']]],
    ['accents', 'Café À VOLONTÉ', [['cafe', 'Café'], ['a', 'À'], ['volonte', 'VOLONTÉ']]],
    ['combining marks', 'cafe\u0301 x\u0302\u0323', [['cafe', 'cafe\u0301'], ['x', 'x\u0302\u0323']]],
    ['full width', 'ＡＢＣ １２３', [['abc', 'ＡＢＣ'], ['123', '１２３']]],
    ['ligatures', 'ﬁne ﬂower ﬅ', [['fine', 'ﬁne'], ['flower', 'ﬂower'], ['st', 'ﬅ']]],
    ['sharp s, small and capital', 'straße STRAẞE STRASSE', [['strasse', 'straße'], ['strasse', 'STRAẞE'], ['strasse', 'STRASSE']]],
    ['final sigma', 'ΟΔΟΣ οδος οδοσ', [['οδοσ', 'ΟΔΟΣ'], ['οδοσ', 'οδος'], ['οδοσ', 'οδοσ']]],
    ['Greek accents', 'Ὀδυσσεύς ᾳ', [['οδυσσευσ', 'Ὀδυσσεύς'], ['αι', 'ᾳ']]],
    ['Turkish i, with and without dot', 'İstanbul ısı', [['istanbul', 'İstanbul'], ['isi', 'ısı']]],
    ['apostrophes, straight, curly and modifier', "don't don’t donʼt ŉ", [['dont', "don't"], ['dont', 'don’t'], ['dont', 'donʼt'], ['n', 'ŉ']]],
    ['quotes round a word', "rock 'n' roll", [['rock', 'rock'], ['n', 'n'], ['roll', 'roll']]],
    ['emoji between words', 'so 😀 👩‍👩‍👧 much👍🏽fun', [['so', 'so'], ['much', 'much'], ['fun', 'fun']]],
    ['a keycap', '1️⃣ 2', [['1', '1️⃣'], ['2', '2']]],
    ['emoji alone', '😀 👍🏽', []],
    ['Japanese', '日本語のテスト', [['日本語', '日本語'], ['の', 'の'], ['テスト', 'テスト']]],
    ['half width katakana', 'ﾒﾓ', [['メモ', 'ﾒﾓ']]],
    ['Korean stays composed', '한국어', [['한국어', '한국어']]],
    ['Thai without spaces', 'สวัสดีชาวโลก', [['สวสด', 'สวัสดี'], ['ชาว', 'ชาว'], ['โลก', 'โลก']]],
    ['digits', 'day 12 of 2026', [['day', 'day'], ['12', '12'], ['of', 'of'], ['2026', '2026']]],
    ['numbers with marks between', '3.14 1,000', [['3', '3.14'], ['14', '3.14'], ['1', '1,000'], ['000', '1,000']]],
    ['underscores and dots inside', 'foo_bar U.S.A.', [['foo', 'foo_bar'], ['bar', 'foo_bar'], ['u', 'U.S.A'], ['s', 'U.S.A'], ['a', 'U.S.A']]],
    ['signs that join letters only, or digits only', "a:b 1:2 1'000 a'1", [['a', 'a:b'], ['b', 'a:b'], ['1', '1'], ['2', '2'], ['1000', "1'000"], ['a', 'a'], ['1', '1']]],
    ['hyphens', 'stand-up', [['stand', 'stand'], ['up', 'up']]],
    ['an invisible soft hyphen', 'soft\u00ADhyphen', [['soft', 'soft\u00ADhyphen'], ['hyphen', 'soft\u00ADhyphen']]],
    ['markup', '<b onclick="x">bold</b> &amp;', [['b', 'b'], ['onclick', 'onclick'], ['x', 'x'], ['bold', 'bold'], ['b', 'b'], ['amp', 'amp']]],
    ['SQL', `%_\\ '; DROP TABLE meme; -- \``, [['drop', 'DROP'], ['table', 'TABLE'], ['meme', 'meme']]],
    ['a regular expression', '^(a+)+$ [b-c] .* \\d', [['a', 'a'], ['b', 'b'], ['c', 'c'], ['d', 'd']]],
    ['letters beyond the basic plane', '𝔘𐐀', [['u𐐨', '𝔘𐐀']]],
    ['lone surrogates', 'a\uD800b \uDC00c', [['a', 'a'], ['b', 'b'], ['c', 'c']]],
    ['control characters', 'a\0b\tc\r\nd', [['a', 'a'], ['b', 'b'], ['c', 'c'], ['d', 'd']]],
    ['names of properties', '__proto__ constructor', [['proto', '__proto__'], ['constructor', 'constructor']]],
    ['nothing', '', []],
    ['only spaces and signs', ' \t … !? ', []],
  ])('%s', (_, given, expected) => expect(sources(given)).toEqual(expected));

  it('have at most 64 letters, whatever a letter is', () => {
    expect(words('x'.repeat(65))).toEqual(['x'.repeat(64)]);
    expect(words('𐐀'.repeat(65))).toEqual(['𐐨'.repeat(64)]);
    expect(words('é'.repeat(65))).toEqual(['e'.repeat(64)]);
    expect(tokensOf('x'.repeat(65))).toMatchObject([{ start: 0, end: 65 }]);
  });

  it('are those of the rules written out, for any text', () => {
    fc.assert(fc.property(text, (given) => expect(tokensOf(given).map(({ word, start, end }) => ({ word, start, end }))).toEqual(slowTokens(given))), { numRuns: 1000 });
  });

  it('say where they come from', () => {
    fc.assert(
      fc.property(text, (given) => {
        let last = 0;
        for (const { word, start, end } of tokensOf(given)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(normalised(given.slice(start, end))).toContain(word);
          last = start;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the terms of a query', () => {
  it('are its words, each once, where it came first', () => expect(queryTerms('Cat DOG cát 😀 dog bird')).toEqual(['cat', 'dog', 'bird']));
  it('are at most eight', () => expect(queryTerms('a b c d e f g a b h i j')).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']));
  it('may be none', () => expect(queryTerms(' 😀 … ')).toEqual([]));
});

describe('the folded name', () => {
  it.each([
    ['case, accents and width', ' CAFÉ  ＢＡＲ ', 'cafe bar'],
    ['white space of any kind', '\tOne\u00A0 \u3000Does\n', 'one does'],
    ['white space that comes of a sign', '´ one', 'one'],
    ['signs stay', 'Y U NO?', 'y u no?'],
    ['sigma', 'ΟΔΟΣ', foldName('οδος')],
    ['sharp s', 'Straße', foldName('STRASSE')],
    ['nothing', '  ', ''],
  ])('%s', (_, name, folded) => expect(foldName(name)).toBe(folded));

  it('is its own folded name', () => {
    fc.assert(fc.property(text, (given) => expect(foldName(foldName(given))).toBe(foldName(given))));
  });
});
