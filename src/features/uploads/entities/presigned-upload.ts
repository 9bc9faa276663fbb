import { Entity } from 'typeorm';
import { AsciiColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

/** A file whose bytes go straight to the storage. */
@Entity()
export class PresignedUpload {
  @IdPrimaryColumn()
  fileId: string;

  /** As its sender announced it. */
  @AsciiColumn(64, { type: 'char', nullable: true })
  sha256: string | null;

  /** When its bytes were begun to be taken, which is done once. */
  @InstantColumn({ nullable: true })
  takenAt: Date | null;
}
