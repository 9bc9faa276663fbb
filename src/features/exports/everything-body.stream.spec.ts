import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { unzipped } from '../../../test/support/unzipped.js';
import type { Attachment, Dataset, Row } from '../../platform/datasets/dataset.js';
import { everythingBody, type EverythingOptions } from './everything-body.stream.js';
import { SourceFailed } from './export-body.stream.js';

const datasetOf = (name: string): Dataset => ({ name, personal: true, columns: [{ name: 'text', type: 'string' }], filters: [] }) as unknown as Dataset;
const datasets = [datasetOf('first'), datasetOf('second')];

/** What was asked of each dataset: how many pages, and whether its reader is done with it. */
interface Seen { pages: number; ended: boolean }

function options(seen: Record<string, Seen>, change: Partial<EverythingOptions> = {}): EverythingOptions {
  async function* pagesOf({ name }: Dataset): AsyncGenerator<readonly Row[]> {
    const mine: Seen = { pages: 0, ended: false };
    seen[name] = mine;
    try {
      while (mine.pages < 300) {
        mine.pages += 1;
        // Text that does not deflate to nothing.
        yield Array.from({ length: 100 }, () => ({ text: Math.random().toString(36).repeat(20) }));
      }
    } finally {
      mine.ended = true;
    }
  }
  return { datasets, pagesOf, attachmentsOf: () => undefined, snapshotAt: new Date(0), tally: { rows: 0, bytes: 0, sha256: '' }, progress: async () => undefined, ...change };
}

describe('the bytes of a copy of everything', () => {
  it('are made as they are read: one dataset after another, and no further once the reader has left', async () => {
    const seen: Record<string, Seen> = {};
    for await (const _ of everythingBody(options(seen))) break;
    await eventually(() => expect(seen['first']!.ended).toBe(true));
    expect(Object.keys(seen)).toEqual(['first']);
    expect(seen['first']).toEqual({ pages: expect.any(Number), ended: true });
    expect(seen['first']!.pages).toBeLessThan(100);
  });

  it('count the rows of all datasets, each row once', async () => {
    const tally = { rows: 0, bytes: 0, sha256: '' };
    const progress: number[] = [];
    let rowsAtEnd = 0;
    await buffer(everythingBody(options({}, { tally, progress: async (rows) => void progress.push(rows), ended: () => void (rowsAtEnd += tally.rows) })));
    expect([tally.rows, rowsAtEnd]).toEqual([60_000, 60_000]);
    expect(progress).toEqual(Array.from({ length: 600 }, (_, page) => (page + 1) * 100));
  });

  it('end with the error of a dataset as such, or with the one that stopped them', async () => {
    async function* broken(): AsyncGenerator<readonly Row[]> {
      yield [{ text: 'x' }];
      throw new Error('table is gone');
    }
    await expect(buffer(everythingBody(options({}, { pagesOf: broken })))).rejects.toThrow(SourceFailed);
    const stop = new Error('cancelled');
    const seen: Record<string, Seen> = {};
    await expect(buffer(everythingBody(options(seen, { progress: () => Promise.reject(stop) })))).rejects.toBe(stop);
    expect(seen).toEqual({ first: { pages: expect.any(Number), ended: true } });
    // One page may be read while the one before is written.
    expect(seen['first']!.pages).toBeLessThanOrEqual(2);
  });
});

/** A file of these bytes, and what became of its stream. */
function attached(name: string, bytes: Buffer | AsyncIterable<Buffer>) {
  const seen: { opened?: Readable } = {};
  const open = async (): Promise<Readable> => (seen.opened = Readable.from(Buffer.isBuffer(bytes) ? [bytes] : bytes, { objectMode: false }));
  return { seen, attachment: { name, open } satisfies Attachment };
}

/** Random bytes without an end, in pieces of 64 KiB. */
function endless() {
  const made = { chunks: 0 };
  async function* bytes(): AsyncGenerator<Buffer> {
    for (;;) {
      made.chunks += 1;
      yield randomBytes(64 * 1024);
    }
  }
  return { made, bytes: bytes() };
}

async function* listed(...attachments: readonly Attachment[]): AsyncGenerator<Attachment> {
  yield* attachments;
}

