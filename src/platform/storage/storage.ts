import type { Readable } from 'node:stream';

export interface StoredFile {
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** An upload that goes past Plaza: `PUT url` with exactly these headers and that many bytes. */
export interface SignedUpload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

/** What a storage can do that clients may write to themselves. */
export interface DirectUploads {
  /**
   * Lets whoever has the answer put bytes at `key`, again and again while it is good.
   *
   * @param bytes exactly how many; a storage refuses any other number
   * @param sha256 of the bytes, in hex, where it is known; a storage that can compare it does
   */
  sign(key: string, bytes: { bytes: number; sha256?: string }, seconds: number): Promise<SignedUpload>;
  /**
   * Copies within the storage, so that what a client can still write to is not what is kept.
   *
   * @throws ENOENT when there is nothing at `from`
   */
  copy(from: string, to: string): Promise<void>;
}

/** Segments of letters, digits, `_`, `-` and inner dots: no key leaves the folder. */
const KEY = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)*$/;

/** @throws Error when it is no key: that is a fault of ours, keys are no member's text */
export function assertKey(key: string): string {
  if (!KEY.test(key)) throw new Error(`${JSON.stringify(key)} is no storage key`);
  return key;
}

/** As the operating system says it, so that a missing file is the same error wherever it is missing. */
export function missingFile(key: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: there is no file ${key}`), { code: 'ENOENT' });
}

/**
 * Port to where files are kept. Keys are slash-separated names of our own making, never a member's text.
 */
export abstract class Storage {
  /** Undefined where bytes come in only through Plaza. */
  readonly direct: DirectUploads | undefined;

  /**
   * Writes a whole file and answers its size once it is durable (synced and in place); until then no
   * reader sees it. A failed write leaves nothing behind, and rejects with what `body` failed with, also when that was
   * before anybody read it.
   *
   * @throws storageFull when there is no room; storageUnavailable, as do all others, when the storage does not answer
   */
  abstract write(key: string, body: Readable): Promise<{ bytes: number }>;
  /**
   * Fails with ENOENT when there is no such file. Destroying it ends the reading.
   *
   * @param range first and last byte, both included
   */
  abstract read(key: string, range?: { start: number; end: number }): Readable;
  /** Undefined when there is no such file. */
  abstract find(key: string): Promise<StoredFile | undefined>;
  /**
   * The file as a path on this machine, for what can only read paths; good until `use` has ended, and
   * never to be written to.
   *
   * @throws ENOENT when there is no such file
   */
  abstract stage<T>(key: string, use: (path: string) => Promise<T>): Promise<T>;
  /** Removing what is not there is no error. */
  abstract delete(key: string): Promise<void>;
  /** Every file below a prefix, in no particular order; unfinished writes included. */
  abstract list(prefix: string): AsyncIterable<StoredFile & { key: string }>;
}
