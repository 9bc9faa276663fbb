import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { COLUMNS, readHeader, readRow, sniffEncoding, splitRow } from './meme-file.rules.js';

const NAMES = Object.values(COLUMNS);
const header = (delimiter: string) => readHeader(NAMES.join(delimiter)).dialect;
const row = (changes: Partial<Record<keyof typeof COLUMNS, string>> = {}): string[] =>
  Object.values({ externalId: '7', imageUrl: 'https://example.org/7.jpg', template: 'Plant', caption: 'A B', upper: 'A', lower: 'B', ...changes });

describe('encoding', () => {
  it.each([
    ['UTF-16LE by its mark', [0xff, 0xfe, 0x4d], 'utf-16le'],
    ['UTF-16BE by its mark', [0xfe, 0xff, 0x00], 'utf-16be'],
    ['UTF-16LE without a mark', [0x4d, 0x00, 0x65], 'utf-16le'],
    ['UTF-16BE without a mark', [0x00, 0x4d, 0x00], 'utf-16be'],
    ['UTF-8 with its mark', [0xef, 0xbb, 0xbf], 'utf-8'],
    ['UTF-8 without one', [0x4d, 0x65, 0x6d], 'utf-8'],
    ['nothing at all', [], 'utf-8'],
  ])('is %s', (_, bytes, encoding) => {
    expect(sniffEncoding(Uint8Array.from(bytes))).toBe(encoding);
  });
});

describe('header', () => {
  it.each(['\t', ',', ';', '|'])('finds the delimiter %j', (delimiter) => {
    expect(header(delimiter)).toMatchObject({ delimiter, width: 6 });
  });

  it('finds columns by name, wherever they stand and however they are written', () => {
    const { dialect, missing } = readHeader('lower text,Notes,"UPPER TEXT", Alternate Text ,base meme name,Archived URL,Meme ID');
    expect(missing).toEqual([]);
    expect(dialect.position).toEqual({ lower: 0, upper: 2, caption: 3, template: 4, imageUrl: 5, externalId: 6 });
  });

  it('names what is missing', () => {
    expect(readHeader('Meme ID\tArchived URL\tBase Meme Name').missing).toEqual(['Alternate Text', 'Upper Text', 'Lower Text']);
  });
});

describe('row', () => {
  it.each([
    ['plain cells', 'a\tb c\t', ['a', 'b c', '']],
    ['quoted cells with the delimiter and doubled quotes', '"X, X\tY"\t"say ""hi"""', ['X, X\tY', 'say "hi"']],
    ['a quote inside a plain cell as it is', 'the 5" nail\tb', ['the 5" nail', 'b']],
    ['empty quoted cells', '""\t""', ['', '']],
    ['spaces', ' a \t  ', [' a ', '  ']],
  ])('has %s', (_, line, cells) => {
    expect(splitRow(line, '\t')).toEqual(cells);
  });

  it.each([
    ['goes on after an open quote', 'a\t"b', 'open'],
    ['goes on after a doubled quote at its end', 'a\t"b""', 'open'],
    ['is broken when text follows a closing quote', 'a\t"b"c', 'broken'],
  ])('%s', (_, line, answer) => {
    expect(splitRow(line, '\t')).toBe(answer);
  });

  it('reads what an independent CSV reader reads', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\t', '\n', '\r', ' ', '😀'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 6 }), fc.constantFrom(',', '\t'), (cells, delimiter) => {
        const line = cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter);
        expect(splitRow(line, delimiter)).toEqual(cells);
        expect(parse(line, { delimiter })).toEqual([cells]);
      }),
    );
  });

  it('keeps texts byte for byte', () => {
    const texts = { template: '  Two  ', caption: '\u00a0e\u0301 ', upper: '', lower: '\u200f' };
    expect(readRow(row(texts), header('\t'))).toMatchObject(texts);
  });

  it.each([
    ['too few cells', row().slice(1), 'wrong number of columns'],
    ['too many cells', [...row(), ''], 'wrong number of columns'],
    ['no id', row({ externalId: '' }), 'no Meme ID'],
    ['a name for an id', row({ externalId: 'seven' }), 'Meme ID is not a number'],
    ['a negative id', row({ externalId: '-7' }), 'Meme ID is not a number'],
    ['an id with a zero before it', row({ externalId: '007' }), 'Meme ID is not a number'],
    ['an id beyond 19 digits', row({ externalId: '1'.repeat(20) }), 'text too long'],
    ['a long caption', row({ caption: '😀'.repeat(2001) }), 'text too long'],
    ['a long template', row({ template: 'x'.repeat(256) }), 'text too long'],
    ['undecodable text', row({ lower: 'a\uFFFDb' }), 'text is not valid in the encoding of the file'],
    ['a script for an image', row({ imageUrl: 'javascript:alert(1)' }), 'image address is not http or https'],
  ])('is refused for %s', (_, cells, fault) => {
    expect(readRow(cells, header('\t'))).toBe(fault);
  });

  it('may be as long as the database takes it, counted in characters', () => {
    expect(readRow(row({ caption: '😀'.repeat(2000) }), header('\t'))).toHaveProperty('caption');
  });
});
