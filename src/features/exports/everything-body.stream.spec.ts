import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import type { Dataset, Row } from '../../platform/datasets/dataset.js';
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
  return { datasets, pagesOf, snapshotAt: new Date(0), tally: { rows: 0, bytes: 0, sha256: '' }, progress: async () => undefined, ...change };
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
