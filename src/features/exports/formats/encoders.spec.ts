import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { DatasetColumn, Row } from '../../../platform/datasets/dataset.js';
import { encoderOf } from './encoders.js';

const columns: DatasetColumn[] = [
  { name: 'text', type: 'string' },
  { name: 'size', type: 'number' },
  { name: 'open', type: 'boolean' },
  { name: 'at', type: 'instant' },
];
const csv = (rows: readonly Row[], options: { guard?: boolean; bom?: boolean; columns?: DatasetColumn[] } = {}) => {
  const encoder = encoderOf('csv', { columns, guard: true, bom: false, ...options });
  return encoder.head() + encoder.page(rows);
};

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

const unguarded = (cell: string): string => (/^'[=+\-@'\t\r]/.test(cell) ? cell.slice(1) : cell);

describe('csv', () => {
  it('has a header, CRLF, ISO instants, and empty cells for null', () => {
    expect(csv([{ text: 'a', size: -1.5, open: true, at: new Date(0) }, { text: null, size: null, open: null, at: null }])).toBe(
      'text,size,open,at\r\na,-1.5,true,1970-01-01T00:00:00.000Z\r\n,,,\r\n',
    );
  });

  it('has a header without rows too, and a byte order mark when asked', () => {
    expect(csv([])).toBe('text,size,open,at\r\n');
    expect(csv([], { bom: true })).toBe('\uFEFFtext,size,open,at\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@A1', "'quoted", '\tx', '\rx', "=cmd|' /C calc'!A0"])('guards the text %j, and leaves it with guard: false', (text) => {
    const column: DatasetColumn[] = [{ name: 'text', type: 'string' }];
    expect(parse(csv([{ text }], { columns: column }))[1]).toEqual([`'${text}`]);
    expect(parse(csv([{ text }], { columns: column, guard: false }))[1]).toEqual([text]);
  });

  it('never guards numbers', () => {
    expect(csv([{ text: 'a', size: -3, open: false, at: null }])).toContain('a,-3,false,');
  });

  it('shows a single empty cell as a record, not as a blank line', () => {
    expect(csv([{ text: null }, { text: 'x' }], { columns: [{ name: 'text', type: 'string' }] })).toBe('text\r\n""\r\nx\r\n');
  });

  it('round-trips any text through two parsers once the guard is undone', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', "'", '=', '\t', '\0', ' ', 'a', '😀', '\u202E', 'ש') }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1 }), (pairs) => {
        const two: DatasetColumn[] = [{ name: 'a', type: 'string' }, { name: 'b', type: 'string' }];
        const text = csv(pairs.map(([a, b]) => ({ a, b })), { columns: two });
        const expected = [['a', 'b'], ...pairs];
        const cells = (records: string[][]) => records.map((record) => record.map(unguarded));
        expect(cells(parse(text, { record_delimiter: '\r\n' }))).toEqual(expected);
        expect(cells(parseByHand(text))).toEqual(expected);
      }),
    );
  });
});

describe('ndjson', () => {
  const encoder = encoderOf('ndjson', { columns, guard: false, bom: false });

  it('has one object per line with every column, in order', () => {
    expect(encoder.head()).toBe('');
    expect(encoder.page([{ at: new Date(0), text: '=1\n', size: 2, extra: 'no' } as Row])).toBe(
      '{"text":"=1\\n","size":2,"open":null,"at":"1970-01-01T00:00:00.000Z"}\n',
    );
    expect(encoder.page([])).toBe('');
  });

  it('round-trips any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (texts) => {
        const lines = encoder.page(texts.map((text) => ({ text }))).split('\n').slice(0, -1);
        expect(lines.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual(texts);
      }),
    );
  });
});
