import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { JobTimings } from '../../jobs/job-timings.js';
import { Worker } from '../../jobs/worker.js';
import { WebhookDelivery, type WebhookJob } from './webhook-delivery.js';

const CONCURRENCY = 4;

/** Delivers the sandbox's webhooks in this process, where the sandbox is the provider. */
@Injectable()
export class WebhookWorker extends Worker<WebhookJob> {
  constructor(delivery: WebhookDelivery, timings: JobTimings, config: Config) {
    super(
      {
        name: 'payments',
        concurrency: config.PAYMENTS === 'sandbox' ? CONCURRENCY : 0,
        claim: () => delivery.next(),
        renew: (job) => delivery.renew(job),
        run: (job, signal) => delivery.run(job, signal),
        giveBack: (job) => delivery.giveBack(job),
      },
      timings,
    );
  }
}
