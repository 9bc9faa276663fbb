import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Clock } from '../../platform/clock/clock.js';
import { InterruptibleTask } from '../../platform/jobs/interruptible-task.js';
import { TaskRuns } from '../../platform/jobs/task-runs.js';
import { CreditsService } from './credits.service.js';

/**
 * The credits' clockwork. It looks every minute rather than at midnight: that serves every time zone and
 * its shifts alike, and a process that was down at midnight catches up in its first minute.
 */
@Injectable()
export class CreditsTasks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(CreditsTasks.name);
  // One run at a time in this process; between processes the task run and the written conditions decide.
  private readonly clockwork = new InterruptibleTask('daily credits', (signal) => this.work(signal));

  constructor(
    private readonly credits: CreditsService,
    private readonly taskRuns: TaskRuns,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    void this.tick();
  }

  /** The sweep ends between two chunks; the rest is done after the next start. */
  beforeApplicationShutdown(): Promise<void> {
    return this.clockwork.stop();
  }

  @Cron(CronExpression.EVERY_MINUTE)
  tick(): Promise<void> {
    return this.clockwork.run();
  }

  private async work(signal: AbortSignal): Promise<void> {
    await this.taskRuns.once('credits.accrual', this.clock.today(), async () => {
      const { localDate, granted, members } = await this.credits.accrue(signal);
      this.logger.log(`day ${localDate}: ${granted} credits to ${members} members`);
    });
    await this.credits.sweepLapsedHolds(signal);
  }
}
