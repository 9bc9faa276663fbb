import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { labelTaken } from '../parking.errors.js';
import type { BySize, Size, Span, Spot, SpotFeature } from '../parking.types.js';

const SELECT = 'SELECT id, garage_id AS garageId, label, size, features, ord, active_from AS activeFrom, active_to AS activeTo FROM spot';

interface Row extends Omit<Spot, 'features'> {
  features: string;
}

/** The only SQL on the table `spot`. */
@Injectable()
export class SpotRepository {
  constructor(private readonly database: Database) {}

  async find(id: string, reader: Reader = this.database): Promise<Spot | undefined> {
    const [row] = await reader.rows<Row>(`${SELECT} WHERE id = ?`, [id]);
    return row && spotOf(row);
  }

  /** All of a garage or of several, retired ones too, in their own order. */
  async list(reader: Reader, ...garageIds: readonly string[]): Promise<Spot[]> {
    if (garageIds.length === 0) return [];
    return (await reader.rows<Row>(`${SELECT} WHERE garage_id IN (?) ORDER BY ord, label`, [garageIds])).map(spotOf);
  }

  /** In use from now on. @throws labelTaken */
  async insert(tx: Tx, { id, garageId, label, size, features, ord }: Omit<Spot, 'activeFrom' | 'activeTo'>): Promise<void> {
    try {
      await tx.write(
        `INSERT INTO spot (id, garage_id, label, size, features, ord, active_from, active_to, bookings, created_at)
         VALUES (?, ?, ?, ?, ?, ?, '1970-01-01', NULL, 0, UTC_TIMESTAMP(3))`,
        [id, garageId, label, size, features.join(','), ord],
      );
    } catch (error) {
      throw isDuplicate(error, 'uq_spot_label') ? labelTaken() : error;
    }
  }

  /** Writes the row of a spot that is booked. @returns false when it is out of use at that time */
  async enterToBook(tx: Tx, id: string, { startsAt, endsAt }: Span): Promise<boolean> {
    return (await tx.write('UPDATE spot SET bookings = bookings + 1 WHERE id = ? AND active_from <= ? AND (active_to IS NULL OR active_to >= ?)', [id, startsAt, endsAt])) === 1;
  }

  /** How many of each size are in use at `now`, by the garage's id. */
  async count(reader: Reader, garageIds: readonly string[], now: Date): Promise<Map<string, BySize>> {
    const counts = new Map(garageIds.map((id) => [id, { compact: 0, regular: 0, large: 0 }]));
    if (garageIds.length === 0) return counts;
    const rows = await reader.rows<{ garageId: string; size: Size; count: number }>(
      `SELECT garage_id AS garageId, size, COUNT(*) AS count FROM spot
       WHERE garage_id IN (?) AND active_from <= ? AND (active_to IS NULL OR active_to > ?) GROUP BY garage_id, size`,
      [garageIds, now, now],
    );
    for (const { garageId, size, count } of rows) counts.get(garageId)![size] = count;
    return counts;
  }

  /**
   * Takes a spot out of use from then on, or back into it. Writes the row that bookings write: each of them is seen here, or sees this.
   *
   * @returns false when it is not as it was read
   */
  async updateActiveTo(tx: Tx, { id, activeTo: before }: Pick<Spot, 'id' | 'activeTo'>, activeTo: Date | null): Promise<boolean> {
    return (await tx.write('UPDATE spot SET bookings = bookings + 1, active_to = ? WHERE id = ? AND active_to <=> ?', [activeTo, id, before])) === 1;
  }
}

function spotOf({ features, ...row }: Row): Spot {
  return { ...row, features: features === '' ? [] : (features.split(',') as SpotFeature[]) };
}
