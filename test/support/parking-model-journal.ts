import { setTimeout as sleep } from 'node:timers/promises';
import { SIZES } from '../../src/features/parking/parking.types.js';
import type { Size, SpotFeature } from '../../src/features/parking/parking.types.js';
import type { ParkingTown, TownSpot } from './parking-model-town.js';

/** A time in milliseconds of this machine's clock, as far as it is known. */
interface Between {
  readonly from: number;
  readonly to: number;
}

/** Somebody was told that there is no spot, or that the vehicle is elsewhere, at some moment in between. */
export interface Refusal extends Between {
  readonly code: 'parking.full' | 'parking.vehicle-busy';
  readonly garageId: string;
  readonly vehicleId: string;
  readonly size: Size;
  readonly features: readonly SpotFeature[];
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** What keeps others from a spot, or from every spot of its garage: a stay, a blackout, the end of a spot that is retired. */
interface Taken {
  readonly id: string;
  readonly garageId: string;
  readonly spotId: string | null;
  readonly vehicleId: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** From then on, by the clock of the database, it keeps nobody from anything. */
  readonly deadFrom: Date | null;
}

/** All that was taken at one moment. */
interface Sight extends Between {
  /** The same moment or shortly before, by the clock of the database. */
  readonly at: Date;
  readonly taken: readonly Taken[];
}

export interface Verdicts {
  readonly explained: number;
  /** Nobody looked for too long just then. */
  readonly unjudged: number;
  readonly lies: readonly Refusal[];
}

const EVERY_MS = 20;
/** Two sights that are further apart than this say too little about what was between them. */
const BLIND_MS = 400;
/** From the statement that writes a reservation until it is committed, at most. */
const COMMITS_WITHIN_MS = 2_000;
const LIVE = "('held', 'confirmed', 'checked-in')";

/**
 * Looks at what is taken all the time, and judges refusals by it: by brute force, and without the masks. It never accuses
 * wrongly. Whatever was taken at a moment was seen at the last sight before it, or at the first one after it, or came and
 * went between the two; all of these count as taken.
 */
export class ParkingJournal {
  private readonly sights: Sight[] = [];
  private isOver = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly town: ParkingTown,
    private readonly spots: readonly TownSpot[],
  ) {}

  async open(): Promise<void> {
    await this.look();
    this.looking = this.lookOn();
    // Whoever closes it hears of a failure.
    this.looking.catch(() => undefined);
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.looking;
    await this.look();
  }

  /** Judges refusals, once the journal is closed. */
  async judge(refusals: readonly Refusal[]): Promise<Verdicts> {
    const unseen = await this.listUnseen();
    const verdicts = refusals.map((refusal) => ({ refusal, verdict: this.verdictOn(refusal, unseen) }));
    const count = (wanted: string) => verdicts.filter(({ verdict }) => verdict === wanted).length;
    return { explained: count('explained'), unjudged: count('unjudged'), lies: verdicts.filter(({ verdict }) => verdict === 'lie').map(({ refusal }) => refusal) };
  }

  private async lookOn(): Promise<void> {
    while (!this.isOver) {
      await this.look();
      await sleep(EVERY_MS);
    }
  }

  /** One statement: all of it is as it was at one moment. */
  private async look(): Promise<void> {
    const from = Date.now();
    const rows = await this.town.rows<Taken & { at: Date }>(`
      SELECT UTC_TIMESTAMP(3) AS at, '' AS id, '' AS garageId, NULL AS spotId, NULL AS vehicleId, NULL AS startsAt, NULL AS endsAt, NULL AS deadFrom
      UNION ALL SELECT NULL, id, garage_id, spot_id, vehicle_id, starts_at, ends_at, IF(status = 'held', hold_expires_at, NULL) FROM reservation WHERE status IN ${LIVE}
      UNION ALL SELECT NULL, id, garage_id, spot_id, vehicle_id, ends_at, extension_ends_at, hold_expires_at FROM reservation WHERE extension_ends_at IS NOT NULL AND status IN ${LIVE}
      UNION ALL SELECT NULL, id, garage_id, spot_id, NULL, starts_at, ends_at, NULL FROM blackout
      UNION ALL SELECT NULL, id, garage_id, id, NULL, active_to, TIMESTAMP'9999-12-31 00:00:00', NULL FROM spot WHERE active_to IS NOT NULL`);
    const [first, ...taken] = rows;
    this.sights.push({ from, to: Date.now(), at: first!.at, taken });
  }

  /** Reservations that came and went between two sights. */
  private async listUnseen(): Promise<(Taken & { createdAt: Date })[]> {
    const seen = new Set(this.sights.flatMap(({ taken }) => taken.map(({ id }) => id)));
    const all = await this.town.rows<Taken & { createdAt: Date }>(
      'SELECT id, garage_id AS garageId, spot_id AS spotId, vehicle_id AS vehicleId, starts_at AS startsAt, ends_at AS endsAt, NULL AS deadFrom, created_at AS createdAt FROM reservation',
    );
    return all.filter(({ id }) => !seen.has(id));
  }

  private verdictOn(refusal: Refusal, unseen: readonly (Taken & { createdAt: Date })[]): 'explained' | 'unjudged' | 'lie' {
    const pairs = this.sights
      .slice(1)
      .map((after, index) => ({ before: this.sights[index]!, after }))
      .filter(({ before, after }) => before.from <= refusal.to && after.to >= refusal.from);
    const isExplained = pairs.some(({ before, after }) => {
      const between = unseen.filter(({ createdAt }) => createdAt <= after.at && createdAt.getTime() + COMMITS_WITHIN_MS >= before.at.getTime());
      return this.explains(refusal, [...before.taken, ...after.taken, ...between].filter(({ deadFrom }) => deadFrom === null || deadFrom > before.at));
    });
    if (isExplained) return 'explained';
    return pairs.some(({ before, after }) => after.to - before.from > BLIND_MS) ? 'unjudged' : 'lie';
  }

  private explains({ code, garageId, vehicleId, size, features, startsAt, endsAt }: Refusal, taken: readonly Taken[]): boolean {
    const then = taken.filter((one) => one.startsAt < endsAt && startsAt < one.endsAt);
    if (code === 'parking.vehicle-busy') return then.some((one) => one.vehicleId === vehicleId);
    // Nobody here may have the accessible ones.
    const fitting = this.spots.filter((spot) => {
      const isFit = SIZES.indexOf(spot.size) >= SIZES.indexOf(size) && features.every((feature) => spot.features.includes(feature)) && !spot.features.includes('accessible');
      return isFit && spot.garageId === garageId;
    });
    return fitting.every(({ id }) => then.some((one) => one.garageId === garageId && (one.spotId === id || one.spotId === null)));
  }
}
