import type { DatasetColumn, Row } from '../../../platform/datasets/dataset.js';
import type { Encoder, EncoderOptions } from './encoder.types.js';

/** One JSON object per line, keys in the order of the columns; instants as ISO strings. */
export function ndjsonEncoder({ columns }: EncoderOptions): Encoder {
  return async function* (pages) {
    for await (const page of pages) yield Buffer.from(page.map((row) => `${objectOf(row, columns)}\n`).join(''));
  };
}

/** One JSON array with a row per line, each as in ndjson. */
export function jsonEncoder({ columns }: EncoderOptions): Encoder {
  return async function* (pages) {
    let before = '[\n';
    for await (const page of pages) {
      yield Buffer.from(before + page.map((row) => objectOf(row, columns)).join(',\n'));
      before = ',\n';
    }
    yield Buffer.from(before === ',\n' ? '\n]\n' : '[]\n');
  };
}

function objectOf(row: Row, columns: readonly DatasetColumn[]): string {
  return JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])));
}
