import { Injectable } from '@nestjs/common';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import { Conditions } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { ChatReport } from '../entities/chat-report.js';
import type { ReportState } from './moderation.types.js';

const SELECT = `
  SELECT id, message_id AS messageId, reporter_id AS reporterId, reason, state, created_at AS createdAt, resolved_at AS resolvedAt, resolved_by AS resolvedBy
  FROM chat_report`;

/** The only SQL on the table `chat_report`. */
@Injectable()
export class ReportRepository {
  /** False when the member has reported this message before. */
  async insert(tx: Tx, { id, messageId, reporterId, reason }: Pick<ChatReport, 'id' | 'messageId' | 'reporterId' | 'reason'>): Promise<boolean> {
    try {
      await tx.write("INSERT INTO chat_report (id, message_id, reporter_id, reason, state, created_at) VALUES (?, ?, ?, ?, 'open', UTC_TIMESTAMP(3))", [id, messageId, reporterId, reason]);
      return true;
    } catch (error) {
      if (isDuplicate(error, 'uq_chat_report_once')) return false;
      throw error;
    }
  }

  async find(reader: Reader, id: string): Promise<ChatReport | undefined> {
    return (await reader.rows<ChatReport>(`${SELECT} WHERE id = ?`, [id]))[0];
  }

  async findOf(reader: Reader, messageId: string, reporterId: string): Promise<ChatReport | undefined> {
    return (await reader.rows<ChatReport>(`${SELECT} WHERE message_id = ? AND reporter_id = ?`, [messageId, reporterId]))[0];
  }

  async isReported(reader: Reader, messageId: string): Promise<boolean> {
    return (await reader.rows('SELECT 1 FROM chat_report WHERE message_id = ? LIMIT 1', [messageId])).length > 0;
  }

  /** Newest first. */
  async list(reader: Reader, { state, beforeId, limit }: { state: ReportState; beforeId?: string; limit: number }): Promise<ChatReport[]> {
    const where = new Conditions().and('state = ?', state);
    if (beforeId !== undefined) where.and('id < ?', beforeId);
    return reader.rows<ChatReport>(`${SELECT} ${where.sql} ORDER BY id DESC LIMIT ?`, [...where.values, limit]);
  }

  /** False when it was not open. */
  async resolve(tx: Tx, id: string, moderatorId: string): Promise<boolean> {
    return (await tx.write("UPDATE chat_report SET state = 'resolved', resolved_at = UTC_TIMESTAMP(3), resolved_by = ? WHERE id = ? AND state = 'open'", [moderatorId, id])) === 1;
  }
}
