import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOf, encoded, HOSTILE_TEXTS, LONG_TEXTS } from '../../../../test/support/encoded.js';
import { sheetsOf } from '../../../../test/support/spreadsheet.js';
import { unzipped } from '../../../../test/support/unzipped.js';
import type { Cell, ColumnType, DatasetColumn, Row } from '../../../platform/datasets/dataset.js';
import { xlsxEncoder } from './xlsx.encoder.js';

const column = (type: ColumnType, name = 'value'): DatasetColumn[] => [{ name, type }];
/** What a spreadsheet shows for these values of one column, the header taken away. */
async function shown(type: ColumnType, values: readonly Cell[]): Promise<unknown[]> {
  const [sheet] = await sheetsOf(await encoded('xlsx', column(type), values.map((value) => ({ value }))));
  expect(sheet!.rows[0]).toEqual(['value']);
  return sheet!.rows.slice(1).map(([cell]) => cell);
}
const sheetXml = async (type: ColumnType, value: Cell): Promise<string> =>
  (await unzipped(await encoded('xlsx', column(type), [{ value }]))).get('xl/worksheets/sheet1.xml')!.toString();

describe('xlsx', () => {
  it('has a header, and is a workbook without rows too', async () => {
    const columns = [...column('string', 'text'), ...column('number', 'size')];
    expect(await sheetsOf(await encoded('xlsx', columns, []))).toEqual([{ name: 'Sheet1', rows: [['text', 'size']] }]);
  });

  it('names cells beyond the 26th column as spreadsheets do', async () => {
    const columns = Array.from({ length: 703 }, (_, n): DatasetColumn => ({ name: `c${n}`, type: 'integer' }));
    const row: Row = Object.fromEntries(columns.map(({ name }, n) => [name, n]));
    const [sheet] = await sheetsOf(await encoded('xlsx', columns, [row]));
    expect(sheet!.rows[1]).toEqual(columns.map((_, n) => n));
  });

  it('keeps text as text: no formula, number or date comes of it', async () => {
    const texts = ['=1+1', "=cmd|' /C calc'!A0", '007', '1e5', '2026-01-31', 'TRUE', ' padded ', "'quoted"];
    expect(await shown('string', texts)).toEqual(texts);
  });

  it('keeps numbers, negative ones and large ones, as numbers', async () => {
    const numbers = [0, -1, -1.5, 1e21, 5e-324, 0.1 + 0.2, 999_999_999_999_999, -1.7976931348623157e308];
    expect(await shown('number', numbers)).toEqual(numbers);
  });

  it('writes a whole number as text where a spreadsheet would lose its last digits', async () => {
    expect(await shown('integer', [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, '9223372036854775807'])).toEqual([
      '9007199254740991', '-9007199254740991', '9223372036854775807',
    ]);
    expect(await sheetXml('integer', Number.MAX_SAFE_INTEGER)).toContain('t="inlineStr"');
  });

  it('shows instants and dates as dates in UTC, and as text before 1900-03-01', async () => {
    const instants = ['2026-01-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', '1900-03-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z'];
    const cells = await shown('instant', instants.map((text) => new Date(text)));
    // Days as a double: the reader cuts off where it should round.
    cells.forEach((cell, n) => expect(Math.abs((cell as Date).getTime() - Date.parse(instants[n]!))).toBeLessThanOrEqual(1));
    expect(await shown('date', ['2026-01-31', '1900-02-28', 'someday'])).toEqual([new Date('2026-01-31'), '1900-02-28', 'someday']);
    expect(await shown('instant', [new Date('1900-02-28T23:59:59.999Z')])).toEqual(['1900-02-28T23:59:59.999Z']);
  });

  it('tells true from false, and the empty text from nothing', async () => {
    expect(await shown('boolean', [true, false])).toEqual([true, false]);
    expect(await sheetXml('string', null)).toContain('<row r="2"></row>');
    expect(await sheetXml('string', '')).toContain('<row r="2"><c r="A2" t="inlineStr"><is><t xml:space="preserve"></t></is></c></row>');
  });

  it('writes what XML cannot hold as _xHHHH_, and what looks like that as _x005F_xHHHH_', async () => {
    const xml = async (text: string) => /<row r="2">.*preserve">(.*)<\/t>/s.exec(await sheetXml('string', text))![1];
    expect(await xml('a\u0000b')).toBe('a_x0000_b');
    expect(await xml('a\r\n\tb')).toBe('a_x000D_\n\tb');
    expect(await xml('_x0041_')).toBe('_x005F_x0041_');
    expect(await xml('_x00e9_x00e9_')).toBe('_x005F_x00e9_x005F_x00e9_');
    expect(await xml('_x0041\u0001')).toBe('_x005F_x0041_x0001_');
    expect(await xml('\ud800_x004_ 😀')).toBe('_xD800__x004_ 😀');
    expect(await xml('\uFFFF')).toBe('_xFFFF_');
    expect(await xml('<&>')).toBe('&lt;&amp;&gt;');
  });

  it('keeps text whole that is longer than a spreadsheet shows', async () => {
    expect(await shown('string', LONG_TEXTS)).toEqual(LONG_TEXTS);
  });

  it('round-trips any text', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({ unit: fc.constantFrom('_', 'x', '0', '4', '1', 'F', '\0', '\r', '\n', '\t', ' ', '<', '&', ']', '>', '😀', '\ud800', '\udc00'), minLength: 1 }),
      fc.constantFrom(...HOSTILE_TEXTS.filter((text) => text !== '')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 30 }), async (values) => expect(await shown('string', values)).toEqual(values)),
      { numRuns: 30 },
    );
  });

  it.each([
    [0, ['Sheet1:1']], [3, ['Sheet1:4']], [4, ['Sheet1:4', 'Sheet2:2']], [6, ['Sheet1:4', 'Sheet2:4']], [11, ['Sheet1:4', 'Sheet2:4', 'Sheet3:4', 'Sheet4:3']],
  ])('with %j rows on sheets of 4 with a header begins a new sheet only when one is full', async (count, expected) => {
    const rows = Array.from({ length: count }, (_, value) => ({ value }));
    const sheets = await sheetsOf(await bytesOf(xlsxEncoder({ columns: column('integer'), guard: false, bom: false }, 4), rows));
    expect(sheets.map((sheet) => `${sheet.name}:${sheet.rows.length}`)).toEqual(expected);
    expect(sheets.map((sheet) => sheet.rows[0])).toEqual(sheets.map(() => ['value']));
    expect(sheets.flatMap((sheet) => sheet.rows.slice(1).flat())).toEqual(rows.map(({ value }) => value));
  });
});
