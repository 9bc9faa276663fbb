import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import type { Actor } from '../../../platform/auth/actor.js';
import { Clock } from '../../../platform/clock/clock.js';
import { newId } from '../../../platform/database/columns.js';
import { Database } from '../../../platform/database/database.js';
import { changedMeanwhile } from '../../../platform/database/sql-errors.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { QUARTER_MS, quarterOf } from '../guard/day-masks.rules.js';
import { windowPast } from '../parking.errors.js';
import { EVER, type Spot } from '../parking.types.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { timeOf } from '../window.rules.js';
import { Blackouts } from './blackouts.service.js';
import { GarageRepository } from './garage.repository.js';
import { Reallocation, type Moved } from './reallocation.service.js';
import { WaitlistOffers } from '../waitlist/waitlist-offers.service.js';
import { SpotRepository } from './spot.repository.js';

/** What an operator says of a new spot. */
export type SpotOrder = Pick<Spot, 'label' | 'size' | 'features' | 'ord'>;

/** Spots that come into use and go out of it. */
@Injectable()
export class Spots {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly garages: GarageRepository,
    private readonly spots: SpotRepository,
    private readonly reservations: ReservationRepository,
    private readonly blackouts: Blackouts,
    private readonly offers: WaitlistOffers,
    private readonly reallocation: Reallocation,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** All of a garage, retired ones too, in its own order. @throws notFound */
  async list(garageId: string): Promise<Spot[]> {
    if ((await this.garages.find(garageId)) === undefined) throw notFound();
    return this.spots.list(this.database, garageId);
  }

  /** Adds a spot that is in use from now on, where no blackout is. @throws notFound; labelTaken */
  add(actor: Actor, garageId: string, order: SpotOrder): Promise<Spot> {
    const id = newId();
    return this.transactions.run(async (tx) => {
      if ((await this.garages.find(garageId, tx)) === undefined) throw notFound();
      // First of all: blackouts write it too before they look which spots there are. So they see this one, or are seen here.
      await this.garages.addFree(tx, garageId);
      await this.spots.insert(tx, { id, garageId, ...order });
      await this.blackouts.coverNew(tx, { id, garageId });
      await this.offers.serve(tx, garageId, { startsAt: quarterOf(this.clock.now()), endsAt: EVER });
      await this.audit.record(tx, { actorId: actor.memberId, action: 'spot.added', subjectType: 'spot', subjectId: id, details: { garageId, ...order } });
      return (await this.spots.find(id, tx))!;
    });
  }

  /**
   * Lets nobody have the spot any more for a time after `from`; what was booked before stays, unless it is to be moved.
   * Again, it moves what is left.
   *
   * @param from RFC 3339; when left out, the next quarter-hour, or since when it is retired
   * @throws notFound; windowInvalid; windowPast
   */
  async retire(actor: Actor, id: string, { from, reallocate }: { from?: string; reallocate: boolean }): Promise<{ spot: Spot } & Moved> {
    const activeTo = from === undefined ? undefined : await this.endOfUse(id, from);
    const next = new Date(quarterOf(this.clock.now()).getTime() + QUARTER_MS);
    const spot = await this.setActiveTo(actor, id, 'spot.retired', (now) => activeTo ?? (now !== null && now < next ? now : next));
    // After the commit: whoever booked before is seen here, and whoever comes later sees that it is retired.
    const inTheWay = await this.reservations.listLiveOnSpots(this.database, [id], { startsAt: spot.activeTo!, endsAt: EVER });
    return { spot, ...(await this.reallocation.sort(inTheWay, reallocate)) };
  }

  /** Brings the spot back into use. @throws notFound */
  restore(actor: Actor, id: string): Promise<Spot> {
    return this.setActiveTo(actor, id, 'spot.restored', () => null);
  }

  private async endOfUse(id: string, from: string): Promise<Date> {
    const spot = await this.spots.find(id);
    if (spot === undefined) throw notFound();
    const activeTo = timeOf(from, 'from', (await this.garages.get(this.database, spot.garageId)).timeZone);
    if (activeTo < quarterOf(this.clock.now())) throw windowPast({}, 'This time has begun already. A spot may be retired from the current quarter-hour on, or from later.');
    return activeTo;
  }

  private setActiveTo(actor: Actor, id: string, action: string, decide: (activeTo: Date | null) => Date | null): Promise<Spot> {
    return this.transactions.run(async (tx) => {
      const spot = await this.spots.find(id, tx);
      if (spot === undefined) throw notFound();
      const [before, after] = [spot.activeTo, decide(spot.activeTo)];
      if (before?.getTime() === after?.getTime()) return spot;
      const opened = before !== null && (after === null || after > before) ? { startsAt: before, endsAt: after ?? EVER } : undefined;
      if (opened !== undefined) await this.garages.addFree(tx, spot.garageId);
      if (!(await this.spots.updateActiveTo(tx, spot, after))) throw changedMeanwhile('the spot has been changed meanwhile');
      if (opened !== undefined) await this.offers.serve(tx, spot.garageId, opened);
      const details = { garageId: spot.garageId, activeTo: after?.toISOString() ?? null };
      await this.audit.record(tx, { actorId: actor.memberId, action, subjectType: 'spot', subjectId: id, details });
      return (await this.spots.find(id, tx))!;
    });
  }
}
