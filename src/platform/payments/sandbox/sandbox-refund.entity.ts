import { Entity, Index } from 'typeorm';
import { BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../database/columns.js';

/** A refund that the sandbox has made. */
@Entity()
@Index('ix_sandbox_refund_intent', ['intentId'])
export class SandboxRefund {
  @IdPrimaryColumn()
  refundId: string;

  @IdColumn()
  intentId: string;

  @BigintColumn()
  amountMinor: number;

  @InstantColumn()
  createdAt: Date;
}
