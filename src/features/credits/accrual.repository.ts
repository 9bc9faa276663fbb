import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/transactions.js';
import type { LocalDate } from '../../platform/clock/calendar.js';
import { MAX_BALANCE, type AccrualRule, type DueDay } from './credits.rules.js';

/** Accounts by primary key, both ends included. */
export interface AccountRange {
  readonly first: string;
  readonly last: string;
}

export interface AccountChunk extends AccountRange {
  /** The earliest day that any of its accounts is settled up to; null when none of them accrues. */
  readonly oldest: LocalDate | null;
}

/**
 * The day's credits in SQL, the same statements for one account on touch and for a range in the sweep.
 * Written conditions make both idempotent: whoever comes second matches nothing.
 */
@Injectable()
export class AccrualRepository {
  constructor(private readonly database: Database) {}

  /** The next `size` accounts after `afterId` in the order of their ids. */
  async findChunk(afterId: string, size: number): Promise<AccountChunk | undefined> {
    const [row] = await this.database.rows<{ first: string | null; last: string | null; oldest: LocalDate | null }>(
      `SELECT MIN(page.id) AS first, MAX(page.id) AS last, MIN(page.last_accrual_date) AS oldest
         FROM (SELECT id, last_accrual_date FROM credit_account WHERE id > ? ORDER BY id LIMIT ?) page`,
      [afterId, size],
    );
    return row?.first == null || row.last === null ? undefined : { first: row.first, last: row.last, oldest: row.oldest };
  }

  /**
   * Writes the missing entries, one per account and day that gives something, and answers how many.
   * Their numbers go on from the account's `seq`, which {@link settle} moves along in the same transaction.
   */
  async insertEntries(tx: Tx, range: AccountRange, days: readonly DueDay[], rule: AccrualRule): Promise<number> {
    const after = balanceAfter('DATEDIFF(d.day, a.last_accrual_date)', rule);
    const before = balanceAfter('(DATEDIFF(d.day, a.last_accrual_date) - 1)', rule);
    const due = dueCondition('a', range, days);
    // FOR UPDATE: without it the select reads old versions, and a touch could slip in before the update.
    // STRAIGHT_JOIN: each account is met once, in the order of the primary key, like in every other writer.
    return tx.write(
      `INSERT INTO credit_entry
         (account_id, seq, kind, amount, balance_after, counter, actor_id, reason, ref_type, ref_id, reverses_seq, effective_at, created_at)
       SELECT a.id, a.seq + DATEDIFF(d.day, a.last_accrual_date), 'accrual', ${after.sql} - ${before.sql}, ${after.sql},
              'issue', NULL, NULL, NULL, NULL, NULL, d.began, UTC_TIMESTAMP(3)
         FROM credit_account a
         STRAIGHT_JOIN (${days.map(() => 'SELECT CAST(? AS DATE) AS day, CAST(? AS DATETIME(3)) AS began').join(' UNION ALL ')}) d
           ON d.day > a.last_accrual_date
        WHERE ${due.sql} AND ${after.sql} > ${before.sql}
          FOR UPDATE`,
      [
        ...after.values, ...before.values, ...after.values,
        ...days.flatMap(({ date, firstInstant }) => [date, firstInstant]),
        ...due.values, ...after.values, ...before.values,
      ],
    );
  }

  /** What {@link insertEntries} has written in this open transaction: only its entries lie above their account's `seq`. */
  async sumUnsettled(tx: Tx, range: AccountRange): Promise<{ granted: number; members: number }> {
    // A SUM is a DECIMAL, and arrives as text.
    const [row] = await tx.rows<{ granted: string; members: number }>(
      `SELECT COALESCE(SUM(e.amount), 0) AS granted, COUNT(DISTINCT e.account_id) AS members
         FROM credit_account a JOIN credit_entry e ON e.account_id = a.id AND e.seq > a.seq
        WHERE a.id BETWEEN ? AND ?`,
      [range.first, range.last],
    );
    return { granted: Number(row!.granted), members: row!.members };
  }

  /**
   * Moves the accounts to the end of `days`, balance and number along with the entries just written.
   *
   * Assignments run left to right, so each uses only columns that are assigned after it; the date comes
   * last. An account that was committed into the range after {@link insertEntries} has no entry yet: the
   * EXISTS leaves it for its own touch, where it would otherwise gain credits without an entry. At the
   * cap there is nothing to write, and only the date moves: a day at the cap is spent.
   */
  async settle(tx: Tx, range: AccountRange, days: readonly DueDay[], rule: AccrualRule): Promise<void> {
    const today = days.at(-1)!.date;
    const after = balanceAfter('DATEDIFF(?, a.last_accrual_date)', rule, today);
    const gain = { sql: `(${after.sql} - a.posted)`, values: after.values };
    const due = dueCondition('a', range, days);
    // One entry for each started `perDay` of the gain: only the last one can be cut by the cap.
    const perEntry = Math.max(1, rule.perDay);
    await tx.write(
      `UPDATE credit_account a
          SET a.seq = a.seq + (${gain.sql} + ?) DIV ?,
              a.version = a.version + (${gain.sql} > 0),
              a.posted = ${after.sql},
              a.last_accrual_date = ?
        WHERE ${due.sql}
          AND (${gain.sql} = 0 OR EXISTS (SELECT 1 FROM credit_entry e WHERE e.account_id = a.id AND e.seq = a.seq + 1))`,
      [
        ...gain.values, perEntry - 1, perEntry,
        ...gain.values,
        ...after.values,
        today,
        ...due.values,
        ...gain.values,
      ],
    );
  }
}

interface Fragment {
  readonly sql: string;
  readonly values: unknown[];
}

/** `accruedAfter` of the rules, in SQL: the balance once `days` (an expression) have passed. */
function balanceAfter(days: string, { perDay, cap }: AccrualRule, ...values: unknown[]): Fragment {
  return { sql: `LEAST(a.posted + ${days} * ?, GREATEST(a.posted, ?))`, values: [...values, perDay, cap ?? MAX_BALANCE] };
}

/** Members' accounts in the range that are settled up to some day before the last of `days`, and not before the first of them. */
function dueCondition(alias: string, { first, last }: AccountRange, days: readonly DueDay[]): Fragment {
  return {
    sql: `${alias}.id BETWEEN ? AND ? AND ${alias}.owner_kind = 'member' AND ${alias}.unit = 'credit'
          AND ${alias}.last_accrual_date < ? AND ${alias}.last_accrual_date >= DATE_SUB(?, INTERVAL 1 DAY)`,
    values: [first, last, days.at(-1)!.date, days[0]!.date],
  };
}
