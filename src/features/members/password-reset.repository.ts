import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/transactions.js';
import { RESET_MINUTES } from './account-mails.rules.js';

const USABLE = 'used_at IS NULL AND expires_at > UTC_TIMESTAMP(3)';

/** The only SQL on password resets. */
@Injectable()
export class PasswordResetRepository {
  constructor(private readonly database: Database) {}

  /**
   * Inserts a token for the member of this address. One statement whether there is such a member or not,
   * so that the answer takes as long.
   *
   * @returns false when nobody who may sign in has this address
   */
  async insert(tx: Tx, tokenHash: Buffer, email: string): Promise<boolean> {
    const inserted = await tx.write(
      `INSERT INTO password_reset (token_hash, member_id, expires_at)
       SELECT ?, id, UTC_TIMESTAMP(3) + INTERVAL ${RESET_MINUTES} MINUTE FROM member WHERE email = ? AND disabled_at IS NULL`,
      [tokenHash, email],
    );
    return inserted === 1;
  }

  /** Whose password a token sets; undefined when it cannot be used. */
  async findMember(tokenHash: Buffer): Promise<{ id: string; email: string } | undefined> {
    const [member] = await this.database.rows<{ id: string; email: string }>(
      `SELECT m.id, m.email FROM password_reset r JOIN member m ON m.id = r.member_id WHERE r.token_hash = ? AND ${USABLE} AND m.disabled_at IS NULL`,
      [tokenHash],
    );
    return member;
  }

  /** Uses a token up; of parallel calls exactly one gets true. */
  async use(tx: Tx, tokenHash: Buffer): Promise<boolean> {
    return (await tx.write(`UPDATE password_reset SET used_at = UTC_TIMESTAMP(3) WHERE token_hash = ? AND ${USABLE}`, [tokenHash])) === 1;
  }

  /** Ends every token of a member. */
  async useAll(tx: Tx, memberId: string): Promise<void> {
    await tx.write('UPDATE password_reset SET used_at = UTC_TIMESTAMP(3) WHERE member_id = ? AND used_at IS NULL', [memberId]);
  }

  /** Removes tokens that expired more than a day ago. @returns how many */
  deleteExpired(tx: Tx, limit: number): Promise<number> {
    return tx.write(`DELETE FROM password_reset WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY LIMIT ${limit}`);
  }
}
