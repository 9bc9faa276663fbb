import { Column, Entity, Index } from 'typeorm';
import { AsciiColumn, BigintPrimaryColumn, InstantColumn } from '../database/columns.js';

/** That somebody did something, chained to what was done before. */
@Entity()
export class AuditEntry {
  /** 1, 2, 3 … without a gap. */
  @BigintPrimaryColumn()
  seq: number;

  @InstantColumn()
  at: Date;

  @AsciiColumn(36)
  actorId: string;

  @Index('ix_audit_entry_action')
  @AsciiColumn(64)
  action: string;

  @AsciiColumn(32)
  subjectType: string;

  @Index('ix_audit_entry_subject')
  @AsciiColumn(64)
  subjectId: string;

  /** Canonical JSON of an object. */
  @Column({ type: 'text', collation: 'utf8mb4_bin' })
  details: string;

  /** The hash of the entry before; zeros in the first. */
  @Column({ type: 'binary', length: 32 })
  previousHash: Buffer;

  @Column({ type: 'binary', length: 32 })
  hash: Buffer;
}
