import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import type { Actor } from '../../../platform/auth/actor.js';
import { Clock } from '../../../platform/clock/clock.js';
import { newId } from '../../../platform/database/columns.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { DayGuardRepository } from '../guard/day-guard.repository.js';
import { dayMasksOf } from '../guard/day-masks.rules.js';
import { windowPast, windowTooLong } from '../parking.errors.js';
import type { Garage, Span, Spot } from '../parking.types.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { SpotRelease } from '../reservations/spot-release.service.js';
import { WaitlistOffers } from '../waitlist/waitlist-offers.service.js';
import { spanOf } from '../window.rules.js';
import { BlackoutRepository, type BlackoutRecord } from './blackout.repository.js';
import { GarageRepository } from './garage.repository.js';
import { Reallocation, type Moved } from './reallocation.service.js';
import { SpotRepository } from './spot.repository.js';

/** When nobody is to park, and where. */
export interface BlackoutOrder {
  /** All of the garage when left out. */
  readonly spotId?: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly reallocate: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Each spot has a row to write for each day. */
const MOST_MINUTES = { garage: 31 * DAY_MINUTES, spot: 366 * DAY_MINUTES } as const;

/** Times at which nobody parks. What was booked before stays, and keeps its quarter-hours; a release gives them to the blackout. */
@Injectable()
export class Blackouts {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly blackouts: BlackoutRepository,
    private readonly garages: GarageRepository,
    private readonly spots: SpotRepository,
    private readonly guard: DayGuardRepository,
    private readonly releases: SpotRelease,
    private readonly offers: WaitlistOffers,
    private readonly reservations: ReservationRepository,
    private readonly reallocation: Reallocation,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** Those of a garage that are not over, the earliest first. @throws notFound */
  async list(garageId: string): Promise<BlackoutRecord[]> {
    if ((await this.garages.find(garageId)) === undefined) throw notFound();
    return this.blackouts.list(this.database, garageId, this.clock.now());
  }

  /** @throws notFound; windowInvalid, windowPast, windowTooLong */
  async lay(actor: Actor, garageId: string, { spotId, reallocate, reason, ...window }: BlackoutOrder): Promise<{ blackout: BlackoutRecord; moved: Moved }> {
    const garage = await this.garages.find(garageId);
    if (garage === undefined || (spotId !== undefined && (await this.spots.find(spotId))?.garageId !== garageId)) throw notFound();
    const span = this.spanIn(garage, window, spotId === undefined ? 'garage' : 'spot');
    const blackout: BlackoutRecord = { id: newId(), garageId, spotId: spotId ?? null, reason, ...span };
    const inTheWay = await this.transactions.run(async (tx) => {
      // Who adds a spot comes to this row too: it is seen here, or sees this blackout.
      await this.garages.enter(tx, garageId);
      const spotIds = await this.spotIdsOf(tx, blackout);
      await this.cover(tx, spotIds, blackout);
      await this.blackouts.insert(tx, blackout, actor.memberId);
      const stays = await this.reservations.listLiveOnSpots(tx, spotIds, blackout);
      await this.record(tx, actor, blackout, 'garage.blackout-laid');
      return stays;
    });
    return { blackout, moved: await this.reallocation.sort(inTheWay, reallocate) };
  }

  /** Ends a blackout, also before its time: its quarter-hours are free then, but for what others have of them. @throws notFound */
  async lift(actor: Actor, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const blackout = await this.blackouts.find(tx, id);
      if (blackout === undefined) throw notFound();
      const { garageId, startsAt, endsAt } = blackout;
      await this.garages.addFree(tx, garageId);
      if (!(await this.blackouts.delete(tx, id))) throw notFound();
      for (const spotId of await this.spotIdsOf(tx, blackout)) await this.releases.clearSpot(tx, { garageId, spotId, startsAt, endsAt });
      await this.offers.serve(tx, garageId, blackout);
      await this.record(tx, actor, blackout, 'garage.blackout-lifted');
    });
  }

  /** Lays those that are not over on a new spot; call it when the garage's counter of what became free has been written. */
  async coverNew(tx: Tx, { id, garageId }: Pick<Spot, 'id' | 'garageId'>): Promise<void> {
    for (const blackout of await this.blackouts.list(tx, garageId, this.clock.now())) if (blackout.spotId === null) await this.cover(tx, [id], blackout);
  }

  private async cover(tx: Tx, spotIds: readonly string[], span: Span): Promise<void> {
    const masks = dayMasksOf(span);
    await this.guard.insertMissing(tx, 'spot', spotIds, masks.map(({ day }) => day));
    await this.guard.cover(tx, 'spot', spotIds, masks);
  }

  /** Retired ones too: they may be restored. */
  private async spotIdsOf(tx: Tx, { garageId, spotId }: BlackoutRecord): Promise<string[]> {
    return spotId === null ? (await this.spots.list(tx, garageId)).map(({ id }) => id).sort() : [spotId];
  }

  private spanIn({ timeZone }: Garage, { from, to }: { from: string; to: string }, of: keyof typeof MOST_MINUTES): Span {
    const span = spanOf({ from, to, paths: ['from', 'to'] }, timeZone);
    if (span.endsAt <= this.clock.now()) throw windowPast({}, 'This time is over.');
    const maxMinutes = MOST_MINUTES[of];
    if (span.endsAt.getTime() - span.startsAt.getTime() > maxMinutes * MINUTE_MS) throw windowTooLong({ maxMinutes }, 'This is longer than a blackout may be; see maxMinutes.');
    return span;
  }

  private record(tx: Tx, { memberId }: Actor, { id, garageId, spotId, startsAt, endsAt, reason }: BlackoutRecord, action: string): Promise<void> {
    const details = { blackoutId: id, spotId, from: startsAt.toISOString(), to: endsAt.toISOString(), reason };
    return this.audit.record(tx, { actorId: memberId, action, subjectType: 'garage', subjectId: garageId, details });
  }
}
