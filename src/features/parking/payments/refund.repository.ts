import { Injectable } from '@nestjs/common';
import { Pools } from '../../../platform/database/pools.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { JobTimings } from '../../../platform/jobs/job-timings.js';
import { LeaseQueue } from '../../../platform/jobs/lease-queue.js';
import type { RefundReason, RefundStatus } from './payment.types.js';

export interface RefundRecord {
  readonly id: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly credits: number;
  readonly reason: RefundReason;
  readonly status: RefundStatus;
  readonly provider: string | null;
  readonly intentId: string | null;
  readonly currency: string;
}

/** The only SQL on the tables `refund` and `refund_queue`: those that the provider has not been told of, as a lease queue. */
@Injectable()
export class RefundRepository extends LeaseQueue {
  constructor(pools: Pools, timings: JobTimings) {
    super(pools, { table: 'refund_queue', idColumn: 'refund_id', leaseSeconds: timings.lease / 1000 });
  }

  async get(reader: Reader, id: string): Promise<RefundRecord> {
    const [row] = await reader.rows<RefundRecord>(
      `SELECT r.id, r.payment_id AS paymentId, r.amount_minor AS amountMinor, r.credits, r.reason, r.status, p.provider, p.intent_id AS intentId, p.currency
       FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = ?`,
      [id],
    );
    if (row === undefined) throw new Error(`refund ${id} is gone`);
    return row;
  }

  async insert(tx: Tx, { id, paymentId, amountMinor, credits, reason, status }: Pick<RefundRecord, 'id' | 'paymentId' | 'amountMinor' | 'credits' | 'reason' | 'status'>): Promise<void> {
    await tx.write('INSERT INTO refund (id, payment_id, amount_minor, credits, reason, status, created_at) VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3))', [id, paymentId, amountMinor, credits, reason, status]);
  }

  /** What became of one that was under way. A card that was closed may be told of after the success: failure is final. @returns false when that is known already */
  async updateStatus(tx: Tx, id: string, status: Exclude<RefundStatus, 'pending'>): Promise<boolean> {
    const from = status === 'failed' ? ['pending', 'succeeded'] : ['pending'];
    return (await tx.write('UPDATE refund SET status = ? WHERE id = ? AND status IN (?)', [status, id, from])) === 1;
  }
}
