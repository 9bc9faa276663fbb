import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';

/** How many exports a member may have under way and order in a day: a written guard, not a count. */
@Injectable()
export class ExportQuotaRepository {
  /**
   * Takes one place, when there is one.
   *
   * @param today the community's local date
   */
  async take(tx: Tx, memberId: string, today: string, limits: { active: number; daily: number }): Promise<boolean> {
    if (await this.raise(tx, memberId, today, limits)) return true;
    // No match is a full quota or a first export.
    await tx.write(
      'INSERT INTO export_quota (member_id, day, started, active) VALUES (?, ?, 0, 0) ON DUPLICATE KEY UPDATE member_id = VALUES(member_id)',
      [memberId, today],
    );
    return this.raise(tx, memberId, today, limits);
  }

  /** Gives the place under way back; the day's order stays counted. */
  async free(tx: Tx, memberId: string): Promise<void> {
    await tx.write('UPDATE export_quota SET active = active - 1 WHERE member_id = ? AND active > 0', [memberId]);
  }

  /** Whether it is the day's count that is full, to say when to come back. */
  async isDayFull(tx: Tx, memberId: string, today: string, daily: number): Promise<boolean> {
    const rows = await tx.rows('SELECT 1 FROM export_quota WHERE member_id = ? AND day = ? AND started >= ?', [memberId, today, daily]);
    return rows.length > 0;
  }

  private async raise(tx: Tx, memberId: string, today: string, { active, daily }: { active: number; daily: number }): Promise<boolean> {
    // Assignments run left to right: started still sees the old day.
    const matched = await tx.write(
      `UPDATE export_quota SET started = IF(day = ?, started + 1, 1), day = ?, active = active + 1
       WHERE member_id = ? AND active < ? AND (day <> ? OR started < ?)`,
      [today, today, memberId, active, today, daily],
    );
    return matched === 1;
  }
}
