import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { BlackoutRepository } from '../garages/blackout.repository.js';
import { SpotRepository } from '../garages/spot.repository.js';
import { DayGuardRepository } from '../guard/day-guard.repository.js';
import { daysOfSpan } from '../guard/day-masks.rules.js';
import type { Span } from '../parking.types.js';
import { timesOf, type SpotTime } from './free-time.rules.js';
import { OccupancyRepository } from './occupancy.repository.js';

/** When spots are free, as the guard has it now: for looking, never for deciding. What has ended by itself takes nothing, tidied or not. */
@Injectable()
export class FreeTime {
  constructor(
    private readonly database: Database,
    private readonly guard: DayGuardRepository,
    private readonly spots: SpotRepository,
    private readonly blackouts: BlackoutRepository,
    private readonly occupancy: OccupancyRepository,
    private readonly clock: Clock,
  ) {}

  /** The spots of some garages in their own order, retired ones too, each with its time on the days of the span. */
  async of(garageIds: readonly string[], span: Span): Promise<SpotTime[]> {
    if (garageIds.length === 0) return [];
    const { firstDay, lastDay } = daysOfSpan(span);
    const [spots, masks] = await Promise.all([
      this.spots.list(this.database, ...garageIds),
      this.guard.listOfGarages(this.database, garageIds, firstDay, lastDay),
    ]);
    // After the masks: what has lapsed and was not tidied since is what they had there.
    const lapsed = await this.occupancy.listLapsed(garageIds, span, this.clock.now());
    const affected = [...new Set(lapsed.map(({ garageId }) => garageId))];
    const blackouts = await Promise.all(affected.map((garageId) => this.blackouts.list(this.database, garageId, span.startsAt)));
    return timesOf({ spots, masks, lapsed, blackouts: blackouts.flat() }, span);
  }
}
