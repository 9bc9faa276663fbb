import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { StatisticRepository } from '../../src/features/statistics/statistic.repository.js';
import { StatisticsRollup } from '../../src/features/statistics/statistics-rollup.service.js';
import { StatisticsService } from '../../src/features/statistics/statistics.service.js';
import { StatisticsTasks } from '../../src/features/statistics/statistics.tasks.js';
import { loadConfig } from '../../src/platform/config/config.js';
import type { Metric } from '../../src/platform/statistics/metric.js';
import type { Hour } from '../../src/platform/statistics/hour.js';
import { Metrics } from '../../src/platform/statistics/metrics.js';
import { SettableClock } from '../support/credits-harness.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

/** Something that can be measured, and remembers which hours it was asked for. */
class Measured implements Metric {
  readonly unit = 'things';
  readonly description = 'Things that were';
  readonly asked: string[] = [];

  constructor(
    readonly name: string,
    public first: string | null,
    public answer: (hour: string) => number = (hour) => Number(hour.slice(11, 13)),
  ) {}

  async since(): Promise<Date | null> {
    return this.first === null ? null : new Date(this.first);
  }

  async measure(_: unknown, { from, to }: Hour): Promise<number> {
    expect(to.getTime() - from.getTime()).toBe(3_600_000);
    this.asked.push(from.toISOString());
    return this.answer(from.toISOString());
  }
}

let db: TestDatabase;
let clock: SettableClock;

beforeAll(async () => {
  Logger.overrideLogger(false);
  db = await openTestDatabase();
  clock = new SettableClock(loadConfig({ NODE_ENV: 'test', COMMUNITY_TIMEZONE: 'Asia/Kathmandu' }), '2026-05-03T12:30:00Z');
});
beforeEach(async () => {
  await db.truncate();
  clock.set('2026-05-03T12:30:00Z');
});
afterAll(() => db.close());

/** What one process has. */
const processWith = (...metrics: Metric[]) => {
  const registry = new Metrics();
  registry.register(...metrics);
  const repository = new StatisticRepository();
  return {
    rollup: new StatisticsRollup(db.transactions, db.database, clock, registry, repository),
    service: new StatisticsService(db.database, clock, registry, repository),
  };
};
const written = async (metric = 'things'): Promise<Record<string, number>> => {
  const rows = await db.database.rows<{ hour: Date; value: number }>('SELECT hour, value FROM statistic WHERE metric = ? ORDER BY hour', [metric]);
  return Object.fromEntries(rows.map(({ hour, value }) => [hour.toISOString().slice(8, 13), value]));
};
const hours = async (metric?: string) => Object.keys(await written(metric));

