import { Injectable } from '@nestjs/common';
import { Pools } from '../../platform/database/pools.js';
import { JobTimings } from '../../platform/jobs/job-timings.js';
import { LeaseQueue } from '../../platform/jobs/lease-queue.js';

/** The exports that have not ended, as a lease queue. */
@Injectable()
export class ExportQueueRepository extends LeaseQueue {
  constructor(pools: Pools, timings: JobTimings) {
    super(pools, { table: 'export_queue', idColumn: 'export_id', leaseSeconds: timings.lease / 1000 });
  }
}