describe('the files that belong to a dataset', () => {
  const [text, picture] = [Buffer.from('hello'), randomBytes(300_000)];
  const empty = async function* (): AsyncGenerator<readonly Row[]> {};
  const manifestOf = (files: Map<string, Buffer>) => JSON.parse(files.get('manifest.json')!.toString()) as { files: object[]; missing: object[] };

  it('come after all data and before the list, which has their names, sizes and hashes', async () => {
    const mine = listed(attached('files/1/größe 😀.txt', text).attachment, attached('files/2/boat.png', picture).attachment);
    const files = await unzipped(await buffer(everythingBody(options({}, { pagesOf: empty, attachmentsOf: ({ name }) => (name === 'first' ? mine : undefined) }))));
    expect([...files.keys()]).toEqual(['first.ndjson', 'second.ndjson', 'files/1/größe 😀.txt', 'files/2/boat.png', 'manifest.json']);
    expect(files.get('files/2/boat.png')!.equals(picture)).toBe(true);
    const of = (bytes: Buffer) => ({ source: 'first', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(manifestOf(files).files.slice(2)).toEqual([{ name: 'files/1/größe 😀.txt', ...of(text) }, { name: 'files/2/boat.png', ...of(picture) }]);
    expect(manifestOf(files).missing).toEqual([]);
  });

  it('are left out and noted where they are gone when their turn comes', async () => {
    const mine = listed({ name: 'files/1/gone', open: async () => undefined }, attached('files/2/there', text).attachment);
    const files = await unzipped(await buffer(everythingBody(options({}, { datasets: [datasetOf('first')], pagesOf: empty, attachmentsOf: () => mine }))));
    expect([...files.keys()]).toEqual(['first.ndjson', 'files/2/there', 'manifest.json']);
    expect(manifestOf(files)).toMatchObject({ files: [{ name: 'first.ndjson' }, { name: 'files/2/there' }], missing: [{ name: 'files/1/gone', source: 'first' }] });
  });

  it('are opened one after another and read no faster than the reader takes them; once it has left they are closed', async () => {
    const { made, bytes } = endless();
    const [first, second] = [attached('files/1/endless', bytes), attached('files/2/never', text)];
    let chunks = 0;
    for await (const _ of everythingBody(options({}, { pagesOf: empty, attachmentsOf: () => listed(first.attachment, second.attachment) }))) {
      chunks += 1;
      if (made.chunks === 0 || chunks < 10) continue;
      for (let idle = 0, before = 0; idle < 20; idle = made.chunks === before ? idle + 1 : 0, before = made.chunks) await turn();
      break;
    }
    await eventually(() => expect(first.seen.opened!.destroyed).toBe(true));
    expect(made.chunks).toBeLessThan(60);
    expect(second.seen.opened).toBeUndefined();
  });

  it('are closed also when the reader leaves while one is being opened', async () => {
    let [open, opening] = [(): void => undefined, false];
    const gate = new Promise<void>((resolve) => (open = resolve));
    const late = attached('files/1/late', text);
    const slow: Attachment = {
      name: 'files/1/late',
      open: async () => {
        opening = true;
        await gate;
        return late.attachment.open();
      },
    };
    const body = everythingBody(options({}, { pagesOf: empty, attachmentsOf: () => listed(slow) }));
    body.resume();
    await eventually(() => expect(opening).toBe(true));
    body.destroy();
    open();
    await eventually(() => expect(late.seen.opened!.destroyed).toBe(true));
  });

  it('end with the copy when it is cancelled in the middle of one, or between two', async () => {
    const stop = new Error('cancelled');
    const { made, bytes } = endless();
    const long = attached('files/1/endless', bytes);
    let asked = 0;
    const progress = async (): Promise<void> => {
      if ((asked += 1) === 3) throw stop;
    };
    await expect(buffer(everythingBody(options({}, { pagesOf: empty, progress, attachmentsOf: () => listed(long.attachment) })))).rejects.toBe(stop);
    expect(made.chunks).toBeGreaterThan(100);
    expect(made.chunks).toBeLessThan(200);
    expect(long.seen.opened!.destroyed).toBe(true);

    asked = 0;
    const several = Array.from({ length: 5 }, (_, n) => attached(`files/${n}/short`, text));
    await expect(buffer(everythingBody(options({}, { pagesOf: empty, progress, attachmentsOf: () => listed(...several.map(({ attachment }) => attachment)) })))).rejects.toBe(stop);
    expect(several.filter(({ seen }) => seen.opened)).toHaveLength(2);
  });

  it('end the copy with the error of their list as a fault of the dataset, and with that of a file as such', async () => {
    async function* broken(): AsyncGenerator<Attachment> {
      throw new Error('table is gone');
    }
    await expect(buffer(everythingBody(options({}, { pagesOf: empty, attachmentsOf: broken })))).rejects.toThrow(SourceFailed);
    const failure = new Error('disk is broken');
    async function* failing(): AsyncGenerator<Buffer> {
      yield text;
      throw failure;
    }
    await expect(buffer(everythingBody(options({}, { pagesOf: empty, attachmentsOf: () => listed(attached('files/1/x', failing()).attachment) })))).rejects.toBe(failure);
  });
});
