import type { IncomingHttpHeaders } from 'node:http';

/** Something to be paid. */
export interface PaymentOrder {
  /** Ours, a UUID: opened again it is the same payment. */
  readonly paymentId: string;
  /** Above 0, in minor units of the currency. */
  readonly amountMinor: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** Shown to whoever pays. */
  readonly description: string;
}

/** Where and how it can be paid. */
export interface PaymentIntent {
  /** The provider's name for it. */
  readonly intentId: string;
  /** Whoever has it can pay: for the member alone, and never for a log. */
  readonly clientSecret: string;
  /** A page on which a person can pay; null where the provider's client libraries take the secret. */
  readonly url: string | null;
}

/** Money to be given back, all that was paid or a part of it. */
export interface RefundOrder {
  /** Ours, a UUID: ordered again it is the same refund. */
  readonly refundId: string;
  /** Of the payment that it is a refund of. */
  readonly paymentId: string;
  readonly intentId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** `pending`: a notice will tell. `failed`: the money stays where it is, and asking again changes nothing. */
export type RefundOutcome = 'succeeded' | 'pending' | 'failed';

/** What the provider says happened. The same may be said often, and late, and in any order. */
export type PaymentNotice = {
  /** The same each time that the same is said. */
  readonly eventId: string;
  /** Null when it is about something that was not opened here. */
  readonly paymentId: string | null;
  readonly intentId: string;
} & (
  | { readonly kind: 'succeeded'; readonly amountMinor: number; readonly currency: string }
  /** One attempt to pay failed; another may succeed. */
  | { readonly kind: 'failed' }
  /** The id is null when somebody gave the money back elsewhere. */
  | { readonly kind: 'refunded' | 'refund-failed'; readonly refundId: string | null }
);

/** Port to whoever moves the money. */
export abstract class PaymentProvider {
  abstract readonly name: 'stripe' | 'sandbox';

  /**
   * Makes it possible to pay. The same order again gives the same intent.
   *
   * @throws paymentRefused; paymentsUnavailable
   */
  abstract open(order: PaymentOrder): Promise<PaymentIntent>;

  /** Nobody shall pay it any more. Best effort: what is paid already, unknown or out of reach is left as it is. */
  abstract cancel(intentId: string): Promise<void>;

  /**
   * Gives money back, once for each refund id.
   *
   * @throws paymentsUnavailable
   */
  abstract refund(order: RefundOrder): Promise<RefundOutcome>;

  /**
   * Reads a webhook, having checked that the provider signed these very bytes within the last 300 s.
   *
   * @returns undefined for what is of no interest
   * @throws signatureInvalid
   */
  abstract read(body: Buffer, headers: IncomingHttpHeaders): PaymentNotice | undefined;
}
