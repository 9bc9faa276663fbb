import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { forbidden, notFound, serverBusy } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { fits, isActive } from '../guard/spot-choice.rules.js';
import { SpotTaking, type Survey, type Wish } from '../guard/spot-taking.service.js';
import { vehicleBusy, vehicleTooLarge } from '../parking.errors.js';
import { faultPoint } from '../parking.faults.js';
import type { Reservation, SpotFeature } from '../parking.types.js';
import { Prices } from '../pricing/prices.service.js';
import { QuoteTokens } from '../pricing/quote-tokens.service.js';
import { VehicleRepository } from '../vehicles/vehicle.repository.js';
import { checkSpan, spanOf } from '../window.rules.js';
import { FullProof } from './full-proof.service.js';
import { Holds, type HoldTerms } from './holds.service.js';
import { Lapses } from './lapses.service.js';

/** What somebody wants to reserve. */
export interface BookingOrder {
  readonly garageId: string;
  readonly vehicleId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly quoteToken?: string;
  readonly features?: readonly SpotFeature[];
}

interface Prepared extends HoldTerms {
  readonly survey: Survey;
}

/** Nothing was taken, with what was known before the transaction. Not yet an answer: all is looked at anew, and "full" has to be proved. */
class NothingTaken extends Error {
  constructor(
    readonly prepared: Prepared,
    readonly isFull: boolean,
  ) {
    super('no spot was taken');
  }
}

/** How often a garage is searched anew because something became free in the midst of it. */
const PASSES = 5;

/** Reserves spots. */
@Injectable()
export class Booking {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly database: Database,
    private readonly garages: GarageRepository,
    private readonly vehicles: VehicleRepository,
    private readonly taking: SpotTaking,
    private readonly lapses: Lapses,
    private readonly holds: Holds,
    private readonly prices: Prices,
    private readonly quotes: QuoteTokens,
    private readonly proof: FullProof,
    private readonly clock: Clock,
  ) {}

  /**
   * Keeps a spot for the member's vehicle until the time to pay is over.
   *
   * @throws notFound; windowInvalid, windowPast, windowTooFar, windowTooShort, windowTooLong; forbidden for accessible
   *   spots; quoteInvalid; vehicleTooLarge; vehicleBusy; garageFull; serverBusy when things keep becoming free and being taken
   */
  async book(actor: Actor, order: BookingOrder, request: IdempotencyRequest, answer: (reservation: Reservation) => Answer): Promise<Answer> {
    for (let pass = 0; pass < PASSES; pass += 1) {
      try {
        const made = await this.idempotency.runPrepared(request, () => this.prepare(actor, order), (tx, prepared) => this.hold(tx, prepared), answer);
        faultPoint('parking.after-commit');
        return made;
      } catch (error) {
        if (!(error instanceof NothingTaken)) throw error;
        const { wish, survey } = error.prepared;
        // What lapsed in the midst of the search is free.
        if (error.isFull && !(await this.lapses.clear(wish, wish)) && (await this.proof.isFull(wish, survey))) throw await this.proof.refusal(error.prepared.garage, wish);
      }
    }
    throw serverBusy({ retryAfterSeconds: 1 });
  }

  /** Everything that can be known, and made, before the transaction. */
  private async prepare(actor: Actor, { garageId, vehicleId, features = [], quoteToken, ...window }: BookingOrder): Promise<Prepared> {
    const [garage, vehicle] = await Promise.all([this.garages.find(garageId), this.vehicles.findOwn(actor.memberId, vehicleId)]);
    if (garage === undefined || vehicle === undefined) throw notFound();
    const span = spanOf({ from: window.startsAt, to: window.endsAt }, garage.timeZone);
    checkSpan(span, garage, this.clock.now());
    const isEntitled = actor.permissions.has(Permission.ParkingAccessible);
    if (features.includes('accessible') && !isEntitled) throw forbidden();
    const { size } = vehicle;
    const tariffVersion = quoteToken === undefined ? garage.tariffVersion : this.quotes.tariffVersionOf(quoteToken, { garageId, size, ...span });
    const price = await this.prices.of(garage, tariffVersion, size, span);
    const wish: Wish = { garageId, vehicleId, size, features, isEntitled, ...span };
    await this.lapses.clear(wish, span);
    const survey = await this.taking.survey(this.database, garageId, span);
    const inUse = survey.spots.filter(({ spot }) => isActive(spot, span));
    if (inUse.length > 0 && !inUse.some(({ spot }) => fits(spot, wish))) throw vehicleTooLarge({ size });
    await this.taking.prepare(wish, survey);
    return { garage, memberId: actor.memberId, wish, price, tariffVersion, survey };
  }

  private async hold(tx: Tx, prepared: Prepared): Promise<Reservation> {
    const spot = await this.taking.take(tx, prepared.wish, prepared.survey);
    if (spot === 'vehicle-busy') throw vehicleBusy();
    if (typeof spot === 'string') throw new NothingTaken(prepared, spot === 'full');
    const reservation = await this.holds.make(tx, spot, prepared);
    faultPoint('parking.before-commit');
    return reservation;
  }
}
