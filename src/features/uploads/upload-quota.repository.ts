import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import { MAX_UNFINISHED, MIB } from './uploads.rules.js';

/** Bytes of a member's storage. */
export interface Quota {
  readonly used: number;
  readonly reserved: number;
  readonly max: number;
}

/** How much a member may store: a written guard, raised before the bytes come. */
@Injectable()
export class UploadQuotaRepository {
  private readonly defaultMax: number;

  constructor(config: Config) {
    this.defaultMax = config.UPLOAD_QUOTA_MIB * MIB;
  }

  async get(reader: Reader, memberId: string): Promise<Quota & { unfinished: number }> {
    const [row] = await reader.rows<Quota & { unfinished: number }>(
      'SELECT used, reserved, COALESCE(max, ?) AS max, unfinished FROM upload_quota WHERE member_id = ?', [this.defaultMax, memberId],
    );
    return row ?? { used: 0, reserved: 0, max: this.defaultMax, unfinished: 0 };
  }

  /** Makes the member's row, if there is none. */
  async ensure(tx: Tx, memberId: string): Promise<void> {
    await tx.write(
      'INSERT INTO upload_quota (member_id, used, reserved, unfinished) VALUES (?, 0, 0, 0) ON DUPLICATE KEY UPDATE member_id = member_id', [memberId],
    );
  }

  /** Sets bytes aside for one more file. False when there is no room for it. */
  async open(tx: Tx, memberId: string, bytes: number): Promise<boolean> {
    const matched = await tx.write(
      `UPDATE upload_quota SET reserved = reserved + ?, unfinished = unfinished + 1
       WHERE member_id = ? AND used + reserved + ? <= COALESCE(max, ?) AND unfinished < ?`,
      [bytes, memberId, bytes, this.defaultMax, MAX_UNFINISHED],
    );
    return matched === 1;
  }

  /** Sets more bytes aside, or fewer, for a file under way. False when there is no room for more. */
  async change(tx: Tx, memberId: string, bytes: number): Promise<boolean> {
    const matched = await tx.write(
      'UPDATE upload_quota SET reserved = reserved + ? WHERE member_id = ? AND (? <= 0 OR used + reserved + ? <= COALESCE(max, ?))',
      [bytes, memberId, bytes, bytes, this.defaultMax],
    );
    return matched === 1;
  }

  /** A file under way has ended: what was set aside for it is free again, but for the bytes that it keeps. */
  async close(tx: Tx, memberId: string, { reserved, kept }: { reserved: number; kept: number }): Promise<void> {
    await tx.write(
      'UPDATE upload_quota SET reserved = reserved - ?, used = used + ?, unfinished = unfinished - 1 WHERE member_id = ?', [reserved, kept, memberId],
    );
  }

  /** A ready file is gone. */
  async free(tx: Tx, memberId: string, bytes: number): Promise<void> {
    await tx.write('UPDATE upload_quota SET used = used - ? WHERE member_id = ?', [bytes, memberId]);
  }
}
