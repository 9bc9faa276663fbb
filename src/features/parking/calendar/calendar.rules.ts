import type { Reservation, ReservationStatus } from '../parking.types.js';

/** STATUS of an event (RFC 5545 §3.8.1.11); what has none is in no calendar: a spot that nobody has, or had. */
const STATUS: Readonly<Partial<Record<ReservationStatus, 'TENTATIVE' | 'CONFIRMED' | 'CANCELLED'>>> = {
  held: 'TENTATIVE',
  confirmed: 'CONFIRMED',
  'checked-in': 'CONFIRMED',
  completed: 'CONFIRMED',
  cancelled: 'CANCELLED',
};

export function eventStatus(status: ReservationStatus): 'TENTATIVE' | 'CONFIRMED' | 'CANCELLED' | undefined {
  return STATUS[status];
}

/** Whether a calendar shows it: until some time after its end, or after it was cancelled, which `since` is that long ago. */
export function isShown({ status, endsAt, cancelledAt }: Pick<Reservation, 'status' | 'endsAt' | 'cancelledAt'>, since: Date): boolean {
  return STATUS[status] !== undefined && (cancelledAt ?? endsAt) >= since;
}
