import { Injectable } from '@nestjs/common';
import { Conditions } from '../../../platform/database/sql-text.js';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';

export interface BlockRow {
  readonly memberId: string;
  readonly at: Date;
}

/** The only SQL that changes the table `chat_block`. */
@Injectable()
export class BlockRepository {
  /** False when it was there. */
  async insert(tx: Tx, memberId: string, blockedId: string): Promise<boolean> {
    try {
      await tx.write('INSERT INTO chat_block (member_id, blocked_id, at) VALUES (?, ?, UTC_TIMESTAMP(3))', [memberId, blockedId]);
      return true;
    } catch (error) {
      if (isDuplicate(error, 'PRIMARY')) return false;
      throw error;
    }
  }

  /** False when there was none. */
  async delete(tx: Tx, memberId: string, blockedId: string): Promise<boolean> {
    return (await tx.write('DELETE FROM chat_block WHERE member_id = ? AND blocked_id = ?', [memberId, blockedId])) === 1;
  }

  /** Whom a member has blocked, the latest first. */
  list(reader: Reader, memberId: string, { after, limit }: { after?: BlockRow; limit: number }): Promise<BlockRow[]> {
    const where = new Conditions().and('member_id = ?', memberId);
    if (after !== undefined) where.and('(at < ? OR (at = ? AND blocked_id < ?))', after.at, after.at, after.memberId);
    return reader.rows<BlockRow>(`SELECT blocked_id AS memberId, at FROM chat_block ${where.sql} ORDER BY at DESC, blocked_id DESC LIMIT ?`, [...where.values, limit]);
  }
}
