import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, HttpCode, Module, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../src/platform/auth/decorators.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { RawBody, TakesRawBody } from '../../src/platform/http/raw-body.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import { PaymentProvider, type PaymentIntent, type PaymentNotice, type PaymentOrder } from '../../src/platform/payments/payment-provider.js';
import { PaymentsModule } from '../../src/platform/payments/payments.module.js';
import { signatureHeader } from '../../src/platform/payments/sandbox/webhook-signature.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { StripeServer } from '../support/stripe-server.js';

/** Of this spec's payments, in the order they came. */
const received: { notice: PaymentNotice; body: string; headers: IncomingHttpHeaders }[] = [];

/** Takes the webhooks as a feature does; its path comes before a path with a parameter. */
@Controller('webhooks/payments/sandbox')
class ReceivingController {
  constructor(private readonly payments: PaymentProvider) {}

  @Post()
  @HttpCode(204)
  @Public()
  @TakesRawBody()
  receive(@RawBody() body: Buffer, @Req() { raw: { headers } }: FastifyRequest): void {
    received.push({ notice: this.payments.read(body, headers)!, body: body.toString(), headers });
  }
}

@Module({ imports: [PaymentsModule], controllers: [ReceivingController] })
class ReceivingModule {}

/** Workers look often, so that a test does not wait for the next poll. */
class QuickTimings extends JobTimings {
  override readonly poll = 20;
}

const orderOf = (change: Partial<PaymentOrder> = {}): PaymentOrder => ({ paymentId: randomUUID(), amountMinor: 1_250, currency: 'EUR', description: 'Parking at the docks', ...change });
const noticesOf = ({ intentId }: PaymentIntent) => received.map(({ notice }) => notice).filter((notice) => notice.intentId === intentId);

let app: TestApp;
let payments: PaymentProvider;
beforeAll(async () => {
  app = await createTestApp({}, [ReceivingModule], (builder) => builder.overrideProvider(JobTimings).useValue(new QuickTimings()));
  payments = app.app.get(PaymentProvider, { strict: false });
});
afterAll(() => app.close());
afterEach(() => allDelivered());

const queued = () => app.app.get(Database).rows<{ body: string; seconds: number }>('SELECT body, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), run_at) AS seconds FROM sandbox_webhook ORDER BY run_at');
const allDelivered = () => eventually(async () => expect(await queued()).toEqual([]), 20_000);
const pathOf = ({ clientSecret }: PaymentIntent) => `/api/sandbox/payments/${clientSecret}`;
const press = (intent: PaymentIntent, outcome: string, more: Record<string, unknown> = {}) => app.http.post(pathOf(intent)).type('form').send({ outcome, ...more });
const opened = (change: Partial<PaymentOrder> = {}) => payments.open(orderOf(change));
const payAt = async (intent: PaymentIntent) => {
  await press(intent, 'pay', { copies: 1 }).expect(200);
  await allDelivered();
};

