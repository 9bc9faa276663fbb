import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { StripeServer } from '../../../test/support/stripe-server.js';
import type { Config } from '../config/config.js';
import type { PaymentOrder, RefundOrder } from './payment-provider.js';
import { paymentsUnavailable, signatureInvalid } from './payments.errors.js';
import { StripePayments } from './stripe-payments.js';

Logger.overrideLogger(false);

const orderOf = (change: Partial<PaymentOrder> = {}): PaymentOrder => ({ paymentId: randomUUID(), amountMinor: 1_250, currency: 'EUR', description: 'Parking at the docks', ...change });
const unavailable = expect.objectContaining({ code: paymentsUnavailable.code, details: { retryAfterSeconds: 5 } });

let stripe: StripeServer;
let payments: StripePayments;
beforeEach(async () => {
  stripe = await StripeServer.start();
  payments = await StripePayments.connect(stripe.environment as unknown as Config);
});
afterEach(() => stripe.stop());

/** Somebody has paid this. */
async function paid(change: Partial<PaymentOrder> = {}): Promise<RefundOrder> {
  const order = orderOf(change);
  const { intentId } = await payments.open(order);
  stripe.pay(intentId);
  return { refundId: randomUUID(), paymentId: order.paymentId, intentId, amountMinor: order.amountMinor, currency: order.currency };
}

describe('a payment at Stripe', () => {
  it('is opened with our id as the key and in its metadata', async () => {
    const order = orderOf();
    expect(await payments.open(order)).toEqual({ intentId: 'pi_1', clientSecret: 'pi_1_secret_x', url: null });
    expect(stripe.asked).toMatchObject([
      {
        call: 'POST /v1/payment_intents',
        headers: { 'idempotency-key': order.paymentId, authorization: `Bearer ${stripe.environment.STRIPE_SECRET_KEY}` },
        parameters: { amount: '1250', currency: 'eur', description: 'Parking at the docks', 'automatic_payment_methods[enabled]': 'true', 'metadata[paymentId]': order.paymentId },
      },
    ]);
    expect(stripe.asked[0]!.headers).not.toHaveProperty('x-stripe-client-telemetry');
  });

  it('is one, however often it is opened', async () => {
    const order = orderOf();
    const opened = await Promise.all(Array.from({ length: 20 }, () => payments.open(order)));
    expect(new Set(opened.map(({ intentId }) => intentId))).toEqual(new Set(['pi_1']));
    expect(stripe.intents.size).toBe(1);
  });

  it('is counted as Stripe counts', async () => {
    await payments.open(orderOf({ amountMinor: 500, currency: 'ISK' }));
    expect(stripe.asked[0]!.parameters).toMatchObject({ amount: '50000', currency: 'isk' });
  });

  it('is asked for again when the connection breaks, with the same key', async () => {
    stripe.instead = (response) => {
      stripe.instead = undefined;
      response.destroy();
    };
    const order = orderOf();
    expect(await payments.open(order)).toMatchObject({ intentId: 'pi_1' });
    expect(stripe.asked.map(({ headers }) => headers['idempotency-key'])).toEqual([order.paymentId, order.paymentId]);
  });

  it.each([[500, 'api_error'], [401, 'invalid_request_error'], [403, 'invalid_request_error'], [429, 'invalid_request_error'], [402, 'card_error'], [400, 'idempotency_error']])('that Stripe answers with %d (%s) is unavailable', async (status, type) => {
    stripe.instead = (response) => void response.writeHead(status, { 'Content-Type': 'application/json', 'Stripe-Should-Retry': 'false' }).end(JSON.stringify({ error: { type, message: 'no' } }));
    await expect(payments.open(orderOf())).rejects.toEqual(unavailable);
  });

  it('that Stripe never takes is refused', async () => {
    const error = { type: 'invalid_request_error', code: 'amount_too_small', message: 'no' };
    stripe.instead = (response) => void response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }));
    await expect(payments.open(orderOf())).rejects.toMatchObject({ code: 'payments.refused', kind: 'unprocessable' });
  });

  it('is unavailable when Stripe answers nonsense, or is not there', async () => {
    stripe.instead = (response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
    await expect(payments.open(orderOf())).rejects.toEqual(unavailable);
    await stripe.stop();
    await expect(payments.open(orderOf())).rejects.toEqual(unavailable);
  });

  it('is cancelled; one that is paid, unknown or out of reach is left', async () => {
    const { intentId } = await payments.open(orderOf());
    await payments.cancel(intentId);
    expect(stripe.intents.get(intentId)!.status).toBe('canceled');
    const settled = await paid();
    await payments.cancel(settled.intentId);
    expect(stripe.intents.get(settled.intentId)!.status).toBe('succeeded');
    await payments.cancel('pi_unknown');
    await stripe.stop();
    await payments.cancel(intentId);
  });
});

