import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Conditions, escapeLike, jsonOf } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { Box } from '../availability/places.rules.js';
import type { Garage } from '../parking.types.js';

const SELECT = `
  SELECT id, name, address, zipcode, lat, lon, time_zone AS timeZone, currency, hold_seconds AS holdSeconds, max_advance_days AS maxAdvanceDays,
         min_minutes AS minMinutes, max_minutes AS maxMinutes, grace_minutes AS graceMinutes, no_show_minutes AS noShowMinutes, cancellation,
         tariff_version AS tariffVersion, created_at AS createdAt
  FROM garage`;

interface Row extends Omit<Garage, 'cancellation'> {
  cancellation: string | Garage['cancellation'];
}

/** What an operator sets, and which column holds it. */
const COLUMN_OF = {
  name: 'name', address: 'address', zipcode: 'zipcode', lat: 'lat', lon: 'lon', timeZone: 'time_zone', currency: 'currency', holdSeconds: 'hold_seconds', maxAdvanceDays: 'max_advance_days',
  minMinutes: 'min_minutes', maxMinutes: 'max_minutes', graceMinutes: 'grace_minutes', noShowMinutes: 'no_show_minutes', cancellation: 'cancellation', tariffVersion: 'tariff_version',
} as const satisfies Partial<Record<keyof Garage, string>>;

export type GarageSettings = Pick<Garage, keyof typeof COLUMN_OF>;

/** The only SQL on the table `garage`. */
@Injectable()
export class GarageRepository {
  constructor(private readonly database: Database) {}

  async find(id: string, reader: Reader = this.database): Promise<Garage | undefined> {
    const [row] = await reader.rows<Row>(`${SELECT} WHERE id = ?`, [id]);
    return row && garageOf(row);
  }

  /** @throws Error when there is none: garages are never deleted */
  async get(reader: Reader, id: string): Promise<Garage> {
    const garage = await this.find(id, reader);
    if (garage === undefined) throw new Error(`garage ${id} is gone`);
    return garage;
  }

  /** Those in any of the boxes whose zip code begins so; all when neither is given. */
  async list({ boxes, zip }: { boxes?: readonly Box[]; zip?: string }, reader: Reader = this.database): Promise<Garage[]> {
    const where = new Conditions();
    if (boxes !== undefined) where.and(`(${boxes.map(() => '(lat BETWEEN ? AND ? AND lon BETWEEN ? AND ?)').join(' OR ')})`, ...boxes.flatMap(({ south, north, west, east }) => [south, north, west, east]));
    if (zip !== undefined) where.and("zipcode LIKE ? ESCAPE '!'", `${escapeLike(zip)}%`);
    return (await reader.rows<Row>(`${SELECT} ${where.sql}`, where.values)).map(garageOf);
  }

  async insert(tx: Tx, id: string, settings: GarageSettings): Promise<void> {
    const columns = Object.values(COLUMN_OF);
    await tx.write(`INSERT INTO garage (id, ${columns.join(', ')}, frees, full_proofs, created_at) VALUES (?, ${columns.map(() => '?').join(', ')}, 0, 0, UTC_TIMESTAMP(3))`, [
      id, ...valuesOf(settings, Object.keys(COLUMN_OF) as (keyof GarageSettings)[]),
    ]);
  }

  /** @returns false when there is no such garage */
  async update(tx: Tx, id: string, change: Partial<GarageSettings>): Promise<boolean> {
    const fields = (Object.keys(change) as (keyof GarageSettings)[]).filter((field) => change[field] !== undefined);
    if (fields.length === 0) return (await this.find(id, tx)) !== undefined;
    return (await tx.write(`UPDATE garage SET ${fields.map((field) => `${COLUMN_OF[field]} = ?`).join(', ')} WHERE id = ?`, [...valuesOf(change, fields), id])) === 1;
  }

  /** Goes on to the tariff of the next version. @returns false when it is not that of `version` any more */
  async updateTariff(tx: Tx, id: string, version: number): Promise<boolean> {
    return (await tx.write('UPDATE garage SET tariff_version = ? WHERE id = ? AND tariff_version = ?', [version + 1, id, version])) === 1;
  }

  /**
   * Counts something that becomes free: before anything of it is let go of, and before anybody is served. All who free
   * something in this garage, join its waitlist, lay a blackout or add a spot meet at this row, and come to it first.
   */
  async addFree(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE garage SET frees = frees + 1 WHERE id = ?', [id]);
  }

  /** The same for who frees nothing. */
  async enter(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE garage SET full_proofs = full_proofs + 1 WHERE id = ?', [id]);
  }

  async getFrees(reader: Reader, id: string): Promise<number> {
    const [row] = await reader.rows<{ frees: number }>('SELECT frees FROM garage WHERE id = ?', [id]);
    return row!.frees;
  }

  /** Writes down that nothing became free since the counter stood there. @returns false when something did */
  async prove(tx: Tx, id: string, frees: number): Promise<boolean> {
    return (await tx.write('UPDATE garage SET full_proofs = full_proofs + 1 WHERE id = ? AND frees = ?', [id, frees])) === 1;
  }
}

function valuesOf(settings: Partial<GarageSettings>, fields: readonly (keyof GarageSettings)[]): unknown[] {
  return fields.map((field) => (field === 'cancellation' ? JSON.stringify(settings[field]) : settings[field]));
}

function garageOf({ cancellation, ...row }: Row): Garage {
  return { ...row, cancellation: jsonOf(cancellation) };
}
