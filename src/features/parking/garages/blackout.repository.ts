import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { Span } from '../parking.types.js';

/** A time at which nobody parks: on one spot, or in the whole garage. */
export interface BlackoutRecord extends Span {
  readonly id: string;
  readonly garageId: string;
  readonly spotId: string | null;
  readonly reason: string;
}

const SELECT = 'SELECT id, garage_id AS garageId, spot_id AS spotId, starts_at AS startsAt, ends_at AS endsAt, reason FROM blackout';

/** The only SQL on the table `blackout`. */
@Injectable()
export class BlackoutRepository {
  async find(reader: Reader, id: string): Promise<BlackoutRecord | undefined> {
    const [row] = await reader.rows<BlackoutRecord>(`${SELECT} WHERE id = ?`, [id]);
    return row;
  }

  /** Those of a garage that end after `from`, the earliest first. */
  async list(reader: Reader, garageId: string, from: Date): Promise<BlackoutRecord[]> {
    return reader.rows<BlackoutRecord>(`${SELECT} WHERE garage_id = ? AND ends_at > ? ORDER BY starts_at, id`, [garageId, from]);
  }

  /** Those that hold for a spot at some time of the span. */
  async listOnSpot(reader: Reader, { garageId, spotId }: { garageId: string; spotId: string }, { startsAt, endsAt }: Span): Promise<BlackoutRecord[]> {
    return reader.rows<BlackoutRecord>(`${SELECT} WHERE garage_id = ? AND (spot_id IS NULL OR spot_id = ?) AND starts_at < ? AND ends_at > ?`, [garageId, spotId, endsAt, startsAt]);
  }

  async insert(tx: Tx, { id, garageId, spotId, startsAt, endsAt, reason }: BlackoutRecord, createdBy: string): Promise<void> {
    await tx.write('INSERT INTO blackout (id, garage_id, spot_id, starts_at, ends_at, reason, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3))', [
      id, garageId, spotId, startsAt, endsAt, reason, createdBy,
    ]);
  }

  /** @returns false when it is gone already */
  async delete(tx: Tx, id: string): Promise<boolean> {
    return (await tx.write('DELETE FROM blackout WHERE id = ?', [id])) === 1;
  }
}
