import { defineError } from '../../platform/errors/domain-error.js';
import type { ReservationStatus } from './parking.types.js';

export const windowInvalid = defineError<{ path: string; reason: string }>(
  'parking.window-invalid', 'malformed', 'Times are RFC 3339 with an offset, on quarter-hours, and the end is after the start; see path and reason.',
);
export const windowPast = defineError('parking.past', 'unprocessable', 'This time has begun already. A stay may begin in the current quarter-hour or later.');
export const windowTooFar = defineError<{ maxAdvanceDays: number }>('parking.too-far', 'unprocessable', 'This is further ahead than the garage takes reservations; see maxAdvanceDays.');
export const windowTooLong = defineError<{ maxMinutes: number }>('parking.too-long', 'unprocessable', 'This is longer than the garage allows; see maxMinutes.');
export const windowTooShort = defineError<{ minMinutes: number }>('parking.too-short', 'unprocessable', 'This is shorter than the garage allows; see minMinutes.');
export const vehicleTooLarge = defineError<{ size: string }>('parking.vehicle-too-large', 'unprocessable', 'This garage has no spot that is large enough and has what you asked for.');
export const quoteInvalid = defineError('parking.quote-invalid', 'unprocessable', 'This quote has expired, was altered, or is for something else. Ask for a new one.');
export const vehicleBusy = defineError('parking.vehicle-busy', 'conflict', 'This vehicle has another reservation at that time.');
export interface NextFree {
  readonly startsAt: string;
  readonly endsAt: string;
}
export const garageFull = defineError<{ nextFree: NextFree | null; nearby: readonly { garageId: string; distanceM: number }[] }>(
  'parking.full', 'conflict', 'No spot that fits is free then. nextFree is the next such time here, nearby are garages that have one; or join the waitlist.',
);
export const holdExpired = defineError('parking.hold-expired', 'conflict', 'The time to pay is over, and the spot is free for others. Reserve again.');
export const alreadyPaid = defineError('parking.already-paid', 'conflict', 'There is nothing to pay: this has been paid.');
export const stayStarted = defineError('parking.started', 'conflict', 'This stay has begun, and can no longer be cancelled.');
export const refundStale = defineError<{ refundMinor: number }>('parking.refund-stale', 'conflict', 'The refund is no longer what you were shown; see refundMinor.');
export const wrongState = defineError<{ state: ReservationStatus }>('parking.wrong-state', 'conflict', 'This cannot be done to a reservation in this state; see state.');
export const tooEarly = defineError<{ from: string }>('parking.too-early', 'conflict', 'It is too early to check in; see from.');
export const spotTaken = defineError('parking.spot-taken', 'conflict', 'Your spot is taken by somebody else after your stay.');
export const extensionShorter = defineError<{ endsAt: string }>('parking.extension-shorter', 'unprocessable', 'An extension ends later than the stay does now; see endsAt.');
export const vehicleExists = defineError('parking.vehicle-exists', 'conflict', 'You have a vehicle with this licence plate already.');
export const vehicleInUse = defineError('parking.vehicle-in-use', 'conflict', 'This vehicle has reservations that are not over. Cancel them first.');
export const labelTaken = defineError('parking.label-taken', 'conflict', 'This garage has a spot with this label already.');
export const tariffInvalid = defineError<{ path: string; reason: string }>('parking.tariff-invalid', 'unprocessable', 'This tariff would leave some time without a price, or has prices that never apply; see path and reason.');
export const alreadyWaiting = defineError('parking.already-waiting', 'conflict', 'This vehicle is on the waitlist for that time already.');
export const tooManyWaiting = defineError<{ most: number }>('parking.too-many-waiting', 'conflict', 'You wait for as much as one may; see most. Leave a waitlist first.');
export const calendarTokenInvalid = defineError('parking.calendar-token-invalid', 'forbidden', 'This calendar address is unknown or was revoked. POST /api/me/calendar-token gives a new one.');
export const tooManyVehicles = defineError<{ most: number }>('parking.too-many-vehicles', 'conflict', 'You have as many vehicles as one may have; see most. Delete one first.');
