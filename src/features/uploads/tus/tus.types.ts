import type { FileRecord } from '../uploads.types.js';

/** What is said of an upload in the words of the protocol, as it was sent. */
export interface TusWords {
  readonly metadata: string | null;
  readonly concat: string | null;
}

/** An upload by the tus protocol, and the file that it becomes. */
export interface TusRecord extends TusWords {
  readonly file: FileRecord;
  /** How many have begun to write to it. */
  readonly writes: number;
}

/** The right to work on the bytes of an upload: whoever holds an earlier turn is late. */
export interface Turn {
  readonly id: string;
  readonly turn: number;
}

export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256', 'sha512'] as const;

/** What Upload-Checksum says of the bytes of one request. */
export interface Checksum {
  readonly algorithm: (typeof CHECKSUM_ALGORITHMS)[number];
  readonly digest: Buffer;
}

/** Headers of a request, by their lower-case names. */
export type TusHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface TusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}
