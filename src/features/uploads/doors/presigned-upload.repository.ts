import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';

export interface PresignedRecord {
  /** Hex; null when it was not announced. */
  readonly sha256: string | null;
}

/** The only SQL on `presigned_upload`. */
@Injectable()
export class PresignedUploadRepository {
  async insert(tx: Tx, fileId: string, sha256: string | null): Promise<void> {
    await tx.write('INSERT INTO presigned_upload (file_id, sha256) VALUES (?, ?)', [fileId, sha256]);
  }

  async find(reader: Reader, fileId: string): Promise<PresignedRecord | undefined> {
    const [row] = await reader.rows<PresignedRecord>('SELECT sha256 FROM presigned_upload WHERE file_id = ?', [fileId]);
    return row;
  }

  /** Begins to take its bytes. False when that was begun before: it is done once, and not again when it fails. */
  async take(tx: Tx, fileId: string): Promise<boolean> {
    return (await tx.write('UPDATE presigned_upload SET taken_at = UTC_TIMESTAMP(3) WHERE file_id = ? AND taken_at IS NULL', [fileId])) === 1;
  }

  async delete(tx: Tx, fileId: string): Promise<void> {
    await tx.write('DELETE FROM presigned_upload WHERE file_id = ?', [fileId]);
  }
}
