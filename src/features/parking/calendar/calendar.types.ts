import type { Garage, Reservation } from '../parking.types.js';

/** A reservation in a calendar, and where it is. */
export interface CalendarStay {
  readonly reservation: Pick<Reservation, 'id' | 'status' | 'spotLabel' | 'startsAt' | 'endsAt' | 'createdAt' | 'version'>;
  readonly garage: Pick<Garage, 'name' | 'address' | 'lat' | 'lon' | 'timeZone'>;
}
