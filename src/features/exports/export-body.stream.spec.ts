import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { unzipped } from '../../../test/support/unzipped.js';
import type { DatasetColumn, Row } from '../../platform/datasets/dataset.js';
import { exportBody, SourceFailed, type BodyOptions, type Tally } from './export-body.stream.js';
import { EXPORT_COMPRESSIONS, EXPORT_FORMATS, type ExportCompression, type ExportFormat } from './exports.types.js';
import { encoderOf } from './formats/encoders.js';

const COLUMNS: DatasetColumn[] = [{ name: 'n', type: 'integer' }];
const SNAPSHOT_AT = new Date('2026-01-31T12:00:00.000Z');
const emptyTally = (): Tally => ({ rows: 0, bytes: 0, sha256: '' });
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function options(pages: AsyncIterable<readonly Row[]>, format: ExportFormat, compression: ExportCompression, change: Partial<BodyOptions> = {}): BodyOptions {
  return {
    pages, compression,
    encoder: encoderOf(format, { columns: COLUMNS, guard: false, bom: false }),
    file: { name: `numbers.${format}`, source: 'numbers', format, columns: COLUMNS, snapshotAt: SNAPSHOT_AT },
    tally: emptyTally(),
    progress: () => Promise.resolve(),
    ...change,
  };
}

async function* numbers(pages: number, size: number, seen: { pages: number; ended?: boolean } = { pages: 0 }): AsyncGenerator<Row[]> {
  try {
    for (let page = 0; page < pages; page += 1) {
      seen.pages += 1;
      yield Array.from({ length: size }, (_, n) => ({ n: page * size + n }));
    }
  } finally {
    seen.ended = true;
  }
}

/** Lets everything happen that is going to happen by itself. */
async function settled(seen: { pages: number }): Promise<void> {
  for (let idle = 0, before = -1; idle < 50; idle = seen.pages === before ? idle + 1 : 0, before = seen.pages) await turn();
}

const COMBINATIONS = EXPORT_FORMATS.flatMap((format) => EXPORT_COMPRESSIONS.map((compression) => [format, compression] as const));

describe.each(COMBINATIONS)('the body of an export, %s, compression %s', (format, compression) => {
  it('tallies exactly the bytes it hands out, and reports each page', async () => {
    const tally = emptyTally();
    const progress: number[] = [];
    let ended = 0;
    const given = options(numbers(3, 100), format, compression, { tally, progress: async (rows) => void progress.push(rows), ended: () => (ended += 1) });
    const bytes = await buffer(exportBody(given));
    expect(tally).toEqual({ rows: 300, bytes: bytes.length, sha256: sha256(bytes) });
    expect(progress).toEqual([100, 200, 300]);
    expect(ended).toBe(1);
  });

  it('tells errors of the source from a stop in the middle', async () => {
    const failure = new Error('table is gone');
    async function* broken(): AsyncGenerator<Row[]> {
      yield [{ n: 1 }];
      throw failure;
    }
    const error: unknown = await buffer(exportBody(options(broken(), format, compression))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceFailed);
    expect((error as Error).cause).toBe(failure);
    const stop = new Error('cancelled');
    const seen = { pages: 0, ended: false };
    await expect(buffer(exportBody(options(numbers(9, 10, seen), format, compression, { progress: () => Promise.reject(stop) })))).rejects.toBe(stop);
    // The first page, and the one that was read ahead.
    await eventually(() => expect(seen).toEqual({ pages: 2, ended: true }));
  });

  it('fetches no further than its reader reads, and closes the source when the reader leaves', async () => {
    const seen = { pages: 0, ended: false };
    const body = exportBody(options(numbers(10_000, 2_000, seen), format, compression));
    for await (const _ of body) {
      await settled(seen);
      expect(seen.pages).toBeLessThan(100);
      expect(seen.ended).toBe(false);
      break;
    }
    await eventually(() => expect(seen.ended).toBe(true));
    const fetched = seen.pages;
    await settled(seen);
    expect(seen.pages).toBe(fetched);
  });

  it('leaves no page out and skips empty ones', async () => {
    async function* ragged(): AsyncGenerator<Row[]> {
      yield [];
      yield [{ n: 1 }, { n: 2 }];
      yield [];
      yield [{ n: 3 }];
    }
    async function* even(): AsyncGenerator<Row[]> {
      yield [{ n: 1 }, { n: 2 }];
      yield [{ n: 3 }];
    }
    const data = async (pages: AsyncIterable<Row[]>) => dataOf(await buffer(exportBody(options(pages, format, compression))), compression, `numbers.${format}`);
    const [one, other] = [await data(ragged()), await data(even())];
    expect(format === 'xlsx' ? [...(await unzipped(one))] : one.toString()).toEqual(format === 'xlsx' ? [...(await unzipped(other))] : other.toString());
  });
});

async function dataOf(bytes: Buffer, compression: ExportCompression, name: string): Promise<Buffer> {
  if (compression === 'none') return bytes;
  return compression === 'gzip' ? gunzipSync(bytes) : (await unzipped(bytes)).get(name)!;
}

it.each(EXPORT_FORMATS)('a ZIP of %s holds the data file, then a manifest that says what it is', async (format) => {
  const files = await unzipped(await buffer(exportBody(options(numbers(3, 7), format, 'zip'))));
  expect([...files.keys()]).toEqual([`numbers.${format}`, 'manifest.json']);
  const [data, manifest] = [...files.values()];
  expect(JSON.parse(manifest!.toString())).toEqual({
    source: 'numbers', format, columns: [{ name: 'n', type: 'integer' }], rows: 21,
    bytes: data!.length, sha256: sha256(data!), snapshotAt: '2026-01-31T12:00:00.000Z',
  });
});

it('reads one page ahead while the one before is written, and only one', async () => {
  const seen = { pages: 0 };
  const waiting: (() => void)[] = [];
  const body = exportBody(options(numbers(5, 1, seen), 'ndjson', 'none', { progress: () => new Promise((resolve) => waiting.push(resolve)) }));
  const reading = buffer(body);
  for (const pages of [2, 3, 4, 5, 5]) {
    await eventually(() => expect(waiting).toHaveLength(1));
    await settled(seen);
    expect(seen.pages).toBe(pages);
    waiting.pop()!();
  }
  expect((await reading).toString()).toBe('{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n');
});
