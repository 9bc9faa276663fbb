import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Actor } from '../../src/platform/auth/actor.js';
import type { Row } from '../../src/platform/datasets/dataset.js';
import type { ExportJob } from '../../src/features/exports/export-claims.service.js';
import type { ExportRecord } from '../../src/features/exports/exports.types.js';
import { DiskStorage } from '../../src/platform/storage/disk-storage.js';
import { MemoryDataset, openExports, TaskRunDataset, type ExportsHarness } from '../support/exports-harness.js';

const rowsOf = (count: number) => Array.from({ length: count }, (_, n) => ({ number: n, text: `row ${n}`, at: null }));
const MILLION = 1_000_000;

/** More rows than would fit into the memory of a test, made when they are asked for. */
class EndlessDataset extends MemoryDataset {
  override async count(): Promise<number> {
    return MILLION;
  }

  override async *pages(_: unknown, __: unknown, pageSize: number): AsyncGenerator<readonly Row[]> {
    for (let page = 0; page * pageSize < MILLION; page += 1) {
      await this.beforePage(page);
      yield Array.from({ length: pageSize }, (_row, n) => ({ number: page * pageSize + n, text: `row ${n} of page ${page}`, at: null }));
    }
  }
}

/** A disk with so many bytes of room. */
class SmallDisk extends DiskStorage {
  room = Number.POSITIVE_INFINITY;

  override write(key: string, body: Readable): Promise<{ bytes: number }> {
    return super.write(key, Readable.from(upTo(body, this.room), { objectMode: false }));
  }
}

async function* upTo(body: Readable, room: number): AsyncGenerator<Buffer> {
  let written = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    written += chunk.length;
    if (written > room) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    yield chunk;
  }
}

/** A disk that takes files and does not let go of them: as if the process were killed before it could. */
class StickyDisk extends DiskStorage {
  /** Called when a file is there, before anybody is told. */
  written: () => Promise<unknown> = () => Promise.resolve();

  override async write(key: string, body: Readable): Promise<{ bytes: number }> {
    const file = await super.write(key, body);
    await this.written();
    return file;
  }

  override delete(): Promise<void> {
    return Promise.reject(new Error('killed before the file was removed'));
  }
}

// Failures are provoked here, and logged as they should be: not into the test report.
Logger.overrideLogger(false);

