import type { DatasetColumn, Row } from '../../../platform/datasets/dataset.js';
import type { ExportFormat } from '../exports.types.js';
import { csvEncoder } from './csv.js';
import { ndjsonEncoder } from './ndjson.js';

/** Turns pages of rows into the text of a file. */
export interface Encoder {
  /** What stands before the first row; may be empty. */
  head(): string;
  page(rows: readonly Row[]): string;
}

export interface EncoderOptions {
  readonly columns: readonly DatasetColumn[];
  readonly guard: boolean;
  readonly bom: boolean;
}

const ENCODERS: Record<ExportFormat, (options: EncoderOptions) => Encoder> = { csv: csvEncoder, ndjson: ndjsonEncoder };

export function encoderOf(format: ExportFormat, options: EncoderOptions): Encoder {
  return ENCODERS[format](options);
}
