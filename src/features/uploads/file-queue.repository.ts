import { Injectable } from '@nestjs/common';
import { Pools } from '../../platform/database/pools.js';
import { JobTimings } from '../../platform/jobs/job-timings.js';
import { LeaseQueue } from '../../platform/jobs/lease-queue.js';

/** Received files that are still to be checked, as a lease queue. */
@Injectable()
export class FileQueueRepository extends LeaseQueue {
  constructor(pools: Pools, timings: JobTimings) {
    super(pools, { table: 'file_queue', idColumn: 'file_id', leaseSeconds: timings.lease / 1000 });
  }
}
