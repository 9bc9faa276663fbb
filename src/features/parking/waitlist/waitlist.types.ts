import type { Span } from '../parking.types.js';

export const WAITLIST_STATUSES = ['waiting', 'offered', 'cancelled', 'expired'] as const;
export type WaitlistStatus = (typeof WAITLIST_STATUSES)[number];

/** A wish for a time at which a garage is full. */
export interface WaitlistEntry extends Span {
  readonly id: string;
  readonly garageId: string;
  readonly memberId: string;
  readonly vehicleId: string;
  /** Whether accessible spots are for them. */
  readonly isEntitled: boolean;
  readonly status: WaitlistStatus;
  /** The hold that it was offered. */
  readonly reservationId: string | null;
  readonly createdAt: Date;
}
