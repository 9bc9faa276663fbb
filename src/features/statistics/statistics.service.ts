import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Chart } from '../../platform/http/svg.js';
import type { Metric } from '../../platform/statistics/metric.js';
import { Metrics } from '../../platform/statistics/metrics.js';
import { StatisticRepository } from './statistic.repository.js';
import { unknownMetric } from './statistics.errors.js';
import { periodOf, type Statistics, type StatisticsRequest } from './statistics.rules.js';

/** What the hours of the community were like. */
@Injectable()
export class StatisticsService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly statistics: StatisticRepository,
  ) {}

  /** The hours that began in the period. @throws requestInvalid, unknownMetric */
  async read(request: StatisticsRequest): Promise<Statistics> {
    const { from, to } = periodOf(request, this.clock.now());
    const chosen = this.chosen(request.metric);
    const rows = await this.statistics.list(this.database, chosen.map(({ name }) => name), from, to);
    const metrics = chosen.map(({ name, unit, description }) => ({
      name, unit, description,
      points: rows.filter(({ metric }) => metric === name).map(({ hour, value }) => ({ hour, value })),
    }));
    return { from, to, metrics };
  }

  /** The same as a chart for each metric: what they count differs, so they share no axis. @throws requestInvalid, unknownMetric */
  async charts(request: StatisticsRequest): Promise<Chart[]> {
    const { metrics } = await this.read(request);
    return metrics.map(({ name, unit, description, points }) => ({
      title: description, unit: `${unit} per hour`, timeZone: this.clock.timeZone, kind: 'bars',
      series: [{ name, points: points.map(({ hour, value }) => ({ at: hour, value })) }],
    }));
  }

  private chosen(name: string | undefined): Metric[] {
    if (name === undefined) return this.metrics.list();
    const metric = this.metrics.find(name);
    if (metric === undefined) throw unknownMetric({ known: this.metrics.list().map((known) => known.name) });
    return [metric];
  }
}
