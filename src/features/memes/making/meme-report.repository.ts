import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { MemeReport } from '../entities/meme-report.js';

const COLUMNS = 'meme_id AS memeId, member_id AS memberId, reason, created_at AS createdAt';

/** The only SQL on `meme_report`: what nobody has decided about yet. */
@Injectable()
export class MemeReportRepository {
  constructor(private readonly database: Database) {}

  async insert(tx: Tx, memeId: string, memberId: string, reason: string): Promise<void> {
    await tx.write('INSERT INTO meme_report (meme_id, member_id, reason, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))', [memeId, memberId, reason]);
  }

  async find(reader: Reader, memeId: string, memberId: string): Promise<MemeReport | undefined> {
    const [row] = await reader.rows<MemeReport>(`SELECT ${COLUMNS} FROM meme_report WHERE meme_id = ? AND member_id = ?`, [memeId, memberId]);
    return row;
  }

  async count(reader: Reader, memeId: string): Promise<number> {
    const [row] = await reader.rows<{ reports: number }>('SELECT COUNT(*) AS reports FROM meme_report WHERE meme_id = ?', [memeId]);
    return row!.reports;
  }

  /** Of all these memes, newest first. */
  async list(memeIds: readonly string[]): Promise<MemeReport[]> {
    if (memeIds.length === 0) return [];
    return this.database.rows<MemeReport>(`SELECT ${COLUMNS} FROM meme_report WHERE meme_id IN (?) ORDER BY created_at DESC, member_id`, [memeIds]);
  }

  /** How many there were. */
  async deleteAllOf(tx: Tx, memeId: string): Promise<number> {
    return tx.write('DELETE FROM meme_report WHERE meme_id = ?', [memeId]);
  }
}
