import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { faultPoints } from '../../platform/config/fault-point.js';
import { Database } from '../../platform/database/database.js';
import { Transactions } from '../../platform/database/transactions.js';
import { hourOf, hoursBetween, type Hour } from '../../platform/statistics/hour.js';
import type { Metric } from '../../platform/statistics/metric.js';
import { Metrics } from '../../platform/statistics/metrics.js';
import type { Statistic } from './entities/statistic.js';
import { StatisticRepository } from './statistic.repository.js';

/**
 * An hour is measured this long after its end: a row carries the time of its statement and is seen from
 * its commit on. Transactions take seconds and activity is written every ten; clocks differ a little, too.
 */
const GRACE_MS = 2 * 60_000;
const DAY_MS = 86_400_000;
/** What a run takes on of each metric at most; the next one, a minute later, goes on from there. */
const DAYS_AT_ONCE = 92;
/** Longer work says how far it is. */
const SILENT_MS = 2_000;

const faultPoint = faultPoints('statistics.rollup');

/**
 * Writes down what each metric was in each hour that is over. The row (metric, hour) is the record that
 * it is done: where it is missing, by a crash, a failure, a sleep or because the metric is new, it is
 * measured by the next run, and of two processes that both measured it the first is believed.
 */
@Injectable()
export class StatisticsRollup {
  private readonly logger = new Logger(StatisticsRollup.name);
  /** By metric: up to here every hour is known to be written, so that a run need not look again. */
  private readonly settled = new Map<string, Date>();

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly statistics: StatisticRepository,
  ) {}

  /**
   * Measures what is missing, oldest first. A metric that fails is logged and tried again by the next run;
   * the others do not wait for it.
   *
   * @throws the signal's reason when it is aborted
   */
  async run(signal?: AbortSignal): Promise<void> {
    const until = hourOf(new Date(this.clock.now().getTime() - GRACE_MS));
    for (const metric of this.metrics.list()) {
      try {
        await this.catchUp(metric, until, signal);
      } catch (error) {
        signal?.throwIfAborted();
        this.logger.error(error, `${metric.name} is not complete; the next run tries again`);
      }
    }
  }

  private async catchUp(metric: Metric, until: Date, signal: AbortSignal | undefined): Promise<void> {
    const failures: unknown[] = [];
    let told = performance.now();
    let from = this.settled.get(metric.name) ?? (await this.beginning(metric)) ?? until;
    for (let day = 0; from < until && day < DAYS_AT_ONCE; day += 1) {
      const to = new Date(Math.min(from.getTime() + DAY_MS, until.getTime()));
      failures.push(...(await this.rollUp(metric, from, to, signal)));
      from = to;
      // What comes after a hole stays open with it: the next run looks from there again.
      if (failures.length === 0) this.settled.set(metric.name, to);
      if (performance.now() - told > SILENT_MS) {
        this.logger.log(`${metric.name}: measured up to ${to.toISOString()} of ${until.toISOString()}`);
        told = performance.now();
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  private async beginning(metric: Metric): Promise<Date | undefined> {
    const since = await metric.since(this.database);
    return since === null ? undefined : hourOf(since);
  }

  /** Answers what went wrong, by the hour: one that cannot be measured does not hold up those after it. */
  private async rollUp(metric: Metric, from: Date, to: Date, signal: AbortSignal | undefined): Promise<unknown[]> {
    const written = new Set((await this.statistics.list(this.database, [metric.name], from, to)).map(({ hour }) => hour.getTime()));
    const missing = hoursBetween(from, to).filter((hour) => !written.has(hour.from.getTime()));
    const measured: Statistic[] = [];
    const failures: unknown[] = [];
    for (const hour of missing) {
      signal?.throwIfAborted();
      try {
        measured.push({ metric: metric.name, hour: hour.from, value: await this.measure(metric, hour) });
      } catch (error) {
        failures.push(error);
      }
    }
    if (measured.length > 0) {
      await this.transactions.run(async (tx) => {
        await this.statistics.insert(tx, measured);
        faultPoint('statistics.rollup');
      });
    }
    return failures;
  }

  private async measure(metric: Metric, hour: Hour): Promise<number> {
    const value = await metric.measure(this.database, hour);
    if (!Number.isFinite(value)) throw new TypeError(`${metric.name} was ${value} at ${hour.from.toISOString()}`);
    return value;
  }
}
