import { Column, Entity, Index } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { FileDoor, FilePurpose, FileRejection, FileState } from '../uploads.types.js';

/** A file of a member, from its first byte on. */
@Entity()
@Index('ix_file_owner', ['ownerId', 'id'])
@Index('ix_file_expiry', ['state', 'expiresAt'])
@Index('ix_file_finished', ['finishedAt'])
@Index('ix_file_served', ['blobId'])
export class File {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  ownerId: string;

  @AsciiColumn(16)
  state: FileState;

  @AsciiColumn(16)
  purpose: FilePurpose;

  @AsciiColumn(16)
  door: FileDoor;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  /** Bytes received or announced; null while nobody knows. */
  @BigintColumn({ nullable: true })
  size: number | null;

  /** Bytes of the quota set aside for it until it is ready. */
  @BigintColumn()
  reserved: number;

  /** Of the bytes received. */
  @AsciiColumn(64, { type: 'char', nullable: true })
  sha256: string | null;

  @AsciiColumn(127, { nullable: true })
  mime: string | null;

  @Column({ type: 'int', nullable: true })
  width: number | null;

  @Column({ type: 'int', nullable: true })
  height: number | null;

  @AsciiColumn(64, { nullable: true })
  rejectCode: FileRejection | null;

  /** How many workers began to check it. */
  @Column({ type: 'int' })
  attempt: number;

  /** What is served: the bytes received, or a cleaned picture. */
  @IdColumn({ nullable: true })
  blobId: string | null;

  @InstantColumn()
  createdAt: Date;

  /** Until when the next bytes must come, while it is being received. */
  @InstantColumn({ nullable: true })
  expiresAt: Date | null;

  /** Since when it is deleted, expired or rejected: some time after that it is forgotten. Null for what is kept, so that the index has none of that. */
  @InstantColumn({ nullable: true })
  finishedAt: Date | null;
}
