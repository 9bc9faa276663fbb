import { Injectable } from '@nestjs/common';
import { JobTimings } from '../jobs/job-timings.js';
import { Worker } from '../jobs/worker.js';
import { MailDelivery, type MailJob } from './mail-delivery.js';

/** Sending is waiting for the mail server: a few at once keep a slow one from holding up the rest. */
const CONCURRENCY = 4;

/** Sends mails in this process. */
@Injectable()
export class MailWorker extends Worker<MailJob> {
  constructor(delivery: MailDelivery, timings: JobTimings) {
    super(
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
}
