import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { storageFull } from '../../src/platform/storage/storage.errors.js';
import { DiskStorage } from '../../src/platform/storage/disk-storage.js';
import { eventually } from '../support/eventually.js';
import { MemoryDataset, openExports, TaskRunDataset, type ExportsHarness } from '../support/exports-harness.js';

const rowsOf = (count: number) => Array.from({ length: count }, (_, n) => ({ number: n, text: `row ${n}`, at: new Date(Date.UTC(2026, 0, 1) + n) }));

// Failures are provoked here, and logged as they should be: not into the test report.
Logger.overrideLogger(false);

describe('exports', () => {
  let plaza: ExportsHarness;
  let rows: MemoryDataset;

  /** Stops the watch that progress goes by; what it answers moves it on by so many milliseconds. */
  function holdStopwatch(): (ms: number) => void {
    let now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    return (ms) => void (now += ms);
  }

  beforeEach(async () => {
    plaza = await openExports();
    rows = new MemoryDataset('rows', rowsOf(25));
    plaza.datasets.register(rows);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    const violations = await plaza.violations();
    await plaza.close();
    expect(violations).toEqual([]);
  });

  it('makes the file, takes one credit, and hashes what it wrote', async () => {
    const mia = await plaza.member();
    plaza.worker.onApplicationBootstrap();
    const ordered = await plaza.order(mia);
    expect(ordered).toMatchObject({ state: 'queued', attempt: 0, rowsDone: 0 });
    expect(await plaza.available(mia)).toBe(4);

    const done = await plaza.until(ordered.id, 'succeeded', 'failed');
    expect(done).toMatchObject({ state: 'succeeded', attempt: 1, rowsDone: 25, rowsEstimated: 25, errorCode: null });
    const bytes = await buffer(plaza.read(done));
    expect(bytes.length).toBe(done.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(done.sha256);
    const records = parse<Record<string, string>>(bytes, { columns: true });
    expect(records).toHaveLength(25);
    expect(records[24]).toEqual({ number: '24', text: 'row 24', at: '2026-01-01T00:00:00.024Z' });
    expect((await plaza.credits.book({ kind: 'member', id: mia.memberId })).at(-1)).toMatchObject({ kind: 'capture', amount: -1, refId: ordered.id });
    expect(await plaza.available(mia)).toBe(4);
  });

  it('packs ndjson with gzip, in the columns and order asked for', async () => {
    const mia = await plaza.member();
    plaza.worker.onApplicationBootstrap();
    const { id } = await plaza.order(mia, { format: 'ndjson', compression: 'gzip', columns: ['at', 'number'] });
    const done = await plaza.until(id, 'succeeded', 'failed');
    const bytes = await buffer(plaza.read(done));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(done.sha256);
    const lines = gunzipSync(bytes).toString().split('\n');
    expect(lines).toHaveLength(26);
    expect(lines[1]).toBe('{"at":"2026-01-01T00:00:00.001Z","number":1}');
  });

  it('writes only the rows visible at the snapshot while others are inserted', async () => {
    const mia = await plaza.member();
    const insert = (n: number) =>
      plaza.credits.run((tx) => tx.write('INSERT INTO task_run (task, period, started_at) VALUES (?, ?, UTC_TIMESTAMP(3))', ['t', String(n).padStart(6, '0')]));
    for (let n = 0; n < 35; n += 1) await insert(n * 10);
    const live = new TaskRunDataset();
    live.beforePage = async (page) => {
      for (let n = 0; n < 5; n += 1) await insert(page * 100 + n * 10 + 1);
    };
    plaza.datasets.register(live);
    plaza.worker.onApplicationBootstrap();
    const { id } = await plaza.order(mia, { source: 'task-runs' });
    const done = await plaza.until(id, 'succeeded', 'failed');
    const periods = parse<{ period: string }>(await plaza.content(done), { columns: true }).map(({ period }) => Number(period));
    expect(periods).toEqual(Array.from({ length: 35 }, (_, n) => n * 10));
  });

  describe('ordering', () => {
    it('answers the same order under way with the same export, charges once, and takes it anew once that has ended', async () => {
      const mia = await plaza.member();
      const orders = await Promise.all(Array.from({ length: 12 }, () => plaza.order(mia, { filters: { kind: 'a' } })));
      expect(new Set(orders.map(({ id }) => id)).size).toBe(1);
      expect(await plaza.available(mia)).toBe(4);
      await plaza.exports.cancel(mia, orders[0]!.id);
      expect((await plaza.order(mia, { filters: { kind: 'a' } })).id).not.toBe(orders[0]!.id);
    });

    it('lets 20 parallel orders start no more than three, and charges those only', async () => {
      const mia = await plaza.member(50);
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => plaza.order(mia, { filters: { since: new Date(n).toISOString() } })));
      const taken = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(taken).toHaveLength(3);
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'export.quota', kind: 'too-many' });
      expect(await plaza.available(mia)).toBe(47);
    });

    it('lets a member order 20 in a local day, and says that the next day is when to come back', async () => {
      const mia = await plaza.member(50);
      for (let n = 0; n < 20; n += 1) {
        const { id } = await plaza.order(mia);
        await plaza.exports.cancel(mia, id);
      }
      await expect(plaza.order(mia)).rejects.toMatchObject({
        code: 'export.quota', details: { retryAt: plaza.credits.clock.nextMidnight().toISOString() },
      });
      plaza.credits.clock.set(plaza.credits.clock.nextMidnight());
      await plaza.order(mia);
    });

    it('reads with the permissions of the order, and takes an order with others for another one', async () => {
      const seen: string[][] = [];
      rows.seen = (request) => void seen.push(request.permissions.names());
      const mia = await plaza.member();
      const subscribed = { ...mia, permissions: PermissionSet.of([...mia.permissions.names(), 'memes.ai']) };
      const [plain, more] = [await plaza.order(mia), await plaza.order(subscribed)];
      expect(plain.id).not.toBe(more.id);
      expect((await plaza.order(subscribed)).id).toBe(more.id);
      for (const { id } of [plain, more]) {
        await plaza.exportRun.run((await plaza.claims.next())!, new AbortController().signal);
        expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'succeeded' });
      }
      // Counted and read, each.
      expect(seen).toEqual([mia, mia, subscribed, subscribed].map(({ permissions }) => permissions.names()));
    });

    it('refuses before it charges', async () => {
      const mia = await plaza.member();
      plaza.datasets.register(new MemoryDataset('secret', [], false));
      const refused = async (raw: Parameters<typeof plaza.order>[1]) => (await plaza.order(mia, raw).catch((error: unknown) => error)) as { code: string };
      expect(await refused({ source: 'nothing' })).toMatchObject({ code: 'export.unknown-source' });
      expect(await refused({ source: 'secret' })).toMatchObject({ code: 'export.source-forbidden' });
      expect(await refused({ format: 'pdf' })).toMatchObject({ code: 'export.unknown-format' });
      expect(await refused({ compression: 'rar' })).toMatchObject({ code: 'export.unknown-format' });
      expect(await refused({ columns: ['number', 'password'] })).toMatchObject({ code: 'export.unknown-column' });
      expect(await refused({ filters: { owner: 'x' } })).toMatchObject({ code: 'export.unknown-filter' });
      expect(await refused({ filters: { kind: 'c' } })).toMatchObject({ code: 'request.invalid' });
      expect(await plaza.available(mia)).toBe(5);
      const poor = await plaza.member(0);
      await expect(plaza.order(poor)).rejects.toMatchObject({ code: 'credits.insufficient' });
      expect((await plaza.exports.list(poor.memberId, { limit: 10 })).items).toEqual([]);
    });
  });

  describe('a member', () => {
    it('sees their own exports only, newest first, page by page', async () => {
      const [mia, noah] = [await plaza.member(), await plaza.member()];
      const ids: string[] = [];
      for (const kind of ['a', 'b']) ids.push((await plaza.order(mia, { filters: { kind } })).id);
      const first = await plaza.exports.list(mia.memberId, { limit: 1 });
      const second = await plaza.exports.list(mia.memberId, { limit: 1, cursor: first.nextCursor! });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.reverse());
      expect(second.nextCursor).toBeNull();
      await expect(plaza.exports.get(noah.memberId, ids[0]!)).rejects.toMatchObject({ code: 'not-found' });
      await expect(plaza.exports.cancel(noah, ids[0]!)).rejects.toMatchObject({ code: 'not-found' });
      await expect(plaza.exports.remove(noah, ids[0]!)).rejects.toMatchObject({ code: 'not-found' });
      await expect(plaza.downloads.link(noah, ids[0]!)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('cancels a queued export at once and a running one within a page, and has the credit back', async () => {
      const mia = await plaza.member();
      const queued = await plaza.order(mia);
      expect(await plaza.exports.cancel(mia, queued.id)).toMatchObject({ state: 'cancelled' });
      expect(await plaza.available(mia)).toBe(5);

      rows.rows = rowsOf(5_000);
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      let pages = 0;
      holdStopwatch();
      rows.beforePage = async (page) => {
        pages = page;
        if (page === 1) await held;
      };
      const ordered = await plaza.order(mia);
      const running = plaza.exportRun.run((await plaza.claims.next())!, new AbortController().signal);
      expect(await plaza.exports.cancel(mia, ordered.id)).toMatchObject({ state: 'cancelled', rowsDone: 0 });
      release();
      await running;
      expect(pages).toBeLessThan(4);
      expect(await plaza.files()).toEqual([]);
      expect(await plaza.available(mia)).toBe(5);
      expect(await plaza.exports.cancel(mia, ordered.id)).toMatchObject({ state: 'cancelled', rowsDone: 0 });
    });

    it('gets one outcome when cancelling races completion, and the money matches it', async () => {
      const mia = await plaza.member(200);
      plaza.worker.onApplicationBootstrap();
      let succeeded = 0;
      for (let n = 0; n < 15; n += 1) {
        const reading = new Promise<void>((resolve) => (rows.beforePage = () => resolve()));
        const { id } = await plaza.order(mia, { filters: { since: new Date(n).toISOString() } });
        await reading;
        // Two statements more each time: while the worker writes, flushes and commits.
        for (let statement = 0; statement < 2 * n; statement += 1) await plaza.exports.get(mia.memberId, id);
        await plaza.exports.cancel(mia, id);
        const ended = await plaza.until(id, 'succeeded', 'cancelled');
        if (ended.state === 'succeeded') succeeded += 1;
      }
      expect(await plaza.available(mia)).toBe(200 - succeeded);
    });

    it('removes a file early, and what is under way not at all', async () => {
      const mia = await plaza.member();
      const { id } = await plaza.order(mia);
      await expect(plaza.exports.remove(mia, id)).rejects.toMatchObject({ code: 'export.not-ready' });
      plaza.worker.onApplicationBootstrap();
      await plaza.until(id, 'succeeded');
      expect(await plaza.files()).toHaveLength(1);
      await plaza.exports.remove(mia, id);
      await plaza.exports.remove(mia, id);
      expect(await plaza.files()).toEqual([]);
      expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'expired' });
      await expect(plaza.downloads.link(mia, id)).rejects.toMatchObject({ code: 'export.expired' });
    });

    it('is told of the beginning, of progress once a second in rising percent, and of the end: never more than twice a second', async () => {
      const mia = await plaza.member();
      rows.rows = rowsOf(12_000);
      const pass = holdStopwatch();
      rows.beforePage = () => pass(200);
      plaza.worker.onApplicationBootstrap();
      const { id } = await plaza.order(mia);
      await plaza.until(id, 'succeeded');
      await plaza.settled();
      const updates = plaza.realtime.sent.filter(({ event, memberId }) => event === 'export.updated' && memberId === mia.memberId).map(({ payload }) => payload as { state: string; percent: number });
      expect(updates.at(-1)).toMatchObject({ id, state: 'succeeded', percent: 100 });
      const percents = updates.map(({ percent }) => percent);
      // 2.4 s of work, a page read ahead: the beginning, two of progress more than a second apart, the end.
      expect(percents).toEqual([0, 41, 91, 100]);
    });
  });

  describe('keeping', () => {
    it('expires by the time alone, and the sweep removes the file', async () => {
      const mia = await plaza.member();
      plaza.worker.onApplicationBootstrap();
      const { id } = await plaza.order(mia);
      const done = await plaza.until(id, 'succeeded');
      expect(done.expiresAt!.getTime() - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
      const link = await plaza.downloads.link(mia, id);
      expect(link).toMatch(new RegExp(`^/api/exports/${id}/file\\?`));
      await plaza.credits.run((tx) => tx.write('UPDATE export SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [id]));
      await expect(plaza.downloads.link(mia, id)).rejects.toMatchObject({ code: 'export.expired' });
      await expect(plaza.downloads.file(id, Object.fromEntries(new URLSearchParams(link.split('?')[1])))).rejects.toMatchObject({ code: 'export.expired' });
      expect(await plaza.files()).toHaveLength(1);
      expect(await plaza.sweep.expireDue()).toBe(1);
      expect(await plaza.sweep.expireDue()).toBe(0);
      expect(await plaza.files()).toEqual([]);
      expect(await plaza.available(mia)).toBe(4);
    });

    it('sweeps files that no export names, and no others', async () => {
      const mia = await plaza.member();
      plaza.worker.onApplicationBootstrap();
      const { id } = await plaza.order(mia);
      const done = await plaza.until(id, 'succeeded');
      await plaza.settled();
      const unfinished = await plaza.order(mia);
      const inWork = `exports/${unfinished.id}/in-work.csv`;
      for (const key of [`exports/${id}/left-over.csv`, 'exports/nobody/left-over.csv', inWork]) await plaza.storage.write(key, Readable.from(['x']));
      expect(await plaza.sweep.removeUnreferenced()).toBe(2);
      expect((await plaza.files()).sort()).toEqual([done.storageKey, inWork].sort());
    });
  });

  describe('tidying while the process stops', () => {
    it('leaves off between two files, and is over before connections are closed', async () => {
      const strays = ['a', 'b', 'c', 'd'].map((name) => `exports/nobody/${name}.csv`);
      for (const key of strays) await plaza.storage.write(key, Readable.from(['x']));
      class SlowDisk extends DiskStorage {
        override async delete(key: string): Promise<void> {
          await super.delete(key);
          stopping ??= tasks.beforeApplicationShutdown();
        }
      }
      let stopping: Promise<void> | undefined;
      const { tasks } = plaza.process({ storage: new SlowDisk(plaza.config) });
      const sweeping = tasks.removeUnreferenced();
      await sweeping;
      await stopping;
      expect(await plaza.files()).toHaveLength(3);
      await tasks.removeUnreferenced();
      expect(await plaza.files()).toHaveLength(3);
      await plaza.tasks.removeUnreferenced();
      expect(await plaza.files()).toEqual([]);
    });

    it('leaves files to the next start that were due, and still expired to every reader', async () => {
      const mia = await plaza.member();
      plaza.worker.onApplicationBootstrap();
      const ids = [(await plaza.order(mia)).id, (await plaza.order(mia, { format: 'ndjson' })).id];
      for (const id of ids) await plaza.until(id, 'succeeded');
      await plaza.credits.run((tx) => tx.write('UPDATE export SET expires_at = UTC_TIMESTAMP(3)'));
      const stop = new AbortController();
      stop.abort(new Error('stopped'));
      await expect(plaza.sweep.expireDue(stop.signal)).rejects.toBe(stop.signal.reason);
      expect(await plaza.files()).toHaveLength(2);
      for (const id of ids) expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'expired' });
      await plaza.tasks.expireDue();
      expect(await plaza.files()).toEqual([]);
    });
  });

  describe('failing', () => {
    it('gives the credit back when the source fails, and leaves no file', async () => {
      const mia = await plaza.member();
      rows.rows = rowsOf(3_000);
      rows.beforePage = (page) => {
        if (page === 2) throw new Error('broken page');
      };
      plaza.worker.onApplicationBootstrap();
      const { id } = await plaza.order(mia);
      expect(await plaza.until(id, 'failed', 'succeeded')).toMatchObject({ state: 'failed', errorCode: 'export.source-failed', sha256: null });
      expect(await plaza.available(mia)).toBe(5);
      await plaza.settled();
      expect(await plaza.files()).toEqual([]);
    });

    it('gives the credit back when the disk is full', async () => {
      class FullDisk extends DiskStorage {
        override async write(key: string, body: Readable): Promise<{ bytes: number }> {
          await super.write(key, body);
          await super.delete(key);
          throw storageFull();
        }
      }
      const mia = await plaza.member();
      const { id } = await plaza.order(mia);
      plaza.process({ storage: new FullDisk(plaza.config) }).worker.onApplicationBootstrap();
      expect(await plaza.until(id, 'failed', 'succeeded')).toMatchObject({ state: 'failed', errorCode: 'export.disk-full' });
      expect(await plaza.available(mia)).toBe(5);
    });

    it('tries a broken disk three times', async () => {
      class BrokenDisk extends DiskStorage {
        override write(): Promise<{ bytes: number }> {
          return Promise.reject(Object.assign(new Error('input/output error'), { code: 'EIO' }));
        }
      }
      const mia = await plaza.member();
      const { id } = await plaza.order(mia);
      const { claims, exportRun } = plaza.process({ storage: new BrokenDisk(plaza.config) });
      for (const attempt of [1, 2, 3]) {
        await plaza.credits.run((tx) => tx.write('UPDATE export_queue SET run_at = UTC_TIMESTAMP(3)'));
        const job = (await claims.next())!;
        expect(job.record.attempt).toBe(attempt);
        await exportRun.run(job, new AbortController().signal);
        expect(await claims.next()).toBeUndefined();
      }
      expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'failed', errorCode: 'export.write-failed' });
      expect(await plaza.available(mia)).toBe(5);
    });

    it('does not make a file that nobody will pay for: the hold lapsed in the queue, or under the worker', async () => {
      const mia = await plaza.member();
      const lapse = () => plaza.credits.run((tx) => tx.write('UPDATE credit_hold SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND'));
      const first = await plaza.order(mia);
      await lapse();
      expect(await plaza.claims.next()).toBeUndefined();
      expect(await plaza.exports.get(mia.memberId, first.id)).toMatchObject({ state: 'failed', errorCode: 'export.hold-lapsed' });
      const second = await plaza.order(mia);
      const job = (await plaza.claims.next())!;
      await lapse();
      expect(await plaza.available(mia)).toBe(5);
      await plaza.exportRun.run(job, new AbortController().signal);
      expect(await plaza.exports.get(mia.memberId, second.id)).toMatchObject({ state: 'failed', errorCode: 'export.hold-lapsed' });
      expect(await plaza.files()).toEqual([]);
      expect(await plaza.available(mia)).toBe(5);
    });
  });

  describe('losing a worker', () => {
    const lapseLeases = () => plaza.credits.run((tx) => tx.write('UPDATE export_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND'));

    it('takes the export over; a worker that was stopped and comes back makes no second file and no second capture', async () => {
      const mia = await plaza.member();
      const { id } = await plaza.order(mia);
      const stopped = (await plaza.claims.next())!;
      await lapseLeases();
      const other = plaza.process();
      const successor = (await other.claims.next())!;
      expect(successor).toMatchObject({ id, record: { attempt: 2 } });
      expect(await plaza.claims.renew(stopped)).toBe(false);
      await Promise.all([
        plaza.exportRun.run(stopped, new AbortController().signal),
        other.exportRun.run(successor, new AbortController().signal),
      ]);
      const done = await plaza.exports.get(mia.memberId, id);
      expect(done).toMatchObject({ state: 'succeeded', attempt: 2 });
      expect(await plaza.files()).toEqual([done.storageKey]);
      expect((await plaza.credits.book({ kind: 'member', id: mia.memberId })).filter(({ kind }) => kind === 'capture')).toHaveLength(1);
    });

    it.each(['still at work', 'done'])('lets a worker that wakes up with its file written change nothing, its successor being %s', async (successor) => {
      const mia = await plaza.member();
      let resume!: () => void;
      const stop = new Promise<void>((resolve) => (resume = resolve));
      let reached!: () => void;
      const written = new Promise<void>((resolve) => (reached = resolve));
      class HeldDisk extends DiskStorage {
        override async write(key: string, body: Readable): Promise<{ bytes: number }> {
          const result = await super.write(key, body);
          reached();
          await stop;
          return result;
        }
      }
      const { id } = await plaza.order(mia);
      const stopped = plaza.process({ storage: new HeldDisk(plaza.config) });
      const running = stopped.exportRun.run((await stopped.claims.next())!, new AbortController().signal);
      await written;
      await lapseLeases();
      const other = plaza.process();
      const job = (await other.claims.next())!;
      const succeed = () => other.exportRun.run(job, new AbortController().signal);
      if (successor === 'done') await succeed();
      const before = await plaza.exports.get(mia.memberId, id);
      resume();
      await running;
      expect(await plaza.exports.get(mia.memberId, id)).toEqual(before);
      expect(await plaza.files()).toEqual(successor === 'done' ? [before.storageKey] : []);
      if (successor !== 'done') await succeed();
      const done = await plaza.exports.get(mia.memberId, id);
      expect(done).toMatchObject({ state: 'succeeded', attempt: 2 });
      expect(await plaza.files()).toEqual([done.storageKey]);
      expect(await plaza.available(mia)).toBe(4);
    });

    it('fails with export.worker-lost after three workers, and the credit goes back', async () => {
      const mia = await plaza.member();
      const { id } = await plaza.order(mia);
      for (const attempt of [1, 2, 3]) {
        expect((await plaza.claims.next())?.record.attempt).toBe(attempt);
        await lapseLeases();
      }
      expect(await plaza.claims.next()).toBeUndefined();
      expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'failed', errorCode: 'export.worker-lost', attempt: 3 });
      expect(await plaza.available(mia)).toBe(5);
    });

    it('gives leases back on a stop within the drain time, without burning the attempt', async () => {
      const mia = await plaza.member();
      let reached!: () => void;
      const reading = new Promise<void>((resolve) => (reached = resolve));
      let release!: () => void;
      const stuck = new Promise<void>((resolve) => (release = resolve));
      rows.beforePage = async () => {
        reached();
        await stuck;
      };
      plaza.worker.onApplicationBootstrap();
      const { id } = await plaza.order(mia);
      await reading;
      // Ends although the dataset never does.
      await plaza.worker.beforeApplicationShutdown();
      expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'queued', attempt: 0 });
      rows.beforePage = () => undefined;
      release();
      const other = plaza.process();
      other.worker.onApplicationBootstrap();
      expect(await plaza.until(id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', attempt: 1 });
    });
  });

  it('keeps its lease by heartbeat however slow it is', async () => {
    const mia = await plaza.member();
    const slow = plaza.process({ timings: { lease: 500, heartbeat: 100 } });
    const lease = async () => (await plaza.credits.db.database.rows<{ until: Date; now: Date }>('SELECT lease_until AS `until`, UTC_TIMESTAMP(3) AS now FROM export_queue'))[0]!;
    rows.beforePage = async () => {
      const begun = await lease();
      await eventually(async () => expect((await lease()).now.getTime()).toBeGreaterThan(begun.until.getTime() + 500));
    };
    slow.worker.onApplicationBootstrap();
    const rival = plaza.process();
    rival.worker.onApplicationBootstrap();
    const { id } = await plaza.order(mia);
    expect(await plaza.until(id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it('survives many orders of many members with several workers: each ends, and the money is right', async () => {
    const members = await Promise.all(Array.from({ length: 8 }, () => plaza.member()));
    const workers = [plaza, plaza.process(), plaza.process()];
    for (const { worker } of workers) worker.onApplicationBootstrap();
    const orders = await Promise.all(members.flatMap((member) => ['a', 'b'].map((kind) => plaza.order(member, { filters: { kind } }))));
    await Promise.all(orders.map(({ id }) => plaza.until(id, 'succeeded')));
    for (const member of members) expect(await plaza.available(member)).toBe(3);
    expect(await plaza.files()).toHaveLength(16);
  });
});
