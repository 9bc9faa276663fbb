import { Injectable } from '@nestjs/common';
import { newId } from '../../database/columns.js';
import { Pools } from '../../database/pools.js';
import type { Tx } from '../../database/transactions.js';
import { JobTimings } from '../../jobs/job-timings.js';
import { LeaseQueue } from '../../jobs/lease-queue.js';

/** A webhook that was claimed, as the claim left it. */
export interface ClaimedWebhook {
  readonly body: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Since it was to come first. */
  readonly secondsDue: number;
}

/** Webhooks of the sandbox that are still to be delivered, as a lease queue. */
@Injectable()
export class SandboxWebhookRepository extends LeaseQueue {
  constructor(pools: Pools, timings: JobTimings) {
    super(pools, { table: 'sandbox_webhook', idColumn: 'id', leaseSeconds: timings.lease / 1000 });
  }

  async insert(tx: Tx, body: string, delaySeconds: number): Promise<void> {
    await tx.write(
      `INSERT INTO sandbox_webhook (id, body, attempts, due_at, run_at)
       VALUES (?, ?, 0, UTC_TIMESTAMP(3) + INTERVAL ? SECOND, UTC_TIMESTAMP(3) + INTERVAL ? SECOND)`,
      [newId(), body, delaySeconds, delaySeconds],
    );
  }

  /** Counts an attempt before it is made, so that one which takes the process with it counts as well. */
  async begin(tx: Tx, id: string): Promise<ClaimedWebhook> {
    await tx.write('UPDATE sandbox_webhook SET attempts = attempts + 1 WHERE id = ?', [id]);
    const [webhook] = await tx.rows<ClaimedWebhook>(
      'SELECT body, attempts AS attempt, TIMESTAMPDIFF(SECOND, due_at, UTC_TIMESTAMP(3)) AS secondsDue FROM sandbox_webhook WHERE id = ?',
      [id],
    );
    return webhook!;
  }
}
