import { Column, Entity, Index, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, DateColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { ExportCompression, ExportFailure, ExportFormat, ExportState, FilterValues } from '../exports.types.js';

/** A digest in hexadecimal. */
const Sha256Column = () => AsciiColumn(64, { type: 'char', nullable: true });

/** A file of data that a member ordered. */
@Entity()
@Unique('uq_export_active', ['memberId', 'activeFingerprint'])
@Index('ix_export_member', ['memberId', 'id'])
@Index('ix_export_expiry', ['state', 'expiresAt'])
@Index('ix_export_created', ['createdAt'])
@Index('ix_export_finished', ['finishedAt'])
export class Export {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  memberId: string;

  /** What the member might do when they ordered: the bitmap of a PermissionSet as base64url. */
  @AsciiColumn(64)
  permissions: string;

  @AsciiColumn(64)
  source: string;

  @AsciiColumn(16)
  format: ExportFormat;

  @AsciiColumn(16)
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
  @Sha256Column()
  activeFingerprint: string | null;

  @AsciiColumn(16)
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

  @Sha256Column()
  sha256: string | null;

  @AsciiColumn(200, { nullable: true })
  storageKey: string | null;

  @AsciiColumn(64, { nullable: true })
  errorCode: ExportFailure | null;

  @InstantColumn()
  createdAt: Date;

  @InstantColumn({ nullable: true })
  startedAt: Date | null;

  @InstantColumn({ nullable: true })
  finishedAt: Date | null;

  @InstantColumn({ nullable: true })
  expiresAt: Date | null;

  /** The community's local date whose free copy of everything this is; null for what is paid. */
  @DateColumn({ nullable: true })
  copyDay: string | null;
}
