import { alreadyPaid, holdExpired, wrongState } from '../parking.errors.js';
import type { KeptPrice, Reservation } from '../parking.types.js';
import type { Payment, PaymentKind } from './payment.types.js';

/** What is to be paid for a reservation now. */
export interface Due {
  readonly kind: PaymentKind;
  readonly amountMinor: number;
  /** End and price of the whole stay that it is for. */
  readonly endsAt: Date;
  readonly price: KeptPrice;
}

/** @throws holdExpired; alreadyPaid; wrongState when it was cancelled, or is over */
export function dueOf({ status, price, priceMinor, endsAt, keptUntil, extension }: Reservation): Due {
  switch (status) {
    case 'held':
      return { kind: 'stay', amountMinor: priceMinor, endsAt, price };
    case 'confirmed':
    case 'checked-in':
      if (extension !== null) return { kind: 'extension', amountMinor: extension.price.priceMinor - priceMinor, endsAt: extension.endsAt, price: extension.price };
      throw keptUntil > endsAt ? holdExpired() : alreadyPaid();
    case 'completed':
      throw alreadyPaid();
    case 'expired':
      throw holdExpired();
    default:
      throw wrongState({ state: status });
  }
}

/** What it takes in credits: who paid with nothing else pays in all what the whole stay costs in credits. */
export function creditsDue({ amountMinor, price }: Pick<Due, 'amountMinor' | 'price'>, paid: readonly Payment[], inCredits: (minor: number) => number): number {
  // What came back whole, such as a card that was charged after all, is as if it had not been.
  if (paid.some((payment) => payment.method === 'card' && payment.amountMinor > payment.refundedMinor)) return inCredits(amountMinor);
  return Math.max(0, price.credits - paid.reduce((sum, { credits }) => sum + credits, 0));
}

/** Whether this payment is for what is due. */
export function isFor(payment: Payment, due: Due): boolean {
  return payment.kind === due.kind && payment.endsAt.getTime() === due.endsAt.getTime() && payment.amountMinor === due.amountMinor;
}

/** What a reservation becomes by paying what is due. */
export function confirmed({ kind, endsAt, price }: Due): { status: 'confirmed' } | { endsAt: Date; price: Due['price']; extension: null } {
  return kind === 'stay' ? { status: 'confirmed' } : { endsAt, price, extension: null };
}
