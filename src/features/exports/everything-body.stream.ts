import { Readable } from 'node:stream';
import type { Attachment, Dataset, Row } from '../../platform/datasets/dataset.js';
import { counted, MANIFEST, readable, tallied, type BodyOptions, type Tally } from './export-body.stream.js';
import { EVERYTHING } from './exports.types.js';
import { encoderOf } from './formats/encoders.js';
import { zipArchive, type ZipEntry } from './formats/zip.archive.js';

export interface EverythingOptions extends Pick<BodyOptions, 'tally' | 'progress' | 'ended'> {
  readonly datasets: readonly Dataset[];
  readonly pagesOf: (dataset: Dataset) => AsyncIterable<readonly Row[]>;
  /** The files that belong to a dataset; undefined for none. */
  readonly attachmentsOf: (dataset: Dataset) => AsyncIterable<Attachment> | undefined;
  readonly snapshotAt: Date;
}

/** What the manifest lists: the files there are, and those that were gone when their turn came. */
interface Contents {
  readonly files: object[];
  readonly missing: object[];
}

/** How many bytes of an attachment go by until a cancelled export is noticed. */
const NOTICED_BYTES = 4 * 1024 * 1024;

/**
 * The bytes of a copy of everything: a ZIP with one NDJSON for each dataset, then the files that belong to
 * them, and a list of all. Pulled by its reader like {@link exportBody}, one after another; `tally` and
 * `progress` count the rows of all.
 */
export function everythingBody(options: EverythingOptions): Readable {
  return Readable.from(whole(options), { objectMode: false });
}

async function* whole(options: EverythingOptions): AsyncGenerator<Buffer> {
  yield* tallied(zipArchive(entriesOf(options)), options.tally);
  options.ended?.();
}

async function* entriesOf(options: EverythingOptions): AsyncGenerator<ZipEntry> {
  const contents: Contents = { files: [], missing: [] };
  yield* dataEntries(options, contents);
  yield* attachedEntries(options, contents);
  const manifest = { source: EVERYTHING, snapshotAt: options.snapshotAt, ...contents };
  yield { name: MANIFEST, bytes: [Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)] };
}

async function* dataEntries({ datasets, pagesOf, tally, progress }: EverythingOptions, { files }: Contents): AsyncGenerator<ZipEntry> {
  for (const dataset of datasets) {
    const columns = dataset.columns.map(({ name, type }) => ({ name, type }));
    const before = tally.rows;
    const inside: Tally = { rows: 0, bytes: 0, sha256: '' };
    const pages = counted(pagesOf(dataset), inside, (rows) => progress((tally.rows = before + rows)));
    const name = `${dataset.name}.ndjson`;
    yield { name, bytes: tallied(encoderOf('ndjson', { columns, guard: false, bom: false })(pages), inside) };
    files.push({ name, source: dataset.name, columns, ...inside });
  }
}

/** Whoever deletes a file while the copy is made is asked for no other copy: it is only noted as missing. */
async function* attachedEntries({ datasets, attachmentsOf, tally, progress }: EverythingOptions, { files, missing }: Contents): AsyncGenerator<ZipEntry> {
  for (const dataset of datasets) {
    const attachments = attachmentsOf(dataset);
    if (!attachments) continue;
    for await (const attachment of readable(attachments)) {
      await progress(tally.rows);
      const { name } = attachment;
      const opened = await attachment.open();
      if (!opened) {
        missing.push({ name, source: dataset.name });
        continue;
      }
      const inside = { bytes: 0, sha256: '' };
      try {
        yield { name, bytes: tallied(noticing(opened, () => progress(tally.rows)), inside) };
      } finally {
        // A reader that has left has not even begun with it.
        opened.destroy();
      }
      files.push({ name, source: dataset.name, ...inside });
    }
  }
}

/** Hands the bytes on and calls `notice` now and then. */
async function* noticing(chunks: AsyncIterable<Buffer>, notice: () => Promise<void>): AsyncGenerator<Buffer> {
  let unnoticed = 0;
  for await (const chunk of chunks) {
    yield chunk;
    unnoticed += chunk.length;
    if (unnoticed < NOTICED_BYTES) continue;
    unnoticed = 0;
    await notice();
  }
}
