import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/transactions.js';
import type { PaymentOrder, RefundOrder } from '../payment-provider.js';
import type { Outcome, SandboxPaymentRecord } from './sandbox.types.js';

const COLUMNS = 'intent_id AS intentId, payment_id AS paymentId, amount_minor AS amountMinor, currency, description, status';
const STATUS_AFTER = { pay: 'paid', decline: 'declined' } as const;

/** Payments at the sandbox and what was given back of them. */
@Injectable()
export class SandboxPaymentRepository {
  /** Nothing happens to a payment that is there already. */
  async insertOnce(tx: Tx, intentId: string, { paymentId, amountMinor, currency, description }: PaymentOrder): Promise<void> {
    await tx.write(
      `INSERT INTO sandbox_payment (intent_id, payment_id, amount_minor, currency, description, status, refunded_minor, created_at)
       VALUES (?, ?, ?, ?, ?, 'open', 0, UTC_TIMESTAMP(3))
       ON DUPLICATE KEY UPDATE payment_id = payment_id`,
      [intentId, paymentId, amountMinor, currency, description],
    );
  }

  async find(reader: Reader, paymentId: string): Promise<SandboxPaymentRecord | undefined> {
    const [payment] = await reader.rows<SandboxPaymentRecord>(`SELECT ${COLUMNS} FROM sandbox_payment WHERE payment_id = ?`, [paymentId]);
    return payment;
  }

  /** False when it is paid, cancelled or not there. */
  async settle(tx: Tx, paymentId: string, outcome: Outcome): Promise<boolean> {
    return (await tx.write(`UPDATE sandbox_payment SET status = ? WHERE payment_id = ? AND status IN ('open', 'declined')`, [STATUS_AFTER[outcome], paymentId])) === 1;
  }

  async cancel(tx: Tx, intentId: string): Promise<void> {
    await tx.write(`UPDATE sandbox_payment SET status = 'cancelled' WHERE intent_id = ? AND status IN ('open', 'declined')`, [intentId]);
  }

  /** False when so much was not paid, or not paid in this currency, or is given back already. */
  async takeBack(tx: Tx, { intentId, amountMinor, currency }: RefundOrder): Promise<boolean> {
    const taken = await tx.write(
      `UPDATE sandbox_payment SET refunded_minor = refunded_minor + ?
       WHERE intent_id = ? AND status = 'paid' AND currency = ? AND refunded_minor + ? <= amount_minor`,
      [amountMinor, intentId, currency, amountMinor],
    );
    return taken === 1;
  }

  /** Fails with a duplicate of the primary key when the refund was made before. */
  async insertRefund(tx: Tx, { refundId, intentId, amountMinor }: RefundOrder): Promise<void> {
    await tx.write('INSERT INTO sandbox_refund (refund_id, intent_id, amount_minor, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))', [refundId, intentId, amountMinor]);
  }

  async isRefunded(reader: Reader, refundId: string): Promise<boolean> {
    return (await reader.rows('SELECT 1 FROM sandbox_refund WHERE refund_id = ?', [refundId])).length === 1;
  }
}
