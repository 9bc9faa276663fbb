import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CreditsTasks } from '../../src/features/credits/credits.tasks.js';
import { TaskRuns } from '../../src/platform/jobs/task-runs.js';
import { newId } from '../../src/platform/database/columns.js';
import { openCredits, type CreditsHarness } from '../support/credits-harness.js';

let h: CreditsHarness;
let taskRuns: TaskRuns;

beforeAll(async () => {
  Logger.overrideLogger(false);
  h = await openCredits();
  taskRuns = new TaskRuns(h.db.transactions, h.db.database);
});
beforeEach(async () => {
  await h.db.truncate();
  h.clock.set('2024-05-01T12:00:00Z');
});
afterAll(() => h.db.close());

const tasks = () => new CreditsTasks(h.credits, taskRuns, h.clock);
const finished = async () =>
  (await h.db.database.rows<{ period: string }>("SELECT period FROM task_run WHERE task = 'credits.accrual' AND finished_at IS NOT NULL ORDER BY period")).map(({ period }) => period);

it('a start catches up with the nights that were missed', async () => {
  const owner = await h.open();
  h.clock.set('2024-05-04T09:00:00Z');
  const started = tasks();
  started.onApplicationBootstrap();
  await started.tick();
  expect(await h.account(owner)).toMatchObject({ posted: 8 });
  expect(await finished()).toEqual(['2024-05-04']);
});

it('the sweep runs once a day, whichever process looks first', async () => {
  const owner = await h.open();
  const [one, other] = [tasks(), tasks()];
  for (const now of ['2024-05-01T23:59:00Z', '2024-05-02T00:00:00Z', '2024-05-02T00:01:00Z', '2024-05-03T00:00:30Z']) {
    h.clock.set(now);
    await Promise.all([one.tick(), one.tick(), other.tick()]);
  }
  expect(await finished()).toEqual(['2024-05-01', '2024-05-02', '2024-05-03']);
  expect(await h.account(owner)).toMatchObject({ posted: 7, seq: 3 });
});

it('each minute lets go of holds that lapsed', async () => {
  const owner = await h.open();
  const { id } = await h.run((tx) => h.credits.hold(tx, owner, { amount: 2, holdSeconds: 60, refType: 'test', refId: newId() }));
  const clockwork = tasks();
  await clockwork.tick();
  expect(await h.account(owner)).toMatchObject({ held: 2 });
  await h.expire(id);
  await clockwork.tick();
  expect(await h.account(owner)).toMatchObject({ held: 0 });
});

it('a failure is not the end: the next minute tries again', async () => {
  const owner = await h.open();
  h.clock.set('2024-05-02T00:00:00Z');
  const broken = { accrue: () => Promise.reject(new Error('no database')), sweepLapsedHolds: () => Promise.resolve(0) };
  await new CreditsTasks(broken as never, taskRuns, h.clock).tick();
  expect(await finished()).toEqual([]);
  await tasks().tick();
  expect(await finished()).toEqual(['2024-05-02']);
  expect(await h.account(owner)).toMatchObject({ posted: 6 });
});

it('a process that is stopping starts no sweep, and one under way counts as unfinished', async () => {
  await h.open();
  h.clock.set('2024-05-02T00:00:00Z');
  const stopping = tasks();
  const tick = stopping.tick();
  await stopping.beforeApplicationShutdown();
  await tick;
  await stopping.tick();
  expect(await finished()).toEqual([]);
});
