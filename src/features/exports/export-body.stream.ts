import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Row } from '../../platform/datasets/dataset.js';
import type { Encoder } from './formats/encoder.types.js';
import type { ExportCompression } from './exports.types.js';

/** The data could not be read: the dataset's fault, as against the disk's. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
}

/** What went into a file, complete once its stream has ended. */
export interface Tally {
  rows: number;
  bytes: number;
  sha256: string;
}

export interface BodyOptions {
  readonly pages: AsyncIterable<readonly Row[]>;
  readonly encoder: Encoder;
  readonly compression: ExportCompression;
  readonly tally: Tally;
  /** Called after each page with the rows so far; throws to stop the file. */
  readonly progress: (rows: number) => Promise<void>;
  /** Called when the last byte has been handed out. */
  readonly ended?: () => void;
}

/**
 * The bytes of an export file. Pulled by its reader: a page is fetched when the ones before have been
 * written, so memory does not grow with rows.
 */
export function exportBody(options: BodyOptions): Readable {
  const text = encoded(options);
  const bytes = options.compression === 'gzip' ? gzipped(text) : text;
  return Readable.from(tallied(bytes, options), { objectMode: false });
}

async function* encoded({ pages, encoder, tally, progress }: BodyOptions): AsyncGenerator<Buffer> {
  const head = encoder.head();
  if (head !== '') yield Buffer.from(head);
  for await (const page of readable(pages)) {
    if (page.length === 0) continue;
    yield Buffer.from(encoder.page(page));
    tally.rows += page.length;
    await progress(tally.rows);
  }
}

/** Marks errors of the source as such; errors further down pass by. */
async function* readable(pages: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  try {
    yield* pages;
  } catch (error) {
    throw new SourceFailed('the dataset failed', { cause: error });
  }
}

async function* gzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip();
  const feeding = pipeline(Readable.from(chunks), gzip);
  // Reading from gzip rejects with the same error; this only keeps it from counting as unhandled.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of gzip) yield chunk as Buffer;
    await feeding;
  } finally {
    gzip.destroy();
  }
}

async function* tallied(chunks: AsyncIterable<Buffer>, { tally, ended }: BodyOptions): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    tally.bytes += chunk.length;
    yield chunk;
  }
  tally.sha256 = hash.digest('hex');
  ended?.();
}
