import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { ReservationEvents } from '../parking.events.js';
import type { Reservation, Span } from '../parking.types.js';
import { ReservationRepository } from './reservation.repository.js';
import { isLive } from './reservation.rules.js';
import { SpotRelease } from './spot-release.service.js';

const AT_ONCE = 500;

/**
 * Writes down what time has ended, and frees it: holds and extensions that were not paid, stays to which nobody came, and
 * stays that are over. To readers they have ended by themselves; whoever needs their spot comes here first.
 */
@Injectable()
export class Lapses {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly reservations: ReservationRepository,
    private readonly releases: SpotRelease,
    private readonly events: ReservationEvents,
    private readonly clock: Clock,
  ) {}

  /** Tidies what is over and stands in the way of this vehicle, or of whoever wants this garage then. @returns whether there were any */
  async clear(where: { garageId: string; vehicleId?: string }, span: Span): Promise<boolean> {
    const ids = await this.reservations.listLapsed(this.database, where, span, this.clock.now());
    for (const id of ids) await this.end(id);
    return ids.length > 0;
  }

  /** Tidies everything that is over. @returns how many */
  async sweep(signal?: AbortSignal): Promise<number> {
    let count = 0;
    for (;;) {
      const ids = await this.reservations.listOver(this.clock.now(), AT_ONCE);
      for (const id of ids) {
        signal?.throwIfAborted();
        await this.end(id);
      }
      count += ids.length;
      if (ids.length < AT_ONCE) return count;
    }
  }

  /** Tidies one, if there is anything to tidy. */
  async end(id: string): Promise<void> {
    await this.transactions.run(async (tx) => this.endIn(tx, await this.reservations.get(tx, id)));
  }

  /** The same inside the transaction of whoever goes on with it. */
  async endIn(tx: Tx, reservation: Reservation): Promise<void> {
    const { id, garageId, spotId, vehicleId, startsAt, endsAt, keptUntil, status, storedStatus, extension } = reservation;
    const hasEnded = isLive(storedStatus) && !isLive(status);
    const isExtensionOver = !hasEnded && isLive(status) && extension === null && keptUntil > endsAt;
    if (!hasEnded && !isExtensionOver) return;
    await this.reservations.update(tx, reservation, hasEnded ? { status } : { extension: null });
    this.events.updated(tx, id);
    await this.releases.release(tx, { garageId, spotId, vehicleId, startsAt: hasEnded ? startsAt : endsAt, endsAt: keptUntil });
  }
}
