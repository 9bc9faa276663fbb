import { Column, Entity, Index, Unique } from 'typeorm';
import { BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { ExportCompression, ExportFailure, ExportFormat, ExportState, FilterValues } from '../exports.types.js';

const word = (length: number) => ({ type: 'varchar', length, charset: 'ascii', collation: 'ascii_bin' }) as const;
const sha256 = { type: 'char', length: 64, charset: 'ascii', collation: 'ascii_bin', nullable: true } as const;

/** A file of data that a member ordered. */
@Entity()
@Unique('uq_export_active', ['memberId', 'activeFingerprint'])
@Index('ix_export_member', ['memberId', 'id'])
@Index('ix_export_expiry', ['state', 'expiresAt'])
export class Export {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  memberId: string;

  @Column(word(64))
  source: string;

  @Column(word(16))
  format: ExportFormat;

  @Column(word(16))
  compression: ExportCompression;

  @Column({ type: 'json' })
  filters: FilterValues;

  @Column({ type: 'json' })
  columnNames: string[];

  @Column({ type: 'boolean' })
  guard: boolean;

  @Column({ type: 'boolean' })
  bom: boolean;

  /** What makes two orders the same; null once the export has ended. */
  @Column(sha256)
  activeFingerprint: string | null;

  @Column(word(16))
  state: ExportState;

  /** How many workers began it. */
  @Column({ type: 'int' })
  attempt: number;

  @IdColumn({ nullable: true })
  holdId: string | null;

  @InstantColumn({ nullable: true })
  snapshotAt: Date | null;

  @BigintColumn()
  rowsDone: number;

  @BigintColumn({ nullable: true })
  rowsEstimated: number | null;

  @BigintColumn({ nullable: true })
  bytes: number | null;

  @Column(sha256)
  sha256: string | null;

  @Column({ ...word(200), nullable: true })
  storageKey: string | null;

  @Column({ ...word(64), nullable: true })
  errorCode: ExportFailure | null;

  @InstantColumn()
  createdAt: Date;

  @InstantColumn({ nullable: true })
  startedAt: Date | null;

  @InstantColumn({ nullable: true })
  finishedAt: Date | null;

  @InstantColumn({ nullable: true })
  expiresAt: Date | null;
}