describe('exports when something breaks', () => {
  let plaza: ExportsHarness;
  let rows: MemoryDataset;
  let mia: Actor;

  const run = (job: ExportJob, signal = new AbortController().signal, { exportRun } = plaza as Pick<ExportsHarness, 'exportRun'>) => exportRun.run(job, signal);
  const next = async (): Promise<ExportJob> => {
    await plaza.credits.run((tx) => tx.write('UPDATE export_queue SET run_at = UTC_TIMESTAMP(3), lease_until = NULL'));
    return (await plaza.claims.next())!;
  };
  const now = (id: string): Promise<ExportRecord> => plaza.exports.get(mia.memberId, id);
  /** Every connection of this worker's database is cut, as when the server restarts. */
  const cutConnections = async (): Promise<void> => {
    const found: { id: number }[] = await plaza.credits.db.dataSource.query(
      'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
    );
    for (const { id } of found) await plaza.credits.db.dataSource.query(`KILL ${id}`).catch(() => undefined);
  };

  beforeEach(async () => {
    plaza = await openExports();
    rows = new MemoryDataset('rows', rowsOf(3_000));
    plaza.datasets.register(rows);
    mia = await plaza.member();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await plaza.sweep.expireDue();
    await plaza.sweep.removeUnreferenced();
    const kept = await plaza.credits.db.database.rows<{ key: string }>("SELECT storage_key AS `key` FROM export WHERE state = 'succeeded'");
    const [files, violations] = [await plaza.files(), await plaza.violations()];
    await plaza.close();
    expect(violations).toEqual([]);
    expect(files.sort()).toEqual(kept.map(({ key }) => key).sort());
  });

  describe('the disk', () => {
    it.each([0, 1, 40_000])('being full after %i bytes fails the export, gives the credit back and leaves no file', async (room) => {
      const disk = Object.assign(new SmallDisk(plaza.config), { room });
      const { id } = await plaza.order(mia);
      await run(await next(), undefined, plaza.process({ storage: disk }));
      expect(await now(id)).toMatchObject({ state: 'failed', errorCode: 'export.disk-full', storageKey: null, sha256: null });
      expect(await plaza.files()).toEqual([]);
      expect(await plaza.available(mia)).toBe(5);
      await plaza.order(mia);
      disk.room = Number.POSITIVE_INFINITY;
      await run(await next(), undefined, plaza.process({ storage: disk }));
      expect(await plaza.files()).toHaveLength(1);
    });

    it('losing its folder in the middle costs an attempt and no credit', async () => {
      rows.beforePage = async (page) => {
        if (page === 2) await rm(path.join(plaza.config.DATA_DIR, 'files'), { recursive: true });
      };
      const { id } = await plaza.order(mia);
      await run(await next());
      expect(await now(id)).toMatchObject({ state: 'queued', attempt: 1 });
      rows.beforePage = () => undefined;
      await run(await next());
      expect(await now(id)).toMatchObject({ state: 'succeeded', attempt: 2, rowsDone: 3_000 });
      expect(await plaza.available(mia)).toBe(4);
    });

    it.each(['DELETE', 'expiry'])('keeping a file that %s should have removed shows it to nobody, and the sweep removes it', async (end) => {
      const { id } = await plaza.order(mia);
      await run(await next());
      const dying = plaza.process({ storage: new StickyDisk(plaza.config) });
      if (end === 'DELETE') await dying.exports.remove(mia, id);
      else {
        await plaza.credits.run((tx) => tx.write('UPDATE export SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [id]));
        await dying.sweep.expireDue();
      }
      expect(await plaza.files()).toHaveLength(1);
      await expect(plaza.downloads.link(mia, id)).rejects.toMatchObject({ code: 'export.expired' });
      expect(await plaza.sweep.removeUnreferenced()).toBe(1);
      expect(await plaza.files()).toEqual([]);
    });

    it('keeping the file of a cancelled export is set right by the sweep', async () => {
      const { id } = await plaza.order(mia);
      const disk = new StickyDisk(plaza.config);
      disk.written = () => plaza.exports.cancel(mia, id);
      await run(await next(), undefined, plaza.process({ storage: disk })).catch(() => undefined);
      expect(await now(id)).toMatchObject({ state: 'cancelled', storageKey: null });
      expect(await plaza.files()).toHaveLength(1);
      await plaza.sweep.removeUnreferenced();
      expect(await plaza.files()).toEqual([]);
      expect(await plaza.available(mia)).toBe(5);
    });
  });

  describe('the database', () => {
    it.each(['task-runs', 'rows'])('gone while %s are read, and back, costs an attempt and no credit', async (source) => {
      const live = new TaskRunDataset();
      plaza.datasets.register(live);
      for (let n = 0; n < 25; n += 1) await plaza.credits.run((tx) => tx.write('INSERT INTO task_run (task, period, started_at) VALUES (?, ?, UTC_TIMESTAMP(3))', ['t', String(n).padStart(6, '0')]));
      live.beforePage = rows.beforePage = async (page) => {
        if (page === 1) await cutConnections();
      };
      const { id } = await plaza.order(mia, { source });
      await run(await next());
      expect(await now(id)).toMatchObject({ state: 'queued', attempt: 1 });
      expect(await plaza.files()).toEqual([]);
      live.beforePage = rows.beforePage = () => undefined;
      await run(await next());
      expect(await now(id)).toMatchObject({ state: 'succeeded', attempt: 2, rowsDone: source === 'rows' ? 3_000 : 25 });
      expect(await plaza.available(mia)).toBe(4);
    });

    it('gone each time ends in a failure, and the credit goes back', async () => {
      rows.beforePage = cutConnections;
      const { id } = await plaza.order(mia);
      for (let attempt = 1; attempt <= 3; attempt += 1) await run(await next());
      expect(await now(id)).toMatchObject({ state: 'failed', errorCode: 'export.write-failed', attempt: 3 });
      expect(await plaza.available(mia)).toBe(5);
      expect(await plaza.files()).toEqual([]);
    });

    it.each([
      ['while it works on', undefined],
      ['as its heartbeat finds the export done', 'lease-lost'],
      ['as the process stops', 'shutdown'],
    ])('not answering the commit that it made leaves the member a whole file: the worker hears of it %s', async (_, reason) => {
      const { id } = await plaza.order(mia);
      const job = await next();
      const abort = new AbortController();
      const { transactions } = plaza.credits.db;
      const through = transactions.run.bind(transactions);
      jest.spyOn(transactions, 'run').mockImplementation(async (work) => {
        const answer = await through(work);
        if ((await now(id)).state !== 'succeeded') return answer;
        jest.restoreAllMocks();
        if (reason !== undefined) abort.abort(reason);
        throw Object.assign(new Error('connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' });
      });
      await run(job, abort.signal);
      expect(await now(id)).toMatchObject({ state: 'succeeded' });
      await plaza.sweep.removeUnreferenced();
      // The check after each test reads the file against its hash.
      expect(await plaza.files()).toHaveLength(1);
      expect(await plaza.available(mia)).toBe(4);
    });
  });

  it('cancels a million rows in the middle, in flat memory: the credit is back and no file is left', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const endless = new EndlessDataset('endless', []);
    plaza.datasets.register(endless);
    const { id } = await plaza.order(mia, { source: 'endless' });
    const heap = new Map<number, number>();
    let pages = 0;
    endless.beforePage = async (page) => {
      pages = page;
      if (page === 100 || page === 400) {
        gc();
        heap.set(page, process.memoryUsage().heapUsed);
      }
      if (page !== 500) return;
      await plaza.exports.cancel(mia, id);
    };
    await run(await next());
    expect(await now(id)).toMatchObject({ state: 'cancelled', storageKey: null });
    expect(pages).toBeLessThan(503);
    // The 300,000 rows between the two would be some 40 MB.
    expect(heap.get(400)! - heap.get(100)!).toBeLessThan(10e6);
    expect(await plaza.files()).toEqual([]);
    expect(await plaza.available(mia)).toBe(5);
    const percents = plaza.realtime.sent.filter(({ event }) => event === 'export.updated').map(({ payload }) => (payload as { percent: number }).percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(Math.max(...percents)).toBeLessThan(100);
  });
});
