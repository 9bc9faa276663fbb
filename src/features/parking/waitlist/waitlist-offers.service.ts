import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { changedMeanwhile } from '../../../platform/database/sql-errors.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { quarterOf } from '../guard/day-masks.rules.js';
import { bestFit } from '../guard/spot-choice.rules.js';
import { SpotTaking, type Survey, type Wish } from '../guard/spot-taking.service.js';
import { ReservationEvents } from '../parking.events.js';
import type { Garage, Span } from '../parking.types.js';
import { Prices } from '../pricing/prices.service.js';
import { Holds } from '../reservations/holds.service.js';
import { WaitlistRepository, type WaitingEntry } from './waitlist.repository.js';

/** Gives what became free to who has waited longest, in the transaction that frees it: nobody comes between. */
@Injectable()
export class WaitlistOffers {
  constructor(
    private readonly waitlist: WaitlistRepository,
    private readonly garages: GarageRepository,
    private readonly taking: SpotTaking,
    private readonly holds: Holds,
    private readonly prices: Prices,
    private readonly events: ReservationEvents,
    private readonly clock: Clock,
  ) {}

  /** Makes a hold for each of those who wait, in their turn, whose time overlaps the span and who can have a spot now. */
  async serve(tx: Tx, garageId: string, span: Span): Promise<void> {
    const waiting = await this.waitlist.listWaiting(tx, garageId, span, quarterOf(this.clock.now()));
    if (waiting.length === 0) return;
    const garage = await this.garages.get(tx, garageId);
    const hull = hullOf(waiting);
    // One look at the garage and at the vehicles tells for whom there is nothing, however many wait; another one is due when somebody got a spot.
    const elsewhere = await this.taking.whereabouts(tx, waiting.map(({ vehicleId }) => vehicleId), hull);
    let survey = await this.taking.survey(tx, garageId, hull);
    for (const entry of waiting) {
      const wish = wishOf(entry);
      if (!elsewhere.get(entry.vehicleId)!.isFree(entry) || bestFit(survey.spots, wish, entry).length === 0) continue;
      if (await this.offer(tx, garage, entry, survey)) survey = await this.taking.survey(tx, garageId, hull);
    }
  }

  /** Makes a hold, unless the spots have gone to others by now, or the vehicle is elsewhere. @returns whether it did */
  private async offer(tx: Tx, garage: Garage, entry: WaitingEntry, survey: Survey): Promise<boolean> {
    const { id, memberId, size } = entry;
    const wish = wishOf(entry);
    await this.taking.prepareIn(tx, wish, survey);
    const spot = await this.taking.take(tx, wish, survey);
    if (typeof spot === 'string') return false;
    const price = await this.prices.of(garage, garage.tariffVersion, size, wish, tx);
    const hold = await this.holds.make(tx, spot, { garage, memberId, wish, price, tariffVersion: garage.tariffVersion });
    // Taken off the list meanwhile: all is done again, without it.
    if (!(await this.waitlist.end(tx, id, 'offered', hold.id))) throw changedMeanwhile('the entry no longer waits');
    this.events.offered(tx, id, hold.id);
    return true;
  }
}

/** From the first start to the last end. */
function hullOf(spans: readonly Span[]): Span {
  const [starts, ends] = [spans.map(({ startsAt }) => startsAt.getTime()), spans.map(({ endsAt }) => endsAt.getTime())];
  return { startsAt: new Date(starts.reduce((one, other) => Math.min(one, other))), endsAt: new Date(ends.reduce((one, other) => Math.max(one, other))) };
}

/** What an entry waits for. */
function wishOf({ garageId, vehicleId, size, startsAt, endsAt, isEntitled }: WaitingEntry): Wish {
  return { garageId, vehicleId, size, features: [], isEntitled, startsAt, endsAt };
}
