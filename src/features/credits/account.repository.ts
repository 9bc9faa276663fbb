import { Injectable } from '@nestjs/common';
import { newId } from '../../platform/database/columns.js';
import { Database } from '../../platform/database/database.js';
import { isDuplicate } from '../../platform/database/sql-errors.js';
import { Conditions } from '../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { LocalDate } from '../../platform/clock/calendar.js';
import { alreadyReversed } from './credits.errors.js';
import { MAX_BALANCE, unitOf, type AccountOwner } from './credits.rules.js';
import type { CreditAccount } from './entities/credit-account.js';
import type { CreditEntry, EntryKind } from './entities/credit-entry.js';

/** An account as just read, and whether it has open holds that are past their time. */
export interface ReadAccount extends CreditAccount {
  readonly lapsed: boolean;
}

/** What an entry says beyond its number and balances, which the account itself gives. */
export interface NewEntry {
  readonly kind: EntryKind;
  readonly amount: number;
  readonly counter: CreditEntry['counter'];
  readonly actorId?: string | null;
  readonly reason?: string | null;
  readonly refType?: string | null;
  readonly refId?: string | null;
  readonly reversesSeq?: number | null;
}

/** An account as the driver gives it: EXISTS is a number. */
export type AccountRow = CreditAccount & { readonly lapsed: number };

export const ACCOUNT_COLUMNS = `
  a.id, a.owner_kind AS ownerKind, a.owner_id AS ownerId, a.unit, a.posted, a.held, a.seq, a.version,
  a.last_accrual_date AS lastAccrualDate,
  EXISTS (
    SELECT 1 FROM credit_hold l WHERE l.account_id = a.id AND l.status = 'open' AND l.expires_at <= UTC_TIMESTAMP(3)
  ) AS lapsed`;

const ENTRY_COLUMNS = `
  e.account_id AS accountId, e.seq, e.kind, e.amount, e.balance_after AS balanceAfter, e.counter, e.actor_id AS actorId,
  e.reason, e.ref_type AS refType, e.ref_id AS refId, e.reverses_seq AS reversesSeq, e.effective_at AS effectiveAt,
  e.created_at AS createdAt`;

/** The SQL of accounts and their entries. */
@Injectable()
export class AccountRepository {
  constructor(private readonly database: Database) {}

  async findByOwner(reader: Reader, { kind, id }: AccountOwner): Promise<ReadAccount | undefined> {
    const rows = await reader.rows<AccountRow>(
      `SELECT ${ACCOUNT_COLUMNS} FROM credit_account a WHERE a.owner_kind = ? AND a.owner_id = ? AND a.unit = ?`,
      [kind, id, unitOf(kind)],
    );
    return rows[0] && accountFrom(rows[0]);
  }

  /** The account of a member or an API token, whichever the id belongs to. */
  async findByOwnerId(reader: Reader, ownerId: string): Promise<ReadAccount | undefined> {
    const rows = await reader.rows<AccountRow>(
      `SELECT ${ACCOUNT_COLUMNS} FROM credit_account a WHERE a.owner_kind IN ('member', 'api_token') AND a.owner_id = ?`,
      [ownerId],
    );
    return rows[0] && accountFrom(rows[0]);
  }

  /** The members' accounts in the order of their own ids; those without one are left out. */
  async listByMembers(reader: Reader, memberIds: readonly string[]): Promise<ReadAccount[]> {
    if (memberIds.length === 0) return [];
    const rows = await reader.rows<AccountRow>(
      `SELECT ${ACCOUNT_COLUMNS} FROM credit_account a
        WHERE a.owner_kind = 'member' AND a.owner_id IN (?) AND a.unit = 'credit' ORDER BY a.id`,
      [memberIds],
    );
    return rows.map(accountFrom);
  }

  /** @throws Error when there is none: the caller has just read or changed it */
  async get(reader: Reader, accountId: string): Promise<ReadAccount> {
    const rows = await reader.rows<AccountRow>(`SELECT ${ACCOUNT_COLUMNS} FROM credit_account a WHERE a.id = ?`, [accountId]);
    if (rows[0] === undefined) throw new Error(`credit account ${accountId} is gone`);
    return accountFrom(rows[0]);
  }

