import { Entity, Index, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';

export type HoldStatus = 'open' | 'captured' | 'released';

/** Part of a balance set aside for work in progress. Past `expiresAt` an open hold is dead to every reader. */
@Entity()
@Unique('uq_credit_hold_ref', ['refType', 'refId'])
@Index('ix_credit_hold_account', ['accountId', 'status', 'expiresAt'])
@Index('ix_credit_hold_lapse', ['status', 'expiresAt'])
export class CreditHold {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  accountId: string;

  @BigintColumn()
  amount: number;

  /** How much of `amount` was taken; the rest went back. */
  @BigintColumn()
  captured: number;

  @AsciiColumn(16)
  status: HoldStatus;

  @AsciiColumn(32)
  refType: string;

  @AsciiColumn(64)
  refId: string;

  @InstantColumn()
  expiresAt: Date;
}
