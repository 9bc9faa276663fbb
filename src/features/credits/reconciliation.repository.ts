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
/** Accounts that one statement looks at: what it adds up fits into memory, however many there are. */
const ACCOUNTS_AT_ONCE = 10_000;

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

/** Accounts by id, the first one not included. */
interface Range {
  readonly after: string;
  readonly last: string;
}

/** Accounts of a range with what their entries and holds add up to. Takes the range three times. */
const BOOKS = `
  FROM credit_account a
  LEFT JOIN (SELECT account_id, SUM(amount) AS total, COUNT(*) AS entries, MAX(seq) AS last_seq,
                    SUM(CASE WHEN counter = 'issue' THEN amount ELSE 0 END) AS issued,
                    -SUM(CASE WHEN counter IN ('spend', 'adjust') THEN amount ELSE 0 END) AS taken
               FROM credit_entry WHERE account_id > ? AND account_id <= ? GROUP BY account_id) e ON e.account_id = a.id
  LEFT JOIN credit_entry newest ON newest.account_id = a.id AND newest.seq = e.last_seq
  LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM credit_hold
              WHERE status = 'open' AND account_id > ? AND account_id <= ? GROUP BY account_id) h ON h.account_id = a.id
 WHERE a.id > ? AND a.id <= ?`;

const IS_WRONG = `(
  a.posted <> COALESCE(e.total, 0) OR a.posted <> COALESCE(newest.balance_after, 0)
  OR a.held <> COALESCE(h.total, 0)
  OR a.seq <> COALESCE(e.entries, 0) OR a.seq <> COALESCE(e.last_seq, 0)
  OR a.held < 0 OR a.held > a.posted)`;

const valuesOf = ({ after, last }: Range): string[] => [after, last, after, last, after, last];

/** Set-based checks of the books: one pass over accounts, entries and holds, range by range. */
@Injectable()
export class ReconciliationRepository {
  /**
   * I1 posted = Σ entries = last balance; I2 held = Σ open holds; I3 numbers are 1..n without gaps;
   * I4 0 ≤ held ≤ posted: for each account.
   *
   * I5 Σ issue = Σ spend − Σ refund + Σ adjusted out + Σ posted: for each unit, by the other sides that the
   * entries name. A reversal names that of its entry. Between accounts of a unit transfers cancel out, so
   * this finds one that reached only one side.
   */
  async list(snapshot: Snapshot): Promise<Violation[]> {
    const found: Violation[] = [];
    const units = new Map<Unit, { issued: bigint; expected: bigint }>();
    let left = ACCOUNTS_LISTED;
    for (let after = ''; ; ) {
      const last = await this.findLast(snapshot, after);
      if (last === undefined) break;
      let wrong = false;
      for (const sum of await this.listSums(snapshot, { after, last })) {
        const { issued, expected } = units.get(sum.unit) ?? { issued: 0n, expected: 0n };
        units.set(sum.unit, { issued: issued + BigInt(sum.issued), expected: expected + BigInt(sum.expected) });
        wrong ||= Number(sum.wrong) > 0;
      }
      if (wrong && left > 0) {
        const books = await this.listWrong(snapshot, { after, last }, left);
        left -= books.length;
        found.push(...books.flatMap(violationsOf));
      }
      after = last;
    }
    for (const [unit, { issued, expected }] of [...units].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (issued !== expected) found.push({ invariant: 'I5', accountId: null, unit, expected: Number(expected), actual: Number(issued) });
    }
    return found;
  }

  private async findLast(snapshot: Snapshot, after: string): Promise<string | undefined> {
    const [row] = await snapshot.rows<{ last: string | null }>(
      'SELECT MAX(page.id) AS last FROM (SELECT id FROM credit_account WHERE id > ? ORDER BY id LIMIT ?) page',
      [after, ACCOUNTS_AT_ONCE],
    );
    return row?.last ?? undefined;
  }

  private listSums(snapshot: Snapshot, range: Range): Promise<{ unit: Unit; issued: string; expected: string; wrong: string }[]> {
    return snapshot.rows(
      `SELECT a.unit, COALESCE(SUM(e.issued), 0) AS issued, COALESCE(SUM(e.taken), 0) + SUM(a.posted) AS expected, SUM(${IS_WRONG}) AS wrong
       ${BOOKS} GROUP BY a.unit`,
      valuesOf(range),
    );
  }

  private async listWrong(snapshot: Snapshot, range: Range, limit: number): Promise<BookRow[]> {
    const rows = await snapshot.rows<BookRow<string>>(
      `SELECT a.id AS accountId, a.unit, a.posted, a.held, a.seq, COALESCE(e.total, 0) AS total,
              COALESCE(newest.balance_after, 0) AS lastBalance, COALESCE(h.total, 0) AS openHolds,
              COALESCE(e.entries, 0) AS entries, COALESCE(e.last_seq, 0) AS lastSeq
       ${BOOKS} AND ${IS_WRONG} ORDER BY a.id LIMIT ?`,
      [...valuesOf(range), limit],
    );
    return rows.map((row) => ({ ...row, total: Number(row.total), openHolds: Number(row.openHolds) }));
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
