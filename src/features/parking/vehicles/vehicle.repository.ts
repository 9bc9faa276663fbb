import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { tooManyVehicles, vehicleExists } from '../parking.errors.js';
import type { Size, Vehicle } from '../parking.types.js';

const SELECT = 'SELECT id, member_id AS memberId, license, country, size FROM vehicle';

/** So many a member may have. */
const MOST_VEHICLES = 100;

/** What is written on a vehicle. */
export interface Plate {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** As the member writes it. */
  readonly license: string;
  /** Its letters and digits alone, upper case. */
  readonly licenseNormalised: string;
}

/** The only SQL on the table `vehicle`. What was deleted stays for its reservations, and is shown to nobody. */
@Injectable()
export class VehicleRepository {
  constructor(private readonly database: Database) {}

  /** The member's own; another member's is none. */
  async findOwn(memberId: string, id: string, reader: Reader = this.database): Promise<Vehicle | undefined> {
    const [row] = await reader.rows<Vehicle>(`${SELECT} WHERE id = ? AND member_id = ? AND is_current = 1`, [id, memberId]);
    return row;
  }

  async listOwn(memberId: string, { afterId = '', limit }: { afterId?: string; limit: number }): Promise<Vehicle[]> {
    return this.database.rows<Vehicle>(`${SELECT} WHERE member_id = ? AND is_current = 1 AND id > ? ORDER BY id LIMIT ?`, [memberId, afterId, limit]);
  }

  /** Licence plates by the ids of vehicles, also of deleted ones. */
  async listPlates(reader: Reader, ids: readonly string[]): Promise<Map<string, Pick<Vehicle, 'license' | 'country'>>> {
    if (ids.length === 0) return new Map();
    const rows = await reader.rows<Vehicle>(`${SELECT} WHERE id IN (?)`, [ids]);
    return new Map(rows.map(({ id, license, country }) => [id, { license, country }]));
  }

  /** The plate of a vehicle, also of one that its member has deleted. */
  async getPlate(reader: Reader, id: string): Promise<Plate> {
    const [plate] = await reader.rows<Plate>('SELECT country, license, license_normalised AS licenseNormalised FROM vehicle WHERE id = ?', [id]);
    return plate!;
  }

  /** In one of the places that a member has: who adds another at the same time finds it taken, and takes the next. @throws vehicleExists; tooManyVehicles */
  async insert(tx: Tx, vehicle: Vehicle, licenseNormalised: string): Promise<void> {
    const rows = await tx.rows<{ slot: number }>('SELECT slot FROM vehicle WHERE member_id = ? AND slot IS NOT NULL', [vehicle.memberId]);
    const taken = new Set(rows.map(({ slot }) => slot));
    for (let slot = 1; slot <= MOST_VEHICLES; slot += 1) if (!taken.has(slot) && (await this.insertAt(tx, slot, vehicle, licenseNormalised))) return;
    throw tooManyVehicles({ most: MOST_VEHICLES });
  }

  /** Writes the row of a vehicle that is to be changed, as each booking for it does. @returns false when it is not the member's, or no longer */
  async enterToChange(tx: Tx, memberId: string, id: string): Promise<boolean> {
    return (await tx.write('UPDATE vehicle SET bookings = bookings + 1 WHERE id = ? AND member_id = ? AND is_current = 1', [id, memberId])) === 1;
  }

  /** After {@link enterToChange}. @throws vehicleExists */
  async update(tx: Tx, { id, license, country, size }: Vehicle, licenseNormalised: string): Promise<void> {
    try {
      await tx.write('UPDATE vehicle SET license = ?, license_normalised = ?, country = ?, size = ? WHERE id = ?', [license, licenseNormalised, country, size, id]);
    } catch (error) {
      throw isDuplicate(error, 'uq_vehicle_license') ? vehicleExists() : error;
    }
  }

  /** Writes the row of a vehicle that is booked for. @returns false when it was deleted, or has another size */
  async enterToBook(tx: Tx, id: string, size: Size): Promise<boolean> {
    return (await tx.write('UPDATE vehicle SET bookings = bookings + 1 WHERE id = ? AND is_current = 1 AND size = ?', [id, size])) === 1;
  }

  /** After {@link enterToChange}. */
  async delete(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE vehicle SET is_current = NULL, slot = NULL WHERE id = ?', [id]);
  }

  private async insertAt(tx: Tx, slot: number, { id, memberId, license, country, size }: Vehicle, licenseNormalised: string): Promise<boolean> {
    try {
      await tx.write(
        'INSERT INTO vehicle (id, member_id, license, license_normalised, country, size, is_current, slot, bookings, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?, 0, UTC_TIMESTAMP(3))',
        [id, memberId, license, licenseNormalised, country, size, slot],
      );
      return true;
    } catch (error) {
      if (isDuplicate(error, 'uq_vehicle_slot')) return false;
      throw isDuplicate(error, 'uq_vehicle_license') ? vehicleExists() : error;
    }
  }
}
