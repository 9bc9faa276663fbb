import { Column, Entity, Index, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, BigintPrimaryColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

export const ENTRY_KINDS = [
  'signup', 'accrual', 'capture', 'spend', 'refund', 'adjustment', 'transfer', 'reversal', 'purchase',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** The other side of an entry: one of the system's sides, or another account. */
export type Counter = 'issue' | 'spend' | 'adjust' | `account:${string}`;

/** One line of an account's book. Never changed, never deleted. */
@Entity()
@Unique('uq_credit_entry_reverses', ['accountId', 'reversesSeq'])
export class CreditEntry {
  @IdPrimaryColumn()
  accountId: string;

  /** 1, 2, 3 … without gaps in each account. */
  @BigintPrimaryColumn()
  seq: number;

  @AsciiColumn(16)
  kind: EntryKind;

  /** Signed: what the balance gained or lost. */
  @BigintColumn()
  amount: number;

  @BigintColumn()
  balanceAfter: number;

  @AsciiColumn(48)
  counter: Counter;

  /** Who did it, where a person did. */
  @IdColumn({ nullable: true })
  actorId: string | null;

  @Column({ type: 'varchar', length: 500, nullable: true })
  reason: string | null;

  /** What kind of thing `refId` names: an entry of this book, for a refund. */
  @AsciiColumn(32, { nullable: true })
  refType: string | null;

  @AsciiColumn(64, { nullable: true })
  refId: string | null;

  /** The entry of this book that a reversal takes back. */
  @BigintColumn({ nullable: true })
  reversesSeq: number | null;

  /** When it counts from: the first instant of its day for an accrual, else the time of writing, both by the community's clock. */
  @InstantColumn()
  effectiveAt: Date;

  @Index('ix_credit_entry_created')
  @InstantColumn()
  createdAt: Date;
}
