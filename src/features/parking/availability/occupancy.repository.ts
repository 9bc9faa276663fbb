import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { LONGEST_STAY_MINUTES, type Span } from '../parking.types.js';
import { IS_COMPLETED, IS_NO_SHOW, KEPT_UNTIL } from '../reservations/reservation.repository.js';
import type { OnSpot } from './free-time.rules.js';
import type { StoredStay } from './occupancy.rules.js';


/** Reports on the table `reservation`: what spots are taken by. */
@Injectable()
export class OccupancyRepository {
  constructor(private readonly database: Database) {}

  /** Time that the guard still has for what has ended by itself: holds and extensions that nobody paid for, and stays that are over. @param now of the calendar clock */
  async listLapsed(garageIds: readonly string[], { startsAt, endsAt }: Span, now: Date): Promise<(OnSpot & { garageId: string })[]> {
    const lapsed = (from: string, condition: string) => `
      SELECT r.garage_id AS garageId, r.spot_id AS spotId, ${from} AS startsAt, ${KEPT_UNTIL} AS endsAt FROM reservation r JOIN garage g ON g.id = r.garage_id
      WHERE ${condition} AND r.garage_id IN (?) AND r.starts_at < ? AND ${KEPT_UNTIL} > ?`;
    const values = [garageIds, endsAt, startsAt];
    return this.database.rows(
      [
        lapsed("IF(r.status = 'held', r.starts_at, r.ends_at)", 'r.hold_expires_at <= UTC_TIMESTAMP(3)'), lapsed('r.starts_at', IS_NO_SHOW), lapsed('r.starts_at', IS_COMPLETED),
      ].join(' UNION ALL '),
      [...values, now, now, ...values, now, ...values],
    );
  }

  /** The stays of a garage in a span, but for those that were cancelled and the holds that nobody paid for. */
  async listStays(garageId: string, { startsAt, endsAt }: Span): Promise<StoredStay[]> {
    return this.database.rows(
      `SELECT r.spot_id AS spotId, r.status, r.starts_at AS startsAt, r.ends_at AS endsAt, r.checked_out_at AS checkedOutAt,
              IF(r.hold_expires_at > UTC_TIMESTAMP(3), r.extension_ends_at, NULL) AS extensionEndsAt
       FROM reservation r WHERE r.garage_id = ? AND r.starts_at < ? AND r.starts_at > ? - INTERVAL ${LONGEST_STAY_MINUTES} MINUTE AND ${KEPT_UNTIL} > ?
         AND (r.status IN ('confirmed', 'checked-in', 'completed', 'no-show') OR (r.status = 'held' AND r.hold_expires_at > UTC_TIMESTAMP(3)))`,
      [garageId, endsAt, startsAt, startsAt],
    );
  }
}
