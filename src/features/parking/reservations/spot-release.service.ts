import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transactions.js';
import { BlackoutRepository } from '../garages/blackout.repository.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { DayGuardRepository } from '../guard/day-guard.repository.js';
import { dayMasksOf } from '../guard/day-masks.rules.js';
import type { Span } from '../parking.types.js';
import { WaitlistOffers } from '../waitlist/waitlist-offers.service.js';
import { ReservationRepository } from './reservation.repository.js';

/** What was taken, and is no longer. */
export interface Freed extends Span {
  readonly garageId: string;
  readonly spotId: string;
  /** Left out where only the spot was: a blackout, or a stay that goes on elsewhere. */
  readonly vehicleId?: string;
}

/** Lets go of a spot: counts it, so that nobody says "full" who did not see it, clears the guard, and serves who waits. */
@Injectable()
export class SpotRelease {
  constructor(
    private readonly guard: DayGuardRepository,
    private readonly garages: GarageRepository,
    private readonly blackouts: BlackoutRepository,
    private readonly reservations: ReservationRepository,
    private readonly offers: WaitlistOffers,
  ) {}

  /**
   * Call it last, after the row that says whose it was has been written. The garage's counter comes first, and nobody is
   * served before it: who joins the waitlist writes the same row, and either sees what became free, or is seen here.
   */
  async release(tx: Tx, freed: Freed): Promise<void> {
    await this.garages.addFree(tx, freed.garageId);
    if (freed.vehicleId !== undefined) await this.guard.clear(tx, 'vehicle', freed.vehicleId, dayMasksOf(freed));
    await this.clearSpot(tx, freed);
    await this.offers.serve(tx, freed.garageId, freed);
  }

  /**
   * Clears the spot's bits, and sets again what others have at that time: a blackout that was laid over a reservation, or
   * a reservation under a blackout that ends. They are read after the clearing, which holds the rows that each of them writes.
   */
  async clearSpot(tx: Tx, freed: Freed): Promise<void> {
    await this.guard.clear(tx, 'spot', freed.spotId, dayMasksOf(freed));
    const others: Span[] = await this.blackouts.listOnSpot(tx, freed, freed);
    const stays = await this.reservations.listLiveOnSpots(tx, [freed.spotId], freed);
    for (const other of [...others, ...stays.map(({ startsAt, keptUntil }) => ({ startsAt, endsAt: keptUntil }))]) {
      const startsAt = new Date(Math.max(other.startsAt.getTime(), freed.startsAt.getTime()));
      const endsAt = new Date(Math.min(other.endsAt.getTime(), freed.endsAt.getTime()));
      await this.guard.cover(tx, 'spot', [freed.spotId], dayMasksOf({ startsAt, endsAt }));
    }
  }
}
