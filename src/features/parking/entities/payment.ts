import { Column, Entity, Unique } from 'typeorm';
import { AsciiColumn, BigintColumn, IdColumn, IdPrimaryColumn, InstantColumn } from '../../../platform/database/columns.js';
import type { KeptPrice } from '../parking.types.js';
import type { PaymentKind, PaymentMethod, PaymentStatus } from '../payments/payment.types.js';

/** Money or credits for a stay, or for the rest of a longer one. */
@Entity({ name: 'payment' })
@Unique('uq_payment_open', ['reservationId', 'isOpen'])
@Unique('uq_payment_intent', ['provider', 'intentId'])
export class PaymentRow {
  @IdPrimaryColumn()
  id: string;

  @IdColumn()
  reservationId: string;

  @AsciiColumn(12)
  kind: PaymentKind;

  @AsciiColumn(8)
  method: PaymentMethod;

  /** Of cards. */
  @AsciiColumn(16, { nullable: true })
  provider: string | null;

  @AsciiColumn(12)
  status: PaymentStatus;

  /** 1 while it can be paid: a reservation has one such payment at most. */
  @Column({ type: 'tinyint', nullable: true })
  isOpen: 1 | null;

  @BigintColumn()
  amountMinor: number;

  @AsciiColumn(3, { type: 'char' })
  currency: string;

  /** What it took in credits; 0 of cards. */
  @BigintColumn()
  credits: number;

  /** Its entry in the book of the member. */
  @BigintColumn({ nullable: true })
  entrySeq: number | null;

  /** The provider's name of it. */
  @AsciiColumn(255, { nullable: true })
  intentId: string | null;

  @AsciiColumn(255, { nullable: true })
  clientSecret: string | null;

  @Column({ type: 'varchar', length: 500, nullable: true })
  url: string | null;

  /** End of the stay that it pays for. */
  @InstantColumn()
  endsAt: Date;

  /** Price of that whole stay. */
  @Column({ type: 'json' })
  quote: KeptPrice;

  @BigintColumn()
  refundedMinor: number;

  @BigintColumn()
  refundedCredits: number;

  @InstantColumn()
  createdAt: Date;

  @InstantColumn({ nullable: true })
  paidAt: Date | null;
}
