import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Reader, type Tx } from '../../../platform/database/transactions.js';
import { SpotTaking, type Wish } from '../guard/spot-taking.service.js';
import { ReservationEvents } from '../parking.events.js';
import type { Reservation } from '../parking.types.js';
import { Lapses } from '../reservations/lapses.service.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { isLive } from '../reservations/reservation.rules.js';
import { SpotRelease } from '../reservations/spot-release.service.js';
import { SpotRepository } from './spot.repository.js';

/** What became of stays whose spot is needed for something else. */
export interface Moved {
  readonly reallocated: readonly Reservation[];
  /** Those that keep their spot. */
  readonly conflicts: readonly Reservation[];
}

/** Gives stays another spot: one that fits as well, for all of their time. */
@Injectable()
export class Reallocation {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly reservations: ReservationRepository,
    private readonly spots: SpotRepository,
    private readonly taking: SpotTaking,
    private readonly releases: SpotRelease,
    private readonly lapses: Lapses,
    private readonly events: ReservationEvents,
  ) {}

  /**
   * Sorts stays by what became of them.
   *
   * @param isAsked moves them first, each in a transaction of its own, where there is room; who has come already stays
   */
  async sort(inTheWay: readonly Reservation[], isAsked: boolean): Promise<Moved> {
    const [reallocated, conflicts]: [Reservation[], Reservation[]] = [[], []];
    for (const before of inTheWay) {
      if (isAsked) await this.move(before);
      const now = await this.reservations.get(this.database, before.id);
      if (isLive(now.status)) (now.spotId === before.spotId ? conflicts : reallocated).push(now);
    }
    return { reallocated, conflicts };
  }

  private async move(before: Reservation): Promise<void> {
    const wish = await this.wishOf(this.database, before);
    await this.lapses.clear(wish, wish);
    await this.taking.prepare(wish, await this.taking.survey(this.database, wish.garageId, wish));
    await this.transactions.run((tx) => this.moveIn(tx, before));
  }

  private async moveIn(tx: Tx, { id, spotId: before }: Reservation): Promise<void> {
    const reservation = await this.reservations.get(tx, id);
    const { status, garageId, spotId, startsAt, keptUntil } = reservation;
    if (spotId !== before || (status !== 'held' && status !== 'confirmed')) return;
    const wish = await this.wishOf(tx, reservation);
    const spot = await this.taking.takeOther(tx, wish, await this.taking.survey(tx, garageId, wish));
    if (spot === undefined) return;
    await this.reservations.update(tx, reservation, { spotId: spot.id });
    this.events.updated(tx, id);
    await this.releases.release(tx, { garageId, spotId, startsAt, endsAt: keptUntil });
  }

  /** With what was asked for. Who had an accessible spot may have one again. */
  private async wishOf(reader: Reader, { garageId, spotId, vehicleId, size, features, startsAt, keptUntil }: Reservation): Promise<Wish> {
    const isEntitled = (await this.spots.find(spotId, reader))!.features.includes('accessible');
    return { garageId, vehicleId, size, features, isEntitled, startsAt, endsAt: keptUntil };
  }
}
