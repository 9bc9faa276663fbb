import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { encoded, HOSTILE_TEXTS, unguarded } from '../../../../test/support/encoded.js';
import type { DatasetColumn, Row } from '../../../platform/datasets/dataset.js';

const COLUMNS: DatasetColumn[] = [
  { name: 'text', type: 'string' },
  { name: 'size', type: 'number' },
  { name: 'open', type: 'boolean' },
  { name: 'at', type: 'instant' },
];
const TEXT: DatasetColumn[] = [{ name: 'text', type: 'string' }];
const TWO: DatasetColumn[] = [{ name: 'a', type: 'string' }, { name: 'b', type: 'string' }];
const csv = async (rows: readonly Row[], options: { guard?: boolean; bom?: boolean; columns?: DatasetColumn[] } = {}): Promise<string> =>
  (await encoded('csv', options.columns ?? COLUMNS, rows, options)).toString();

/** RFC 4180 by the book, as a second opinion beside csv-parse. */
function parseByHand(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (let at = 0; at < text.length; ) {
    let cell = '';
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
        if (text[at] === '"') at += 1;
        cell += text[at];
      }
      at += 1;
    } else {
      while (text[at] !== ',' && text.slice(at, at + 2) !== '\r\n') cell += text[at++];
    }
    record.push(cell);
    if (text[at] === ',') at += 1;
    else {
      at += 2;
      records.push(record);
      record = [];
    }
  }
  return records;
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', "'", '=', '\t', '\0', ' ', 'a', '😀', '\u202E', 'ש') }),
  fc.constantFrom(...HOSTILE_TEXTS),
);

describe('csv', () => {
  it('has a header, CRLF, ISO instants, and empty cells for null', async () => {
    expect(await csv([{ text: 'a', size: -1.5, open: true, at: new Date(0) }, { text: null, size: null, open: null, at: null }])).toBe(
      'text,size,open,at\r\na,-1.5,true,1970-01-01T00:00:00.000Z\r\n,,,\r\n',
    );
  });

  it('has a header without rows too, and a byte order mark when asked', async () => {
    expect(await csv([])).toBe('text,size,open,at\r\n');
    expect((await encoded('csv', COLUMNS, [], { bom: true })).toString('hex')).toMatch(/^efbbbf74657874/);
  });

  it.each(['=1+1', '+1', '-1', '@A1', "'quoted", '\tx', '\rx', "=cmd|' /C calc'!A0"])('guards the text %j, and leaves it with guard: false', async (text) => {
    expect(parse(await csv([{ text }], { columns: TEXT }))[1]).toEqual([`'${text}`]);
    expect(parse(await csv([{ text }], { columns: TEXT, guard: false }))[1]).toEqual([text]);
  });

  it('never guards numbers, also those that are kept as text for their length', async () => {
    expect(await csv([{ text: 'a', size: -3, open: false, at: null }])).toContain('a,-3,false,');
    expect(await csv([{ size: '-9007199254740993' }], { columns: [{ name: 'size', type: 'integer' }] })).toBe('size\r\n-9007199254740993\r\n');
  });

  it('shows a single empty cell as a record, not as a blank line', async () => {
    expect(await csv([{ text: null }, { text: 'x' }], { columns: TEXT })).toBe('text\r\n""\r\nx\r\n');
  });

  it('round-trips any text through two parsers once the guard is undone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(hostile, hostile), { minLength: 1 }), async (pairs) => {
        const text = await csv(pairs.map(([a, b]) => ({ a, b })), { columns: TWO });
        const expected = [['a', 'b'], ...pairs];
        const cells = (records: string[][]) => records.map((record) => record.map(unguarded));
        expect(cells(parse(text, { record_delimiter: '\r\n' }))).toEqual(expected);
        expect(cells(parseByHand(text))).toEqual(expected);
      }),
    );
  });

  it('writes byte for byte what csv-stringify writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.option(hostile), fc.option(hostile))), async (pairs) => {
        const expected = stringify([['a', 'b'], ...pairs], { record_delimiter: '\r\n', quote_record_delimiter: true });
        expect(await csv(pairs.map(([a, b]) => ({ a, b })), { columns: TWO, guard: false })).toBe(expected);
      }),
    );
  });
});
