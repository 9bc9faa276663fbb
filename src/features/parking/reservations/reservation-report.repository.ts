import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Conditions } from '../../../platform/database/sql-text.js';
import type { Reader } from '../../../platform/database/transactions.js';
import type { Hour } from '../../../platform/statistics/hour.js';
import type { ReservationStatus } from '../parking.types.js';
import { STATUS_NOW } from './reservation.repository.js';

/** A reservation as files of reservations have it. */
export interface ReportedReservation {
  readonly id: string;
  readonly garageId: string;
  readonly garage: string;
  readonly spot: string;
  readonly memberId: string;
  readonly license: string;
  readonly country: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly status: ReservationStatus;
  readonly priceMinor: number;
  readonly currency: string;
  readonly paidMinor: number;
  readonly refundedMinor: number;
  readonly checkedInAt: Date | null;
  readonly checkedOutAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly createdAt: Date;
}

/** Whose reservations, or of which garage, or both. */
export interface ReportScope {
  readonly memberId?: string;
  readonly garageId?: string;
}

/** Reservations in bulk: for files, and for statistics. */
@Injectable()
export class ReservationReportRepository {
  constructor(private readonly clock: Clock) {}

  async count(reader: Reader, scope: ReportScope): Promise<number> {
    const where = conditionsOf(scope);
    const [row] = await reader.rows<{ count: number }>(`SELECT COUNT(*) AS count FROM reservation r ${where.sql}`, where.values);
    return row!.count;
  }

  /** In the order of their ids, which is that of their making. */
  listAfter(reader: Reader, scope: ReportScope, { afterId = '', limit }: { afterId?: string; limit: number }): Promise<ReportedReservation[]> {
    const where = conditionsOf(scope).and('r.id > ?', afterId);
    const now = this.clock.now();
    return reader.rows<ReportedReservation>(
      `SELECT r.id, r.garage_id AS garageId, g.name AS garage, s.label AS spot, r.member_id AS memberId, v.license, v.country, r.starts_at AS startsAt, r.ends_at AS endsAt,
              ${STATUS_NOW} AS status, r.price_minor AS priceMinor, r.currency, r.paid_minor AS paidMinor,
              r.refunded_minor AS refundedMinor, r.checked_in_at AS checkedInAt, r.checked_out_at AS checkedOutAt, r.cancelled_at AS cancelledAt, r.created_at AS createdAt
       FROM reservation r JOIN spot s ON s.id = r.spot_id JOIN garage g ON g.id = r.garage_id JOIN vehicle v ON v.id = r.vehicle_id
       ${where.sql} ORDER BY r.id LIMIT ?`,
      [now, now, now, ...where.values, limit],
    );
  }

  async findFirst(reader: Reader): Promise<Date | null> {
    const [row] = await reader.rows<{ at: Date | null }>('SELECT MIN(created_at) AS at FROM reservation');
    return row!.at;
  }

  async countMade(reader: Reader, { from, to }: Hour): Promise<number> {
    const [row] = await reader.rows<{ count: number }>('SELECT COUNT(*) AS count FROM reservation WHERE created_at >= ? AND created_at < ?', [from, to]);
    return row!.count;
  }
}

function conditionsOf({ memberId, garageId }: ReportScope): Conditions {
  const where = new Conditions();
  if (memberId !== undefined) where.and('r.member_id = ?', memberId);
  if (garageId !== undefined) where.and('r.garage_id = ?', garageId);
  return where;
}
