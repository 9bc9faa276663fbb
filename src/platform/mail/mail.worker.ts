import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { JobTimings } from '../jobs/job-timings.js';
import { Worker } from '../jobs/worker.js';
import { MailDelivery, type MailJob } from './mail-delivery.js';

/** Sending is waiting for the mail server: a few at once keep a slow one from holding up the rest. */
const CONCURRENCY = 4;

/** Sends mails in this process, from start to stop of the application. */
@Injectable()
export class MailWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly worker: Worker<MailJob>;

  constructor(delivery: MailDelivery, timings: JobTimings) {
    this.worker = new Worker<MailJob>(
      {
        name: 'mail',
        concurrency: CONCURRENCY,
        claim: () => delivery.next(),
        renew: (job) => delivery.renew(job),
        run: (job, signal) => delivery.run(job, signal),
        giveBack: (job) => delivery.giveBack(job),
      },
      timings,
    );
  }

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  /** A new mail is in the queue. */
  wake(): void {
    this.worker.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }
}