describe('a payment at the sandbox', () => {
  it('is one, with one secret and one page, however often it is opened', async () => {
    const order = orderOf();
    const all = await Promise.all(Array.from({ length: 20 }, () => payments.open(order)));
    const [intent] = all;
    expect(all.every((one) => JSON.stringify(one) === JSON.stringify(intent))).toBe(true);
    expect(intent!.clientSecret).toMatch(/^[\w-]{64}$/);
    expect(new URL(intent!.url!).pathname).toBe(pathOf(intent!));
    const rows = await app.app.get(Database).rows('SELECT * FROM sandbox_payment WHERE payment_id = ?', [order.paymentId]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(intent!.clientSecret);
    expect((await opened()).clientSecret).not.toBe(intent!.clientSecret);
  });

  it('is not opened again with another amount', async () => {
    const order = orderOf();
    await payments.open(order);
    await expect(payments.open({ ...order, amountMinor: 1 })).rejects.toThrow('another amount');
    await expect(payments.open({ ...order, currency: 'USD' })).rejects.toThrow('another amount');
  });
});

describe('the page of the sandbox', () => {
  it('shows what is to be paid, and nothing in it can run', async () => {
    const intent = await opened({ description: '<img src=x onerror=alert(1)>"&' });
    const { text, headers } = await app.http.get(pathOf(intent)).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    });
    expect(text).toContain('<h1>€12.50</h1><p>&lt;img src=x onerror=alert(1)&gt;&quot;&amp;</p>');
    expect(text).toContain('Not paid yet');
  });

  it('is that of a secret and of nothing else', async () => {
    const intent = await opened();
    const { clientSecret } = intent;
    for (const secret of [intent.intentId, clientSecret.slice(0, -1), `${clientSecret}A`, `${clientSecret.slice(0, -1)}${clientSecret.endsWith('A') ? 'B' : 'A'}`, '%00', 'A'.repeat(64)]) {
      expect((await app.http.get(`/api/sandbox/payments/${secret}`).expect(404)).body.code).toBe('not-found');
      await app.http.post(`/api/sandbox/payments/${secret}`).send({ outcome: 'pay' }).expect(404);
    }
  });

  it('takes a decline and then the payment, and says so by webhooks that come twice', async () => {
    const order = orderOf();
    const intent = await payments.open(order);
    const declined = await press(intent, 'decline', { copies: '', delaySeconds: '' }).expect(200);
    expect(declined.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(declined.text).toContain('Declined. You may try again');
    expect((await press(intent, 'pay').expect(200)).text).toContain('<strong>Paid</strong>');
    await allDelivered();

    const notices = noticesOf(intent);
    const common = { eventId: expect.any(String), paymentId: order.paymentId, intentId: intent.intentId };
    const [failed, succeeded] = [notices.filter(({ kind }) => kind === 'failed'), notices.filter(({ kind }) => kind === 'succeeded')];
    expect(failed).toEqual([failed[0], failed[0]]);
    expect(failed[0]).toEqual({ ...common, kind: 'failed' });
    expect(succeeded).toEqual([succeeded[0], succeeded[0]]);
    expect(succeeded[0]).toEqual({ ...common, kind: 'succeeded', amountMinor: 1_250, currency: 'EUR' });
    expect(succeeded[0]!.eventId).not.toBe(failed[0]!.eventId);
    expect(notices).toHaveLength(4);
  });

  it('says nothing more of what is paid, however often somebody presses', async () => {
    const intent = await opened();
    const pages = await Promise.all(Array.from({ length: 20 }, () => press(intent, 'pay', { copies: 3 }).expect(200)));
    expect(pages.every(({ text }) => text.includes('<strong>Paid</strong>') && !text.includes('<button'))).toBe(true);
    expect((await press(intent, 'decline').expect(200)).text).toContain('<strong>Paid</strong>');
    await allDelivered();
    expect(noticesOf(intent)).toHaveLength(3);
    expect(new Set(noticesOf(intent).map(({ eventId, kind }) => `${kind} ${eventId}`)).size).toBe(1);
  });

  it('answers JSON with JSON', async () => {
    const intent = await opened();
    for (const [outcome, status] of [['decline', 'declined'], ['pay', 'paid'], ['pay', 'paid']]) {
      expect((await app.http.post(pathOf(intent)).send({ outcome, copies: 1 }).expect(200)).body).toEqual({ status });
    }
  });

  it('takes no payment that was cancelled, and one that is paid cannot be', async () => {
    const [cancelled, paid] = [await opened(), await opened()];
    await payments.cancel(cancelled.intentId);
    await payments.cancel('nobody');
    for (const outcome of ['pay', 'decline']) expect((await press(cancelled, outcome).expect(409)).body.code).toBe('payments.closed');
    expect((await app.http.get(pathOf(cancelled)).expect(200)).text).toContain('Cancelled');
    await payAt(paid);
    await payments.cancel(paid.intentId);
    expect((await app.http.get(pathOf(paid)).expect(200)).text).toContain('<strong>Paid</strong>');
    expect(noticesOf(cancelled)).toEqual([]);
  });

  it.each<[object | string, string]>([
    [{}, 'outcome'], [{ outcome: 'steal' }, 'outcome'], [{ outcome: '' }, 'outcome'], [{ outcome: 'pay', copies: 0 }, 'copies'], [{ outcome: 'pay', copies: 6 }, 'copies'], [{ outcome: 'pay', copies: '1.5' }, 'copies'],
    [{ outcome: 'pay', delaySeconds: 3_601 }, 'delaySeconds'], [{ outcome: 'pay', delaySeconds: -1 }, 'delaySeconds'], [{ outcome: 'pay', amountMinor: 1 }, 'amountMinor'], ['outcome=pay&outcome=decline', ''],
  ])('refuses %j', async (body, path) => {
    const intent = await opened();
    const refused = await app.http.post(pathOf(intent)).type('form').send(body).expect(400);
    expect(refused.body.code).toBe('request.invalid');
    expect(new Set(refused.body.errors.map((fault: { path: string }) => fault.path))).toEqual(new Set([path]));
    expect((await app.http.get(pathOf(intent)).expect(200)).text).toContain('Not paid yet');
  });

  it('takes a form nowhere else', async () => {
    await app.http.post('/api/sessions').type('form').send({ email: 'a@example.org', password: 'x' }).expect(415);
  });

  it('is counted as writing, also to look at', async () => {
    expect((await app.http.get(pathOf(await opened())).expect(200)).headers['ratelimit-policy']).toContain('"write"');
  });

  it('sends late and often when it is told to', async () => {
    const intent = await opened();
    await press(intent, 'pay', { copies: 5, delaySeconds: 3_600 }).expect(200);
    const rows = (await queued()).filter(({ body }) => body.includes(intent.intentId));
    const early = noticesOf(intent);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE sandbox_webhook SET run_at = UTC_TIMESTAMP(3)'));
    await allDelivered();
    expect(rows).toHaveLength(5);
    expect(new Set(rows.map(({ body }) => body)).size).toBe(1);
    for (const [copy, { seconds }] of rows.entries()) {
      expect(seconds).toBeLessThanOrEqual(3_600 + copy);
      // Some of it has gone by until it was looked at.
      expect(seconds).toBeGreaterThan(3_540 + copy);
    }
    expect(early).toEqual([]);
    expect(noticesOf(intent)).toHaveLength(5);
  });
});

