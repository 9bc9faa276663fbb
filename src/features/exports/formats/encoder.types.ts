import type { DatasetColumn, Row } from '../../../platform/datasets/dataset.js';

/** Turns pages of rows into the bytes of a file; asks for a page when its reader wants more. */
export type Encoder = (pages: AsyncIterable<readonly Row[]>) => AsyncIterable<Buffer>;

export interface EncoderOptions {
  readonly columns: readonly DatasetColumn[];
  /** Formula guard; csv only. */
  readonly guard: boolean;
  /** Byte order mark; csv only. */
  readonly bom: boolean;
}
