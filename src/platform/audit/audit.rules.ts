import { createHash } from 'node:crypto';
import type { AuditEntry } from './audit-entry.entity.js';
import type { AuditHead } from './audit-head.entity.js';

/** What the first entry follows. */
export const GENESIS = Buffer.alloc(32);

/**
 * What is wrong at a number of the log: an entry that is not what was written, entries that are gone, one
 * that does not follow the one before it, or a log that does not end where the head says.
 */
export interface AuditViolation {
  readonly seq: number;
  readonly fault: 'altered' | 'missing' | 'unlinked' | 'end';
}

/** Values as JSON in one spelling only: the keys of every object in order of their code units, nothing undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** SHA-256 over the hash before and every other field; as a JSON array, so that no field can run into the next. */
export function hashOfEntry(entry: Omit<AuditEntry, 'hash'>): Buffer {
  const { seq, at, actorId, action, subjectType, subjectId, details, previousHash } = entry;
  const fields = JSON.stringify([seq, at.toISOString(), actorId, action, subjectType, subjectId, details]);
  return createHash('sha256').update(previousHash).update(fields).digest();
}

/**
 * Walks the log from its first entry. After a fault it goes on from what is there, so that each fault is
 * told once and not again by every entry after it.
 */
export class ChainCheck {
  readonly violations: AuditViolation[] = [];
  private last: Pick<AuditEntry, 'seq' | 'hash'> = { seq: 0, hash: GENESIS };

  /** @param most how many violations are listed; past that the list says nothing new */
  constructor(private readonly most = 1_000) {}

  /** The number of the last entry that was walked over. */
  get seq(): number {
    return this.last.seq;
  }

  get hash(): Buffer {
    return this.last.hash;
  }

  /** @param entries the next ones, in the order of their numbers */
  walk(entries: readonly AuditEntry[]): void {
    for (const entry of entries) {
      if (entry.seq !== this.last.seq + 1) this.found(this.last.seq + 1, 'missing');
      else if (!entry.previousHash.equals(this.last.hash)) this.found(entry.seq, 'unlinked');
      if (!hashOfEntry(entry).equals(entry.hash)) this.found(entry.seq, 'altered');
      this.last = entry;
    }
  }

  /** @param head absent while nothing was ever written */
  end(head: Pick<AuditHead, 'seq' | 'hash'> = { seq: 0, hash: GENESIS }): void {
    if (head.seq > this.last.seq) this.found(this.last.seq + 1, 'missing');
    else if (head.seq < this.last.seq || !head.hash.equals(this.last.hash)) this.found(this.last.seq, 'end');
  }

  private found(seq: number, fault: AuditViolation['fault']): void {
    if (this.violations.length < this.most) this.violations.push({ seq, fault });
  }
}
