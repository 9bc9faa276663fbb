import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { Clock } from '../../platform/clock/clock.js';
import { InterruptibleTask } from '../../platform/jobs/interruptible-task.js';
import { TaskRuns } from '../../platform/jobs/task-runs.js';
import { ChatRetention } from './retention/chat-retention.service.js';
import { MessageIndex } from './search/message-index.service.js';

/** Any number of processes may run these at once: each part is taken by one of them. */
@Injectable()
export class ChatTasks implements BeforeApplicationShutdown {
  private readonly indexing: InterruptibleTask;
  private readonly retention: InterruptibleTask;

  constructor(index: MessageIndex, retention: ChatRetention, taskRuns: TaskRuns, clock: Clock) {
    this.indexing = new InterruptibleTask('chat: indexing messages', (signal) => index.catchUp({}, () => signal.throwIfAborted()));
    this.retention = new InterruptibleTask('chat: deleting what is kept no longer', (signal) => taskRuns.once('chat.retention', clock.today(), () => retention.run(signal)));
  }

  @Cron(CronExpression.EVERY_MINUTE)
  indexMessages(): Promise<void> {
    return this.indexing.run();
  }

  /** Once a day. It is looked at more often, so that a process that was down at midnight catches up. */
  @Cron(CronExpression.EVERY_10_MINUTES)
  deleteOutdated(): Promise<void> {
    return this.retention.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.indexing.stop(), this.retention.stop()]);
  }
}
