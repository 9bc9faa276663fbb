import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { isOpenTo } from '../guard/spot-choice.rules.js';
import type { BySize } from '../parking.types.js';
import { spanOf } from '../window.rules.js';
import { countFree } from './free-time.rules.js';
import { FreeTime } from './free-time.service.js';
import { edgesOf, type Step } from './steps.rules.js';

/** What is free from a time to another. */
export interface FreeStep {
  readonly from: Date;
  readonly to: Date;
  readonly free: BySize;
}

const MOST_STEPS = 2_000;

/** How many spots a garage has when. */
@Injectable()
export class Availability {
  constructor(
    private readonly garages: GarageRepository,
    private readonly freeTime: FreeTime,
  ) {}

  /** The spots that the member could have for the whole of each step. @throws notFound; windowInvalid */
  async of(actor: Actor, garageId: string, { from, to, step }: { from: string; to: string; step: Step }): Promise<FreeStep[]> {
    const garage = await this.garages.find(garageId);
    if (garage === undefined) throw notFound();
    const span = spanOf({ from, to, paths: ['from', 'to'] }, garage.timeZone);
    const edges = edgesOf(span, step, garage.timeZone, MOST_STEPS);
    const isEntitled = actor.permissions.has(Permission.ParkingAccessible);
    const times = (await this.freeTime.of([garageId], span)).filter(({ spot }) => isOpenTo(spot, isEntitled));
    return countFree(times, edges).map((free, index) => ({ from: edges[index]!, to: edges[index + 1]!, free }));
  }
}
