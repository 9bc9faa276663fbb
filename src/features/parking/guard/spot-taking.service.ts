import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { SpotRepository } from '../garages/spot.repository.js';
import type { Span, Spot } from '../parking.types.js';
import { VehicleRepository } from '../vehicles/vehicle.repository.js';
import { dayMasksOf, Timeline, type UtcDay } from './day-masks.rules.js';
import { DayGuardRepository, type GuardSubject } from './day-guard.repository.js';
import { bestFit, daysAround, fits, isActive, type Need, type SurveyedSpot } from './spot-choice.rules.js';

/** A vehicle that is to stand somewhere. */
export interface Wish extends Span, Need {
  readonly garageId: string;
  readonly vehicleId: string;
}

/** A garage as it was at some moment. */
export interface Survey {
  /** Read before everything else: as long as the garage's counter stays the same, what was taken since then is taken. */
  readonly frees: number;
  readonly spots: readonly SurveyedSpot[];
}

/** Why nothing was taken. */
export type Untaken = 'vehicle-busy' | 'vehicle-changed' | 'full';

/** Days of which this process knows that they have rows. */
const KNOWN_DAYS = 200_000;

/** Takes spots, and lets go of none: what was taken is undone with the transaction. */
@Injectable()
export class SpotTaking {
  private readonly known = new LRUCache<string, true>({ max: KNOWN_DAYS });

  constructor(
    private readonly transactions: Transactions,
    private readonly guard: DayGuardRepository,
    private readonly garages: GarageRepository,
    private readonly spots: SpotRepository,
    private readonly vehicles: VehicleRepository,
  ) {}

  /** What a garage has, and when it is taken. */
  async survey(reader: Reader, garageId: string, span: Span): Promise<Survey> {
    const frees = await this.garages.getFrees(reader, garageId);
    const spots = await this.spots.list(reader, garageId);
    const { firstDay, lastDay } = daysAround(span);
    const masks = await this.guard.list(reader, 'spot', spots.map(({ id }) => id), firstDay, lastDay);
    return { frees, spots: spots.map((spot) => ({ spot, masks: masks.get(spot.id)! })) };
  }

  /** When vehicles are expected somewhere, by their ids. */
  async whereabouts(reader: Reader, ids: readonly string[], span: Span): Promise<Map<string, Timeline>> {
    const { firstDay, lastDay, days } = daysAround(span);
    const masks = await this.guard.list(reader, 'vehicle', [...new Set(ids)], firstDay, lastDay);
    return new Map([...masks].map(([id, taken]) => [id, new Timeline(firstDay, days, taken)]));
  }

  /** Sees to it that there are rows to write: in a transaction of its own, before the one that takes. */
  async prepare(wish: Wish, { spots }: Survey): Promise<void> {
    await this.makeRows('vehicle', [wish.vehicleId], wish);
    await this.makeRows('spot', spots.filter(({ spot }) => fits(spot, wish) && isActive(spot, wish)).map(({ spot }) => spot.id), wish);
  }

  /** The same for whatever else is to be taken. */
  async makeRows(subject: GuardSubject, ids: readonly string[], span: Span): Promise<void> {
    const unknown = this.unknown(ids, span);
    if (unknown.length === 0) return;
    await this.transactions.run((tx) => this.guard.insertMissing(tx, subject, unknown, daysOf(span)));
    for (const id of unknown) this.known.set(keyOf(id, span), true);
  }

  /** The same for the spots of a survey inside a transaction, where a wish is served that was made long before: spots may have come since. */
  async prepareIn(tx: Tx, wish: Wish, { spots }: Survey): Promise<void> {
    const free = bestFit(spots, wish, wish).flat().map(({ id }) => id);
    await this.guard.insertMissing(tx, 'spot', this.unknown(free, wish), daysOf(wish));
  }

  private unknown(ids: readonly string[], span: Span): string[] {
    return ids.filter((id) => !this.known.has(keyOf(id, span)));
  }

  /**
   * Takes the best of the spots that were free, for the vehicle and for the time; the vehicle first, so that two
   * bookings of one vehicle meet there.
   *
   * @param preferred a spot to try before all others
   * @returns why nothing was taken: the vehicle is elsewhere then, was deleted or has another size, or every spot that was free is taken by now
   */
  async take(tx: Tx, wish: Wish, survey: Survey, preferred?: string): Promise<Spot | Untaken> {
    const masks = dayMasksOf(wish);
    if (!(await this.guard.take(tx, 'vehicle', wish.vehicleId, masks))) return 'vehicle-busy';
    const isSame = await this.vehicles.enterToBook(tx, wish.vehicleId, wish.size);
    const spot = isSame ? await this.takeOther(tx, wish, survey, preferred) : undefined;
    if (spot !== undefined) return spot;
    await this.guard.clear(tx, 'vehicle', wish.vehicleId, masks);
    return isSame ? 'full' : 'vehicle-changed';
  }

  /** Takes more time for a vehicle on the spot that it has. @returns why nothing was taken; undefined when it was */
  async takeMore(tx: Tx, { spotId, vehicleId }: { spotId: string; vehicleId: string }, span: Span): Promise<Untaken | undefined> {
    const masks = dayMasksOf(span);
    if (!(await this.guard.take(tx, 'vehicle', vehicleId, masks))) return 'vehicle-busy';
    if (await this.takeSpot(tx, spotId, span)) return undefined;
    await this.guard.clear(tx, 'vehicle', vehicleId, masks);
    return 'full';
  }

  /** Takes another spot for a stay that keeps its vehicle and time. @returns undefined when none is free */
  async takeOther(tx: Tx, wish: Wish, survey: Survey, preferred?: string): Promise<Spot | undefined> {
    const groups = bestFit(survey.spots, wish, wish);
    const first = groups.flat().find(({ id }) => id === preferred);
    if (first !== undefined && (await this.takeSpot(tx, first.id, wish))) return first;
    for (const [best, ...equals] of groups) {
      if (await this.takeSpot(tx, best!.id, wish)) return best;
      // Lost to somebody who is here at the same time: among equals by chance, or both would meet at each of them.
      for (const spot of shuffled(equals)) if (await this.takeSpot(tx, spot.id, wish)) return spot;
    }
    return undefined;
  }

  /**
   * The days first and the spot's own row after them: who finds the days taken leaves no lock behind for others to wait
   * at. Retiring a spot writes that row too, so one of the two sees the other.
   */
  private async takeSpot(tx: Tx, spotId: string, span: Span): Promise<boolean> {
    const masks = dayMasksOf(span);
    if (!(await this.guard.take(tx, 'spot', spotId, masks))) return false;
    if (await this.spots.enterToBook(tx, spotId, span)) return true;
    await this.guard.clear(tx, 'spot', spotId, masks);
    return false;
  }
}

function daysOf(span: Span): UtcDay[] {
  return dayMasksOf(span).map(({ day }) => day);
}

function keyOf(id: string, span: Span): string {
  const days = daysOf(span);
  return `${id} ${days[0]} ${days.at(-1)}`;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
