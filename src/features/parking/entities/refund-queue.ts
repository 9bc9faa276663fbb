import { Entity, Index, Unique } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';
import { Leased } from '../../../platform/jobs/leased.entity.js';

/** Refunds that the provider has not been told of. */
@Entity({ name: 'refund_queue' })
@Unique('uq_refund_queue_lease', ['leaseToken'])
@Index('ix_refund_queue_run', ['runAt', 'refundId'])
export class RefundQueue extends Leased {
  @IdPrimaryColumn()
  refundId: string;
}
