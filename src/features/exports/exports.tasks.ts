import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { InterruptibleTask } from '../../platform/jobs/interruptible-task.js';
import { ExportSweep } from './export-sweep.service.js';

/** Any number of processes may run these at once: each removal is conditional and removing twice is no error. */
@Injectable()
export class ExportsTasks implements BeforeApplicationShutdown {
  private readonly expiry: InterruptibleTask;
  private readonly strays: InterruptibleTask;

  constructor(sweep: ExportSweep) {
    this.expiry = new InterruptibleTask('exports: removing what has expired', (signal) => sweep.expireDue(signal));
    this.strays = new InterruptibleTask('exports: removing stray files', (signal) => sweep.removeUnreferenced(signal));
  }

  @Cron(CronExpression.EVERY_MINUTE)
  expireDue(): Promise<void> {
    return this.expiry.run();
  }

  @Cron(CronExpression.EVERY_HOUR)
  removeUnreferenced(): Promise<void> {
    return this.strays.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.expiry.stop(), this.strays.stop()]);
  }
}
