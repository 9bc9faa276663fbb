import { randomUUID } from 'node:crypto';
import type { Test } from 'supertest';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import type { PaymentNotice } from '../../src/platform/payments/payment-provider.js';
import { signatureHeader } from '../../src/platform/payments/sandbox/webhook-signature.js';
import type { GivenMember } from './app.js';
import { actsOf } from './parking-acts.js';
import type { Parking } from './parking.js';

/** A payment by card as its member is told of it. */
export interface GivenPayment {
  readonly paymentId: string;
  readonly status: string;
  readonly clientSecret: string;
  readonly url: string;
}

/** What was given back of a reservation, and how that stands. */
export interface GivenRefund {
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly credits: number;
  readonly reason: string;
  readonly status: string;
}

/** A notice as the sandbox writes it; what is left out is new, or that all of 400 cents were paid. */
export type NoticeOrder = { paymentId: string } & Partial<Omit<Extract<PaymentNotice, { kind: 'succeeded' }>, 'kind'>> & { kind?: PaymentNotice['kind']; refundId?: string | null };

/** Payments by card: what the sandbox and its page do, and what may go wrong on the way. */
export interface ParkingPayments {
  /** Begins to pay by card. */
  opened(member: GivenMember, reservationId: string): Promise<GivenPayment>;
  /** Pays on the page; nobody hears of it before {@link ParkingPayments.told}. */
  paidUnheard(payment: GivenPayment): Promise<void>;
  /** Lets come what the sandbox has kept back, and waits until it was heard. */
  told(): Promise<void>;
  notice(order: NoticeOrder): PaymentNotice;
  /** That it was paid, under the name that the sandbox has for it: so it can be given back there. */
  genuine(payment: GivenPayment, received?: { amountMinor?: number; currency?: string }): Promise<PaymentNotice>;
  /** Sends a notice that is signed, so many seconds ago. */
  say(notice: object, secondsAgo?: number): Test;
  sign(body: string, secondsAgo?: number): string;
  /** Sends some bytes with a signature. */
  send(body: string, signature: string | undefined, provider?: string): Test;
  refunds(reservationId: string): Promise<GivenRefund[]>;
  /** How the sandbox has it in its own books. */
  atSandbox(paymentId: string): Promise<{ status: string; refundedMinor: number }>;
}

export function paymentsOf(parking: Parking): ParkingPayments {
  const { app, http, database, transactions } = parking;
  const acts = actsOf(parking);
  const sign: ParkingPayments['sign'] = (body, secondsAgo = 0) => signatureHeader(body, Math.floor(Date.now() / 1000) - secondsAgo, app.app.get(SecretKeys).current('payments'));
  const send: ParkingPayments['send'] = (body, signature, provider = 'sandbox') =>
    http.post(`/api/webhooks/payments/${provider}`).type('json').set(signature === undefined ? {} : { 'Payment-Signature': signature }).send(body);
  const notice: ParkingPayments['notice'] = ({ paymentId, kind = 'succeeded', ...order }) =>
    ({ eventId: randomUUID(), intentId: `intent of ${paymentId}`, kind, paymentId, ...(kind === 'succeeded' && { amountMinor: 400, currency: 'EUR' }), ...order }) as PaymentNotice;
  return {
    sign, send, notice,
    opened: async (member, reservationId) => (await acts.pay(member, reservationId, 'card').expect(201)).body,
    async paidUnheard({ clientSecret }) {
      await http.post(`/api/sandbox/payments/${clientSecret}`).send({ outcome: 'pay', copies: 2, delaySeconds: 3_600 }).expect(200);
    },
    async told() {
      await transactions.run((tx) => tx.write('UPDATE sandbox_webhook SET run_at = UTC_TIMESTAMP(3) WHERE lease_token IS NULL'));
      await acts.heard();
    },
    async genuine({ paymentId }, received) {
      const [row] = await database.rows<{ intentId: string }>('SELECT intent_id AS intentId FROM sandbox_payment WHERE payment_id = ?', [paymentId]);
      return notice({ paymentId, intentId: row!.intentId, ...received });
    },
    say(said, secondsAgo) {
      const body = JSON.stringify(said);
      return send(body, sign(body, secondsAgo));
    },
    refunds: (reservationId) =>
      database.rows(
        `SELECT f.payment_id AS paymentId, f.amount_minor AS amountMinor, f.credits, f.reason, f.status FROM refund f JOIN payment p ON p.id = f.payment_id WHERE p.reservation_id = ? ORDER BY f.id`,
        [reservationId],
      ),
    async atSandbox(paymentId) {
      const [row] = await database.rows<{ status: string; refundedMinor: number }>('SELECT status, refunded_minor AS refundedMinor FROM sandbox_payment WHERE payment_id = ?', [paymentId]);
      return row!;
    },
  };
}
