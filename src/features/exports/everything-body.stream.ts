import { Readable } from 'node:stream';
import type { Dataset, Row } from '../../platform/datasets/dataset.js';
import { counted, MANIFEST, tallied, type BodyOptions, type Tally } from './export-body.stream.js';
import { EVERYTHING } from './exports.types.js';
import { encoderOf } from './formats/encoders.js';
import { zipArchive, type ZipEntry } from './formats/zip.archive.js';

export interface EverythingOptions extends Pick<BodyOptions, 'tally' | 'progress' | 'ended'> {
  readonly datasets: readonly Dataset[];
  readonly pagesOf: (dataset: Dataset) => AsyncIterable<readonly Row[]>;
  readonly snapshotAt: Date;
}

/**
 * The bytes of a copy of everything: a ZIP with one NDJSON for each dataset and a list of them. Pulled by
 * its reader like {@link exportBody}, one dataset after another; `tally` and `progress` count the rows of all.
 */
export function everythingBody(options: EverythingOptions): Readable {
  return Readable.from(whole(options), { objectMode: false });
}

async function* whole(options: EverythingOptions): AsyncGenerator<Buffer> {
  yield* tallied(zipArchive(entriesOf(options)), options.tally);
  options.ended?.();
}

async function* entriesOf({ datasets, pagesOf, snapshotAt, tally, progress }: EverythingOptions): AsyncGenerator<ZipEntry> {
  const files: object[] = [];
  for (const dataset of datasets) {
    const columns = dataset.columns.map(({ name, type }) => ({ name, type }));
    const before = tally.rows;
    const inside: Tally = { rows: 0, bytes: 0, sha256: '' };
    const pages = counted(pagesOf(dataset), inside, (rows) => progress((tally.rows = before + rows)));
    const name = `${dataset.name}.ndjson`;
    yield { name, bytes: tallied(encoderOf('ndjson', { columns, guard: false, bom: false })(pages), inside) };
    files.push({ name, source: dataset.name, columns, ...inside });
  }
  const manifest = { source: EVERYTHING, snapshotAt, files };
  yield { name: MANIFEST, bytes: [Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)] };
}
