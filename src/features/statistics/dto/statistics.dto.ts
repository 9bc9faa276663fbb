import { ApiProperty } from '@nestjs/swagger';
import type { MetricHistory, Statistics } from '../statistics.rules.js';

/** An hour. */
export class StatisticPointDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-21T14:00:00.000Z', description: 'the beginning of the hour' })
  hour: string;

  @ApiProperty({ type: 'number', example: 12 })
  value: number;
}

/** What a metric was, hour by hour. */
export class MetricDto {
  @ApiProperty({ example: 'members.active' })
  name: string;

  @ApiProperty({ example: 'members' })
  unit: string;

  @ApiProperty({ example: 'Members who were active' })
  description: string;

  @ApiProperty({ type: [StatisticPointDto], description: 'oldest first; an hour of which nothing is known is left out' })
  points: StatisticPointDto[];

  static from({ name, unit, description, points }: MetricHistory): MetricDto {
    return Object.assign(new MetricDto(), { name, unit, description, points: points.map(({ hour, value }) => ({ hour: hour.toISOString(), value })) });
  }
}

/** What the hours of a period were like. */
export class StatisticsDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-15T00:00:00.000Z' })
  from: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T00:00:00.000Z' })
  to: string;

  @ApiProperty({ type: [MetricDto], description: 'in the order of their names' })
  metrics: MetricDto[];

  static from({ from, to, metrics }: Statistics): StatisticsDto {
    return Object.assign(new StatisticsDto(), { from: from.toISOString(), to: to.toISOString(), metrics: metrics.map((metric) => MetricDto.from(metric)) });
  }
}
