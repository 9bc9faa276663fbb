import type { Encoder, EncoderOptions } from './encoder.types.js';

/** One JSON object per line, keys in the order of the columns; instants as ISO strings. */
export function ndjsonEncoder({ columns }: EncoderOptions): Encoder {
  return {
    head: () => '',
    page: (rows) =>
      rows.map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])))}\n`).join(''),
  };
}
