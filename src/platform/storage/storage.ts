import type { Readable } from 'node:stream';

export interface StoredFile {
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/**
 * Port to where files are kept. Keys are slash-separated names of our own making, never a member's text.
 */
export abstract class Storage {
  /**
   * Writes a whole file and answers its size once it is durable (synced and in place); until then no
   * reader sees it. A failed write leaves nothing behind.
   *
   * @throws storageFull when the disk has no room
   */
  abstract write(key: string, body: Readable): Promise<{ bytes: number }>;
  /** @param range first and last byte, both included */
  abstract read(key: string, range?: { start: number; end: number }): Readable;
  /** Undefined when there is no such file. */
  abstract find(key: string): Promise<StoredFile | undefined>;
  /** Removing what is not there is no error. */
  abstract delete(key: string): Promise<void>;
  /** Every file below a prefix, in no particular order; unfinished writes included. */
  abstract list(prefix: string): AsyncIterable<StoredFile & { key: string }>;
}
