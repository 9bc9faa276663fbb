import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { alreadyWaiting } from '../parking.errors.js';
import type { Size, Span } from '../parking.types.js';
import type { WaitlistEntry, WaitlistStatus } from './waitlist.types.js';

/** An entry with the size of its vehicle as it is now. */
export interface WaitingEntry extends WaitlistEntry {
  readonly size: Size;
}

interface Row extends Omit<WaitingEntry, 'isEntitled'> {
  isEntitled: 0 | 1;
}

const SELECT = `
  SELECT w.id, w.garage_id AS garageId, w.member_id AS memberId, w.vehicle_id AS vehicleId, v.size, w.starts_at AS startsAt, w.ends_at AS endsAt, w.is_entitled AS isEntitled, w.status,
         w.reservation_id AS reservationId, w.created_at AS createdAt
  FROM waitlist w JOIN vehicle v ON v.id = w.vehicle_id`;

/** The only SQL on the table `waitlist`. */
@Injectable()
export class WaitlistRepository {
  constructor(private readonly database: Database) {}

  async findOwn(memberId: string, id: string, reader: Reader = this.database): Promise<WaitlistEntry | undefined> {
    const [row] = await reader.rows<Row>(`${SELECT} WHERE w.id = ? AND w.member_id = ?`, [id, memberId]);
    return row && entryOf(row);
  }

  /** The member's own, newest first. */
  async listOwn(memberId: string, { beforeId, limit }: { beforeId?: string; limit: number }): Promise<WaitlistEntry[]> {
    const rows = await this.database.rows<Row>(`${SELECT} WHERE w.member_id = ? AND w.id < ? ORDER BY w.id DESC LIMIT ?`, [memberId, beforeId ?? '~', limit]);
    return rows.map(entryOf);
  }

  /** Who waits in a garage for some time of a span that has not begun, first come first. */
  async listWaiting(reader: Reader, garageId: string, { startsAt, endsAt }: Span, notBefore: Date): Promise<WaitingEntry[]> {
    const rows = await reader.rows<Row>(
      `${SELECT} WHERE w.garage_id = ? AND w.is_waiting = 1 AND w.starts_at < ? AND w.ends_at > ? AND w.starts_at >= ? AND v.is_current = 1 ORDER BY w.created_at, w.id`,
      [garageId, endsAt, startsAt, notBefore],
    );
    return rows.map(entryOf);
  }

  /** Garages for which somebody waits. */
  async listAwaited(): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>('SELECT DISTINCT garage_id AS id FROM waitlist WHERE is_waiting = 1 ORDER BY garage_id');
    return rows.map(({ id }) => id);
  }

  /** For how much a member waits. */
  async countOwnWaiting(memberId: string): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>('SELECT COUNT(*) AS count FROM waitlist WHERE member_id = ? AND is_waiting = 1', [memberId]);
    return row!.count;
  }

  /** @throws alreadyWaiting */
  async insert(tx: Tx, { id, garageId, memberId, vehicleId, startsAt, endsAt, isEntitled }: Omit<WaitlistEntry, 'status' | 'reservationId' | 'createdAt'>): Promise<void> {
    try {
      await tx.write(
        `INSERT INTO waitlist (id, garage_id, member_id, vehicle_id, starts_at, ends_at, is_entitled, status, is_waiting, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', 1, UTC_TIMESTAMP(3))`,
        [id, garageId, memberId, vehicleId, startsAt, endsAt, Number(isEntitled)],
      );
    } catch (error) {
      throw isDuplicate(error, 'uq_waitlist_wish') ? alreadyWaiting() : error;
    }
  }

  /** Ends the waiting. @returns false when it had ended */
  async end(tx: Tx, id: string, status: Exclude<WaitlistStatus, 'waiting'>, reservationId: string | null = null): Promise<boolean> {
    return (await tx.write('UPDATE waitlist SET status = ?, is_waiting = NULL, reservation_id = ? WHERE id = ? AND is_waiting = 1', [status, reservationId, id])) === 1;
  }

  /** Ends all waiting for a vehicle. */
  async endOfVehicle(tx: Tx, vehicleId: string): Promise<void> {
    await tx.write("UPDATE waitlist SET status = 'cancelled', is_waiting = NULL WHERE vehicle_id = ? AND is_waiting = 1", [vehicleId]);
  }

  /** Ends the waiting for what has begun. */
  endPast(tx: Tx, now: Date, limit: number): Promise<number> {
    return tx.write(`UPDATE waitlist SET status = 'expired', is_waiting = NULL WHERE is_waiting = 1 AND starts_at < ? LIMIT ${limit}`, [now]);
  }
}

function entryOf({ isEntitled, ...row }: Row): WaitingEntry {
  return { ...row, isEntitled: isEntitled === 1 };
}
