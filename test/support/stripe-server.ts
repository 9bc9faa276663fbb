import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Stripe } from 'stripe';

/** A request as the server got it; parameters by the names of the form, such as `metadata[paymentId]`. */
export interface AskedOfStripe {
  readonly call: string;
  readonly headers: IncomingHttpHeaders;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Intent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly client_secret: string;
  readonly amount: number;
  amount_received: number;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  status: 'requires_payment_method' | 'succeeded' | 'canceled';
}

interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly payment_intent: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  status: string;
}

type Answered = readonly [status: number, body: object];

const SECRET_KEY = 'sk_test_of_the_tests';
const WEBHOOK_SECRET = 'whsec_of_the_tests';
const refused = (code: string | undefined, status = 400): Answered => [status, { error: { type: 'invalid_request_error', code, message: 'refused by a test' } }];

/** As much of Stripe's API as payments need, on loopback: idempotency keys, intents and refunds. Written from its documentation. */
export class StripeServer {
  readonly asked: AskedOfStripe[] = [];
  readonly intents = new Map<string, Intent>();
  readonly refunds: Refund[] = [];
  /** Given to new refunds. */
  refundStatus = 'succeeded';
  /** Answers in place of the server when it is set. */
  instead: ((response: ServerResponse, asked: AskedOfStripe) => void) | undefined;
  private readonly kept = new Map<string, { request: string; answered: Answered }>();
  private readonly server = http.createServer((request, response) => {
    void text(request).then((body) => this.answer(request, response, body));
  });

  static async start(): Promise<StripeServer> {
    const stripe = new StripeServer();
    stripe.server.listen(0, '127.0.0.1');
    await once(stripe.server, 'listening');
    return stripe;
  }

  /** For an application that takes payments here. */
  get environment() {
    return { PAYMENTS: 'stripe', STRIPE_SECRET_KEY: SECRET_KEY, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET, STRIPE_API_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}` } as const;
  }

  called(call: string): AskedOfStripe[] {
    return this.asked.filter((one) => one.call === call);
  }

  /** Somebody pays. */
  pay(intentId: string): Intent {
    const intent = this.intents.get(intentId)!;
    return Object.assign(intent, { status: 'succeeded', amount_received: intent.amount });
  }

  /** A day goes by. */
  forgetKeys(): void {
    this.kept.clear();
  }

  /** An event as Stripe sends it, signed by its own helper. */
  webhook(type: string, object: object, { id = `evt_${randomUUID()}`, timestamp = Math.floor(Date.now() / 1000), secret = WEBHOOK_SECRET } = {}): { body: string; headers: Record<'stripe-signature', string> } {
    const body = JSON.stringify({ id, object: 'event', type, data: { object } });
    return { body, headers: { 'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }) } };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer({ method, url, headers }: http.IncomingMessage, response: ServerResponse, body: string): void {
    const { pathname, searchParams } = new URL(url!, 'http://stripe');
    const asked: AskedOfStripe = { call: `${method} ${pathname}`, headers, parameters: Object.fromEntries(method === 'GET' ? searchParams : new URLSearchParams(body)) };
    this.asked.push(asked);
    if (this.instead !== undefined) return this.instead(response, asked);
    const [status, answer] = headers.authorization === `Bearer ${SECRET_KEY}` ? this.once(asked, body) : refused(undefined, 401);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  }

  /** The same key again gets the answer that was kept; with other parameters it is refused. */
  private once(asked: AskedOfStripe, body: string): Answered {
    const key = asked.headers['idempotency-key'];
    if (typeof key !== 'string') return this.act(asked);
    const request = `${asked.call} ${body}`;
    const known = this.kept.get(key);
    if (known !== undefined) return known.request === request ? known.answered : [400, { error: { type: 'idempotency_error', message: 'refused by a test' } }];
    const answered = structuredClone(this.act(asked)) as Answered;
    this.kept.set(key, { request, answered });
    return answered;
  }

  private act({ call, parameters }: AskedOfStripe): Answered {
    const cancelled = /^POST \/v1\/payment_intents\/(\w+)\/cancel$/.exec(call)?.[1];
    if (cancelled !== undefined) return this.cancel(cancelled);
    if (call === 'POST /v1/payment_intents') return this.open(parameters);
    if (call === 'POST /v1/refunds') return this.refund(parameters);
    if (call === 'GET /v1/refunds') {
      return [200, { object: 'list', has_more: false, url: '/v1/refunds', data: this.refunds.filter(({ payment_intent }) => payment_intent === parameters['payment_intent']) }];
    }
    return refused('resource_missing', 404);
  }

  private open(parameters: AskedOfStripe['parameters']): Answered {
    const { amount, currency } = parameters;
    if (!/^[1-9]\d*$/.test(amount ?? '') || !/^[a-z]{3}$/.test(currency ?? '')) return refused('parameter_invalid_integer');
    const id = `pi_${this.intents.size + 1}`;
    const intent: Intent = {
      id, object: 'payment_intent', client_secret: `${id}_secret_x`, amount: Number(amount), amount_received: 0, currency: currency!, metadata: metadataOf(parameters), status: 'requires_payment_method',
    };
    this.intents.set(id, intent);
    return [200, intent];
  }

  private cancel(id: string): Answered {
    const intent = this.intents.get(id);
    if (intent === undefined) return refused('resource_missing', 404);
    if (intent.status !== 'requires_payment_method') return refused('payment_intent_unexpected_state');
    return [200, Object.assign(intent, { status: 'canceled' })];
  }

  private refund(parameters: AskedOfStripe['parameters']): Answered {
    const intent = this.intents.get(parameters['payment_intent']!);
    if (intent === undefined) return refused('resource_missing', 404);
    const left = intent.amount_received - this.refunds.filter(({ payment_intent, status }) => payment_intent === intent.id && status !== 'failed').reduce((sum, { amount }) => sum + amount, 0);
    if (intent.status === 'succeeded' && left === 0) return refused('charge_already_refunded');
    const amount = Number(parameters['amount']);
    if (amount > left) return refused(undefined);
    const refund: Refund = { id: `re_${this.refunds.length + 1}`, object: 'refund', payment_intent: intent.id, amount, currency: intent.currency, metadata: metadataOf(parameters), status: this.refundStatus };
    this.refunds.push(refund);
    return [200, refund];
  }
}

function metadataOf(parameters: AskedOfStripe['parameters']): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).flatMap(([name, value]) => {
    const key = /^metadata\[(\w+)\]$/.exec(name)?.[1];
    return key === undefined ? [] : [[key, value]];
  }));
}
