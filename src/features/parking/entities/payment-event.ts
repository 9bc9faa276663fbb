import { Entity, PrimaryColumn } from 'typeorm';
import { AsciiColumn, IdColumn, InstantColumn } from '../../../platform/database/columns.js';

/** What a payment provider said, once: written together with what it led to. */
@Entity({ name: 'payment_event' })
export class PaymentEvent {
  @PrimaryColumn({ type: 'varchar', length: 16, charset: 'ascii', collation: 'ascii_bin' })
  provider: string;

  @PrimaryColumn({ type: 'varchar', length: 255, charset: 'ascii', collation: 'ascii_bin' })
  eventId: string;

  @AsciiColumn(16)
  kind: string;

  @IdColumn({ nullable: true })
  paymentId: string | null;

  @InstantColumn()
  receivedAt: Date;
}
