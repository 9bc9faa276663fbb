import { Column, Entity } from 'typeorm';
import { AsciiColumn, BigintColumn, IdPrimaryColumn, InstantColumn } from '../../../../platform/database/columns.js';

/** A file that comes by the tus protocol, and the lease of whoever is at work on its bytes. */
@Entity()
export class TusUpload {
  @IdPrimaryColumn()
  fileId: string;

  /** Upload-Metadata as it was sent. */
  @AsciiColumn(8192, { nullable: true })
  metadata: string | null;

  /** Upload-Concat as it was sent. */
  @AsciiColumn(16384, { nullable: true })
  concat: string | null;

  /** Counts the leases. The number of the last one is its token: whoever holds another is late. */
  @BigintColumn()
  turn: number;

  /** Counts those who wrote, so that each can tell whether it was itself who did so last. */
  @BigintColumn()
  writes: number;

  /** Somebody waits for the lease: its holder comes to an end. */
  @Column({ type: 'boolean' })
  wanted: boolean;

  /** Null while nobody is at work. */
  @InstantColumn({ nullable: true })
  leaseUntil: Date | null;
}
