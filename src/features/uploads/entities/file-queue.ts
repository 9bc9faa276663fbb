import { Entity, Index, Unique } from 'typeorm';
import { IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A received file that is still to be checked, and the lease of whoever is at it. */
@Entity()
@Unique('uq_file_queue_lease', ['leaseToken'])
@Index('ix_file_queue_run', ['runAt', 'fileId'])
export class FileQueue {
  @IdPrimaryColumn()
  fileId: string;

  @InstantColumn()
  runAt: Date;

  @IdColumn({ nullable: true })
  leaseToken: string | null;

  @InstantColumn({ nullable: true })
  leaseUntil: Date | null;
}