describe('a webhook of the sandbox', () => {
  const send = (body: string, signature?: string) => app.http.post('/api/webhooks/payments/sandbox').type('text/plain').set(signature === undefined ? {} : { 'Payment-Signature': signature }).send(body);
  const signed = (body: string, secondsAgo = 0) => signatureHeader(body, Math.floor(Date.now() / 1000) - secondsAgo, app.app.get(SecretKeys).current('payments'));

  it('comes over HTTP, signed over its very bytes', async () => {
    const intent = await opened();
    await payAt(intent);
    const { body, headers } = received.find(({ notice }) => notice.intentId === intent.intentId)!;
    expect(headers['payment-signature']).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/);
    expect(headers['content-type']).toBe('application/json');
    await send(body, headers['payment-signature'] as string).expect(204);
  });

  it.each<[string, () => string | undefined]>([
    ['nobody signed', () => undefined],
    ['somebody signed by heart', () => `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`],
    ['was altered since', () => signed('{}')],
    ['was signed 301 s ago', () => signed('{"a":1}', 301)],
    ['was signed 310 s ahead', () => signed('{"a":1}', -310)],
  ])('that %s is refused', async (_, sign) => {
    expect((await send('{"a":1}', sign()).expect(400)).body.code).toBe('payments.signature-invalid');
  });

  it('of 290 s ago is taken', async () => {
    await send('{"a":1}', signed('{"a":1}', 290)).expect(204);
  });

  it('is not larger than 1 MiB', async () => {
    expect((await send('x'.repeat(1024 * 1024)).expect(400)).body.code).toBe('payments.signature-invalid');
    expect((await send('x'.repeat(1024 * 1024 + 1)).expect(413)).body.code).toBe('request.too-large');
  });
});

describe('a refund at the sandbox', () => {
  const paid = async () => {
    const order = orderOf();
    const intent = await payments.open(order);
    await payAt(intent);
    return { intent, order: { refundId: randomUUID(), paymentId: order.paymentId, intentId: intent.intentId, amountMinor: order.amountMinor, currency: order.currency } };
  };
  const refundsOf = (intent: PaymentIntent) => noticesOf(intent).filter(({ kind }) => kind === 'refunded');
  const refundedMinor = async (intentId: string) => (await app.app.get(Database).rows<{ sum: number }>('SELECT refunded_minor AS sum FROM sandbox_payment WHERE intent_id = ?', [intentId]))[0]!.sum;

  it.each([['whole', 1_250], ['in part', 400]])('of a payment, %s, is one however often it is ordered, and is told', async (_, amountMinor) => {
    const { intent, order } = await paid();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => payments.refund({ ...order, amountMinor })));
    expect(new Set(outcomes)).toEqual(new Set(['succeeded']));
    expect(await refundedMinor(intent.intentId)).toBe(amountMinor);
    await allDelivered();
    expect(refundsOf(intent)).toEqual([{ eventId: expect.any(String), kind: 'refunded', paymentId: order.paymentId, intentId: intent.intentId, refundId: order.refundId }]);
  });

  it('is never more than was paid, also by many at once', async () => {
    const { intent, order } = await paid();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => payments.refund({ ...order, refundId: randomUUID(), amountMinor: 400 })));
    expect(outcomes.filter((outcome) => outcome === 'succeeded')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(17);
    expect(await refundedMinor(intent.intentId)).toBe(1_200);
    await allDelivered();
    expect(refundsOf(intent)).toHaveLength(3);
  });

  it('of nothing fails: not paid, not known, or not in this currency', async () => {
    const { order } = await paid();
    const { intentId } = await opened();
    for (const change of [{ intentId }, { intentId: 'nobody' }, { currency: 'USD' }, { amountMinor: 1_251 }]) expect(await payments.refund({ ...order, ...change })).toBe('failed');
    expect(await payments.refund(order)).toBe('succeeded');
  });
});

describe('where Stripe takes the payments', () => {
  it('there is no sandbox', async () => {
    const intent = await opened();
    const server = await StripeServer.start();
    const other = await createTestApp({ ...server.environment, APP_SECRET: app.secret });
    try {
      await other.http.get(pathOf(intent)).expect(404);
      expect((await other.http.post(pathOf(intent)).send({ outcome: 'pay' }).expect(404)).body.code).toBe('not-found');
      const provider = other.app.get(PaymentProvider, { strict: false });
      expect(provider.name).toBe('stripe');
      expect(await provider.open(orderOf())).toMatchObject({ intentId: 'pi_1', url: null });
      await server.stop();
      await expect(provider.open(orderOf())).rejects.toMatchObject({ code: 'payments.unavailable' });
    } finally {
      await other.close();
      await server.stop().catch(() => undefined);
    }
  });
});
