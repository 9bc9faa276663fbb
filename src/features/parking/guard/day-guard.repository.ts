import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { DayMask, UtcDay } from './day-masks.rules.js';

/** Whose days: nobody parks two vehicles on one spot, nor one vehicle on two. */
export type GuardSubject = 'spot' | 'vehicle';

interface Row {
  id: string;
  day: UtcDay;
  lo: number;
  hi: number;
}

/** Rows that one statement inserts: some 60 KiB of it. */
const ROWS_AT_ONCE = 1_000;
const HALVES = ['lo', 'hi'] as const;

/**
 * The guard against double booking: `spot_day` and `vehicle_day`, a written mask for each day. To take quarter-hours is to
 * set bits that were all clear, in one statement whose matched rows say whether they were (compare and set): two who want
 * the same write the same row, and one of them matches nothing, on any engine.
 */
@Injectable()
export class DayGuardRepository {
  /**
   * Makes the rows of these days where there are none. Bookings have that done before their transaction; blackouts and the
   * waitlist, which are rarer, inside of it: should two of them make the same row at once, one of them is done again.
   */
  async insertMissing(tx: Tx, subject: GuardSubject, ids: readonly string[], days: readonly UtcDay[]): Promise<void> {
    const rows = [...ids].sort().flatMap((id) => days.map((day) => [id, day, 0, 0]));
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      await tx.write(`INSERT INTO ${subject}_day (${subject}_id, day, lo, hi) VALUES ? ON DUPLICATE KEY UPDATE lo = lo`, [rows.slice(start, start + ROWS_AT_ONCE)]);
    }
  }

  /** Takes all of these quarter-hours, or none. @returns false when any is taken, or a day has no row */
  async take(tx: Tx, subject: GuardSubject, id: string, masks: readonly DayMask[]): Promise<boolean> {
    // A later day that fails undoes the earlier ones. One day alone needs no way back.
    if (masks.length > 1) await tx.write('SAVEPOINT parking_take');
    const free = HALVES.map((half) => `${half} & ${bitsOf(masks, half)} = 0`).join(' AND ');
    const matched = await tx.write(`UPDATE ${subject}_day SET ${assigned(masks, '|', '')} WHERE ${subject}_id = ? AND day IN (?) AND ${free}`, [id, masks.map(({ day }) => day)]);
    if (matched === masks.length) return true;
    if (matched > 0) await tx.write('ROLLBACK TO SAVEPOINT parking_take');
    return false;
  }

  /** Gives quarter-hours back, taken or not. */
  async clear(tx: Tx, subject: GuardSubject, id: string, masks: readonly DayMask[]): Promise<void> {
    await tx.write(`UPDATE ${subject}_day SET ${assigned(masks, '&', '~')} WHERE ${subject}_id = ? AND day IN (?)`, [id, masks.map(({ day }) => day)]);
  }

  /** Marks quarter-hours of several as taken, whether or not they were. */
  async cover(tx: Tx, subject: GuardSubject, ids: readonly string[], masks: readonly DayMask[]): Promise<void> {
    if (ids.length === 0 || masks.length === 0) return;
    await tx.write(`UPDATE ${subject}_day SET ${assigned(masks, '|', '')} WHERE ${subject}_id IN (?) AND day IN (?)`, [[...ids].sort(), masks.map(({ day }) => day)]);
  }

  /** What is taken from one day to another, by id; days on which nothing is are left out. */
  async list(reader: Reader, subject: GuardSubject, ids: readonly string[], firstDay: UtcDay, lastDay: UtcDay): Promise<Map<string, DayMask[]>> {
    const none = ids.map((id): [string, DayMask[]] => [id, []]);
    if (ids.length === 0) return new Map(none);
    const rows = await reader.rows<Row>(
      `SELECT ${subject}_id AS id, day, lo, hi FROM ${subject}_day WHERE ${subject}_id IN (?) AND day BETWEEN ? AND ? AND (lo > 0 OR hi > 0) ORDER BY ${subject}_id, day`,
      [ids, firstDay, lastDay],
    );
    return new Map([...none, ...masksOf(rows)]);
  }

  /** The same for all spots of some garages; spots of which nothing is taken are left out too. */
  async listOfGarages(reader: Reader, garageIds: readonly string[], firstDay: UtcDay, lastDay: UtcDay): Promise<Map<string, DayMask[]>> {
    const rows = await reader.rows<Row>(
      `SELECT d.spot_id AS id, d.day, d.lo, d.hi FROM spot s JOIN spot_day d ON d.spot_id = s.id
       WHERE s.garage_id IN (?) AND d.day BETWEEN ? AND ? AND (d.lo > 0 OR d.hi > 0)`,
      [garageIds, firstDay, lastDay],
    );
    return masksOf(rows);
  }

  /** Tidies days before this one on which nothing was left. */
  deleteBefore(tx: Tx, subject: GuardSubject, day: UtcDay, limit: number): Promise<number> {
    return tx.write(`DELETE FROM ${subject}_day WHERE day < ? AND lo = 0 AND hi = 0 LIMIT ${limit}`, [day]);
  }
}

function masksOf(rows: readonly Row[]): Map<string, DayMask[]> {
  const masks = new Map<string, DayMask[]>();
  for (const { id, day, lo, hi } of rows) {
    const mask = { day, lo: BigInt(lo), hi: BigInt(hi) };
    const others = masks.get(id);
    if (others === undefined) masks.set(id, [mask]);
    else others.push(mask);
  }
  return masks;
}

/** `lo = lo | …, hi = hi | …`, for each day its own bits. */
function assigned(masks: readonly DayMask[], operator: '|' | '&', prefix: '' | '~'): string {
  return HALVES.map((half) => `${half} = ${half} ${operator} ${prefix}${bitsOf(masks, half)}`).join(', ');
}

/** The bits of one half on the day of the row. Digits and days of our own making, never a text of anybody's. */
function bitsOf(masks: readonly DayMask[], half: 'lo' | 'hi'): string {
  const [first, ...others] = masks;
  if (others.length === 0) return String(first![half]);
  return `(CASE day ${masks.map((mask) => `WHEN '${mask.day}' THEN ${mask[half]}`).join(' ')} END)`;
}
