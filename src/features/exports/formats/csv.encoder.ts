import { stringify } from 'csv-stringify/sync';
import type { Cell, DatasetColumn } from '../../../platform/datasets/dataset.js';
import type { Encoder, EncoderOptions } from './encoder.types.js';

/**
 * What a spreadsheet may run as a formula, and `'` itself so that taking the guard away again is
 * unambiguous. Numbers are never text and need none.
 */
const HOSTILE = /^[=+\-@'\t\r]/;

/** CSV as in RFC 4180: CRLF, a header always, quotes where needed. Null is an empty cell. */
export function csvEncoder({ columns, guard, bom }: EncoderOptions): Encoder {
  const write = (records: string[][]): string =>
    stringify(records, {
      record_delimiter: '\r\n',
      // A lone CR or LF inside a cell must not end the record for any parser.
      quote_record_delimiter: true,
      // A record of one empty cell would be a blank line, which parsers skip.
      quoted_empty: columns.length === 1,
    });
  return {
    head: () => (bom ? '\uFEFF' : '') + write([columns.map(({ name }) => name)]),
    page: (rows) => write(rows.map((row) => columns.map((column) => textOf(row[column.name] ?? null, column, guard)))),
  };
}

function textOf(value: Cell, { type }: DatasetColumn, guard: boolean): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  const text = String(value);
  return guard && type === 'string' && HOSTILE.test(text) ? `'${text}` : text;
}
