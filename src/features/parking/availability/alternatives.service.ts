import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { fits } from '../guard/spot-choice.rules.js';
import type { Wish } from '../guard/spot-taking.service.js';
import type { NextFree } from '../parking.errors.js';
import type { Garage } from '../parking.types.js';
import { refusalOf } from '../window.rules.js';
import { LOOKED_AHEAD_MS, nextFreeOf } from './alternatives.rules.js';
import { FreeTime } from './free-time.service.js';
import { boxesAround, nearest } from './places.rules.js';

const NEARBY_M = 5_000;
const NEARBY_GARAGES = 5;
/** So many garages are looked into at once: mostly the first few have what is sought. */
const AT_ONCE = 10;

/** Where and when somebody could park who finds a garage full. */
@Injectable()
export class Alternatives {
  constructor(
    private readonly garages: GarageRepository,
    private readonly freeTime: FreeTime,
    private readonly clock: Clock,
  ) {}

  /** The next time, within 14 days, at which this garage has a fitting spot for as long, and other garages within 5 km that have one at the time asked for. */
  async to(garage: Garage, wish: Wish): Promise<{ nextFree: NextFree | null; nearby: { garageId: string; distanceM: number }[] }> {
    const now = this.clock.now();
    const [nextFree, nearby] = await Promise.all([this.nextFree(garage, wish, now), this.nearby(garage, wish, now)]);
    return { nextFree, nearby };
  }

  private async nextFree(garage: Garage, wish: Wish, now: Date): Promise<NextFree | null> {
    const times = await this.freeTime.of([garage.id], { startsAt: wish.startsAt, endsAt: new Date(wish.endsAt.getTime() + LOOKED_AHEAD_MS) });
    const next = nextFreeOf(times.filter(({ spot }) => fits(spot, wish)), wish, garage.maxAdvanceDays, now);
    return next === undefined ? null : { startsAt: next.startsAt.toISOString(), endsAt: next.endsAt.toISOString() };
  }

  private async nearby(garage: Garage, wish: Wish, now: Date): Promise<{ garageId: string; distanceM: number }[]> {
    const found = await this.garages.list({ boxes: boxesAround(garage, NEARBY_M) });
    const others = nearest(found, garage, NEARBY_M).filter(({ garage: { id, ...rules } }) => id !== garage.id && refusalOf(wish, rules, now) === undefined);
    const nearby: { garageId: string; distanceM: number }[] = [];
    for (let start = 0; start < others.length && nearby.length < NEARBY_GARAGES; start += AT_ONCE) {
      const some = others.slice(start, start + AT_ONCE);
      const times = await this.freeTime.of(some.map(({ garage: { id } }) => id), wish);
      const free = new Set(times.filter(({ spot, timeline }) => fits(spot, wish) && timeline.isFree(wish)).map(({ spot }) => spot.garageId));
      nearby.push(...some.filter(({ garage: { id } }) => free.has(id)).map(({ garage: { id }, distanceM }) => ({ garageId: id, distanceM })));
    }
    return nearby.slice(0, NEARBY_GARAGES);
  }
}
