import { Injectable } from '@nestjs/common';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import type { Tx } from '../../../platform/database/transactions.js';

/** The only SQL on `meme_like`. Its unique key decides whether somebody likes a meme, and so whether it counts. */
@Injectable()
export class MemeLikeRepository {
  /** When it was given, by the database's clock; undefined when it was there before. */
  async insert(tx: Tx, memeId: string, memberId: string): Promise<Date | undefined> {
    try {
      await tx.write('INSERT INTO meme_like (meme_id, member_id, created_at) VALUES (?, ?, UTC_TIMESTAMP(3))', [memeId, memberId]);
    } catch (error) {
      if (isDuplicate(error, 'PRIMARY')) return undefined;
      throw error;
    }
    const [row] = await tx.rows<{ at: Date }>('SELECT created_at AS at FROM meme_like WHERE meme_id = ? AND member_id = ?', [memeId, memberId]);
    return row!.at;
  }

  /** True when there was one. */
  async delete(tx: Tx, memeId: string, memberId: string): Promise<boolean> {
    return (await tx.write('DELETE FROM meme_like WHERE meme_id = ? AND member_id = ?', [memeId, memberId])) === 1;
  }

  /** When each was given. */
  async listTimes(tx: Tx, memeId: string): Promise<Date[]> {
    const rows = await tx.rows<{ at: Date }>('SELECT created_at AS at FROM meme_like WHERE meme_id = ?', [memeId]);
    return rows.map(({ at }) => at);
  }

  async deleteAllOf(tx: Tx, memeId: string): Promise<void> {
    await tx.write('DELETE FROM meme_like WHERE meme_id = ?', [memeId]);
  }
}
