import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Row } from '../../platform/datasets/dataset.js';
import { exportBody, SourceFailed, type BodyOptions, type Tally } from './export-body.stream.js';
import { encoderOf } from './formats/encoders.js';

const encoder = encoderOf('ndjson', { columns: [{ name: 'n', type: 'integer' }], guard: false, bom: false });
const emptyTally = (): Tally => ({ rows: 0, bytes: 0, sha256: '' });

function options(pages: AsyncIterable<readonly Row[]>, change: Partial<BodyOptions> = {}): BodyOptions {
  return { pages, encoder, compression: 'none', tally: emptyTally(), progress: () => Promise.resolve(), ...change };
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

describe.each(['none', 'gzip'] as const)('an export body, compression %s', (compression) => {
  it('tallies exactly the bytes it hands out', async () => {
    const tally = emptyTally();
    const progress: number[] = [];
    const bytes = await buffer(exportBody(options(numbers(3, 100), { compression, tally, progress: async (rows) => void progress.push(rows) })));
    expect(tally).toEqual({ rows: 300, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    expect(progress).toEqual([100, 200, 300]);
    const text = (compression === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    expect(text.split('\n').slice(0, -1).map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(Array.from({ length: 300 }, (_, n) => n));
  });

  it('tells errors of the source from a stop in the middle', async () => {
    async function* broken(): AsyncGenerator<Row[]> {
      yield [{ n: 1 }];
      throw new Error('table is gone');
    }
    await expect(buffer(exportBody(options(broken(), { compression })))).rejects.toThrow(SourceFailed);
    const stop = new Error('cancelled');
    const seen = { pages: 0, ended: false };
    await expect(buffer(exportBody(options(numbers(9, 10, seen), { compression, progress: () => Promise.reject(stop) })))).rejects.toBe(stop);
    expect(seen).toEqual({ pages: 1, ended: true });
  });

  it('fetches no further than its reader reads, and closes the source when the reader leaves', async () => {
    const seen = { pages: 0, ended: false };
    const body = exportBody(options(numbers(10_000, 2_000, seen), { compression }));
    for await (const _ of body) break;
    for (let n = 0; n < 20; n += 1) await turn();
    const fetched = seen.pages;
    expect(fetched).toBeLessThan(100);
    for (let n = 0; n < 20; n += 1) await turn();
    expect(seen).toEqual({ pages: fetched, ended: true });
  });
});
