import { Injectable } from '@nestjs/common';
import type { Snapshot } from '../../platform/database/transactions.js';
import type { Unit } from './entities/credit-account.js';

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5';

export interface Violation {
  readonly invariant: Invariant;
  /** Null for I5, which is about all accounts of a unit. */
  readonly accountId: string | null;
  readonly unit: Unit;
  readonly expected: number;
  readonly actual: number;
}

/** Accounts named in one report at most: past that the list says nothing new. */
const ACCOUNTS_LISTED = 1000;

/** `Sum` is a number, or in the row as the driver gives it a text: a SUM is a DECIMAL. */
interface BookRow<Sum = number> {
  accountId: string;
  unit: Unit;
  posted: number;
  held: number;
  seq: number;
  total: Sum;
  lastBalance: number;
  openHolds: Sum;
  entries: number;
  lastSeq: number;
}

/** Set-based checks of the books: one pass over accounts, entries and holds. */
@Injectable()
export class ReconciliationRepository {
  /**
   * I1 posted = Σ entries = last balance; I2 held = Σ open holds; I3 numbers are 1..n without gaps;
   * I4 0 ≤ held ≤ posted.
   */
  async listOfAccounts(snapshot: Snapshot): Promise<Violation[]> {
    const rows = await snapshot.rows<BookRow<string>>(
      `SELECT a.id AS accountId, a.unit, a.posted, a.held, a.seq, COALESCE(e.total, 0) AS total,
              COALESCE(newest.balance_after, 0) AS lastBalance, COALESCE(h.total, 0) AS openHolds,
              COALESCE(e.entries, 0) AS entries, COALESCE(e.last_seq, 0) AS lastSeq
         FROM credit_account a
         LEFT JOIN (SELECT account_id, SUM(amount) AS total, COUNT(*) AS entries, MAX(seq) AS last_seq
                      FROM credit_entry GROUP BY account_id) e ON e.account_id = a.id
         LEFT JOIN credit_entry newest ON newest.account_id = a.id AND newest.seq = e.last_seq
         LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM credit_hold WHERE status = 'open' GROUP BY account_id) h
                ON h.account_id = a.id
        WHERE a.posted <> COALESCE(e.total, 0) OR a.posted <> COALESCE(newest.balance_after, 0)
           OR a.held <> COALESCE(h.total, 0)
           OR a.seq <> COALESCE(e.entries, 0) OR a.seq <> COALESCE(e.last_seq, 0)
           OR a.held < 0 OR a.held > a.posted
        ORDER BY a.id LIMIT ${ACCOUNTS_LISTED}`,
    );
    return rows.flatMap((row) => violationsOf({ ...row, total: Number(row.total), openHolds: Number(row.openHolds) }));
  }

  /**
   * I5 Σ issue = Σ spend − Σ refund + Σ adjusted out + Σ posted, for each unit. Between accounts of a
   * unit transfers cancel out, so this finds one that reached only one side.
   */
  async listOfUnits(snapshot: Snapshot): Promise<Violation[]> {
    const rows = await snapshot.rows<{ unit: Unit; issued: string; expected: string }>(
      `SELECT u.unit, COALESCE(e.issued, 0) AS issued, COALESCE(e.taken, 0) + u.posted AS expected
         FROM (SELECT unit, SUM(posted) AS posted FROM credit_account GROUP BY unit) u
         LEFT JOIN (SELECT a.unit,
                           SUM(CASE WHEN n.counter = 'issue' THEN n.amount ELSE 0 END) AS issued,
                           -SUM(CASE WHEN n.counter IN ('spend', 'adjust') THEN n.amount ELSE 0 END) AS taken
                      FROM credit_entry n JOIN credit_account a ON a.id = n.account_id GROUP BY a.unit) e ON e.unit = u.unit
        WHERE COALESCE(e.issued, 0) <> COALESCE(e.taken, 0) + u.posted
        ORDER BY u.unit`,
    );
    return rows.map(({ unit, issued, expected }) => ({ invariant: 'I5', accountId: null, unit, expected: Number(expected), actual: Number(issued) }));
  }
}

function violationsOf(book: BookRow): Violation[] {
  const found: Violation[] = [];
  const check = (invariant: Invariant, expected: number, actual: number): void => {
    if (expected !== actual) found.push({ invariant, accountId: book.accountId, unit: book.unit, expected, actual });
  };
  // Each names the first of its sides that differs.
  check('I1', book.posted, book.total === book.posted ? book.lastBalance : book.total);
  check('I2', book.openHolds, book.held);
  check('I3', book.seq, book.entries === book.seq ? book.lastSeq : book.entries);
  check('I4', Math.min(Math.max(book.held, 0), book.posted), book.held);
  return found;
}
