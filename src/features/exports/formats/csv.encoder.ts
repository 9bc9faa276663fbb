import type { Cell, DatasetColumn } from '../../../platform/datasets/dataset.js';
import type { Encoder, EncoderOptions } from './encoder.types.js';

/**
 * What a spreadsheet may run as a formula, and `'` itself so that taking the guard away again is
 * unambiguous. Numbers are never text and need none.
 */
const HOSTILE = /^[=+\-@'\t\r]/;
/** What must stand in quotes: a lone CR or LF too, which must not end the record for any parser. */
const SPECIAL = /[",\r\n]/;
const HOSTILE_OR_SPECIAL = /^[=+\-@'\t\r]|[",\r\n]/;

/**
 * CSV as in RFC 4180: CRLF, a header always, quotes where needed. Null is an empty cell.
 *
 * Written here because csv-stringify was the limit: 1.2 s of CPU for 200,000 memes, where this takes 0.5 s
 * and reading them 0.4 s. A property test holds the two against each other.
 */
export function csvEncoder({ columns, guard, bom }: EncoderOptions): Encoder {
  // A record of one empty cell would be a blank line, which parsers skip.
  const empty = columns.length === 1 ? '""' : '';
  const lineOf = (cells: string[]): string => `${cells.join(',')}\r\n`;
  return async function* (pages) {
    yield Buffer.from((bom ? '\uFEFF' : '') + lineOf(columns.map(({ name }) => quoted(name))));
    for await (const page of pages) {
      yield Buffer.from(page.map((row) => lineOf(columns.map((column) => textOf(row[column.name] ?? null, column, guard) || empty))).join(''));
    }
  };
}

function textOf(value: Cell, { type }: DatasetColumn, guard: boolean): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  if (!HOSTILE_OR_SPECIAL.test(value)) return value;
  return quoted(guard && type === 'string' && HOSTILE.test(value) ? `'${value}` : value);
}

function quoted(text: string): string {
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
