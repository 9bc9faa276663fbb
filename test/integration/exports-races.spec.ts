import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Actor } from '../../src/platform/auth/actor.js';
import { CreditsDataset } from '../../src/features/credits/credits.dataset.js';
import type { ExportJob } from '../../src/features/exports/export-claims.service.js';
import type { ExportRecord } from '../../src/features/exports/exports.types.js';
import { MemoryDataset, openExports, TaskRunDataset, type ExportsHarness } from '../support/exports-harness.js';

const rowsOf = (count: number) => Array.from({ length: count }, (_, n) => ({ number: n, text: `row ${n}`, at: null }));

Logger.overrideLogger(false);

describe('exports in a crowd', () => {
  let plaza: ExportsHarness;
  let rows: MemoryDataset;

  const codesOf = (outcomes: PromiseSettledResult<unknown>[]): unknown[] =>
    outcomes.filter(({ status }) => status === 'rejected').map((outcome) => ((outcome as PromiseRejectedResult).reason as { code?: unknown }).code ?? outcome);
  const stateOf = async (actor: Actor, id: string): Promise<ExportRecord['state']> => (await plaza.exports.get(actor.memberId, id)).state;
  /** So many statements long: time that passes as the database's does. */
  const wait = async (actor: Actor, statements: number): Promise<void> => {
    for (let n = 0; n < statements; n += 1) await plaza.exports.list(actor.memberId, { limit: 1 });
  };
  const since = (n: number) => ({ filters: { since: new Date(n).toISOString() } });

  beforeEach(async () => {
    plaza = await openExports({ RATE_LIMIT_SCALE: '1' });
    rows = new MemoryDataset('rows', rowsOf(25));
    plaza.datasets.register(rows);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await plaza.settled();
    await plaza.sweep.removeUnreferenced();
    const named = await plaza.credits.db.database.rows<{ key: string }>("SELECT storage_key AS `key` FROM export WHERE state = 'succeeded'");
    const [files, violations] = [await plaza.files(), await plaza.violations()];
    await plaza.close();
    expect(violations).toEqual([]);
    expect(files.sort()).toEqual(named.map(({ key }) => key).sort());
  });

  describe('ordering', () => {
    it.each([[12, 5, 3], [20, 5, 3], [20, 2, 2]])('%i at once with a balance of %i: the quota of three and the balance hold', async (orders, balance, expected) => {
      const mia = await plaza.member(balance);
      const outcomes = await Promise.allSettled(Array.from({ length: orders }, (_, n) => plaza.order(mia, since(n))));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(expected);
      for (const code of codesOf(outcomes)) expect(code).toMatch(expected === 3 ? /^export\.quota$/ : /^credits\.insufficient$|^export\.quota$/);
      expect(await plaza.available(mia)).toBe(balance - expected);
      expect((await plaza.exports.list(mia.memberId, { limit: 100 })).items).toHaveLength(expected);
    });

    it('the same thing 20 times at once is one export and one charge, also while it is made and ended', async () => {
      const mia = await plaza.member(20);
      plaza.worker.onApplicationBootstrap();
      for (let round = 0; round < 3; round += 1) {
        const orders = await Promise.all(
          Array.from({ length: 20 }, async (_, n) => {
            await wait(mia, n % 5);
            return plaza.order(mia, since(round));
          }),
        );
        for (const { id } of orders) await plaza.until(id, 'succeeded');
      }
      // An order that came after the one before had ended is another; each was paid for, as the books say.
      const { items } = await plaza.exports.list(mia.memberId, { limit: 100 });
      expect(await plaza.available(mia)).toBe(20 - items.length);
    });

    it('the same thing 40 times at once tells each why it is refused: the day is full, or there is no credit', async () => {
      const atOnce = async (mia: Actor) => codesOf(await Promise.allSettled(Array.from({ length: 40 }, () => plaza.order(mia, since(99)))));
      const busy = await plaza.member(50);
      for (let n = 0; n < 20; n += 1) await plaza.exports.cancel(busy, (await plaza.order(busy, since(n))).id);
      expect(await atOnce(busy)).toEqual(Array(40).fill('export.quota'));
      const poor = await plaza.member(1);
      await plaza.order(poor, since(1));
      expect(await atOnce(poor)).toEqual(Array(40).fill('credits.insufficient'));
    });

    it('frees a place for each export that ends, however it ends', async () => {
      const mia = await plaza.member(20);
      const three = () => Promise.all([1, 2, 3].map((n) => plaza.order(mia, since(n))));
      const ended = async (records: ExportRecord[]) => Promise.all(records.map(({ id }) => plaza.until(id, 'succeeded', 'failed', 'cancelled')));
      const cancelled = await three();
      await expect(plaza.order(mia)).rejects.toMatchObject({ code: 'export.quota' });
      // Twice each, at once.
      await Promise.all([...cancelled, ...cancelled].map(({ id }) => plaza.exports.cancel(mia, id)));
      plaza.worker.onApplicationBootstrap();
      rows.beforePage = () => {
        throw new Error('no rows');
      };
      expect((await ended(await three())).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
      rows.beforePage = () => undefined;
      expect((await ended(await three())).map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      expect(await plaza.available(mia)).toBe(17);
    });
  });

  describe('ending', () => {
    it('by cancel and by completion at any moment: one of the two, and the money matches it', async () => {
      const mia = await plaza.member(1_000);
      const workers = [plaza, plaza.process(), plaza.process()];
      for (const { worker } of workers) worker.onApplicationBootstrap();
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(60), { minLength: 1, maxLength: 3 }), async (moments) => {
          await plaza.credits.run((tx) => tx.write('UPDATE export_quota SET started = 0'));
          const before = await plaza.available(mia);
          const ends = await Promise.all(
            moments.map(async (moment) => {
              const { id } = await plaza.order(mia, since((round += 1)));
              await wait(mia, moment);
              await Promise.all([plaza.exports.cancel(mia, id), plaza.exports.cancel(mia, id)]);
              return (await plaza.until(id, 'succeeded', 'cancelled')).state;
            }),
          );
          expect(await plaza.available(mia)).toBe(before - ends.filter((state) => state === 'succeeded').length);
        }),
        { numRuns: 15 },
      );
    });

    it('by cancel, DELETE, expiry, sweeps and lost leases at once: a file is there or it is not, and is paid for or not, for all alike', async () => {
      const actors = await Promise.all([1, 2, 3].map(() => plaza.member(200)));
      for (const { worker } of [plaza, plaza.process(), plaza.process()]) worker.onApplicationBootstrap();
      const acts: ((actor: Actor, id: string) => Promise<unknown>)[] = [
        (actor, id) => plaza.exports.cancel(actor, id),
        (actor, id) => plaza.exports.remove(actor, id),
        (actor, id) => plaza.downloads.link(actor, id),
        (_, id) => plaza.credits.run((tx) => tx.write('UPDATE export SET expires_at = UTC_TIMESTAMP(3) WHERE id = ? AND state = \'succeeded\'', [id])),
        (_, id) =>
          plaza.credits.run((tx) => tx.write('UPDATE export_queue SET lease_until = lease_until - INTERVAL 1 HOUR WHERE export_id = ? AND lease_until IS NOT NULL', [id])),
        () => plaza.sweep.expireDue(),
        () => plaza.sweep.removeUnreferenced(),
      ];
      /** Which act, after how many statements. */
      const schedules = fc.array(fc.tuple(fc.nat(acts.length - 1), fc.nat(12)), { maxLength: 8 });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), schedules), { minLength: 1, maxLength: 6 }), async (orders) => {
          await plaza.credits.run((tx) => tx.write('UPDATE export_quota SET started = 0'));
          const outcomes = await Promise.allSettled(
            orders.map(async ([who, schedule]) => {
              const actor = actors[who]!;
              const { id } = await plaza.order(actor, since((round += 1)));
              // While it is made, and once it has ended.
              for (const acting of [schedule, schedule]) {
                const done = await Promise.allSettled(
                  acting.map(async ([act, statements]) => {
                    await wait(actor, statements);
                    await acts[act]!(actor, id);
                  }),
                );
                for (const code of codesOf(done)) expect(['export.not-ready', 'export.expired']).toContain(code);
                await plaza.until(id, 'succeeded', 'expired', 'failed', 'cancelled');
              }
            }),
          );
          for (const code of codesOf(outcomes)) expect(code).toBe('export.quota');
        }),
        { numRuns: 12 },
      );
    });
  });

  describe('reading', () => {
    it('shows exactly the snapshot, whatever is inserted, changed and deleted meanwhile', async () => {
      const mia = await plaza.member();
      const write = (sql: string, parameters: unknown[] = []) => plaza.credits.run((tx) => tx.write(sql, parameters));
      const insert = (n: number) => write('INSERT INTO task_run (task, period, started_at) VALUES (?, ?, UTC_TIMESTAMP(3))', ['before', String(n).padStart(6, '0')]);
      for (let n = 0; n < 55; n += 1) await insert(n * 10);
      const live = new TaskRunDataset();
      live.beforePage = async (page) => {
        const ahead = String(page * 100 + 40).padStart(6, '0');
        for (let n = 1; n < 5; n += 1) await insert(page * 100 + n * 20 + 1);
        await write('DELETE FROM task_run WHERE period = ?', [ahead]);
        await write("UPDATE task_run SET task = 'after' WHERE period > ?", [ahead]);
      };
      plaza.datasets.register(live);
      plaza.worker.onApplicationBootstrap();
      const { id } = await plaza.order(mia, { source: 'task-runs' });
      const done = await plaza.until(id, 'succeeded', 'failed');
      const found = parse<{ task: string; period: string }>(await plaza.content(done), { columns: true });
      expect(found).toEqual(Array.from({ length: 55 }, (_, n) => ({ task: 'before', period: String(n * 10).padStart(6, '0') })));
      expect(done).toMatchObject({ rowsDone: 55, rowsEstimated: 55 });
    });

    it('shows a book that adds up while credits come and go', async () => {
      const dataset = new CreditsDataset(plaza.datasets, plaza.credits.accounts);
      dataset.onModuleInit();
      const [mia, noah] = [await plaza.member(200), await plaza.member(200)];
      // Small pages, so that the snapshot has to hold over many of them.
      jest.spyOn(dataset, 'pages').mockImplementation((snapshot, request) => CreditsDataset.prototype.pages.call(dataset, snapshot, request, 2));
      let on = true;
      const moving = Promise.all(
        [mia, noah, mia, noah].map(async ({ memberId }, n) => {
          while (on) await plaza.credits.run((tx) => plaza.credits.credits.transfer(tx, memberId, [noah, mia, noah, mia][n]!.memberId, 1)).catch(() => undefined);
        }),
      );
      plaza.worker.onApplicationBootstrap();
      try {
        for (let round = 0; round < 4; round += 1) {
          const ordered = [await plaza.order(mia, { source: 'credits' }), await plaza.order(noah, { source: 'credits' })];
          for (const { id } of ordered) {
            const done = await plaza.until(id, 'succeeded', 'failed');
            const entries = parse<Record<'seq' | 'amount' | 'balanceBefore' | 'balanceAfter', string>>(await plaza.content(done), { columns: true });
            expect(entries.map(({ seq }) => Number(seq))).toEqual(entries.map((_, n) => n + 1));
            let balance = 0;
            for (const { amount, balanceBefore, balanceAfter } of entries) {
              expect(Number(balanceBefore)).toBe(balance);
              expect(Number(balanceAfter)).toBe((balance += Number(amount)));
            }
            expect(done).toMatchObject({ rowsDone: entries.length, rowsEstimated: entries.length });
          }
        }
      } finally {
        on = false;
        await moving;
      }
    });
  });

  describe('a stale lease', () => {
    /** An export that was taken over while its first worker was believed dead. */
    async function takenOver(mia: Actor) {
      const { id } = await plaza.order(mia);
      const stale = (await plaza.claims.next())!;
      await plaza.credits.run((tx) => tx.write('UPDATE export_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND'));
      return { id, stale, live: (await plaza.claims.next())! };
    }
    const queue = () => plaza.credits.db.database.rows('SELECT * FROM export_queue');

    it.each<[string, (job: ExportJob) => Promise<unknown>]>([
      ['a heartbeat', (job) => plaza.claims.renew(job)],
      ['giving back', (job) => plaza.claims.giveBack(job)],
      ['writing the file', (job) => plaza.exportRun.run(job, new AbortController().signal)],
    ])('changes nothing by %s', async (_, act) => {
      const mia = await plaza.member();
      const { id, stale, live } = await takenOver(mia);
      const before = [await plaza.exports.get(mia.memberId, id), await queue()];
      await act(stale);
      expect([await plaza.exports.get(mia.memberId, id), await queue()]).toEqual(before);
      expect(await plaza.files()).toEqual([]);
      await plaza.exportRun.run(live, new AbortController().signal);
      expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
      expect(await plaza.available(mia)).toBe(4);
    });
  });

  it('is not failed by a worker that was believed dead when its source failed', async () => {
    const mia = await plaza.member();
    const { id } = await plaza.order(mia);
    const stale = (await plaza.claims.next())!;
    let live: ExportJob | undefined;
    rows.beforePage = async () => {
      await plaza.credits.run((tx) => tx.write('UPDATE export_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND'));
      live = await plaza.claims.next();
      rows.beforePage = () => undefined;
      throw new Error('no rows');
    };
    await plaza.exportRun.run(stale, new AbortController().signal);
    expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'running', attempt: 2 });
    await plaza.exportRun.run(live!, new AbortController().signal);
    expect(await plaza.exports.get(mia.memberId, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  it('keeps the credit set aside by claim and by heartbeat, however long the export waited or takes', async () => {
    const mia = await plaza.member();
    await plaza.order(mia);
    const nearlyLapsed = () => plaza.credits.run((tx) => tx.write('UPDATE credit_hold SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 20 SECOND'));
    const minutesLeft = async () =>
      (await plaza.credits.db.database.rows<{ left: number }>('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), expires_at) / 60 AS `left` FROM credit_hold'))[0]!.left;
    await nearlyLapsed();
    const job = (await plaza.claims.next())!;
    expect(Number(await minutesLeft())).toBeGreaterThan(9);
    await nearlyLapsed();
    expect(await plaza.claims.renew(job)).toBe(true);
    expect(Number(await minutesLeft())).toBeGreaterThan(9);
    await plaza.exportRun.run(job, new AbortController().signal);
  });

  it('leaves an export as it ended, whatever comes late', async () => {
    const mia = await plaza.member(20);
    const { id } = await plaza.order(mia);
    expect(await stateOf(mia, id)).toBe('queued');
    const job = (await plaza.claims.next())!;
    expect(await stateOf(mia, id)).toBe('running');
    await plaza.exportRun.run(job, new AbortController().signal);
    for (const late of [
      () => plaza.exports.cancel(mia, id),
      () => plaza.claims.giveBack(job),
      () => plaza.exportRun.run(job, new AbortController().signal),
      () => plaza.sweep.expireDue(),
    ]) {
      await late();
      expect(await stateOf(mia, id)).toBe('succeeded');
    }
    await plaza.exports.remove(mia, id);
    await plaza.exports.cancel(mia, id);
    expect(await stateOf(mia, id)).toBe('expired');
  });
});
