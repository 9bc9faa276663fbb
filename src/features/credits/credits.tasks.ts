import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Clock } from '../../platform/clock/clock.js';
import { TaskRuns } from '../../platform/jobs/task-runs.js';
import { CreditsService } from './credits.service.js';

/**
 * The credits' clockwork. It looks every minute rather than at midnight: that serves every time zone and
 * its shifts alike, and a process that was down at midnight catches up in its first minute.
 */
@Injectable()
export class CreditsTasks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(CreditsTasks.name);
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly credits: CreditsService,
    private readonly taskRuns: TaskRuns,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    void this.tick();
  }

  /** Ends between two chunks; the rest is done after the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort(new Error('shutting down'));
    await this.running;
  }

  @Cron(CronExpression.EVERY_MINUTE)
  tick(): Promise<void> {
    // One at a time in this process; between processes the task run and the written conditions decide.
    this.running ??= this.work().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    try {
      signal.throwIfAborted();
      await this.taskRuns.once('credits.accrual', this.clock.today(), async () => {
        const { localDate, granted, members } = await this.credits.accrue(signal);
        this.logger.log(`day ${localDate}: ${granted} credits to ${members} members`);
      });
      await this.credits.sweepLapsedHolds(signal);
    } catch (error) {
      if (!signal.aborted) this.logger.error(error, 'the daily credits could not be given; the next minute tries again');
    }
  }
}
