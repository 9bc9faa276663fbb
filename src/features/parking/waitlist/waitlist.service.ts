import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Clock } from '../../../platform/clock/clock.js';
import { newId } from '../../../platform/database/columns.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Cursors } from '../../../platform/http/cursor.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { fits } from '../guard/spot-choice.rules.js';
import { SpotTaking, type Wish } from '../guard/spot-taking.service.js';
import { tooManyWaiting, vehicleTooLarge } from '../parking.errors.js';
import { Lapses } from '../reservations/lapses.service.js';
import { VehicleRepository } from '../vehicles/vehicle.repository.js';
import { checkSpan, spanOf } from '../window.rules.js';
import { WaitlistOffers } from './waitlist-offers.service.js';
import { WaitlistRepository } from './waitlist.repository.js';
import type { WaitlistEntry } from './waitlist.types.js';

const LIST = 'parking.waitlist';
/** More would keep others from their turn. Counted before the transaction: whoever asks at once may get a few more. */
const MOST_WAITING = 50;

/** For what somebody wants to wait. */
export interface WaitlistOrder {
  readonly garageId: string;
  readonly vehicleId: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** Lists of those who wait for a spot: first come, first served. */
@Injectable()
export class Waitlist {
  constructor(
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly database: Database,
    private readonly waitlist: WaitlistRepository,
    private readonly offers: WaitlistOffers,
    private readonly garages: GarageRepository,
    private readonly vehicles: VehicleRepository,
    private readonly taking: SpotTaking,
    private readonly lapses: Lapses,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  /**
   * Waits for a spot. Where one is free, it is offered at once.
   *
   * @throws notFound; windowInvalid, windowPast, windowTooFar, windowTooShort, windowTooLong; vehicleTooLarge; alreadyWaiting; tooManyWaiting
   */
  join(actor: Actor, order: WaitlistOrder, request: IdempotencyRequest, answer: (entry: WaitlistEntry) => Answer): Promise<Answer> {
    return this.idempotency.runPrepared(request, () => this.prepare(actor, order), (tx, wish) => this.joinIn(tx, actor, wish), answer);
  }

  /** The member's own, newest first. */
  async list(actor: Actor, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<WaitlistEntry>> {
    const [beforeId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    return this.cursors.page(LIST, await this.waitlist.listOwn(actor.memberId, { beforeId, limit: limit + 1 }), limit, ({ id }) => [id]);
  }

  /** Waits no longer. What was offered stays a reservation. @throws notFound */
  async leave(actor: Actor, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      if ((await this.waitlist.findOwn(actor.memberId, id, tx)) === undefined) throw notFound();
      await this.waitlist.end(tx, id, 'cancelled');
    });
  }

  private async prepare(actor: Actor, { garageId, vehicleId, ...window }: WaitlistOrder): Promise<Wish> {
    if ((await this.waitlist.countOwnWaiting(actor.memberId)) >= MOST_WAITING) throw tooManyWaiting({ most: MOST_WAITING });
    const [garage, vehicle] = await Promise.all([this.garages.find(garageId), this.vehicles.findOwn(actor.memberId, vehicleId)]);
    if (garage === undefined || vehicle === undefined) throw notFound();
    const span = spanOf({ from: window.startsAt, to: window.endsAt }, garage.timeZone);
    checkSpan(span, garage, this.clock.now());
    const wish: Wish = { garageId, vehicleId, size: vehicle.size, features: [], isEntitled: actor.permissions.has(Permission.ParkingAccessible), ...span };
    await this.lapses.clear(wish, span);
    const survey = await this.taking.survey(this.database, garageId, span);
    if (!survey.spots.some(({ spot }) => fits(spot, wish))) throw vehicleTooLarge({ size: vehicle.size });
    await this.taking.prepare(wish, survey);
    return wish;
  }

  private async joinIn(tx: Tx, actor: Actor, wish: Wish): Promise<WaitlistEntry> {
    const { garageId, vehicleId, startsAt, endsAt, isEntitled } = wish;
    // All who free something write this row first. They have committed, and what they freed is seen; or they come later, and see who waits.
    await this.garages.enter(tx, garageId);
    const id = newId();
    await this.waitlist.insert(tx, { id, garageId, memberId: actor.memberId, vehicleId, startsAt, endsAt, isEntitled });
    // Whoever came before goes first.
    await this.offers.serve(tx, garageId, wish);
    return (await this.waitlist.findOwn(actor.memberId, id, tx))!;
  }
}
