import { Injectable } from '@nestjs/common';
import { newId } from '../../platform/database/columns.js';
import { Database } from '../../platform/database/database.js';
import { isDuplicate } from '../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import { ACCOUNT_COLUMNS, accountFrom, type AccountRow, type ReadAccount } from './account.repository.js';
import type { HoldRequest } from './credits.rules.js';
import type { CreditHold, HoldStatus } from './entities/credit-hold.js';

/** A hold and the account it is on, read together. */
export interface HoldOnAccount {
  readonly hold: CreditHold;
  readonly account: ReadAccount;
}

type JoinedRow = AccountRow & {
  holdId: string;
  amount: number;
  captured: number;
  status: HoldStatus;
  refType: string;
  refId: string;
  expiresAt: Date;
};

const HOLD_WITH_ACCOUNT = `
  SELECT h.id AS holdId, h.amount, h.captured, h.status, h.ref_type AS refType, h.ref_id AS refId, h.expires_at AS expiresAt,
         ${ACCOUNT_COLUMNS}
    FROM credit_hold h JOIN credit_account a ON a.id = h.account_id`;

/** The SQL of holds. Each resolves at most once: every way out is conditional on `status = 'open'`. */
@Injectable()
export class HoldRepository {
  constructor(private readonly database: Database) {}

  async find(reader: Reader, holdId: string): Promise<HoldOnAccount | undefined> {
    const rows = await reader.rows<JoinedRow>(`${HOLD_WITH_ACCOUNT} WHERE h.id = ?`, [holdId]);
    return rows[0] && joined(rows[0]);
  }

  /** Those of the holds that there are. */
  async list(reader: Reader, holdIds: readonly string[]): Promise<HoldOnAccount[]> {
    return (await reader.rows<JoinedRow>(`${HOLD_WITH_ACCOUNT} WHERE h.id IN (?) ORDER BY h.id`, [holdIds])).map(joined);
  }

  async findByRef(reader: Reader, refType: string, refId: string): Promise<HoldOnAccount | undefined> {
    const rows = await reader.rows<JoinedRow>(`${HOLD_WITH_ACCOUNT} WHERE h.ref_type = ? AND h.ref_id = ?`, [refType, refId]);
    return rows[0] && joined(rows[0]);
  }

  /** Answers the new hold's id, or undefined when the reference has a hold already. */
  async insert(tx: Tx, accountId: string, { amount, holdSeconds, refType, refId }: HoldRequest): Promise<string | undefined> {
    const id = newId();
    try {
      await tx.write(
        `INSERT INTO credit_hold (id, account_id, amount, captured, status, ref_type, ref_id, expires_at)
         VALUES (?, ?, ?, 0, 'open', ?, ?, UTC_TIMESTAMP(3) + INTERVAL ? SECOND)`,
        [id, accountId, amount, refType, refId, holdSeconds],
      );
    } catch (error) {
      if (isDuplicate(error, 'uq_credit_hold_ref')) return undefined;
      throw error;
    }
    return id;
  }

  /** Inserts holds whose references are new, and answers their ids in the same order. */
  async insertAll(tx: Tx, accountId: string, requests: readonly HoldRequest[]): Promise<string[]> {
    const ids = requests.map(() => newId());
    await tx.write(
      `INSERT INTO credit_hold (id, account_id, amount, captured, status, ref_type, ref_id, expires_at)
       VALUES ${requests.map(() => "(?, ?, ?, 0, 'open', ?, ?, UTC_TIMESTAMP(3) + INTERVAL ? SECOND)").join(', ')}`,
      requests.flatMap(({ amount, holdSeconds, refType, refId }, at) => [ids[at], accountId, amount, refType, refId, holdSeconds]),
    );
    return ids;
  }

  /** Prolongs holds that are alive, never shortens them; answers how many were. */
  updateExpiry(tx: Tx, holdIds: readonly string[], holdSeconds: number): Promise<number> {
    return tx.write(
      `UPDATE credit_hold SET expires_at = GREATEST(expires_at, UTC_TIMESTAMP(3) + INTERVAL ? SECOND)
        WHERE id IN (?) AND status = 'open' AND expires_at > UTC_TIMESTAMP(3)`,
      [holdSeconds, holdIds],
    );
  }

  /** Takes `amount` of a living hold off the balance and gives the rest back, in one statement over both rows. */
  async capture(tx: Tx, holdId: string, amount: number): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE credit_hold h JOIN credit_account a ON a.id = h.account_id
          SET h.status = 'captured', h.captured = ?,
              a.posted = a.posted - ?, a.held = a.held - h.amount, a.seq = a.seq + 1, a.version = a.version + 1
        WHERE h.id = ? AND h.status = 'open' AND h.expires_at > UTC_TIMESTAMP(3) AND h.amount >= ?`,
      [amount, amount, holdId, amount],
    );
    return matched > 0;
  }

  /** Marks living holds as captured; answers how many were. What they had set aside is for the caller to book. */
  captureAll(tx: Tx, captures: readonly { holdId: string; amount: number }[]): Promise<number> {
    return tx.write(
      `UPDATE credit_hold SET captured = CASE id ${captures.map(() => 'WHEN ? THEN ?').join(' ')} END, status = 'captured'
        WHERE id IN (?) AND status = 'open' AND expires_at > UTC_TIMESTAMP(3)`,
      [...captures.flatMap(({ holdId, amount }) => [holdId, amount]), captures.map(({ holdId }) => holdId)],
    );
  }

  /** Gives an open hold back, lapsed or not. */
  async release(tx: Tx, holdId: string): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE credit_hold h JOIN credit_account a ON a.id = h.account_id
          SET h.status = 'released', a.held = a.held - h.amount, a.version = a.version + 1
        WHERE h.id = ? AND h.status = 'open'`,
      [holdId],
    );
    return matched > 0;
  }

  /** Open holds of one account that are past their time. */
  listLapsedOf(reader: Reader, accountId: string): Promise<{ id: string; amount: number }[]> {
    return reader.rows<{ id: string; amount: number }>(
      `SELECT id, amount FROM credit_hold
        WHERE account_id = ? AND status = 'open' AND expires_at <= UTC_TIMESTAMP(3) ORDER BY id`,
      [accountId],
    );
  }

  /** Accounts with lapsed holds, a few at a time, for the sweeper. */
  async listLapsedAccounts(limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ accountId: string }>(
      `SELECT DISTINCT account_id AS accountId FROM credit_hold
        WHERE status = 'open' AND expires_at <= UTC_TIMESTAMP(3) ORDER BY account_id LIMIT ?`,
      [limit],
    );
    return rows.map(({ accountId }) => accountId);
  }
}

function joined(row: JoinedRow): HoldOnAccount {
  const { holdId, amount, captured, status, refType, refId, expiresAt, ...account } = row;
  return {
    hold: { id: holdId, accountId: account.id, amount, captured, status, refType, refId, expiresAt },
    account: accountFrom(account),
  };
}
