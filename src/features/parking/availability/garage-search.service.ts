import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { SpotRepository } from '../garages/spot.repository.js';
import { quarterOf } from '../guard/day-masks.rules.js';
import { isOpenTo } from '../guard/spot-choice.rules.js';
import { windowPast } from '../parking.errors.js';
import type { BySize, Size, Span, TariffElement } from '../parking.types.js';
import { Prices } from '../pricing/prices.service.js';
import { checkSpan, refusalOf, spanOf, windowOf } from '../window.rules.js';
import { countFreeAt } from './free-time.rules.js';
import { FreeTime } from './free-time.service.js';
import { inOrder, standingOf, type FoundGarage, type Order, type Standing } from './garage-search.rules.js';
import { boxesAround, nearest, type Place } from './places.rules.js';

/** What garages are looked for; the texts as they were sent. */
export interface GarageQuery extends WindowQuery {
  readonly near?: Place;
  readonly radiusM: number;
  /** How the zip code begins. */
  readonly zip?: string;
  readonly sort?: 'distance' | 'price';
  readonly limit: number;
  readonly cursor?: string;
}

/** When somebody wants to park, if they say so, and a vehicle of what size. */
export interface WindowQuery {
  readonly from?: string;
  readonly to?: string;
  readonly size?: Size;
}

/** A garage with what it has for the member, and at what price. */
export interface GarageOffer extends FoundGarage {
  readonly elements: readonly TariffElement[];
  /** Spots in use. */
  readonly spots: BySize;
  /** For all of the time that was asked about. */
  readonly free?: BySize;
}

const USUAL_SIZE: Size = 'regular';
/** So many are priced when the cheapest are wanted: those that come first otherwise. */
const MOST_PRICED = 200;

/** Finds garages. All that match are put in order in memory, which is meant for up to some 10,000. */
@Injectable()
export class GarageSearch {
  constructor(
    private readonly database: Database,
    private readonly garages: GarageRepository,
    private readonly spots: SpotRepository,
    private readonly freeTime: FreeTime,
    private readonly prices: Prices,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  /**
   * Those whose rules allow the time that is asked for, whether or not they have room then.
   *
   * @throws requestInvalid; windowInvalid; windowPast
   */
  async search(actor: Actor, { near, radiusM, zip, sort, size = USUAL_SIZE, limit, cursor, ...query }: GarageQuery): Promise<Page<GarageOffer>> {
    const order: Order = sort ?? (near === undefined ? 'name' : 'distance');
    const list = `parking.garages.${order}`;
    const after = this.cursors.decode<Standing>(list, cursor);
    const window = windowOf(query);
    if (order === 'distance' && near === undefined) throw requestInvalid({ errors: [{ path: 'near', message: 'near must be given to sort by distance' }] });
    if (order === 'price' && window === undefined) throw requestInvalid({ errors: [{ path: 'from', message: 'from and to must be given to sort by price' }] });
    const span = window && spanOf({ ...window, paths: ['from', 'to'] }, 'UTC');
    const now = this.clock.now();
    if (span !== undefined && span.startsAt < quarterOf(now)) throw windowPast();
    const garages = await this.garages.list({ boxes: near && boxesAround(near, radiusM), zip });
    const found: FoundGarage[] = near === undefined ? garages.map((garage) => ({ garage })) : nearest(garages, near, radiusM);
    const allowed = found.filter(({ garage }) => span === undefined || refusalOf(span, garage, now) === undefined);
    const inTurn = order === 'price' ? await this.priced(inOrder(allowed, near === undefined ? 'name' : 'distance').slice(0, MOST_PRICED), span!, size) : allowed;
    const page = this.cursors.page(list, inOrder(inTurn, order, after).slice(0, limit + 1), limit, (one) => standingOf(one, order));
    return { ...page, items: await this.offers(actor, page.items, span, size, now) };
  }

  /** @throws notFound; requestInvalid; windowInvalid, windowPast, windowTooFar, windowTooShort, windowTooLong */
  async get(actor: Actor, id: string, { size = USUAL_SIZE, ...query }: WindowQuery): Promise<GarageOffer> {
    const garage = await this.garages.find(id);
    if (garage === undefined) throw notFound();
    const [window, now] = [windowOf(query), this.clock.now()];
    const span = window && spanOf({ ...window, paths: ['from', 'to'] }, garage.timeZone);
    if (span !== undefined) checkSpan(span, garage, now);
    const [offer] = await this.offers(actor, [{ garage }], span, size, now);
    return offer!;
  }

  private async offers(actor: Actor, found: readonly FoundGarage[], span: Span | undefined, size: Size, now: Date): Promise<GarageOffer[]> {
    const ids = found.map(({ garage }) => garage.id);
    const isEntitled = actor.permissions.has(Permission.ParkingAccessible);
    const [inUse, times] = await Promise.all([this.spots.count(this.database, ids, now), span && this.freeTime.of(ids, span)]);
    const priced = span === undefined ? found : await this.priced(found, span, size);
    const offers: GarageOffer[] = [];
    for (const one of priced) {
      const { id, tariffVersion } = one.garage;
      const elements = await this.prices.elements(id, tariffVersion);
      const free = span && countFreeAt(times!.filter(({ spot }) => spot.garageId === id && isOpenTo(spot, isEntitled)), span);
      offers.push({ ...one, elements, spots: inUse.get(id)!, free });
    }
    return offers;
  }

  private async priced(found: readonly FoundGarage[], span: Span, size: Size): Promise<FoundGarage[]> {
    const priced: FoundGarage[] = [];
    for (const one of found) {
      priced.push({ ...one, price: one.price ?? (await this.prices.of(one.garage, one.garage.tariffVersion, size, span)) });
      // A long stay takes milliseconds: others have their turn in between.
      await nextTurn();
    }
    return priced;
  }
}
