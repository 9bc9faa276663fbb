export type SandboxStatus = 'open' | 'paid' | 'declined' | 'cancelled';

/** What a person may press. */
export const OUTCOMES = ['pay', 'decline'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A payment as its page shows it. */
export interface SandboxPaymentRecord {
  readonly intentId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly description: string;
  readonly status: SandboxStatus;
}

/** How a webhook is to come: so often, and after so long. */
export interface WebhookManner {
  readonly copies: number;
  readonly delaySeconds: number;
}

/** Providers do send twice. */
export const USUAL_MANNER: WebhookManner = { copies: 2, delaySeconds: 0 };
export const MOST_COPIES = 5;
export const MOST_DELAY_SECONDS = 3_600;
