import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { changedMeanwhile } from '../../platform/database/sql-errors.js';
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

/** What a range of accounts was given. */
export interface Gain {
  /** Credits given out. */
  readonly granted: number;
  /** Members who gained any. */
  readonly members: number;
}

interface Due extends Gain {
  /** Accounts that are behind, whether they gain or not. */
  readonly accounts: number;
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
   * Gives the accounts in the range what `days` bring, entries and balances, and moves them to the last of
   * the days. At the cap there is nothing to write, and only the date moves: a day at the cap is spent.
   *
   * @throws an error that runs the transaction again when an account was committed into the range meanwhile
   */
  async give(tx: Tx, range: AccountRange, days: readonly DueDay[], rule: AccrualRule): Promise<Gain> {
    const { accounts, ...gain } = await this.lockDue(tx, range, days, rule);
    if (accounts === 0) return gain;
    if (gain.granted > 0) await this.insertEntries(tx, range, days, rule);
    // Nobody counted can have gone, and a newcomer is among those moved: it may have no entry for what it gained.
    if ((await this.settle(tx, range, days, rule)) !== accounts) throw changedMeanwhile('an account was opened among those that are being given their days');
    return gain;
  }

  /**
   * Counts what the accounts that are behind have coming, and keeps touches out until the commit. Where the
   * lock does not hold, on a cluster, the guard is what both write: the account's row and the entry's number.
   */
  private async lockDue(tx: Tx, range: AccountRange, days: readonly DueDay[], rule: AccrualRule): Promise<Due> {
    const gain = gainBy(days, rule);
    const due = dueCondition(range, days);
    // A SUM is a DECIMAL, and arrives as text.
    const [row] = await tx.rows<{ accounts: number; granted: string; members: string }>(
      `SELECT COUNT(*) AS accounts, COALESCE(SUM(${gain.sql}), 0) AS granted, COALESCE(SUM(${gain.sql} > 0), 0) AS members
         FROM credit_account a WHERE ${due.sql}
          FOR UPDATE`,
      [...gain.values, ...gain.values, ...due.values],
    );
    const { accounts, granted, members } = row!;
    return { accounts, granted: Number(granted), members: Number(members) };
  }

  /**
   * Writes the missing entries, one per account and day that gives something.
   * Their numbers go on from the account's `seq`, which {@link settle} moves along in the same transaction.
   */
  private async insertEntries(tx: Tx, range: AccountRange, days: readonly DueDay[], rule: AccrualRule): Promise<void> {
    const after = balanceAfter('DATEDIFF(d.day, a.last_accrual_date)', rule);
    const before = balanceAfter('(DATEDIFF(d.day, a.last_accrual_date) - 1)', rule);
    const due = dueCondition(range, days);
    // STRAIGHT_JOIN: each account is met once, in the order of the primary key, like in every other writer.
    await tx.write(
      `INSERT INTO credit_entry
         (account_id, seq, kind, amount, balance_after, counter, actor_id, reason, ref_type, ref_id, reverses_seq, effective_at, created_at)
       SELECT a.id, a.seq + DATEDIFF(d.day, a.last_accrual_date), 'accrual', ${after.sql} - ${before.sql}, ${after.sql},
              'issue', NULL, NULL, NULL, NULL, NULL, d.began, UTC_TIMESTAMP(3)
         FROM credit_account a
         STRAIGHT_JOIN (${days.map(() => 'SELECT CAST(? AS DATE) AS day, CAST(? AS DATETIME(3)) AS began').join(' UNION ALL ')}) d
           ON d.day > a.last_accrual_date
        WHERE ${due.sql} AND ${after.sql} > ${before.sql}`,
      [
        ...after.values, ...before.values, ...after.values,
        ...days.flatMap(({ date, firstInstant }) => [date, firstInstant]),
        ...due.values, ...after.values, ...before.values,
      ],
    );
  }

  /** Moves the accounts along, and answers how many. Assignments run left to right: each uses only columns assigned after it. */
  private async settle(tx: Tx, range: AccountRange, days: readonly DueDay[], rule: AccrualRule): Promise<number> {
    const gain = gainBy(days, rule);
    const due = dueCondition(range, days);
    // One entry for each started `perDay`: only the last one can be cut by the cap.
    const perEntry = Math.max(1, rule.perDay);
    return tx.write(
      `UPDATE credit_account a
          SET a.seq = a.seq + (${gain.sql} + ?) DIV ?, a.version = a.version + (${gain.sql} > 0), a.posted = a.posted + ${gain.sql}, a.last_accrual_date = ?
        WHERE ${due.sql}`,
      [...gain.values, perEntry - 1, perEntry, ...gain.values, ...gain.values, days.at(-1)!.date, ...due.values],
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

/** What an account gains by the end of `days`. */
function gainBy(days: readonly DueDay[], rule: AccrualRule): Fragment {
  const after = balanceAfter('DATEDIFF(?, a.last_accrual_date)', rule, days.at(-1)!.date);
  return { sql: `(${after.sql} - a.posted)`, values: after.values };
}

/** Members' accounts in the range that are settled up to some day before the last of `days`, and not before the first of them. */
function dueCondition({ first, last }: AccountRange, days: readonly DueDay[]): Fragment {
  return {
    sql: `a.id BETWEEN ? AND ? AND a.owner_kind = 'member' AND a.unit = 'credit'
          AND a.last_accrual_date < ? AND a.last_accrual_date >= DATE_SUB(?, INTERVAL 1 DAY)`,
    values: [first, last, days.at(-1)!.date, days[0]!.date],
  };
}
