import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import { changedMeanwhile } from '../../../platform/database/sql-errors.js';
import { Conditions, jsonOf } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { KeptPrice, Reservation, ReservationStatus, Span } from '../parking.types.js';
import { mayBecome, statusAt } from './reservation.rules.js';

interface Row extends Omit<Reservation, 'status' | 'storedStatus' | 'holdExpiresAt' | 'price' | 'cancellation' | 'extension' | 'features'> {
  status: ReservationStatus;
  lapsed: 0 | 1;
  expiresAt: Date | null;
  features: string;
  quote: string | KeptPrice;
  cancellation: string | Reservation['cancellation'];
  extensionEndsAt: Date | null;
  extensionQuote: string | KeptPrice | null;
  graceMinutes: number;
  noShowMinutes: number;
}

/** Its bits are set in the guard. */
const LIVE = "r.status IN ('held', 'confirmed', 'checked-in')";
/** Until when they are, with an extension that is not paid yet. */
export const KEPT_UNTIL = 'COALESCE(r.extension_ends_at, r.ends_at)';
/** Until when the stay may last: an extension counts as long as it can be paid. */
const MAY_END = 'IF(r.extension_ends_at IS NOT NULL AND r.hold_expires_at > UTC_TIMESTAMP(3), r.extension_ends_at, r.ends_at)';
/** Nobody came: given the calendar's time twice, of which the first narrows the search to what has begun. */
export const IS_NO_SHOW = `r.status = 'confirmed' AND r.starts_at <= ? AND LEAST(${MAY_END}, r.starts_at + INTERVAL g.no_show_minutes MINUTE) <= ?`;
/** Whoever came is gone: given the calendar's time. */
export const IS_COMPLETED = `r.status = 'checked-in' AND ${MAY_END} + INTERVAL g.grace_minutes MINUTE <= ?`;

/** What `statusAt` says, in SQL on `reservation r` and `garage g`; the calendar's time is asked for three times. */
export const STATUS_NOW = `
  CASE WHEN r.status = 'held' AND r.hold_expires_at <= UTC_TIMESTAMP(3) THEN 'expired' WHEN ${IS_NO_SHOW} THEN 'no-show' WHEN ${IS_COMPLETED} THEN 'completed' ELSE r.status END`;

const SELECT = `
  SELECT r.id, r.garage_id AS garageId, r.spot_id AS spotId, s.label AS spotLabel, r.member_id AS memberId, r.vehicle_id AS vehicleId, r.size, r.features,
         r.starts_at AS startsAt, r.ends_at AS endsAt,
         r.status, COALESCE(r.hold_expires_at <= UTC_TIMESTAMP(3), 0) AS lapsed, r.hold_expires_at AS expiresAt, r.price_minor AS priceMinor, r.currency, r.quote,
         r.tariff_version AS tariffVersion, r.cancellation,
         r.paid_minor AS paidMinor, r.refunded_minor AS refundedMinor, r.extension_ends_at AS extensionEndsAt, r.extension_quote AS extensionQuote, ${KEPT_UNTIL} AS keptUntil,
         r.checked_in_at AS checkedInAt, r.checked_out_at AS checkedOutAt, r.cancelled_at AS cancelledAt, r.created_at AS createdAt, r.version,
         g.grace_minutes AS graceMinutes, g.no_show_minutes AS noShowMinutes
  FROM reservation r JOIN spot s ON s.id = r.spot_id JOIN garage g ON g.id = r.garage_id`;

/** A new reservation, as it is kept until it is paid. */
export interface NewReservation
  extends Pick<Reservation, 'id' | 'garageId' | 'spotId' | 'memberId' | 'vehicleId' | 'size' | 'features' | 'startsAt' | 'endsAt' | 'price' | 'currency' | 'tariffVersion' | 'cancellation'> {
  readonly holdSeconds: number;
}

/** What changes with a move. Amounts are added to what there is. */
export interface ReservationChange {
  readonly status?: ReservationStatus;
  readonly spotId?: string;
  readonly endsAt?: Date;
  readonly price?: KeptPrice;
  readonly addPaidMinor?: number;
  readonly addRefundedMinor?: number;
  /** null ends it; what is left out stays as it is. */
  readonly extension?: { readonly endsAt: Date; readonly price: KeptPrice; readonly holdSeconds: number; readonly holdExpiresAt?: Date } | null;
  readonly checkedInAt?: Date;
  readonly checkedOutAt?: Date;
  readonly cancelledAt?: Date;
}

/** Where a page begins that is in the order of the start. */
export interface ReservationPosition {
  readonly startsAt: Date;
  readonly id: string;
}

