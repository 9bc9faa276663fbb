import { Module } from '@nestjs/common';
import { StatisticRepository } from './statistic.repository.js';
import { StatisticsController } from './statistics.controller.js';
import { StatisticsRollup } from './statistics-rollup.service.js';
import { StatisticsService } from './statistics.service.js';
import { StatisticsTasks } from './statistics.tasks.js';

/** The hours of the community in numbers. Which numbers there are, the other features say. */
@Module({
  controllers: [StatisticsController],
  providers: [StatisticsService, StatisticsRollup, StatisticRepository, StatisticsTasks],
})
export class StatisticsModule {}
