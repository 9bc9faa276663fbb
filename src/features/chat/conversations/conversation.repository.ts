import { Injectable } from '@nestjs/common';
import { isDuplicate } from '../../../platform/database/sql-errors.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { ConversationKind, ConversationSettings, LogHead, Posting } from '../chat.types.js';
import { mayRead } from './membership.repository.js';

/** A conversation whose row this transaction has written: nobody else adds to its log meanwhile. */
export interface HeldConversation {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly epoch: number;
  /** The last event before those that are being written. */
  readonly lastSeq: number;
  readonly lastNo: number;
  readonly slowModeSeconds: number;
  readonly posting: Posting;
  readonly archivedAt: Date | null;
  /** By the database's clock. */
  readonly now: Date;
}

export interface NewConversation {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly title: string | null;
  readonly dmKey: string | null;
  readonly createdBy: string;
}

const HEAD = 'id AS conversationId, epoch, first_seq AS firstSeq, last_seq AS seq';

/** The SQL of conversations: how they are set up, and where their logs stand. */
@Injectable()
export class ConversationRepository {
  /** False when the two have one already. */
  async insert(tx: Tx, { id, kind, title, dmKey, createdBy }: NewConversation): Promise<boolean> {
    try {
      await tx.write(
        `INSERT INTO chat_conversation (id, kind, title, dm_key, epoch, first_seq, last_seq, last_no, slow_mode_seconds, posting, created_by, created_at, active_at)
         VALUES (?, ?, ?, ?, 1, 1, 0, 0, 0, 'all', ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
        [id, kind, title, dmKey, createdBy],
      );
      return true;
    } catch (error) {
      if (isDuplicate(error, 'uq_chat_conversation_dm')) return false;
      throw error;
    }
  }

  async findDm(reader: Reader, dmKey: string): Promise<string | undefined> {
    return (await reader.rows<{ id: string }>('SELECT id FROM chat_conversation WHERE dm_key = ?', [dmKey]))[0]?.id;
  }

  /**
   * Moves logs on by so many events, and so many messages, which this transaction then writes. The rows are written
   * before anything is read: that, and no lock, keeps others out on every engine.
   *
   * @returns the conversations that exist, as they were before
   */
  async advance(tx: Tx, wanted: ReadonlyMap<string, { events: number; messages: number }>): Promise<Map<string, HeldConversation>> {
    const byId = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
    const ids = byId.map(([id]) => id);
    const cases = (column: string) => `${column} = ${column} + CASE id ${byId.map(() => 'WHEN ? THEN ?').join(' ')} END`;
    const active = byId.some(([, { messages }]) => messages > 0) ? ', active_at = UTC_TIMESTAMP(3)' : '';
    await tx.write(`UPDATE chat_conversation SET ${cases('last_seq')}, ${cases('last_no')}${active} WHERE id IN (?)`, [
      ...byId.flatMap(([id, { events }]) => [id, events]), ...byId.flatMap(([id, { messages }]) => [id, messages]), ids,
    ]);
    const rows = await tx.rows<HeldConversation>(
      `SELECT id, kind, epoch, last_seq AS lastSeq, last_no AS lastNo, slow_mode_seconds AS slowModeSeconds, posting, archived_at AS archivedAt, UTC_TIMESTAMP(3) AS now
       FROM chat_conversation WHERE id IN (?)`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, { ...row, lastSeq: row.lastSeq - wanted.get(row.id)!.events, lastNo: row.lastNo - wanted.get(row.id)!.messages }]));
  }

  /** Sets where a log ends, when less was written than it was moved on by. */
  async settle(tx: Tx, { id, lastSeq, lastNo }: { id: string; lastSeq: number; lastNo: number }): Promise<void> {
    await tx.write('UPDATE chat_conversation SET last_seq = ?, last_no = ? WHERE id = ?', [lastSeq, lastNo, id]);
  }

  async settings(reader: Reader, id: string): Promise<ConversationSettings | undefined> {
    const [row] = await reader.rows<Omit<ConversationSettings, 'archivedAt'> & { archivedAt: Date | null }>(
      'SELECT id, kind, title, slow_mode_seconds AS slowModeSeconds, posting, archived_at AS archivedAt FROM chat_conversation WHERE id = ?', [id],
    );
    return row && { ...row, archivedAt: row.archivedAt?.toISOString() ?? null };
  }

  async update(tx: Tx, { id, title, slowModeSeconds, posting, archivedAt }: ConversationSettings): Promise<void> {
    const values = [title, slowModeSeconds, posting, archivedAt === null ? null : new Date(archivedAt), id];
    await tx.write('UPDATE chat_conversation SET title = ?, slow_mode_seconds = ?, posting = ?, archived_at = ? WHERE id = ?', values);
  }

  /** Where the logs of these conversations stand. */
  async listHeads(reader: Reader, ids: readonly string[]): Promise<LogHead[]> {
    return ids.length === 0 ? [] : reader.rows<LogHead>(`SELECT ${HEAD} FROM chat_conversation WHERE id IN (?)`, [ids]);
  }

  /** Where the logs of all conversations stand that a member may read, the one with the newest message first. */
  async listHeadsOf(reader: Reader, memberId: string): Promise<(LogHead & { joinedSeq: number })[]> {
    return reader.rows<LogHead & { joinedSeq: number }>(
      `SELECT ${HEAD}, m.joined_seq AS joinedSeq FROM chat_member m JOIN chat_conversation c ON c.id = m.conversation_id
       WHERE m.member_id = ? AND ${mayRead('m')}
       ORDER BY c.active_at DESC, c.id DESC`,
      [memberId],
    );
  }
}