/** The only SQL on the table `reservation`, but for its reports. */
@Injectable()
export class ReservationRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async find(id: string, reader: Reader = this.database): Promise<Reservation | undefined> {
    return (await this.list(reader, new Conditions().and('r.id = ?', id)))[0];
  }

  /** @throws Error when there is none: reservations are never deleted */
  async get(reader: Reader, id: string): Promise<Reservation> {
    const reservation = await this.find(id, reader);
    if (reservation === undefined) throw new Error(`reservation ${id} is gone`);
    return reservation;
  }

  /** The member's own, the latest start first. */
  async listOwn(memberId: string, { before, limit }: { before?: ReservationPosition; limit: number }): Promise<Reservation[]> {
    const where = new Conditions().and('r.member_id = ?', memberId);
    if (before !== undefined) where.and('(r.starts_at < ? OR (r.starts_at = ? AND r.id < ?))', before.startsAt, before.startsAt, before.id);
    return this.list(this.database, where, 'r.starts_at DESC, r.id DESC', limit);
  }

  /** Live ones whose spot is kept at some time of a span, by the spot's id: what an operator is told about, and what is put back where a guard is cleared. */
  async listLiveOnSpots(reader: Reader, spotIds: readonly string[], { startsAt, endsAt }: Span): Promise<Reservation[]> {
    if (spotIds.length === 0) return [];
    return this.list(reader, new Conditions().and(`r.spot_id IN (?) AND ${LIVE} AND r.starts_at < ? AND ${KEPT_UNTIL} > ?`, spotIds, endsAt, startsAt), 'r.starts_at, r.id');
  }

  /** Live ones of a vehicle. */
  async listLiveOfVehicle(reader: Reader, vehicleId: string): Promise<Reservation[]> {
    return this.list(reader, new Conditions().and(`r.vehicle_id = ? AND ${LIVE}`, vehicleId));
  }

  /** Those of a garage that touch a span, in a state or in any, the earliest start first. */
  async listOfGarage(
    garageId: string, { startsAt, endsAt }: Partial<Span>, { status, after, limit }: { status?: ReservationStatus; after?: ReservationPosition; limit: number },
  ): Promise<Reservation[]> {
    const now = this.clock.now();
    const where = new Conditions().and('r.garage_id = ?', garageId);
    if (startsAt !== undefined) where.and('r.ends_at > ?', startsAt);
    if (endsAt !== undefined) where.and('r.starts_at < ?', endsAt);
    if (status !== undefined) where.and(`${STATUS_NOW} = ?`, now, now, now, status);
    if (after !== undefined) where.and('(r.starts_at > ? OR (r.starts_at = ? AND r.id > ?))', after.startsAt, after.startsAt, after.id);
    return this.list(this.database, where, 'r.starts_at, r.id', limit);
  }

  /** What has ended by itself, was not tidied, and keeps this garage, or this vehicle, from somebody at some time of the span. */
  async listLapsed(reader: Reader, { garageId, vehicleId }: { garageId: string; vehicleId?: string }, { startsAt, endsAt }: Span, now: Date): Promise<string[]> {
    const isInTheWay = `(r.garage_id = ? OR r.vehicle_id = ?) AND r.starts_at < ? AND ${KEPT_UNTIL} > ?`;
    const values = [garageId, vehicleId ?? '', endsAt, startsAt];
    const rows = await reader.rows<{ id: string }>(
      `(SELECT r.id FROM reservation r WHERE r.hold_expires_at <= UTC_TIMESTAMP(3) AND ${isInTheWay})
       UNION (SELECT r.id FROM reservation r JOIN garage g ON g.id = r.garage_id WHERE ${IS_NO_SHOW} AND ${isInTheWay})
       UNION (SELECT r.id FROM reservation r JOIN garage g ON g.id = r.garage_id WHERE ${IS_COMPLETED} AND ${isInTheWay}) ORDER BY id`,
      [...values, now, now, ...values, now, ...values],
    );
    return rows.map(({ id }) => id);
  }

  /** What has ended by itself and was not tidied: by the database's clock where it is a hold, by the calendar's where it is a stay. */
  async listOver(now: Date, limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `(SELECT id FROM reservation WHERE hold_expires_at <= UTC_TIMESTAMP(3) ORDER BY hold_expires_at LIMIT ?)
       UNION (SELECT r.id FROM reservation r JOIN garage g ON g.id = r.garage_id WHERE ${IS_NO_SHOW} LIMIT ?)
       UNION (SELECT r.id FROM reservation r JOIN garage g ON g.id = r.garage_id WHERE ${IS_COMPLETED} LIMIT ?)`,
      [limit, now, now, limit, now, limit],
    );
    return rows.map(({ id }) => id);
  }

  async insert(tx: Tx, { price, features, cancellation, holdSeconds, ...reservation }: NewReservation): Promise<void> {
    const { id, garageId, spotId, memberId, vehicleId, size, startsAt, endsAt, currency, tariffVersion } = reservation;
    await tx.write(
      `INSERT INTO reservation (id, garage_id, spot_id, member_id, vehicle_id, size, features, starts_at, ends_at, status, hold_expires_at,
                                price_minor, currency, quote, tariff_version, cancellation, paid_minor, refunded_minor, created_at, version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', UTC_TIMESTAMP(3) + INTERVAL ? SECOND, ?, ?, ?, ?, ?, 0, 0, UTC_TIMESTAMP(3), 1)`,
      [
        id, garageId, spotId, memberId, vehicleId, size, features.join(','), startsAt, endsAt, holdSeconds,
        price.priceMinor, currency, JSON.stringify(price), tariffVersion, JSON.stringify(cancellation),
      ],
    );
  }

  /**
   * Moves a reservation on, if it still is what was read: conditional on its version and its state. Where it is not, the
   * transaction is done again. A new state ends an extension that was not paid, but for checking in.
   *
   * @param isStillKept also demands that its hold, or its extension's, has not expired. @returns false when it has
   * @throws Error when that state does not follow
   */
  async update(tx: Tx, { id, version, storedStatus }: Pick<Reservation, 'id' | 'version' | 'storedStatus'>, change: ReservationChange, isStillKept = false): Promise<boolean> {
    const { status, spotId, endsAt, price, addPaidMinor = 0, addRefundedMinor = 0, extension, checkedInAt, checkedOutAt, cancelledAt } = change;
    if (status !== undefined && !mayBecome(storedStatus, status)) throw new Error(`reservation ${id} is ${storedStatus} and cannot become ${status}`);
    const sets: [sql: string, ...values: unknown[]][] = [['version = version + 1'], ['paid_minor = paid_minor + ?', addPaidMinor], ['refunded_minor = refunded_minor + ?', addRefundedMinor]];
    const columns = { status, spot_id: spotId, ends_at: endsAt, checked_in_at: checkedInAt, checked_out_at: checkedOutAt, cancelled_at: cancelledAt };
    for (const [column, value] of Object.entries(columns)) {
      if (value !== undefined) sets.push([`${column} = ?`, value]);
    }
    if (price !== undefined) sets.push(['price_minor = ?, quote = ?', price.priceMinor, JSON.stringify(price)]);
    if (extension) {
      const { holdExpiresAt = null, holdSeconds } = extension;
      sets.push(['extension_ends_at = ?, extension_quote = ?', extension.endsAt, JSON.stringify(extension.price)]);
      sets.push(['hold_expires_at = COALESCE(?, UTC_TIMESTAMP(3) + INTERVAL ? SECOND)', holdExpiresAt, holdSeconds]);
    } else if (extension === null || (status !== undefined && status !== 'checked-in')) sets.push(['extension_ends_at = NULL, extension_quote = NULL, hold_expires_at = NULL']);
    const kept = isStillKept ? 'AND hold_expires_at > UTC_TIMESTAMP(3)' : '';
    const values = sets.flatMap(([, ...given]) => given);
    const moved = await tx.write(`UPDATE reservation SET ${sets.map(([sql]) => sql).join(', ')} WHERE id = ? AND version = ? AND status = ? ${kept}`, [...values, id, version, storedStatus]);
    if (moved === 1) return true;
    const [row] = await tx.rows<{ version: number }>('SELECT version FROM reservation WHERE id = ?', [id]);
    if (row?.version !== version) throw changedMeanwhile('the reservation has been changed meanwhile');
    return false;
  }

  private async list(reader: Reader, where: Conditions, order = 'r.id', limit = 100_000): Promise<Reservation[]> {
    const rows = await reader.rows<Row>(`${SELECT} ${where.sql} ORDER BY ${order} LIMIT ?`, [...where.values, limit]);
    return rows.map((row) => reservationOf(row, this.clock.now()));
  }
}

function reservationOf(stored: Row, now: Date): Reservation {
  const { status, lapsed, expiresAt, features, quote, cancellation, extensionEndsAt, extensionQuote, graceMinutes, noShowMinutes, ...row } = stored;
  const isExtended = status !== 'held' && lapsed === 0 && extensionEndsAt !== null;
  const mayEnd = isExtended ? extensionEndsAt : row.endsAt;
  const statusNow = statusAt({ status, isLapsed: lapsed === 1, startsAt: row.startsAt, endsAt: mayEnd, graceMinutes, noShowMinutes }, now);
  return {
    ...row,
    features: features === '' ? [] : (features.split(',') as Reservation['features']),
    status: statusNow,
    storedStatus: status,
    holdExpiresAt: statusNow === 'held' ? expiresAt : null,
    price: jsonOf(quote),
    cancellation: jsonOf(cancellation),
    extension: isExtended ? { endsAt: extensionEndsAt, price: jsonOf(extensionQuote!), holdExpiresAt: expiresAt! } : null,
  };
}
