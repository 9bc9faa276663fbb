import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Conditions } from '../database/sql-text.js';
import type { Reader, Tx } from '../database/transactions.js';
import type { AuditEntry } from './audit-entry.entity.js';
import type { AuditHead } from './audit-head.entity.js';
import { GENESIS } from './audit.rules.js';

const SELECT = `
  SELECT seq, at, actor_id AS actorId, action, subject_type AS subjectType, subject_id AS subjectId, details, previous_hash AS previousHash, hash
  FROM audit_entry`;

/** The only SQL on the audit log: it adds and reads, and never changes an entry. */
@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes the next number. The head's row is written, and so is this transaction's until it ends: the next
   * writer waits, and then sees the hash that this one leaves.
   *
   * @returns the number, the hash of the entry before and the time
   */
  async advance(tx: Tx): Promise<{ seq: number; previousHash: Buffer; at: Date }> {
    const advance = () => tx.write('UPDATE audit_head SET seq = seq + 1 WHERE id = 1');
    if ((await advance()) === 0) {
      await tx.write('INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, ?) ON DUPLICATE KEY UPDATE id = id', [GENESIS]);
      await advance();
    }
    const [row] = await tx.rows<{ seq: number; previousHash: Buffer; at: Date }>(
      'SELECT seq, hash AS previousHash, UTC_TIMESTAMP(3) AS at FROM audit_head WHERE id = 1',
    );
    return row!;
  }

  /** Adds the entry of the number that was just taken; as its key that number is a guard of its own. */
  async insert(tx: Tx, entry: AuditEntry): Promise<void> {
    await tx.write(
      `INSERT INTO audit_entry (seq, at, actor_id, action, subject_type, subject_id, details, previous_hash, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [entry.seq, entry.at, entry.actorId, entry.action, entry.subjectType, entry.subjectId, entry.details, entry.previousHash, entry.hash],
    );
    await tx.write('UPDATE audit_head SET hash = ? WHERE id = 1', [entry.hash]);
  }

  async findHead(reader: Reader): Promise<AuditHead | undefined> {
    const [head] = await reader.rows<AuditHead>('SELECT id, seq, hash FROM audit_head WHERE id = 1');
    return head;
  }

  /** Newest first, below `beforeSeq`. */
  list(filter: { action?: string; subjectId?: string; beforeSeq?: number; limit: number }): Promise<AuditEntry[]> {
    const where = new Conditions();
    if (filter.action !== undefined) where.and('action = ?', filter.action);
    if (filter.subjectId !== undefined) where.and('subject_id = ?', filter.subjectId);
    if (filter.beforeSeq !== undefined) where.and('seq < ?', filter.beforeSeq);
    return this.database.rows<AuditEntry>(`${SELECT} ${where.sql} ORDER BY seq DESC LIMIT ?`, [...where.values, filter.limit]);
  }

  /** Oldest first, above `afterSeq`. */
  listAfter(reader: Reader, afterSeq: number, limit: number): Promise<AuditEntry[]> {
    return reader.rows<AuditEntry>(`${SELECT} WHERE seq > ? ORDER BY seq LIMIT ?`, [afterSeq, limit]);
  }
}
