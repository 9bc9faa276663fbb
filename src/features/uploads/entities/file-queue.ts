import { Entity, Index, Unique } from 'typeorm';
import { IdPrimaryColumn } from '../../../platform/database/columns.js';
import { Leased } from '../../../platform/jobs/leased.entity.js';

/** A received file that is still to be checked, and the lease of whoever is at it. */
@Entity()
@Unique('uq_file_queue_lease', ['leaseToken'])
@Index('ix_file_queue_run', ['runAt', 'fileId'])
export class FileQueue extends Leased {
  @IdPrimaryColumn()
  fileId: string;
}
