import { Injectable } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import type { Tx } from '../database/transactions.js';
import { JobTimings } from '../jobs/job-timings.js';
import { LeaseQueue } from '../jobs/lease-queue.js';

/** A mail that was claimed, as the claim left it. */
export interface ClaimedMail {
  readonly id: string;
  readonly sealed: Buffer;
  /** 1 for the first. */
  readonly attempt: number;
  readonly createdAt: Date;
}

/** The mails that are still to be sent, as a lease queue. */
@Injectable()
export class MailQueueRepository extends LeaseQueue {
  constructor(pools: Pools, timings: JobTimings) {
    super(pools, { table: 'queued_mail', idColumn: 'id', leaseSeconds: timings.lease / 1000 });
  }

  async insert(tx: Tx, id: string, sealed: Buffer): Promise<void> {
    await tx.write('INSERT INTO queued_mail (id, sealed, attempts, created_at, run_at) VALUES (?, ?, 0, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))', [id, sealed]);
  }

  /** Counts an attempt before it is made, so that one which takes the process with it counts as well. */
  async begin(tx: Tx, id: string): Promise<ClaimedMail> {
    await tx.write('UPDATE queued_mail SET attempts = attempts + 1 WHERE id = ?', [id]);
    const [mail] = await tx.rows<ClaimedMail>('SELECT id, sealed, attempts AS attempt, created_at AS createdAt FROM queued_mail WHERE id = ?', [id]);
    return mail!;
  }
}
