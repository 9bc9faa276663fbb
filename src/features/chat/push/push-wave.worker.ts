import { Injectable } from '@nestjs/common';
import { JobTimings } from '../../../platform/jobs/job-timings.js';
import type { Lease } from '../../../platform/jobs/lease-queue.js';
import { Worker } from '../../../platform/jobs/worker.js';
import { PushExpansion } from './push-expansion.service.js';

const CONCURRENCY = 2;

/** Finds out in this process who is to be told of messages. */
@Injectable()
export class PushWaveWorker extends Worker<Lease> {
  constructor(expansion: PushExpansion, timings: JobTimings) {
    super(
      {
        name: 'push-waves',
        concurrency: CONCURRENCY,
        claim: () => expansion.next(),
        renew: (lease) => expansion.renew(lease),
        run: (lease) => expansion.run(lease),
        giveBack: (lease) => expansion.giveBack(lease),
      },
      timings,
    );
  }
}
