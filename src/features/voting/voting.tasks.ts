import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { InterruptibleTask } from '../../platform/jobs/interruptible-task.js';
import { PollClosing } from './poll-closing.service.js';

/** Any number of processes may run this at once: of many who close a poll one does it. */
@Injectable()
export class VotingTasks implements BeforeApplicationShutdown {
  private readonly closing: InterruptibleTask;

  constructor(closing: PollClosing) {
    this.closing = new InterruptibleTask('voting: closing polls whose time is over', (signal) => closing.closeAllDue(signal));
  }

  @Cron(CronExpression.EVERY_MINUTE)
  closeDue(): Promise<void> {
    return this.closing.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.closing.stop();
  }
}
