import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { DatasetColumn, Row } from '../../platform/datasets/dataset.js';
import type { Encoder } from './formats/encoder.types.js';
import { zipArchive, type ZipEntry } from './formats/zip.archive.js';
import type { ExportCompression, ExportFormat } from './exports.types.js';

/** The data could not be read: the dataset's fault, as against the disk's. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
}

/** The list of contents that comes last in every ZIP. */
export const MANIFEST = 'manifest.json';

/** What went into a file, complete once its stream has ended. */
export interface Tally {
  rows: number;
  bytes: number;
  sha256: string;
}

/** What the manifest of a ZIP says about the data file in it, besides its tally. */
export interface DataFile {
  readonly name: string;
  readonly source: string;
  readonly format: ExportFormat;
  readonly columns: readonly DatasetColumn[];
  readonly snapshotAt: Date;
}

export interface BodyOptions {
  readonly pages: AsyncIterable<readonly Row[]>;
  readonly encoder: Encoder;
  readonly compression: ExportCompression;
  readonly file: DataFile;
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
  return Readable.from(whole(options), { objectMode: false });
}

async function* whole({ pages, encoder, compression, file, tally, progress, ended }: BodyOptions): AsyncGenerator<Buffer> {
  const data = encoder(counted(pages, tally, progress));
  const compressed = { none: () => data, gzip: () => gzipped(data), zip: () => zipArchive(zipEntries(data, file, tally)) };
  yield* tallied(compressed[compression](), tally);
  ended?.();
}

/** Counts a page once it has been encoded and handed on. @throws SourceFailed for the errors of its source, and what progress throws */
export async function* counted(
  pages: AsyncIterable<readonly Row[]>, tally: Pick<Tally, 'rows'>, progress: BodyOptions['progress'],
): AsyncGenerator<readonly Row[]> {
  for await (const page of readAhead(readable(pages))) {
    if (page.length === 0) continue;
    yield page;
    tally.rows += page.length;
    await progress(tally.rows);
  }
}

/** Asks for the next page while one is encoded and written: the database works meanwhile, one page ahead and no more. */
async function* readAhead<Page>(pages: AsyncGenerator<Page>): AsyncGenerator<Page> {
  let next = pages.next();
  try {
    for (;;) {
      const page = await next;
      if (page.done === true) return;
      next = pages.next();
      // Thrown when its turn comes; whoever leaves before does not want to know.
      next.catch(() => undefined);
      yield page.value;
    }
  } finally {
    await pages.return(undefined);
  }
}

/** Marks errors of the source as such; errors further down pass by. */
export async function* readable<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  try {
    yield* items;
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

/** The data file, then what there is to know about it. */
async function* zipEntries(data: AsyncIterable<Buffer>, { name, source, format, columns, snapshotAt }: DataFile, whole: Tally): AsyncGenerator<ZipEntry> {
  const inside = { bytes: 0, sha256: '' };
  yield { name, bytes: tallied(data, inside) };
  const manifest = { source, format, columns: columns.map(({ name: column, type }) => ({ name: column, type })), rows: whole.rows, ...inside, snapshotAt };
  yield { name: MANIFEST, bytes: [Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)] };
}

/** Hands the bytes on and keeps count of them. */
export async function* tallied(chunks: AsyncIterable<Buffer>, tally: Pick<Tally, 'bytes' | 'sha256'>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    tally.bytes += chunk.length;
    yield chunk;
  }
  tally.sha256 = hash.digest('hex');
}
