import type { Stripe } from 'stripe';
import type { PaymentNotice, RefundOutcome } from './payment-provider.js';
import { fromStripeAmount } from './stripe-amounts.js';

/** What an event of Stripe's means here; undefined when that is nothing. */
export function noticeOf(event: Stripe.Event): PaymentNotice | undefined {
  switch (event.type) {
    case 'payment_intent.succeeded': {
      const { amount_received: amount, currency: code } = event.data.object;
      const currency = code.toUpperCase();
      return { ...paymentOf(event.id, event.data.object), kind: 'succeeded', amountMinor: fromStripeAmount(amount, currency), currency };
    }
    case 'payment_intent.payment_failed':
      return { ...paymentOf(event.id, event.data.object), kind: 'failed' };
    // Accounts of different ages send one or the other.
    case 'charge.refund.updated':
    case 'refund.updated':
    case 'refund.failed':
      return refundNotice(event.id, event.data.object);
    default:
      return undefined;
  }
}

/** How a refund stands. */
export function outcomeOf({ status }: Stripe.Refund): RefundOutcome {
  if (status === 'succeeded') return 'succeeded';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
}

function paymentOf(eventId: string, { id, metadata }: Stripe.PaymentIntent) {
  return { eventId, paymentId: ownId(metadata['paymentId']), intentId: id };
}

function refundNotice(eventId: string, refund: Stripe.Refund): PaymentNotice | undefined {
  const { payment_intent: intent, metadata } = refund;
  const outcome = outcomeOf(refund);
  if (intent === null || outcome === 'pending') return undefined;
  return {
    eventId,
    paymentId: ownId(metadata?.['paymentId']),
    intentId: typeof intent === 'string' ? intent : intent.id,
    kind: outcome === 'succeeded' ? 'refunded' : 'refund-failed',
    refundId: ownId(metadata?.['refundId']),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id of ours; other business of the account may have given its own the same name. */
function ownId(text: string | undefined): string | null {
  return text !== undefined && UUID.test(text) ? text : null;
}
