import { Injectable } from '@nestjs/common';
import type { LocalDate } from '../../../platform/clock/calendar.js';
import { errnoOf } from '../../../platform/database/sql-errors.js';
import { Conditions } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { CallUsage, UsageSums } from './metering.types.js';

/** A row refers to one that is not there: the member was deleted. */
const NO_REFERENCED_ROW = 1452;

/** The only SQL on who used the meme API how much. */
@Injectable()
export class MemeUsageRepository {
  /** Adds to what was counted before. What belongs to a member who is no more is left out. */
  async add(tx: Tx, usages: readonly CallUsage[]): Promise<void> {
    // In the order of the key, so that two processes writing the same rows do not deadlock.
    const rows = [...usages].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    try {
      await tx.write(
        `INSERT INTO meme_usage (member_id, token_id, day, calls, charged, last_call_at) VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}
         ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls), charged = charged + VALUES(charged), last_call_at = GREATEST(last_call_at, VALUES(last_call_at))`,
        rows.flatMap(({ memberId, tokenId, day, calls, charged, lastCallAt }) => [memberId, tokenId, day, calls, charged, lastCallAt]),
      );
    } catch (error) {
      if (errnoOf(error) !== NO_REFERENCED_ROW) throw error;
      // The statement alone was undone: those of the others are added one by one.
      if (rows.length > 1) for (const row of rows) await this.add(tx, [row]);
    }
  }

  /** What was counted for a member, through one token or in all. */
  async sum(reader: Reader, { memberId, tokenId }: { memberId: string; tokenId: string | null }, today: LocalDate): Promise<UsageSums> {
    const where = new Conditions().and('member_id = ?', memberId);
    if (tokenId !== null) where.and('token_id = ?', tokenId);
    const [row] = await reader.rows<Record<'today' | 'month' | 'total' | 'charged', string | null> & { lastCallAt: Date | null }>(
      `SELECT SUM(CASE WHEN day = ? THEN calls ELSE 0 END) AS today, SUM(CASE WHEN day >= ? AND day <= ? THEN calls ELSE 0 END) AS month,
              SUM(calls) AS total, SUM(charged) AS charged, MAX(last_call_at) AS lastCallAt
         FROM meme_usage ${where.sql}`,
      [today, `${today.slice(0, 7)}-01`, today, ...where.values],
    );
    return { today: Number(row!.today), month: Number(row!.month), total: Number(row!.total), charged: Number(row!.charged), lastCallAt: row!.lastCallAt };
  }
}

const keyOf = ({ memberId, tokenId, day }: CallUsage): string => `${memberId} ${tokenId} ${day}`;
