import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Stripe } from 'stripe';
import { noticeOf } from './stripe-notice.js';

const [paymentId, refundId] = [randomUUID(), randomUUID()];
const eventOf = (type: string, object: object) => ({ id: 'evt_1', type, data: { object } }) as Stripe.Event;
const paidWith = (metadata: object) => eventOf('payment_intent.succeeded', { id: 'pi_1', amount_received: 400, currency: 'eur', metadata });
const refundedWith = (metadata: object | null, change: object = {}) => eventOf('refund.updated', { id: 're_1', payment_intent: 'pi_1', status: 'succeeded', metadata, ...change });

describe('an event of Stripe\'s', () => {
  it('is about what was opened, and given back, here', () => {
    const about = { eventId: 'evt_1', paymentId, intentId: 'pi_1' };
    expect(noticeOf(paidWith({ paymentId }))).toEqual({ ...about, kind: 'succeeded', amountMinor: 400, currency: 'EUR' });
    expect(noticeOf(eventOf('payment_intent.payment_failed', { id: 'pi_1', metadata: { paymentId } }))).toEqual({ ...about, kind: 'failed' });
    expect(noticeOf(refundedWith({ paymentId, refundId }))).toEqual({ ...about, kind: 'refunded', refundId });
    expect(noticeOf(refundedWith({ paymentId, refundId }, { status: 'failed', payment_intent: { id: 'pi_1' } }))).toEqual({ ...about, kind: 'refund-failed', refundId });
  });

  it.each<[string, string | undefined]>([
    ['nothing', undefined],
    ['an empty text', ''],
    ['37 characters', `${randomUUID()}0`],
    ['35 characters', randomUUID().slice(1)],
    ['a line break at the end', `${randomUUID()}\n`],
    ['letters beyond ASCII', `${randomUUID().slice(1)}é`],
    ['digits beyond ASCII', randomUUID().replace(/^./, '٣')],
    ['capital letters', 'A0000000-0000-4000-8000-000000000000'],
    ['somebody else\'s number', 'order 4711'],
  ])('is about nothing of ours where its ids are %s', (_, id) => {
    expect(noticeOf(paidWith({ paymentId: id }))).toMatchObject({ kind: 'succeeded', paymentId: null });
    expect(noticeOf(refundedWith({ paymentId: id, refundId: id }))).toMatchObject({ kind: 'refunded', paymentId: null, refundId: null });
  });

  it('is none while a refund is under way, of a charge without an intent, and of other kinds', () => {
    expect(noticeOf(refundedWith({ paymentId, refundId }, { status: 'pending' }))).toBeUndefined();
    expect(noticeOf(refundedWith({ paymentId, refundId }, { payment_intent: null }))).toBeUndefined();
    expect(noticeOf(refundedWith(null))).toMatchObject({ paymentId: null, refundId: null });
    expect(noticeOf(eventOf('customer.created', {}))).toBeUndefined();
  });
});
