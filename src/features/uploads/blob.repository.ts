import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { newId } from '../../platform/database/columns.js';
import { changedMeanwhile, isDuplicate } from '../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { StoredBytes } from './uploads.types.js';

export interface BlobRecord extends StoredBytes {
  readonly id: string;
}

/**
 * Stored bytes, once for all who have the same. Takers count up where `refs >= 0`, the sweeper turns 0 into
 * -1 and takes the hash away in the same write: so neither can lose to the other, and a taker who comes
 * late makes a blob of its own.
 *
 * Those writes say `refs + 0`, which no index can answer: the engine may else look for the row by scanning the
 * index on refs, and miss it while another transaction moves it from one place there to another.
 */
@Injectable()
export class BlobRepository {
  constructor(private readonly database: Database) {}

  /** One more reference to these bytes: on the blob that has them, or on a new one at `storageKey`. @returns its id */
  async take(tx: Tx, { sha256, size, storageKey }: StoredBytes): Promise<string> {
    if ((await tx.write('UPDATE file_blob SET refs = refs + 1 WHERE sha256 = ? AND refs + 0 >= 0', [sha256])) === 1) {
      const [row] = await tx.rows<{ id: string }>('SELECT id FROM file_blob WHERE sha256 = ?', [sha256]);
      return row!.id;
    }
    const id = newId();
    try {
      await tx.write('INSERT INTO file_blob (id, sha256, size, refs, storage_key, created_at) VALUES (?, ?, ?, 1, ?, UTC_TIMESTAMP(3))', [id, sha256, size, storageKey]);
    } catch (error) {
      throw isDuplicate(error, 'uq_file_blob_sha') ? changedMeanwhile('another took the same bytes at the same moment') : error;
    }
    return id;
  }

  /** One reference less. The bytes stay until the sweep. */
  async release(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE file_blob SET refs = refs - 1 WHERE id = ? AND refs + 0 > 0', [id]);
  }

  /** @throws Error when there is none: whoever refers to a blob keeps it */
  async get(reader: Reader, id: string): Promise<BlobRecord> {
    const [row] = await reader.rows<BlobRecord>('SELECT id, sha256, size, storage_key AS storageKey FROM file_blob WHERE id = ?', [id]);
    if (!row) throw new Error(`blob ${id} is gone`);
    return row;
  }

  /** Blobs that nobody refers to, and those whose removal was begun, by their ids. @param after the last id of the page before */
  async listUnreferenced({ after, limit }: { after: string; limit: number }): Promise<{ id: string; storageKey: string }[]> {
    return this.database.rows('SELECT id, storage_key AS storageKey FROM file_blob WHERE refs <= 0 AND id > ? ORDER BY id LIMIT ?', [after, limit]);
  }

  /** From here on nobody can take it. False when somebody refers to it again. */
  async giveUp(tx: Tx, id: string): Promise<boolean> {
    return (await tx.write('UPDATE file_blob SET refs = -1, sha256 = NULL WHERE id = ? AND refs + 0 <= 0', [id])) === 1;
  }

  /** Forgets a blob that was given up, once its bytes are gone. */
  async delete(tx: Tx, id: string): Promise<void> {
    await tx.write('DELETE FROM file_blob WHERE id = ? AND refs = -1', [id]);
  }

  /** Of these keys, those where a blob's bytes are. */
  async listKeys(keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    const rows = await this.database.rows<{ storageKey: string }>('SELECT storage_key AS storageKey FROM file_blob WHERE storage_key IN (?)', [keys]);
    return new Set(rows.map(({ storageKey }) => storageKey));
  }
}
