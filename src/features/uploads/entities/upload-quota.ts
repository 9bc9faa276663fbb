import { Column, Entity } from 'typeorm';
import { BigintColumn, IdPrimaryColumn } from '../../../platform/database/columns.js';

/** How much of the storage a member has, in bytes. */
@Entity()
export class UploadQuota {
  @IdPrimaryColumn()
  memberId: string;

  /** Sizes of their ready files. */
  @BigintColumn()
  used: number;

  /** Set aside for files that are received or checked. */
  @BigintColumn()
  reserved: number;

  /** Their own limit; null for UPLOAD_QUOTA_MIB. */
  @BigintColumn({ nullable: true })
  max: number | null;

  /** Files that are received or checked. */
  @Column({ type: 'int' })
  unfinished: number;
}
