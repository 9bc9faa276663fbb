import { Column, Entity, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../database/columns.js';
import type { SandboxStatus } from './sandbox.types.js';

/** A payment at the sandbox. */
@Entity()
@Unique('uq_sandbox_payment_payment', ['paymentId'])
export class SandboxPayment {
  @IdPrimaryColumn()
  intentId: string;

  /** As whoever ordered it calls it. */
  @IdColumn()
  paymentId: string;

  @BigintColumn()
  amountMinor: number;

  @AsciiColumn(3)
  currency: string;

  @Column({ type: 'varchar', length: 500 })
  description: string;

  @AsciiColumn(10)
  status: SandboxStatus;

  /** Never more than was paid. */
  @BigintColumn()
  refundedMinor: number;

  @InstantColumn()
  createdAt: Date;
}
