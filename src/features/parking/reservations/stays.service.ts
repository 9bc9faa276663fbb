import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { tooEarly, wrongState } from '../parking.errors.js';
import { ReservationEvents } from '../parking.events.js';
import type { Reservation, ReservationStatus } from '../parking.types.js';
import { OpenPayments } from '../payments/open-payments.service.js';
import { ReservationRepository } from './reservation.repository.js';
import { checkInFrom, mayBecome } from './reservation.rules.js';
import { Reservations } from './reservations.service.js';
import { SpotRelease } from './spot-release.service.js';

/** Vehicles that come and go: told by their members, or by operators at the gate. */
@Injectable()
export class Stays {
  constructor(
    private readonly transactions: Transactions,
    private readonly access: Reservations,
    private readonly reservations: ReservationRepository,
    private readonly garages: GarageRepository,
    private readonly payments: OpenPayments,
    private readonly releases: SpotRelease,
    private readonly events: ReservationEvents,
    private readonly clock: Clock,
  ) {}

  /** @throws notFound; wrongState; tooEarly */
  checkIn(actor: Actor, id: string): Promise<Reservation> {
    return this.transactions.run(async (tx) => {
      const reservation = await this.access.get(actor, id, tx);
      requireMove(reservation, 'checked-in');
      const from = checkInFrom(reservation.startsAt, (await this.garages.get(tx, reservation.garageId)).graceMinutes);
      const now = this.clock.now();
      if (now < from) throw tooEarly({ from: from.toISOString() });
      await this.reservations.update(tx, reservation, { status: 'checked-in', checkedInAt: now });
      this.events.updated(tx, id);
      return this.reservations.get(tx, id);
    });
  }

  /** Frees the spot for the rest of the time. @throws notFound; wrongState */
  checkOut(actor: Actor, id: string): Promise<Reservation> {
    return this.transactions.run(async (tx) => {
      const reservation = await this.access.get(actor, id, tx);
      requireMove(reservation, 'completed');
      const { garageId, spotId, vehicleId, startsAt, keptUntil } = reservation;
      await this.reservations.update(tx, reservation, { status: 'completed', checkedOutAt: this.clock.now() });
      await this.payments.cancel(tx, id);
      this.events.updated(tx, id);
      await this.releases.release(tx, { garageId, spotId, vehicleId, startsAt, endsAt: keptUntil });
      return this.reservations.get(tx, id);
    });
  }
}

function requireMove({ status }: Reservation, next: ReservationStatus): void {
  if (!mayBecome(status, next)) throw wrongState({ state: status });
}
