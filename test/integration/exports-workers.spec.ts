import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Actor } from '../../src/platform/auth/actor.js';
import { eventually } from '../support/eventually.js';
import { MemoryDataset, openExports, type ExportsHarness } from '../support/exports-harness.js';
import type { WorkerSettings } from '../support/exports-worker-child.js';

const SUPPORT = path.join(import.meta.dirname, '../support');
const ROWS = 2_500;
/** Points at which a worker dies with the export in its hands: before there is a file, with a part of it, with all of it. */
const POINTS = ['export.after-claim', 'export.mid-page', 'export.before-commit'];

Logger.overrideLogger(false);

/** Workers in processes of their own, which are stopped and killed as processes are. */
describe('workers of exports', () => {
  let plaza: ExportsHarness;
  let mia: Actor;
  const children: ChildProcess[] = [];

  function startWorker(settings: Partial<WorkerSettings>) {
    const typescript = pathToFileURL(path.join(SUPPORT, 'typescript.mjs')).href;
    const all: WorkerSettings = { dataDir: plaza.config.DATA_DIR, rows: ROWS, timings: { lease: 1_500, heartbeat: 200, poll: 50 }, ...settings };
    const child = spawn(process.execPath, ['--import', typescript, path.join(SUPPORT, 'exports-worker-child.ts'), JSON.stringify(all)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    });
    children.push(child);
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    return {
      said: (line: string) => eventually(() => expect(lines).toContain(line), 20_000),
      resume: () => child.stdin.write('go\n'),
      signal: (signal: NodeJS.Signals) => child.kill(signal),
      ended: once(child, 'exit').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number),
    };
  }

  const captures = async (): Promise<number> => (await plaza.credits.book({ kind: 'member', id: mia.memberId })).filter(({ kind }) => kind === 'capture').length;
  const leaseEnds = async (): Promise<{ isOver: boolean; until: number }> => {
    const [row] = await plaza.credits.db.database.rows<{ isOver: number; until: Date }>('SELECT lease_until < UTC_TIMESTAMP(3) AS isOver, lease_until AS `until` FROM export_queue');
    return { isOver: row!.isOver === 1, until: row!.until.getTime() };
  };

  beforeEach(async () => {
    plaza = await openExports();
    plaza.datasets.register(new MemoryDataset('rows', Array.from({ length: ROWS }, (_, number) => ({ number, text: 'y', at: null }))));
    mia = await plaza.member();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    const violations = await plaza.violations();
    await plaza.close();
    expect(violations).toEqual([]);
  });

  it.each(['page', 'written'] as const)('one that is stopped (at: %s) beyond its lease and resumed makes no second file and no second capture', async (stallAt) => {
    const stopped = startWorker({ stallAt });
    const { id } = await plaza.order(mia);
    await stopped.said(stallAt);
    stopped.signal('SIGSTOP');
    // The other worker looks again and again, and has no chance before the lease is over.
    plaza.worker.onApplicationBootstrap();
    const done = await plaza.until(id, 'succeeded', 'failed');
    expect(done).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await plaza.files()).toContain(done.storageKey);
    stopped.resume();
    stopped.signal('SIGCONT');
    await stopped.said('ended');
    expect(await plaza.exports.get(mia.memberId, id)).toEqual(done);
    expect(await plaza.files()).toEqual([done.storageKey]);
    expect(await captures()).toBe(1);
    stopped.signal('SIGTERM');
    expect(await stopped.ended).toBe(0);
  });

  it('one that is stopped and resumed while its successor is still at work leaves the export to that', async () => {
    const stopped = startWorker({ stallAt: 'written' });
    const { id } = await plaza.order(mia);
    await stopped.said('written');
    stopped.signal('SIGSTOP');
    await eventually(async () => expect(await leaseEnds()).toMatchObject({ isOver: true }), 10_000);
    const successor = (await plaza.claims.next())!;
    expect(successor.record.attempt).toBe(2);
    stopped.resume();
    stopped.signal('SIGCONT');
    await stopped.said('ended');
    expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'running', attempt: 2 });
    expect(await plaza.files()).toEqual([]);
    await plaza.exportRun.run(successor, new AbortController().signal);
    expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await captures()).toBe(1);
  });

  it('one that is slow keeps its export through many leases, and ends it', async () => {
    const slow = startWorker({ stallAt: 'page', timings: { lease: 3_000, heartbeat: 100, poll: 50 } });
    const { id } = await plaza.order(mia);
    await slow.said('page');
    plaza.worker.onApplicationBootstrap();
    const { until } = await leaseEnds();
    await eventually(async () => expect((await leaseEnds()).until).toBeGreaterThan(until + 4_000), 20_000);
    slow.resume();
    expect(await plaza.until(id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await captures()).toBe(1);
  });

  it.each(POINTS)('three that are killed at %s lose the export: it fails, the credit is back, and the sweep leaves no file', async (fault) => {
    const { id } = await plaza.order(mia);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await startWorker({ fault }).ended).toBe('SIGKILL');
      expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'running', attempt });
      expect(await plaza.available(mia)).toBe(4);
      expect(await plaza.violations()).toEqual([]);
      // A minute goes by.
      await plaza.credits.run((tx) => tx.write('UPDATE export_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND'));
    }
    expect(await plaza.claims.next()).toBeUndefined();
    expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'failed', errorCode: 'export.worker-lost', storageKey: null });
    expect(await plaza.available(mia)).toBe(5);
    await plaza.sweep.removeUnreferenced();
    expect(await plaza.files()).toEqual([]);
    expect(await captures()).toBe(0);
  });
});
