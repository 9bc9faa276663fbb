import type { DatasetColumn, Row } from '../../src/platform/datasets/dataset.js';
import type { Encoder } from '../../src/features/exports/formats/encoder.types.js';
import type { ExportFormat } from '../../src/features/exports/exports.types.js';
import { encoderOf } from '../../src/features/exports/formats/encoders.js';

/** Rows in pages of at most `size`. */
export async function* pagesOf(rows: readonly Row[], size = 3): AsyncGenerator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}

/** The bytes that an encoder makes of these rows. */
export async function bytesOf(encoder: Encoder, rows: readonly Row[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of encoder(pagesOf(rows))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A whole file of a format. */
export function encoded(format: ExportFormat, columns: readonly DatasetColumn[], rows: readonly Row[], options: { guard?: boolean; bom?: boolean } = {}): Promise<Buffer> {
  return bytesOf(encoderOf(format, { columns, guard: format === 'csv', bom: false, ...options }), rows);
}

/** Takes the formula guard away from a cell of a CSV. */
export const unguarded = (cell: string): string => (/^'[=+\-@'\t\r]/.test(cell) ? cell.slice(1) : cell);

/** Texts that have broken writers and readers before. */
export const HOSTILE_TEXTS = [
  '', ' ', ' padded ', '"', '""', 'say "hi"', 'a,b', 'a;b', 'CR\rCR', 'LF\nLF', 'CRLF\r\n', '\r\n', '\n', '\r', '\t', '\ttab',
  '😀 👩‍👩‍👧‍👦', 'שלום \u202Eevil\u202C', 'é vs e\u0301', 'ﬁ ﷽ 𝒳', '\uFEFFmark', '\u2028\u2029', '\u00A0', '\uFFFD',
  "=cmd|' /C calc'!A0", '=1+1', '+1', '-1', '@A1', "'quoted", "''", '=', "'=1", '\u0000', 'a\u0000b\u0001\u0008\u000B\u000C\u001F\u007F\u0085\uFFFE\uFFFF',
  '_x0041_', '_x005F_', '_x0041_x0042_', '_x0041\u0000', '__x0041__', '_x00e9_', '<b>&amp;"\'</b>', ']]>', '\\', '\\n', '${x}', 'null', 'NaN', 'true',
  '007', '1e5', '1E400', '2026-01-31', '12345678901234567890', '0x10',
] as const;

/** More than a cell of a spreadsheet shows, or a chunk of a stream holds. */
export const LONG_TEXTS = ['x'.repeat(40_000), '\u0000'.repeat(40_000), '💥'.repeat(20_000), '"\r\n'.repeat(30_000)] as const;
