import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { changedMeanwhile, isDuplicate } from '../../../platform/database/sql-errors.js';
import { jsonOf } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { PaymentIntent } from '../../../platform/payments/payment-provider.js';
import type { KeptPrice } from '../parking.types.js';
import type { Payment } from './payment.types.js';

interface Row extends Omit<Payment, 'price'> {
  quote: string | KeptPrice;
}

const SELECT = `
  SELECT id, reservation_id AS reservationId, kind, method, provider, status, amount_minor AS amountMinor, currency, credits, entry_seq AS entrySeq, intent_id AS intentId,
         client_secret AS clientSecret, url, ends_at AS endsAt, quote, refunded_minor AS refundedMinor, refunded_credits AS refundedCredits
  FROM payment`;

type NewPayment = Omit<Payment, 'status' | 'intentId' | 'clientSecret' | 'url' | 'refundedMinor' | 'refundedCredits'>;

/** The only SQL on the tables `payment` and `payment_event`. */
@Injectable()
export class PaymentRepository {
  constructor(private readonly database: Database) {}

  async find(reader: Reader, id: string): Promise<Payment | undefined> {
    return (await this.list(reader, 'WHERE id = ?', [id]))[0];
  }

  /** The payment of a reservation that can be paid now. */
  async findOpen(reader: Reader, reservationId: string): Promise<Payment | undefined> {
    return (await this.list(reader, 'WHERE reservation_id = ? AND is_open = 1', [reservationId]))[0];
  }

  /** What was paid for a reservation, the latest first. */
  async listPaid(reservationId: string, reader: Reader = this.database): Promise<Payment[]> {
    return this.list(reader, "WHERE reservation_id = ? AND status = 'succeeded' ORDER BY paid_at DESC, id DESC", [reservationId]);
  }

  /** One that waits to be paid. Where another request makes one at this moment, the transaction is done again. */
  async insertOpen(tx: Tx, payment: NewPayment): Promise<void> {
    try {
      await this.insert(tx, payment, 'opening');
    } catch (error) {
      throw isDuplicate(error, 'uq_payment_open') ? changedMeanwhile('another payment was opened') : error;
    }
  }

  /** One that is paid at once. */
  async insertPaid(tx: Tx, payment: NewPayment): Promise<void> {
    await this.insert(tx, payment, 'succeeded');
  }

  /** What the provider answered; the first answer stays. */
  async updateIntent(tx: Tx, id: string, { intentId, clientSecret, url }: PaymentIntent): Promise<void> {
    await tx.write("UPDATE payment SET status = IF(status = 'opening', 'pending', status), intent_id = ?, client_secret = ?, url = ? WHERE id = ? AND intent_id IS NULL", [intentId, clientSecret, url, id]);
  }

  /**
   * Marks it as paid, once, whatever it was: money that has come has come.
   *
   * @param received what came, which is what is kept
   * @returns false when it was paid before
   */
  async updatePaid(tx: Tx, id: string, received: { amountMinor: number; currency: string; intentId: string }): Promise<boolean> {
    const { amountMinor, currency, intentId } = received;
    return (
      (await tx.write(
        "UPDATE payment SET status = 'succeeded', is_open = NULL, paid_at = UTC_TIMESTAMP(3), amount_minor = ?, currency = ?, intent_id = ? WHERE id = ? AND status <> 'succeeded'",
        [amountMinor, currency, intentId, id],
      )) === 1
    );
  }

  /** An attempt to pay it failed. It can be tried again, so what came before or after that decides. */
  async updateFailed(tx: Tx, id: string): Promise<void> {
    await tx.write("UPDATE payment SET status = 'failed' WHERE id = ? AND status IN ('opening', 'pending')", [id]);
  }

  /** Nobody shall pay it any more. */
  async updateCancelled(tx: Tx, id: string): Promise<void> {
    await tx.write("UPDATE payment SET status = 'cancelled', is_open = NULL WHERE id = ? AND is_open = 1", [id]);
  }

  async addRefunded(tx: Tx, id: string, { amountMinor, credits }: { amountMinor: number; credits: number }): Promise<void> {
    const added = await tx.write(
      'UPDATE payment SET refunded_minor = refunded_minor + ?, refunded_credits = refunded_credits + ? WHERE id = ? AND refunded_minor + ? <= amount_minor AND refunded_credits + ? <= credits',
      [amountMinor, credits, id, amountMinor, credits],
    );
    if (added === 0) throw new Error(`payment ${id}: more would be given back than was paid`);
  }

  /** Writes down what a provider said. @returns false when it has said so before */
  async insertEvent(tx: Tx, provider: string, { eventId, kind, paymentId }: { eventId: string; kind: string; paymentId: string | null }): Promise<boolean> {
    try {
      await tx.write('INSERT INTO payment_event (provider, event_id, kind, payment_id, received_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3))', [provider, eventId, kind, paymentId]);
      return true;
    } catch (error) {
      if (isDuplicate(error, 'PRIMARY')) return false;
      throw error;
    }
  }

  private async insert(tx: Tx, payment: NewPayment, status: 'opening' | 'succeeded'): Promise<void> {
    const { id, reservationId, kind, method, provider, amountMinor, currency, credits, entrySeq, endsAt, price } = payment;
    await tx.write(
      `INSERT INTO payment (id, reservation_id, kind, method, provider, status, is_open, amount_minor, currency, credits, entry_seq, ends_at, quote, refunded_minor, refunded_credits, created_at, paid_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, UTC_TIMESTAMP(3), ${status === 'succeeded' ? 'UTC_TIMESTAMP(3)' : 'NULL'})`,
      [id, reservationId, kind, method, provider, status, status === 'opening' ? 1 : null, amountMinor, currency, credits, entrySeq, endsAt, JSON.stringify(price)],
    );
  }

  private async list(reader: Reader, condition: string, values: readonly unknown[]): Promise<Payment[]> {
    const rows = await reader.rows<Row>(`${SELECT} ${condition}`, values);
    return rows.map(({ quote, ...row }) => ({ ...row, price: jsonOf(quote) }));
  }
}
