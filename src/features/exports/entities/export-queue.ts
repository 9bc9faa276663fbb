import { Entity, Index, Unique } from 'typeorm';
import { IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** An export that has not ended, and the lease of whoever works on it. */
@Entity()
@Unique('uq_export_queue_lease', ['leaseToken'])
@Index('ix_export_queue_run', ['runAt', 'exportId'])
export class ExportQueue {
  @IdPrimaryColumn()
  exportId: string;

  @InstantColumn()
  runAt: Date;

  @IdColumn({ nullable: true })
  leaseToken: string | null;

  @InstantColumn({ nullable: true })
  leaseUntil: Date | null;
}
