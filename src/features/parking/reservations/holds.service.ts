import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { newId } from '../../../platform/database/columns.js';
import type { Tx } from '../../../platform/database/transactions.js';
import type { Wish } from '../guard/spot-taking.service.js';
import { ReservationEvents } from '../parking.events.js';
import type { Garage, KeptPrice, Reservation, Spot } from '../parking.types.js';
import { ReservationRepository } from './reservation.repository.js';
import { noShowFrom } from './reservation.rules.js';

/** For whom a spot was taken, and at what price. */
export interface HoldTerms {
  readonly garage: Garage;
  readonly memberId: string;
  readonly wish: Wish;
  readonly price: KeptPrice;
  readonly tariffVersion: number;
}

/** Writes down who has a spot that was just taken, in the same transaction. */
@Injectable()
export class Holds {
  constructor(
    private readonly reservations: ReservationRepository,
    private readonly events: ReservationEvents,
    private readonly clock: Clock,
  ) {}

  /** Keeps the spot until the time to pay is over, which is no later than when nobody would be expected there any more. */
  async make(tx: Tx, spot: Spot, { garage, memberId, wish, price, tariffVersion }: HoldTerms): Promise<Reservation> {
    const { vehicleId, size, features, startsAt, endsAt } = wish;
    const { id: garageId, currency, cancellation } = garage;
    const holdSeconds = Math.min(garage.holdSeconds, (noShowFrom(wish, garage.noShowMinutes) - this.clock.now().getTime()) / 1_000);
    const id = newId();
    await this.reservations.insert(tx, {
      id, garageId, spotId: spot.id, memberId, vehicleId, size, features, startsAt, endsAt, price, currency, tariffVersion, cancellation, holdSeconds,
    });
    this.events.updated(tx, id);
    return this.reservations.get(tx, id);
  }
}
