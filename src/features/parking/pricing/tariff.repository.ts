import { Injectable } from '@nestjs/common';
import { jsonOf } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { TariffElement } from '../parking.types.js';

/** The only SQL on the table `tariff`: versions are added, and never change. */
@Injectable()
export class TariffRepository {
  /** @throws Error when there is no such version */
  async get(reader: Reader, garageId: string, version: number): Promise<TariffElement[]> {
    const [row] = await reader.rows<{ elements: string | TariffElement[] }>('SELECT elements FROM tariff WHERE garage_id = ? AND version = ?', [garageId, version]);
    if (row === undefined) throw new Error(`garage ${garageId} has no tariff ${version}`);
    return jsonOf(row.elements);
  }

  async insert(tx: Tx, garageId: string, version: number, elements: readonly TariffElement[]): Promise<void> {
    await tx.write('INSERT INTO tariff (garage_id, version, elements, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))', [garageId, version, JSON.stringify(elements)]);
  }
}
