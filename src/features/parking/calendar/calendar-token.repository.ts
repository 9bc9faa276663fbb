import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transactions.js';

/** The only SQL on the table `calendar_token`. */
@Injectable()
export class CalendarTokenRepository {
  constructor(private readonly database: Database) {}

  async findMemberId(tokenHash: Buffer): Promise<string | undefined> {
    const [row] = await this.database.rows<{ memberId: string }>('SELECT member_id AS memberId FROM calendar_token WHERE token_hash = ?', [tokenHash]);
    return row?.memberId;
  }

  /** The member's only one from now on. */
  async replace(tx: Tx, memberId: string, tokenHash: Buffer): Promise<void> {
    await tx.write(
      `INSERT INTO calendar_token (member_id, token_hash, created_at) VALUES (?, ?, UTC_TIMESTAMP(3))
       ON DUPLICATE KEY UPDATE token_hash = ?, created_at = UTC_TIMESTAMP(3)`,
      [memberId, tokenHash, tokenHash],
    );
  }

  async delete(tx: Tx, memberId: string): Promise<void> {
    await tx.write('DELETE FROM calendar_token WHERE member_id = ?', [memberId]);
  }
}
