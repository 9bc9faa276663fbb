import { Injectable } from '@nestjs/common';
import { JobTimings } from '../../../platform/jobs/job-timings.js';
import { Worker } from '../../../platform/jobs/worker.js';
import { PushDelivery } from './push-delivery.service.js';
import type { PushJob } from './push-outbox.repository.js';

/** Sending is waiting for push services: one of them that is slow must not hold up the rest. */
const CONCURRENCY = 8;

/** Sends notifications in this process. */
@Injectable()
export class PushWorker extends Worker<PushJob> {
  constructor(delivery: PushDelivery, timings: JobTimings) {
    super(
      {
        name: 'push',
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
