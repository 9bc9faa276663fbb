import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { chartSvg } from '../../../platform/http/svg.js';
import { BlackoutRepository } from '../garages/blackout.repository.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { SpotRepository } from '../garages/spot.repository.js';
import { QUARTER_MS } from '../guard/day-masks.rules.js';
import { SIZES, type Garage, type Span } from '../parking.types.js';
import { spanOf, windowOf } from '../window.rules.js';
import { OccupancyRepository } from './occupancy.repository.js';
import { occupancyCsv, occupancyOf, timeTaken, type Occupancy } from './occupancy.rules.js';
import { edgesOf, weekAround, type Step } from './steps.rules.js';

/** 31 days of quarter-hours. */
const MOST_STEPS = 31 * 96;

/** A time as it was sent; the week around now when it is left out. */
export interface OccupancyQuery {
  readonly from?: string;
  readonly to?: string;
}

/** How garages were and will be taken: by the stays and blackouts, which also know the past. */
@Injectable()
export class OccupancyReports {
  constructor(
    private readonly database: Database,
    private readonly garages: GarageRepository,
    private readonly spots: SpotRepository,
    private readonly blackouts: BlackoutRepository,
    private readonly occupancy: OccupancyRepository,
    private readonly clock: Clock,
  ) {}

  /** The taken spots of each size, drawn over time: by quarter-hours up to 31 days, and by days above. @throws notFound; requestInvalid; windowInvalid */
  async draw(garageId: string, query: OccupancyQuery): Promise<string> {
    const { garage, span } = await this.asked(garageId, query);
    const step = span.endsAt.getTime() - span.startsAt.getTime() <= MOST_STEPS * QUARTER_MS ? '15m' : '1d';
    const occupancy = await this.of(garage, span, step);
    const sizes = SIZES.filter((size) => occupancy.some(({ sizes }) => sizes[size].total > 0));
    return chartSvg({
      title: `${garage.name}: taken spots`,
      unit: 'spots',
      timeZone: garage.timeZone,
      kind: 'steps',
      series: sizes.map((size) => ({
        name: `${size}, of ${Math.max(...occupancy.map(({ sizes }) => sizes[size].total))}`,
        points: [...occupancy.map(({ from, sizes }) => ({ at: from, value: sizes[size].taken })), { at: span.endsAt, value: occupancy.at(-1)!.sizes[size].taken }],
      })),
    });
  }

  /** The same in numbers. @throws notFound; requestInvalid; windowInvalid */
  async csv(garageId: string, { step, ...query }: OccupancyQuery & { step: Step }): Promise<string> {
    const { garage, span } = await this.asked(garageId, query);
    return occupancyCsv(await this.of(garage, span, step));
  }

  private async asked(garageId: string, query: OccupancyQuery): Promise<{ garage: Garage; span: Span }> {
    const garage = await this.garages.find(garageId);
    if (garage === undefined) throw notFound();
    const window = windowOf(query);
    return { garage, span: window === undefined ? weekAround(this.clock.now(), garage.timeZone) : spanOf({ ...window, paths: ['from', 'to'] }, garage.timeZone) };
  }

  private async of({ id, timeZone, noShowMinutes }: Garage, span: Span, step: Step): Promise<Occupancy[]> {
    const edges = edgesOf(span, step, timeZone, MOST_STEPS);
    const [spots, stays, blackouts] = await Promise.all([
      this.spots.list(this.database, id), this.occupancy.listStays(id, span), this.blackouts.list(this.database, id, span.startsAt),
    ]);
    const now = this.clock.now();
    return occupancyOf(spots, stays.map((stay) => timeTaken(stay, noShowMinutes, now)), blackouts, edges);
  }
}
