import type { ReservationStatus, Span } from '../parking.types.js';

const MINUTE_MS = 60_000;

/**
 * The states and what follows each. `expired` can be left only by a payment that came too late and found a spot all the same.
 */
const NEXT: Readonly<Record<ReservationStatus, readonly ReservationStatus[]>> = {
  held: ['confirmed', 'expired', 'cancelled'],
  confirmed: ['checked-in', 'cancelled', 'no-show'],
  'checked-in': ['completed'],
  expired: ['confirmed'],
  completed: [],
  cancelled: [],
  'no-show': [],
};

export function mayBecome(status: ReservationStatus, next: ReservationStatus): boolean {
  return NEXT[status].includes(next);
}

/** Its spot is kept for it. */
export function isLive(status: ReservationStatus): boolean {
  return status === 'held' || status === 'confirmed' || status === 'checked-in';
}

/** Its end is that of an extension that can still be paid: for so long the stay may last. */
interface KeptState extends Span {
  /** As it was written last. */
  readonly status: ReservationStatus;
  /** The time of its hold, or of its extension, is over. */
  readonly isLapsed: boolean;
  readonly graceMinutes: number;
  readonly noShowMinutes: number;
}

/** The state that a reservation is in at `now`, whether or not that was written: what ends by itself ends as a function of time. */
export function statusAt({ status, isLapsed, startsAt, endsAt, graceMinutes, noShowMinutes }: KeptState, now: Date): ReservationStatus {
  if (status === 'held' && isLapsed) return 'expired';
  if (status === 'confirmed' && now.getTime() >= noShowFrom({ startsAt, endsAt }, noShowMinutes)) return 'no-show';
  if (status === 'checked-in' && now.getTime() >= endsAt.getTime() + graceMinutes * MINUTE_MS) return 'completed';
  return status;
}

/** From then on, in milliseconds, nobody is expected any more: a while after the start, and at the end at the latest. */
export function noShowFrom({ startsAt, endsAt }: Span, noShowMinutes: number): number {
  return Math.min(endsAt.getTime(), startsAt.getTime() + noShowMinutes * MINUTE_MS);
}

/** From when on a vehicle is let in. */
export function checkInFrom(startsAt: Date, graceMinutes: number): Date {
  return new Date(startsAt.getTime() - graceMinutes * MINUTE_MS);
}
