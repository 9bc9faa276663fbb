import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LONGEST_WORD, queryOf, wordsOf, type WordQuery } from './word.rules.js';

/** What the index does. */
function isFound(text: string, { words, prefix }: WordQuery): boolean {
  const all = wordsOf(text);
  return words.every((word) => all.includes(word)) && all.some((word) => word.startsWith(prefix));
}

const finds = (text: string, q: string) => {
  const query = queryOf(q);
  return query !== undefined && isFound(text, query);
};

describe('a text is found', () => {
  it.each([
    ['The roof garden is open', 'garden'], ['The roof garden is open', 'gard'], ['The roof garden is open', 'open roof'], ['ROOF', 'roof'], ['roof', 'ROOF'],
    ['Crème brûlée', 'creme brulee'], ['creme', 'crème'], ['naïve', 'nai'], ['Straße', 'STRASSE'], ['STRAẞE', 'straße'], ['İstanbul', 'istanbul'], ['ΟΔΟΣ', 'οδός'], ['οδός', 'οδοσ'],
    ['ｆｕｌｌ ｗｉｄｔｈ', 'full width'], ['ﬁne', 'fine'], ['coo\u00adperate', 'cooperate'], ["don't", "don't"], ["l'eau", 'eau'], ['see a.b@example.org', 'example.org'], ['room 42b', '42'],
    ['我们明天在公园见面', '公园'], ['我们明天在公园见面', '公'], ['我们明天在公园见面', '明天 见面'], ['我们明天在公园见面', '明天在公园'], ['北京大学生', '北京大学'], ['買新的iPhone手機', 'iphone'], ['買新的iPhone手機', '手機'],
    ['東京タワーに行きます', 'タワー'], ['ﾀﾜｰ', 'タワー'], ['がっこう', 'がっ'],
    ['ฉันชอบกินข้าวผัด', 'ข้าว'], ['พรุ่งนี้เจอกันที่สวนสาธารณะ', 'พรุ่งนี้'], ['ขอน้ำเปล่า', 'น้ำ'], ['ខ្ញុំស្រឡាញ់ភាសាខ្មែរ', 'ភាសា'],
    ['한국어를 배우고 있어요', '한국어'], ['한국어를 배우고 있어요', '배우'], ['привет, мир', 'МИР'], ['ёлка', 'елка'], ['שלום עולם', 'עולם'], ['שָׁלוֹם', 'שלום'], ['مَرْحَبًا', 'مرحبا'], ['मुझे किताब चाहिए', 'किताब'],
    ['𝒜𝓫𝓬', 'abc'], ['𠜎𠜱', '𠜱'], ['½ cup', '1'],
  ])('%s by %s', (text, q) => {
    expect(finds(text, q)).toBe(true);
  });

  it.each([
    ['The roof garden', 'roo garden'], ['The roof garden', 'roof cellar'], ['garden', 'gardens'], ['garden', 'arden'], ['公园', '园公'], ['我们明天见', '明见'], ['สวน', 'ข้าว'], ['', 'x'],
  ])('and not: %s by %s', (text, q) => {
    expect(finds(text, q)).toBe(false);
  });
});

it.each(['', ' ', '...', '!?', '👍🏽', '—', '\u0301', '\u0000', '🏳️‍🌈'])('there is no word in %j', (q) => {
  expect(queryOf(q)).toBeUndefined();
});

it('all words but the last are whole, and each counts once', () => {
  expect(queryOf('the roof, the ga')).toEqual({ words: ['the', 'roof'], prefix: 'ga' });
  expect(queryOf('公园见')).toEqual({ words: ['公园'], prefix: '园见' });
});

describe('of any text', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...'aB éß 1.北京大学公园がカー ーฉันชอบข้าว한국어שלוםİΣς'), maxLength: 100 }),
  );

  it('the words are letters and digits, not too many, in one form', () => {
    fc.assert(fc.property(texts, (text) => {
      const words = wordsOf(text);
      expect(new Set(words).size).toBe(words.length);
      for (const word of words) {
        expect(word).toMatch(/^[\p{L}\p{N}]+$/u);
        expect([...word].length).toBeLessThanOrEqual(LONGEST_WORD);
        expect(word.normalize('NFKD')).toBe(word);
      }
    }), { numRuns: 500 });
  });

  it('it is found by itself, and by each of its words', () => {
    fc.assert(fc.property(texts, (text) => {
      const query = queryOf(text);
      expect(query === undefined).toBe(wordsOf(text).length === 0);
      if (query === undefined) return;
      expect(isFound(text, query)).toBe(true);
      for (const word of query.words) expect(isFound(text, { words: [word], prefix: word })).toBe(true);
    }), { numRuns: 500 });
  });

  it('it does not matter how it is composed', () => {
    fc.assert(fc.property(texts, (text) => expect(wordsOf(text.normalize('NFD'))).toEqual(wordsOf(text.normalize('NFC')))), { numRuns: 500 });
  });
});
