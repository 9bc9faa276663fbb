import type { DatasetColumn, Row } from '../../../platform/datasets/dataset.js';

/** Turns pages of rows into the text of a file. */
export interface Encoder {
  /** What stands before the first row; may be empty. */
  head(): string;
  page(rows: readonly Row[]): string;
}

export interface EncoderOptions {
  readonly columns: readonly DatasetColumn[];
  /** Formula guard; csv only. */
  readonly guard: boolean;
  /** Byte order mark; csv only. */
  readonly bom: boolean;
}
