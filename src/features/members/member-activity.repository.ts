import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../platform/database/transactions.js';

/** The only SQL on who was active in which hour. */
@Injectable()
export class MemberActivityRepository {
  /** Notes that these members were active in the hour; those it is known of stay as they are. */
  async insert(tx: Tx, hour: Date, memberIds: readonly string[]): Promise<void> {
    // From the table: an id that is no member's any more must not make the others fail.
    await tx.write(
      `INSERT INTO member_activity (hour, member_id) SELECT ?, m.id FROM member m WHERE m.id IN (?) ORDER BY m.id
       ON DUPLICATE KEY UPDATE member_id = m.id`,
      [hour, memberIds],
    );
  }

  async count(reader: Reader, hour: Date): Promise<number> {
    const [row] = await reader.rows<{ n: number }>('SELECT COUNT(*) AS n FROM member_activity WHERE hour = ?', [hour]);
    return row!.n;
  }

  async findFirst(reader: Reader): Promise<Date | null> {
    const [row] = await reader.rows<{ first: Date | null }>('SELECT MIN(hour) AS first FROM member_activity');
    return row!.first;
  }

  /** @returns how many it removed */
  deleteBefore(tx: Tx, hour: Date, limit: number): Promise<number> {
    return tx.write(`DELETE FROM member_activity WHERE hour < ? LIMIT ${limit}`, [hour]);
  }
}
