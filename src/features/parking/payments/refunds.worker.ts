import { Injectable } from '@nestjs/common';
import { JobTimings } from '../../../platform/jobs/job-timings.js';
import type { Lease } from '../../../platform/jobs/lease-queue.js';
import { Worker } from '../../../platform/jobs/worker.js';
import { RefundDelivery } from './refund-delivery.service.js';

const CONCURRENCY = 2;

/** Tells the payment provider of refunds, in this process. */
@Injectable()
export class RefundsWorker extends Worker<Lease> {
  constructor(delivery: RefundDelivery, timings: JobTimings) {
    super(
      {
        name: 'refunds',
        concurrency: CONCURRENCY,
        claim: () => delivery.next(),
        renew: (lease) => delivery.renew(lease),
        run: (lease) => delivery.run(lease),
        giveBack: (lease) => delivery.giveBack(lease),
      },
      timings,
    );
  }
}
