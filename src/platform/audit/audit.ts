import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../database/transactions.js';
import { Cursors } from '../http/cursor.js';
import type { Page } from '../http/page.dto.js';
import type { AuditEntry } from './audit-entry.entity.js';
import { AuditRepository } from './audit.repository.js';
import { canonicalJson, ChainCheck, hashOfEntry, type AuditViolation } from './audit.rules.js';

const LIST = 'audit';
const ENTRIES_PER_PAGE = 1_000;

/** Something that was done and has to be accounted for. */
export interface Act {
  /** The member who did it. */
  actorId: string;
  /** `<subject>.<what>`, e.g. `member.role-changed`. */
  action: string;
  subjectType: string;
  subjectId: string;
  /** What changed, from what to what. Never a secret: admins read it. */
  details?: Record<string, unknown>;
}

export interface AuditReport {
  /** When the snapshot was taken, by the database's clock. */
  readonly checkedAt: Date;
  readonly entries: number;
  /** Hash of the last entry: noted elsewhere, it shows later that nothing before it was rewritten. */
  readonly head: Buffer;
  readonly violations: readonly AuditViolation[];
}

/** The append-only log of what admins, and members about their own keys, did. */
@Injectable()
export class Audit {
  constructor(
    private readonly transactions: Transactions,
    private readonly repository: AuditRepository,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Writes the act down in its own transaction: what cannot be written down does not happen.
   *
   * Call it last. It writes the head of the log, where every act of every process meets, and holds it until
   * the commit: short when nothing follows, and free of deadlocks when everybody comes to the head last.
   */
  async record(tx: Tx, { actorId, action, subjectType, subjectId, details = {} }: Act): Promise<void> {
    const { seq, previousHash, at } = await this.repository.advance(tx);
    const entry = { seq, at, actorId, action, subjectType, subjectId, details: canonicalJson(details), previousHash };
    await this.repository.insert(tx, { ...entry, hash: hashOfEntry(entry) });
  }

  /** Entries, newest first. */
  async list({ cursor, limit, ...filter }: { action?: string; subjectId?: string; cursor?: string; limit: number }): Promise<Page<AuditEntry>> {
    const [beforeSeq] = this.cursors.decode<[number]>(LIST, cursor) ?? [];
    const found = await this.repository.list({ ...filter, beforeSeq, limit: limit + 1 });
    return this.cursors.page(LIST, found, limit, ({ seq }) => [seq]);
  }

  /** Holds the whole log against its hashes, in one snapshot. It never repairs. */
  verify(): Promise<AuditReport> {
    return this.transactions.snapshot(async (snapshot) => {
      const check = new ChainCheck();
      let entries = 0;
      let page: AuditEntry[];
      do {
        page = await this.repository.listAfter(snapshot, check.seq, ENTRIES_PER_PAGE);
        check.walk(page);
        entries += page.length;
      } while (page.length === ENTRIES_PER_PAGE);
      check.end(await this.repository.findHead(snapshot));
      return { checkedAt: snapshot.at, entries, head: check.hash, violations: check.violations };
    });
  }
}
