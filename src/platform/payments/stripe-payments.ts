import type { IncomingHttpHeaders } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Stripe } from 'stripe';
import type { Config } from '../config/config.js';
import { PaymentProvider, type PaymentIntent, type PaymentNotice, type PaymentOrder, type RefundOrder, type RefundOutcome } from './payment-provider.js';
import { paymentRefused, paymentsUnavailable, signatureInvalid } from './payments.errors.js';
import { toStripeAmount } from './stripe-amounts.js';
import { noticeOf, outcomeOf } from './stripe-notice.js';

/** With one retry a call is over before the handler that waits for it is answered for (15 s). */
const CLIENT = { timeout: 4_000, maxNetworkRetries: 1, telemetry: false } as const;
const SIGNATURE_SECONDS = 300;
const RETRY_AFTER_SECONDS = 5;

/** Stripe, by its own client. */
export class StripePayments extends PaymentProvider {
  readonly name = 'stripe';
  private readonly logger = new Logger('payments');

  private constructor(
    private readonly client: Stripe,
    private readonly webhookSecret: string,
  ) {
    super();
  }

  /** The client is loaded only where it is used. Nothing is sent yet. */
  static async connect({ STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_URL }: Config): Promise<StripePayments> {
    const { Stripe: Client } = await import('stripe');
    return new StripePayments(new Client(STRIPE_SECRET_KEY!, { ...CLIENT, ...serverOf(STRIPE_API_URL) }), STRIPE_WEBHOOK_SECRET!);
  }

  async open({ paymentId, amountMinor, currency, description }: PaymentOrder): Promise<PaymentIntent> {
    const intent = await this.asked(
      this.client.paymentIntents.create(
        { amount: toStripeAmount(amountMinor, currency), currency: currency.toLowerCase(), description, automatic_payment_methods: { enabled: true }, metadata: { paymentId } },
        { idempotencyKey: paymentId },
      ),
    );
    return { intentId: intent.id, clientSecret: intent.client_secret!, url: null };
  }

  async cancel(intentId: string): Promise<void> {
    await this.client.paymentIntents.cancel(intentId).catch((error: unknown) => this.logger.warn({ intentId, ...reasonOf(error) }, 'a payment was not cancelled at Stripe'));
  }

  async refund(order: RefundOrder): Promise<RefundOutcome> {
    try {
      return outcomeOf((await this.knownRefund(order)) ?? (await this.newRefund(order)));
    } catch (error) {
      const { type, code } = reasonOf(error);
      if (code === 'charge_already_refunded') return 'succeeded';
      if (type !== 'StripeInvalidRequestError') throw this.unavailable(error);
      this.logger.error({ refundId: order.refundId, ...reasonOf(error) }, 'Stripe refused a refund');
      return 'failed';
    }
  }

  read(body: Buffer, headers: IncomingHttpHeaders): PaymentNotice | undefined {
    return noticeOf(this.verified(body, headers['stripe-signature']));
  }

  private verified(body: Buffer, signature: string | string[] | undefined): Stripe.Event {
    try {
      return this.client.webhooks.constructEvent(body, signature ?? '', this.webhookSecret, SIGNATURE_SECONDS);
    } catch {
      throw signatureInvalid();
    }
  }

  /** Stripe forgets idempotency keys after a day, and a refund may be asked for again later than that. */
  private async knownRefund({ refundId, intentId }: RefundOrder): Promise<Stripe.Refund | undefined> {
    const { data } = await this.client.refunds.list({ payment_intent: intentId, limit: 100 });
    return data.find(({ metadata }) => metadata?.['refundId'] === refundId);
  }

  private newRefund({ refundId, paymentId, intentId, amountMinor, currency }: RefundOrder): Promise<Stripe.Refund> {
    return this.client.refunds.create(
      { payment_intent: intentId, amount: toStripeAmount(amountMinor, currency), metadata: { refundId, paymentId } },
      { idempotencyKey: refundId },
    );
  }

  private async asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (reasonOf(error).type !== 'StripeInvalidRequestError') throw this.unavailable(error);
      this.logger.error(reasonOf(error), 'Stripe refused a payment');
      throw paymentRefused();
    }
  }

  private unavailable(error: unknown): Error {
    this.logger.error(reasonOf(error), 'Stripe did not take a request');
    return paymentsUnavailable({ retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}

/** What of an error may be logged: its words may quote keys and secrets. */
function reasonOf(error: unknown) {
  const { type, code, statusCode, requestId } = error as Partial<Stripe.errors.StripeError>;
  return { type, code, statusCode, requestId };
}

/** As the client wants to be told of another server; Stripe's own by default. */
function serverOf(url: string | undefined) {
  if (url === undefined) return {};
  const { protocol, hostname, port } = new URL(url);
  return { protocol: protocol === 'http:' ? 'http' : 'https', host: hostname, port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) } as const;
}