describe('the hourly roll-up', () => {
  it('measures every hour that is over, from that of the first data on', async () => {
    await processWith(new Measured('things', '2026-05-03T09:59:59.999Z')).rollup.run();
    expect(await written()).toEqual({ '03T09': 9, '03T10': 10, '03T11': 11 });
  });

  it('leaves two minutes to transactions that were open when the hour ended', async () => {
    const { rollup } = processWith(new Measured('things', '2026-05-03T11:00:00Z'));
    clock.set('2026-05-03T12:01:59.999Z');
    await rollup.run();
    expect(await hours()).toEqual([]);
    clock.set('2026-05-03T12:02:00Z');
    await rollup.run();
    expect(await hours()).toEqual(['03T11']);
  });

  it('measures an hour once, whoever looks again', async () => {
    const [one, again] = [new Measured('things', '2026-05-03T09:00:00Z'), new Measured('things', '2026-05-03T09:00:00Z', () => 99)];
    const first = processWith(one);
    await first.rollup.run();
    await first.rollup.run();
    await processWith(again).rollup.run();
    expect(one.asked).toEqual(['2026-05-03T09:00:00.000Z', '2026-05-03T10:00:00.000Z', '2026-05-03T11:00:00.000Z']);
    expect(again.asked).toEqual([]);
  });

  it('goes on hour by hour', async () => {
    const things = new Measured('things', '2026-05-03T11:00:00Z');
    const { rollup } = processWith(things);
    for (const now of ['12:02', '12:59', '13:01', '13:02', '14:30']) {
      clock.set(`2026-05-03T${now}:00Z`);
      await rollup.run();
    }
    expect(things.asked.map((hour) => hour.slice(11, 13))).toEqual(['11', '12', '13']);
  });

  it('catches up with the days it slept through', async () => {
    const { rollup } = processWith(new Measured('things', '2026-05-03T11:00:00Z'));
    await rollup.run();
    clock.set('2026-05-07T08:15:00Z');
    const later = new Measured('things', '2026-05-03T11:00:00Z');
    await processWith(later).rollup.run();
    expect(later.asked).toHaveLength(13 + 3 * 24 + 7);
    expect(await hours()).toHaveLength(13 + 3 * 24 + 8);
    expect((await hours()).at(-1)).toBe('07T07');
  });

  it('takes on 92 days at once at most, oldest first, and goes on with the next run', async () => {
    clock.set('2026-05-03T00:30:00Z');
    const things = new Measured('things', '2026-01-23T00:00:00Z');
    const { rollup } = processWith(things);
    await rollup.run();
    expect(things.asked).toHaveLength(92 * 24);
    expect(things.asked.at(-1)).toBe('2026-04-24T23:00:00.000Z');
    await rollup.run();
    expect(things.asked).toHaveLength(100 * 24);
  });

  it('gives one value to an hour that two processes measure at once', async () => {
    const processes = Array.from({ length: 6 }, (_, value) => processWith(new Measured('things', '2026-05-01T00:00:00Z', () => value)));
    await Promise.all(processes.map(({ rollup }) => rollup.run()));
    const first = await written();
    expect(Object.keys(first)).toHaveLength(60);
    await Promise.all(processes.map(({ rollup }) => rollup.run()));
    await processWith(new Measured('things', '2026-05-01T00:00:00Z', () => 99)).rollup.run();
    expect(await written()).toEqual(first);
  });

  it('is not changed by a writer that comes later', async () => {
    const repository = new StatisticRepository();
    const write = (value: number) => db.transactions.run((tx) => repository.insert(tx, [{ metric: 'things', hour: new Date('2026-05-03T09:00:00Z'), value }]));
    await write(1);
    await write(2);
    expect(await written()).toEqual({ '03T09': 1 });
  });

  it.each([
    ['throws', () => { throw new Error('no such table'); }],
    ['answers what is no number', () => NaN],
  ])('of a metric that %s is tried again; the others and its other hours do not wait', async (_, fail: () => number) => {
    const broken = new Measured('broken', '2026-05-01T09:00:00Z', (hour) => (hour.startsWith('2026-05-01T10') ? fail() : 1));
    const { rollup } = processWith(broken, new Measured('things', '2026-05-03T10:00:00Z'));
    await rollup.run();
    expect(await hours()).toEqual(['03T10', '03T11']);
    expect(await hours('broken')).toHaveLength(50);
    expect(await hours('broken')).not.toContain('01T10');
    broken.answer = () => 7;
    await rollup.run();
    expect(await written('broken')).toMatchObject({ '01T09': 1, '01T10': 7, '01T11': 1 });
    expect(broken.asked).toHaveLength(52);
  });

  it('catches up for a metric that a later version brings, from its own first data', async () => {
    await processWith(new Measured('things', '2026-05-03T08:00:00Z')).rollup.run();
    await processWith(new Measured('things', '2026-05-03T08:00:00Z'), new Measured('newer', '2026-05-03T10:20:00Z')).rollup.run();
    expect(await hours('newer')).toEqual(['03T10', '03T11']);
  });

  it('knows nothing of a metric before it has data: that is not zero', async () => {
    const things = new Measured('things', null);
    const { rollup } = processWith(things);
    await rollup.run();
    expect(await hours()).toEqual([]);
    things.first = '2026-05-03T11:59:59Z';
    await rollup.run();
    expect(await hours()).toEqual(['03T11']);
  });

  it('leaves off when the process stops, and the next start does the rest', async () => {
    const stop = new AbortController();
    const stopping = new Measured('things', '2026-05-01T00:00:00Z', (hour) => {
      if (hour.startsWith('2026-05-02T05')) stop.abort(new Error('stopping'));
      return 1;
    });
    await expect(processWith(stopping).rollup.run(stop.signal)).rejects.toThrow('stopping');
    expect(await hours()).toHaveLength(24);
    await processWith(new Measured('things', '2026-05-01T00:00:00Z')).rollup.run();
    expect(await hours()).toHaveLength(60);
  });

  it('runs at the start and each minute, and waits for itself when the process stops', async () => {
    const things = new Measured('things', '2026-05-03T10:00:00Z');
    const tasks = new StatisticsTasks(processWith(things).rollup);
    tasks.onApplicationBootstrap();
    await eventually(async () => expect(await hours()).toEqual(['03T10', '03T11']));
    clock.set('2026-05-03T12:40:00Z');
    await Promise.all([tasks.tick(), tasks.tick()]);
    expect(things.asked).toHaveLength(2);
    clock.set('2026-05-03T13:30:00Z');
    await tasks.beforeApplicationShutdown();
    await tasks.tick();
    expect(things.asked).toHaveLength(2);
  });
});