  /** Creates an account with its opening entry, effective from `at`; answers false when the owner has one already. */
  async insert(tx: Tx, owner: AccountOwner, opening: { amount: number; lastAccrualDate: LocalDate | null }, at: Date): Promise<boolean> {
    const id = newId();
    const { amount, lastAccrualDate } = opening;
    try {
      await tx.write(
        `INSERT INTO credit_account (id, owner_kind, owner_id, unit, posted, held, seq, version, last_accrual_date)
         VALUES (?, ?, ?, ?, ?, 0, ?, 1, ?)`,
        [id, owner.kind, owner.id, unitOf(owner.kind), amount, amount > 0 ? 1 : 0, lastAccrualDate],
      );
    } catch (error) {
      if (isDuplicate(error, 'uq_credit_account_owner')) return false;
      throw error;
    }
    if (amount > 0) await this.insertEntry(tx, id, { kind: 'signup', amount, counter: 'issue' }, at);
    return true;
  }

  /**
   * Moves the balance by `amount` (signed) and takes the next entry number, if that leaves at least what
   * is held and at most MAX_BALANCE. The condition is in the statement that writes: no lock is relied on.
   */
  async updatePosted(tx: Tx, accountId: string, amount: number): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE credit_account SET posted = posted + ?, seq = seq + 1, version = version + 1
        WHERE id = ? AND posted - held >= ? AND posted + ? <= ?`,
      [amount, accountId, -amount, amount, MAX_BALANCE],
    );
    return matched === 1;
  }

  /** Sets `amount` of the available balance aside, if there is as much. */
  async updateHeld(tx: Tx, accountId: string, amount: number): Promise<boolean> {
    const matched = await tx.write(
      'UPDATE credit_account SET held = held + ?, version = version + 1 WHERE id = ? AND posted - held >= ?',
      [amount, accountId, amount],
    );
    return matched === 1;
  }

  /** Takes `taken` of the `held` that was set aside and gives the rest back, with the next entry number. */
  async updateCaptured(tx: Tx, accountId: string, taken: number, held: number): Promise<void> {
    await tx.write('UPDATE credit_account SET posted = posted - ?, held = held - ?, seq = seq + 1, version = version + 1 WHERE id = ?', [taken, held, accountId]);
  }

  /** Takes back an {@link updateHeld} of the same transaction, as if it had not been. */
  async revertHeld(tx: Tx, accountId: string, amount: number): Promise<void> {
    await tx.write('UPDATE credit_account SET held = held - ?, version = version - 1 WHERE id = ?', [amount, accountId]);
  }

  /**
   * Writes the entry that the account's last change stands for: number and balance are the account's own.
   *
   * @param at when it counts from, by the community's clock like the days: a balance in the past is a sum over both
   * @throws alreadyReversed when it reverses an entry that was
   */
  async insertEntry(tx: Tx, accountId: string, entry: NewEntry, at: Date): Promise<void> {
    try {
      await tx.write(
        `INSERT INTO credit_entry
           (account_id, seq, kind, amount, balance_after, counter, actor_id, reason, ref_type, ref_id, reverses_seq, effective_at, created_at)
         SELECT a.id, a.seq, ?, ?, a.posted, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3)
           FROM credit_account a WHERE a.id = ?`,
        [
          entry.kind, entry.amount, entry.counter, entry.actorId ?? null, entry.reason ?? null,
          entry.refType ?? null, entry.refId ?? null, entry.reversesSeq ?? null, at, accountId,
        ],
      );
    } catch (error) {
      throw isDuplicate(error, 'uq_credit_entry_reverses') ? alreadyReversed() : error;
    }
  }

  async findEntry(reader: Reader, accountId: string, seq: number): Promise<CreditEntry | undefined> {
    const rows = await reader.rows<CreditEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM credit_entry e WHERE e.account_id = ? AND e.seq = ?`,
      [accountId, seq],
    );
    return rows[0];
  }

  /** @throws Error when there is none: the caller has just written it, or another entry refers to it */
  async getEntry(reader: Reader, accountId: string, seq: number): Promise<CreditEntry> {
    const entry = await this.findEntry(reader, accountId, seq);
    if (entry === undefined) throw new Error(`entry ${seq} of credit account ${accountId} is missing`);
    return entry;
  }

  async isReversed(reader: Reader, accountId: string, seq: number): Promise<boolean> {
    const rows = await reader.rows('SELECT 1 FROM credit_entry WHERE account_id = ? AND reverses_seq = ?', [accountId, seq]);
    return rows.length > 0;
  }

  /** Refunds and reversals after `seq`, in the order they were written. */
  listReturnsAfter(reader: Reader, accountId: string, seq: number): Promise<CreditEntry[]> {
    return reader.rows<CreditEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM credit_entry e
        WHERE e.account_id = ? AND e.seq > ? AND e.kind IN ('refund', 'reversal') ORDER BY e.seq`,
      [accountId, seq],
    );
  }

  /**
   * The other account's side of an entry between two accounts. Both sides are written in one transaction
   * that holds both accounts' rows, so the two books have what is between them in the same order: the n-th
   * here is the n-th there.
   *
   * @throws Error when the two books do not fit together: for the reconciliation to look at
   */
  async getTwin(reader: Reader, { accountId, seq, amount, counter }: CreditEntry, otherId: string): Promise<CreditEntry> {
    const [place] = await reader.rows<{ n: number }>(
      'SELECT COUNT(*) AS n FROM credit_entry WHERE account_id = ? AND counter = ? AND seq <= ?',
      [accountId, counter, seq],
    );
    const [twin] = await reader.rows<CreditEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM credit_entry e WHERE e.account_id = ? AND e.counter = ? ORDER BY e.seq LIMIT 1 OFFSET ?`,
      [otherId, `account:${accountId}`, place!.n - 1],
    );
    if (twin?.amount !== -amount) throw new Error(`entry ${seq} of credit account ${accountId} has no other side in ${otherId}`);
    return twin;
  }

  /**
   * The balances at some times, earliest first: of an account that is settled up to the last of them.
   * One pass over the book, which gives how much each time added to the one before.
   */
  async listBalances(reader: Reader, accountId: string, times: readonly Date[]): Promise<number[]> {
    // In milliseconds: an entry belongs to the first time that is not before it.
    const rows = await reader.rows<{ place: number; gained: string }>(
      `SELECT INTERVAL(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', e.effective_at) DIV 1000 - 1, ${times.map(() => '?').join(', ')}) AS place,
              SUM(e.amount) AS gained
         FROM credit_entry e WHERE e.account_id = ? AND e.effective_at <= ? GROUP BY place`,
      [...times.map((time) => time.getTime()), accountId, times.at(-1)],
    );
    const gained = new Map(rows.map((row) => [row.place, Number(row.gained)]));
    let balance = 0;
    return times.map((_, place) => (balance += gained.get(place) ?? 0));
  }

  /** Newest first, below `beforeSeq`. */
  listEntries(accountId: string, { beforeSeq, limit, kind }: { beforeSeq?: number; limit: number; kind?: EntryKind }): Promise<CreditEntry[]> {
    const where = ofKind(kind).and('e.account_id = ?', accountId);
    if (beforeSeq !== undefined) where.and('e.seq < ?', beforeSeq);
    return this.database.rows<CreditEntry>(`SELECT ${ENTRY_COLUMNS} FROM credit_entry e ${where.sql} ORDER BY e.seq DESC LIMIT ?`, [...where.values, limit]);
  }

  /** A member's entries as `reader` sees them, oldest first, above `afterSeq`. */
  listEntriesAfter(reader: Reader, memberId: string, { afterSeq, limit, kind }: { afterSeq: number; limit: number; kind?: EntryKind }): Promise<CreditEntry[]> {
    const where = ofKind(kind).and(`e.account_id = (${ACCOUNT_OF_MEMBER})`, memberId).and('e.seq > ?', afterSeq);
    return reader.rows<CreditEntry>(`SELECT ${ENTRY_COLUMNS} FROM credit_entry e ${where.sql} ORDER BY e.seq LIMIT ?`, [...where.values, limit]);
  }

  async countEntries(reader: Reader, memberId: string, kind?: EntryKind): Promise<number> {
    const where = ofKind(kind).and(`e.account_id = (${ACCOUNT_OF_MEMBER})`, memberId);
    const [row] = await reader.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM credit_entry e ${where.sql}`, where.values);
    return row!.n;
  }
}

const ACCOUNT_OF_MEMBER = "SELECT a.id FROM credit_account a WHERE a.owner_kind = 'member' AND a.owner_id = ? AND a.unit = 'credit'";

function ofKind(kind: EntryKind | undefined): Conditions {
  return kind === undefined ? new Conditions() : new Conditions().and('e.kind = ?', kind);
}

export function accountFrom(row: AccountRow): ReadAccount {
  return { ...row, lapsed: row.lapsed === 1 };
}
