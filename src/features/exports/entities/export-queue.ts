import { Entity, Index, Unique } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';
import { Leased } from '../../../platform/jobs/leased.entity.js';

/** An export that has not ended, and the lease of whoever works on it. */
@Entity()
@Unique('uq_export_queue_lease', ['leaseToken'])
@Index('ix_export_queue_run', ['runAt', 'exportId'])
export class ExportQueue extends Leased {
  @IdPrimaryColumn()
  exportId: string;
}
