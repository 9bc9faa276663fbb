import type { Payment } from './payment.types.js';

type Paid = Pick<Payment, 'method' | 'amountMinor' | 'refundedMinor' | 'credits' | 'refundedCredits'>;

/** What comes back of one payment. */
export interface Share<P> {
  readonly payment: P;
  readonly amountMinor: number;
  readonly credits: number;
}

/**
 * How a refund is shared out among payments: in the order given, each as far as it goes. Credits are rounded down once,
 * whatever the number of payments that they came in; all come back with the whole.
 *
 * @throws Error when it is more than was paid
 */
export function shares<P extends Paid>(payments: readonly P[], amountMinor: number, creditValueMinor: number): Share<P>[] {
  let leftMinor = amountMinor;
  const shared = payments.map((payment) => {
    const share = Math.min(leftMinor, payment.amountMinor - payment.refundedMinor);
    leftMinor -= share;
    return { payment, amountMinor: share };
  });
  if (leftMinor > 0) throw new Error('more would be given back than was paid');
  let leftCredits = creditsBack(shared.filter(({ payment }) => payment.method === 'credits'), creditValueMinor);
  return shared
    .map(({ payment, amountMinor: share }) => {
      const credits = payment.method === 'credits' ? Math.min(leftCredits, payment.credits - payment.refundedCredits) : 0;
      leftCredits -= credits;
      return { payment, amountMinor: share, credits };
    })
    .filter(({ amountMinor: share, credits }) => share > 0 || credits > 0);
}

function creditsBack(shared: readonly { payment: Paid; amountMinor: number }[], creditValueMinor: number): number {
  const minor = shared.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const isWhole = shared.every(({ payment, amountMinor }) => amountMinor === payment.amountMinor - payment.refundedMinor);
  const left = shared.reduce((sum, { payment: { credits, refundedCredits } }) => sum + credits - refundedCredits, 0);
  return isWhole ? left : Math.min(left, Math.floor(minor / creditValueMinor));
}
