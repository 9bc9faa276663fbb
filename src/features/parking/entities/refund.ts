import { Entity } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { RefundReason, RefundStatus } from '../payments/payment.types.js';

/** Money or credits given back. */
@Entity({ name: 'refund' })
export class Refund {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  paymentId: string;

  @BigintColumn()
  amountMinor: number;

  @BigintColumn()
  credits: number;

  @AsciiColumn(16)
  reason: RefundReason;

  @AsciiColumn(12)
  status: RefundStatus;

  @InstantColumn()
  createdAt: Date;
}