describe('statistics', () => {
  const numbers = () => processWith(new Measured('things', '2026-05-03T09:00:00Z'), new Measured('others', null));

  it('of the last 7 days are what is read when nothing is said', async () => {
    const { rollup, service } = numbers();
    await rollup.run();
    const { from, to, metrics } = await service.read({});
    expect([from, to].map((at) => at.toISOString())).toEqual(['2026-04-26T12:30:00.000Z', '2026-05-03T12:30:00.000Z']);
    expect(metrics.map(({ name, points }) => [name, points.map(({ value }) => value)])).toEqual([['others', []], ['things', [9, 10, 11]]]);
  });

  it('are of the hours that began in the period, its end excluded', async () => {
    const { rollup, service } = numbers();
    await rollup.run();
    const read = async (from: string, to: string) => (await service.read({ metric: 'things', from: new Date(from), to: new Date(to) })).metrics[0]!.points.map(({ value }) => value);
    expect(await read('2026-05-03T09:00:00Z', '2026-05-03T11:00:00Z')).toEqual([9, 10]);
    expect(await read('2026-05-03T09:00:00.001Z', '2026-05-03T11:00:00.001Z')).toEqual([10, 11]);
    expect(await read('0001-01-01T00:00:00Z', '0001-01-02T00:00:00Z')).toEqual([]);
    expect(await read('9999-12-01T00:00:00Z', '9999-12-30T00:00:00Z')).toEqual([]);
    expect((await service.read({ to: new Date('0001-01-01T00:00:00Z') })).metrics[0]!.points).toEqual([]);
  });

  it('make a chart for each metric, in the time of the community', async () => {
    const { rollup, service } = numbers();
    await rollup.run();
    const points = [9, 10, 11].map((hour) => ({ at: new Date(Date.UTC(2026, 4, 3, hour)), value: hour }));
    expect(await service.charts({ metric: 'things' })).toEqual([
      { title: 'Things that were', unit: 'things per hour', timeZone: 'Asia/Kathmandu', kind: 'bars', series: [{ name: 'things', points }] },
    ]);
    expect(await service.charts({})).toHaveLength(2);
  });

  it('name no metric twice', () => {
    const registry = new Metrics();
    registry.register(new Measured('things', null));
    expect(() => registry.register(new Measured('things', null))).toThrow('metric things is registered twice');
  });
});
