import { stayStarted, wrongState } from '../parking.errors.js';
import type { Reservation } from '../parking.types.js';
import { refundOf, tierAt } from '../pricing/refund.rules.js';

/** What cancelling gives back now. */
export interface Cancellation {
  readonly refundMinor: number;
  /** The last moment at which it is so much. */
  readonly nextTierAt: Date | null;
}

/**
 * A hold can be cancelled until it expires, what is paid until its start, and by an operator until the vehicle comes.
 *
 * @throws stayStarted; wrongState
 */
export function cancellationOf({ status, startsAt, paidMinor, refundedMinor, cancellation }: Reservation, now: Date, byOperator: boolean): Cancellation {
  if (status === 'held') return { refundMinor: 0, nextTierAt: null };
  if (status === 'expired' || status === 'cancelled') throw wrongState({ state: status });
  const left = paidMinor - refundedMinor;
  if (byOperator && status === 'confirmed') return { refundMinor: left, nextTierAt: null };
  if (status !== 'confirmed' || now >= startsAt) throw stayStarted();
  const { refundPercent, nextTierAt } = tierAt(cancellation, startsAt, now);
  return { refundMinor: refundOf(left, refundPercent), nextTierAt };
}
