import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Actor } from '../../src/platform/auth/actor.js';
import { EXPORT_COMPRESSIONS, EXPORT_FORMATS, type ExportCompression, type ExportFormat, type ExportRecord } from '../../src/features/exports/exports.types.js';
import { HOSTILE_TEXTS, LONG_TEXTS, unguarded } from '../support/encoded.js';
import { MemoryDataset, openExports, type ExportsHarness } from '../support/exports-harness.js';
import { sheetsOf } from '../support/spreadsheet.js';
import { unzipped } from '../support/unzipped.js';

/** A row as every format can tell it: whether an empty text or nothing stood in a cell is told by json alone. */
type Told = [number: number, text: string, at: string];

const TEXTS = [...HOSTILE_TEXTS, ...LONG_TEXTS];
const ROWS = TEXTS.map((text, n) => ({ number: (n - 20) * 1000, text, at: new Date(Date.UTC(2026, 0, 31, 0, 0, n)) }));
const TOLD = ROWS.map(({ number, text, at }): Told => [number, text, at.toISOString()]);

const READERS: Record<ExportFormat, (data: Buffer) => Promise<Told[]>> = {
  csv: async (data) => {
    const records = parse(data, { record_delimiter: '\r\n', from_line: 2 });
    return records.map(([number = '', text = '', at = '']) => [Number(number), unguarded(text), at]);
  },
  ndjson: async (data) => data.toString().split('\n').slice(0, -1).map(toldOf),
  json: async (data) => (JSON.parse(data.toString()) as unknown[]).map((row) => toldOf(JSON.stringify(row))),
  xlsx: async (data) => {
    const [sheet] = await sheetsOf(data);
    return sheet!.rows.slice(1).map(([number, text, at]) => [number as number, (text as string | null) ?? '', rounded(at as Date).toISOString()]);
  },
};

/** A spreadsheet counts days as a double, and this reader cuts off where it should round to the millisecond. */
function rounded(at: Date): Date {
  return new Date(Math.round(at.getTime() / 1000) * 1000);
}

function toldOf(line: string): Told {
  const { number, text, at } = JSON.parse(line) as { number: number; text: string; at: string };
  return [number, text, at];
}

describe('a file of hostile cells', () => {
  let plaza: ExportsHarness;
  let mia: Actor;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plaza-formats-'));
    plaza = await openExports();
    plaza.datasets.register(new MemoryDataset('rows', ROWS));
    mia = await plaza.member(50);
    plaza.worker.onApplicationBootstrap();
  });
  afterAll(async () => {
    const violations = await plaza.violations();
    await plaza.close();
    await rm(folder, { recursive: true });
    expect(violations).toEqual([]);
  });

  const made = async (format: ExportFormat, compression: ExportCompression): Promise<{ done: ExportRecord; bytes: Buffer }> => {
    const { id } = await plaza.order(mia, { format, compression });
    const done = await plaza.until(id, 'succeeded', 'failed');
    return { done, bytes: await buffer(plaza.read(done)) };
  };

  it.each(EXPORT_FORMATS.flatMap((format) => EXPORT_COMPRESSIONS.map((compression) => [format, compression] as const)))(
    'as %s with compression %s says the same to a reader of that format',
    async (format, compression) => {
      const { done, bytes } = await made(format, compression);
      expect(done).toMatchObject({ state: 'succeeded', rowsDone: ROWS.length, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      const name = `rows-${done.createdAt.toISOString().slice(0, 10)}.${format}`;
      const data = { none: async () => bytes, gzip: async () => gunzipSync(bytes), zip: async () => (await unzipped(bytes)).get(name)! };
      expect(await READERS[format](await data[compression]())).toEqual(TOLD);
    },
  );

  it('in a ZIP comes with a manifest that agrees with it and with the export', async () => {
    const { done, bytes } = await made('csv', 'zip');
    const files = await unzipped(bytes);
    const [data, manifest] = [...files.values()];
    expect([...files.keys()].at(-1)).toBe('manifest.json');
    expect(JSON.parse(manifest!.toString())).toEqual({
      source: 'rows', format: 'csv',
      columns: [{ name: 'number', type: 'integer' }, { name: 'text', type: 'string' }, { name: 'at', type: 'instant' }],
      rows: ROWS.length, bytes: data!.length, sha256: createHash('sha256').update(data!).digest('hex'), snapshotAt: done.snapshotAt!.toISOString(),
    });
  });

  it.each([['csv', 'zip'], ['xlsx', 'none']] as const)('as %s with compression %s is sound to the unzip of the system, where there is one', async (format, compression) => {
    const file = path.join(folder, `${format}.zip`);
    await writeFile(file, (await made(format, compression)).bytes);
    expect(testedByUnzip(file)).toMatch(/No errors detected|no unzip/);
  });
});

function testedByUnzip(file: string): string {
  try {
    return execFileSync('unzip', ['-t', file], { encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return 'there is no unzip here';
  }
}
