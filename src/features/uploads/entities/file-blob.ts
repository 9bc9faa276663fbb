import { Column, Entity, Index, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** Stored bytes, once for all who have the same. */
@Entity()
@Unique('uq_file_blob_sha', ['sha256'])
@Unique('uq_file_blob_storage', ['storageKey'])
@Index('ix_file_blob_refs', ['refs'])
export class FileBlob {
  @IdPrimaryColumn()
  id: string;

  /** Null once it is given up: the next who has these bytes makes a blob of their own. */
  @AsciiColumn(64, { type: 'char', nullable: true })
  sha256: string | null;

  @BigintColumn()
  size: number;

  /** Files and variants that are these bytes; -1 when the blob is given up. */
  @Column({ type: 'int' })
  refs: number;

  @AsciiColumn(200)
  storageKey: string;

  @InstantColumn()
  createdAt: Date;
}
