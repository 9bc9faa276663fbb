import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import type { DayCounter } from './exports.types.js';

/** How many exports a member may have under way and order in a day: a written guard, not a count. */
@Injectable()
export class ExportQuotaRepository {
  /** Makes the member's row, if there is none, and keeps it locked until the transaction ends: their orders come one after another. */
  async lock(tx: Tx, memberId: string, today: string): Promise<void> {
    await tx.write(
      'INSERT INTO export_quota (member_id, day, started, active, copies) VALUES (?, ?, 0, 0, 0) ON DUPLICATE KEY UPDATE member_id = member_id',
      [memberId, today],
    );
  }

  /**
   * Takes one place, when there is one.
   *
   * @param today the community's local date
   * @param daily how far `counter` may go in a day
   */
  async take(tx: Tx, memberId: string, today: string, counter: DayCounter, { active, daily }: { active: number; daily: number }): Promise<boolean> {
    const added = (of: DayCounter): number => (of === counter ? 1 : 0);
    // Assignments run left to right: the counters still see the old day.
    const matched = await tx.write(
      `UPDATE export_quota SET started = IF(day = ?, started, 0) + ?, copies = IF(day = ?, copies, 0) + ?, day = ?, active = active + 1
       WHERE member_id = ? AND active < ? AND (day <> ? OR ${counter} < ?)`,
      [today, added('started'), today, added('copies'), today, memberId, active, today, daily],
    );
    return matched === 1;
  }

  /** Gives the place under way back; the day's order stays counted. */
  async free(tx: Tx, memberId: string): Promise<void> {
    await tx.write('UPDATE export_quota SET active = active - 1 WHERE member_id = ? AND active > 0', [memberId]);
  }

  /** No longer counts an export as a copy of its day. Does nothing when it is none, or its day is over. */
  async giveCopyBack(tx: Tx, memberId: string, exportId: string): Promise<void> {
    await tx.write(
      'UPDATE export_quota SET copies = copies - 1 WHERE member_id = ? AND day = (SELECT copy_day FROM export WHERE id = ?) AND copies > 0',
      [memberId, exportId],
    );
  }

  /** Whether it is the day's count that is full, to say when to come back. */
  async isDayFull(tx: Tx, memberId: string, today: string, counter: DayCounter, daily: number): Promise<boolean> {
    const rows = await tx.rows(`SELECT 1 FROM export_quota WHERE member_id = ? AND day = ? AND ${counter} >= ?`, [memberId, today, daily]);
    return rows.length > 0;
  }
}
