import type { KeptPrice } from '../parking.types.js';

export const PAYMENT_METHODS = ['card', 'credits'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
/** A whole stay, or the rest of one that becomes longer. */
export type PaymentKind = 'stay' | 'extension';
/** `opening` until the provider has answered; a `failed` one can still be paid. */
export type PaymentStatus = 'opening' | 'pending' | 'failed' | 'succeeded' | 'cancelled';
export type RefundReason = 'cancelled' | 'operator' | 'late' | 'twice' | 'mismatch';
export type RefundStatus = 'pending' | 'succeeded' | 'failed';

export interface Payment {
  readonly id: string;
  readonly reservationId: string;
  readonly kind: PaymentKind;
  readonly method: PaymentMethod;
  readonly provider: string | null;
  readonly status: PaymentStatus;
  readonly amountMinor: number;
  readonly currency: string;
  readonly credits: number;
  readonly entrySeq: number | null;
  readonly intentId: string | null;
  readonly clientSecret: string | null;
  readonly url: string | null;
  /** End of the stay that it pays for. */
  readonly endsAt: Date;
  readonly price: KeptPrice;
  readonly refundedMinor: number;
  readonly refundedCredits: number;
}