describe('a refund at Stripe', () => {
  it('is made with our id as the key and in its metadata', async () => {
    const order = await paid();
    expect(await payments.refund({ ...order, amountMinor: 250 })).toBe('succeeded');
    expect(stripe.called('POST /v1/refunds')).toMatchObject([
      { headers: { 'idempotency-key': order.refundId }, parameters: { payment_intent: order.intentId, amount: '250', 'metadata[refundId]': order.refundId, 'metadata[paymentId]': order.paymentId } },
    ]);
  });

  it('is one, however often it is ordered, all at once and one day later', async () => {
    const order = { ...(await paid()), amountMinor: 250 };
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => payments.refund(order))))).toEqual(new Set(['succeeded']));
    stripe.forgetKeys();
    expect(await payments.refund(order)).toBe('succeeded');
    expect(stripe.refunds).toHaveLength(1);
    expect(await payments.refund({ ...order, refundId: randomUUID() })).toBe('succeeded');
    expect(stripe.refunds).toHaveLength(2);
  });

  it.each([['succeeded', 'succeeded'], ['pending', 'pending'], ['requires_action', 'pending'], ['failed', 'failed'], ['canceled', 'failed']])('that is %s there is %s here', async (status, outcome) => {
    stripe.refundStatus = status;
    expect(await payments.refund(await paid())).toBe(outcome);
  });

  it('of what was given back already has succeeded; of more than there is, or of nothing, it fails for good', async () => {
    const order = await paid();
    expect(await payments.refund({ ...order, refundId: randomUUID(), amountMinor: 1_251 })).toBe('failed');
    await payments.refund(order);
    expect(await payments.refund({ ...order, refundId: randomUUID() })).toBe('succeeded');
    expect(await payments.refund({ ...order, refundId: randomUUID(), intentId: 'pi_unknown' })).toBe('failed');
  });

  it('is unavailable when Stripe is', async () => {
    const order = await paid();
    stripe.instead = (response) => void response.writeHead(503, { 'Stripe-Should-Retry': 'false' }).end('{}');
    await expect(payments.refund(order)).rejects.toEqual(unavailable);
    expect(stripe.refunds).toEqual([]);
  });
});

describe('a webhook of Stripe', () => {
  const [PAYMENT, REFUNDED] = ['019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11', '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f12'];
  const INTENT = { id: 'pi_7', object: 'payment_intent', amount: 9_900, amount_received: 1_250, currency: 'eur', metadata: { paymentId: PAYMENT } };
  const REFUND = { id: 're_7', object: 'refund', payment_intent: 'pi_7', status: 'succeeded', metadata: { paymentId: PAYMENT, refundId: REFUNDED } };
  const read = ({ body, headers }: { body: string; headers: Record<string, string> }) => payments.read(Buffer.from(body), headers);
  const noticeOf = (type: string, object: object) => read(stripe.webhook(type, object, { id: 'evt_1' }));
  const common = { eventId: 'evt_1', paymentId: PAYMENT, intentId: 'pi_7' };

  it.each<[string, object, object | undefined]>([
    ['payment_intent.succeeded', INTENT, { ...common, kind: 'succeeded', amountMinor: 1_250, currency: 'EUR' }],
    ['payment_intent.succeeded', { ...INTENT, currency: 'isk', amount_received: 50_000 }, { ...common, kind: 'succeeded', amountMinor: 500, currency: 'ISK' }],
    ['payment_intent.succeeded', { ...INTENT, metadata: {} }, { ...common, paymentId: null, kind: 'succeeded', amountMinor: 1_250, currency: 'EUR' }],
    ['payment_intent.payment_failed', INTENT, { ...common, kind: 'failed' }],
    ['refund.updated', REFUND, { ...common, kind: 'refunded', refundId: REFUNDED }],
    ['charge.refund.updated', { ...REFUND, payment_intent: { id: 'pi_7' } }, { ...common, kind: 'refunded', refundId: REFUNDED }],
    ['refund.failed', { ...REFUND, status: 'failed' }, { ...common, kind: 'refund-failed', refundId: REFUNDED }],
    ['refund.updated', { ...REFUND, status: 'canceled' }, { ...common, kind: 'refund-failed', refundId: REFUNDED }],
    ['refund.updated', { ...REFUND, metadata: null }, { ...common, paymentId: null, kind: 'refunded', refundId: null }],
    ['refund.updated', { ...REFUND, status: 'pending' }, undefined],
    ['refund.updated', { ...REFUND, payment_intent: null }, undefined],
    ['payment_intent.created', INTENT, undefined],
    ['customer.created', {}, undefined],
  ])('%s of %j means %j', (type, object, notice) => expect(noticeOf(type, object)).toEqual(notice));

  it.each<[string, (given: ReturnType<StripeServer['webhook']>) => { body: string; headers: Record<string, string> }]>([
    ['that was altered', ({ body, headers }) => ({ body: body.replace('1250', '1251'), headers })],
    ['without a signature', ({ body }) => ({ body, headers: {} })],
    ['with a signature of nothing', ({ body }) => ({ body, headers: { 'stripe-signature': 't=,v1=' } })],
    ['of another secret', () => stripe.webhook('payment_intent.succeeded', INTENT, { secret: 'whsec_other' })],
    ['of 301 s ago', () => stripe.webhook('payment_intent.succeeded', INTENT, { timestamp: Math.floor(Date.now() / 1000) - 301 })],
    ['of nothing', ({ headers }) => ({ body: '', headers })],
  ])('%s is refused', (_, change) => {
    const given = change(stripe.webhook('payment_intent.succeeded', INTENT));
    expect(() => read(given)).toThrow(expect.objectContaining({ code: signatureInvalid.code }));
  });

  it('of 290 s ago is taken', () => {
    expect(read(stripe.webhook('payment_intent.payment_failed', INTENT, { timestamp: Math.floor(Date.now() / 1000) - 290 }))).toMatchObject({ kind: 'failed' });
  });
});
