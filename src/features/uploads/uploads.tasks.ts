import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { InterruptibleTask } from '../../platform/jobs/interruptible-task.js';
import { FileSweep } from './file-sweep.service.js';

/** Any number of processes may run these at once: each removal is conditional and removing twice is no error. */
@Injectable()
export class UploadsTasks implements BeforeApplicationShutdown {
  private readonly ends: InterruptibleTask;
  private readonly strays: InterruptibleTask;

  constructor(sweep: FileSweep) {
    this.ends = new InterruptibleTask('uploads: removing what has expired or is not referred to', async (signal) => {
      await sweep.expireDue(signal);
      await sweep.removeUnreferenced(signal);
    });
    this.strays = new InterruptibleTask('uploads: removing strays and old records', async (signal) => {
      await sweep.removeStrays(signal);
      await sweep.forgetOld();
    });
  }

  @Cron(CronExpression.EVERY_MINUTE)
  removeEnded(): Promise<void> {
    return this.ends.run();
  }

  @Cron(CronExpression.EVERY_HOUR)
  removeStrays(): Promise<void> {
    return this.strays.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.ends.stop(), this.strays.stop()]);
  }
}
