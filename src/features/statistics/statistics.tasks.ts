import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { InterruptibleTask } from '../../platform/jobs/interruptible-task.js';
import { StatisticsRollup } from './statistics-rollup.service.js';

/** Looks every minute: an hour is counted soon after it ends, and what was missed at the next start. */
@Injectable()
export class StatisticsTasks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly rollingUp = new InterruptibleTask('hourly statistics', (signal) => this.rollup.run(signal));

  constructor(private readonly rollup: StatisticsRollup) {}

  onApplicationBootstrap(): void {
    void this.tick();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rollingUp.stop();
  }

  @Cron(CronExpression.EVERY_MINUTE)
  tick(): Promise<void> {
    return this.rollingUp.run();
  }
}
