import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { base64Of, decoded, decodedBytes } from './base64.rules.js';
import { base64Invalid } from './doors.errors.js';

const decode = (text: string): Buffer => Buffer.concat([...decoded(text)]);
const isRefused = (text: string): boolean => {
  try {
    decode(text);
    return false;
  } catch (error) {
    if (base64Invalid.matches(error)) return true;
    throw error;
  }
};

describe('base64', () => {
  it('stands for any bytes, and says how many', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(decode(text)).toEqual(Buffer.from(bytes));
        expect(decodedBytes(text)).toBe(bytes.length);
      }),
    );
  });

  it.each([49_151, 49_152, 49_153, 98_303, 98_304, 98_305, 98_306])('is put together from its slices: %i bytes', (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, at) => (at * 31) % 256));
    expect(decode(bytes.toString('base64')).equals(bytes)).toBe(true);
  });

  it('comes a slice at a time', () => {
    for (const slice of decoded(Buffer.alloc(1_000_000).toString('base64'))) expect(slice.length).toBeLessThanOrEqual(49_152);
  });

  it.each([
    ['a character too few', 'QUJ'], ['no padding', 'QQ'], ['half the padding', 'QQ='], ['too much padding', 'QUI=='], ['padding alone', '===='], ['padding in between', 'QQ==QUJD'],
    ['a line break', 'QUJD\r\nQUJD'], ['a blank', 'QUJ '], ['a blank before it', ' QUJD'], ['the alphabet of URLs', 'QU-_'], ['a foreign character', 'QU*D'],
    ['bits that stand for nothing', 'QR=='], ['and those of two bytes', 'QUF='], ['a NUL', 'QUJ\0'], ['an umlaut', 'QUJä'], ['a surrogate pair', 'QU😀'],
  ])('has no %s', (_, text) => {
    expect(isRefused(text)).toBe(true);
  });

  it('has no padding between two slices either', () => {
    const slice = `${'QUJD'.repeat(16_383)}QQ==`;
    expect([slice.length % 65_536, isRefused(slice), isRefused(`${slice}QUJD`)]).toEqual([0, false, true]);
  });

  it('has no character but its own, wherever it stands', () => {
    const text = 'QUJD'.repeat(6);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const altered = text.slice(0, at) + character + text.slice(at + 1);
        expect(isRefused(altered)).toBe(!/^[A-Za-z0-9+/]*$/.test(altered) && altered !== 'QUJD'.repeat(5) + 'QUJ=');
      }),
    );
  });
});

describe('a data URL', () => {
  it.each(['data:;base64,', 'data:image/png;base64,', 'data:text/plain;charset=utf-8;base64,', 'DATA:image/png;BASE64,'])('may begin with %s', (beginning) => {
    expect(base64Of(`${beginning}QUJD`)).toBe('QUJD');
  });

  it.each(['data:,QUJD', 'data:text/plain,QUJD', 'data:base64,QUJD', ' data:;base64,QUJD', `data:${'x'.repeat(300)};base64,QUJD`])('is not %j', (data) => {
    expect(isRefused(base64Of(data))).toBe(true);
  });
});
