import { Injectable } from '@nestjs/common';
import { Conditions } from '../../../platform/database/sql-text.js';
import type { Reader } from '../../../platform/database/transactions.js';
import type { ConversationKind, ConversationRole, Notify, Posting } from '../chat.types.js';
import { mayRead } from './membership.repository.js';

/** A conversation, and a member's part in it. */
export interface InboxRow {
  readonly id: string;
  readonly kind: ConversationKind;
  readonly title: string | null;
  readonly epoch: number;
  readonly lastSeq: number;
  readonly lastNo: number;
  readonly slowModeSeconds: number;
  readonly posting: Posting;
  readonly createdAt: Date;
  readonly activeAt: Date;
  readonly archivedAt: Date | null;
  readonly role: ConversationRole;
  readonly readSeq: number;
  readonly notify: Notify;
  readonly mutedUntil: Date | null;
}

export interface Unread {
  readonly unread: number;
  readonly mentions: number;
}

/** Where a page of the inbox begins. */
export interface InboxPlace {
  readonly activeAt: Date;
  readonly id: string;
}

/** Reads what a member has in their conversations. */
@Injectable()
export class InboxRepository {
  /** The conversations that a member may read, the one with the newest message first. */
  async list(reader: Reader, memberId: string, { id, after, limit }: { id?: string; after?: InboxPlace; limit: number }): Promise<InboxRow[]> {
    const where = new Conditions().and('m.member_id = ?', memberId).and(mayRead('m'));
    if (id !== undefined) where.and('c.id = ?', id);
    if (after !== undefined) where.and('(c.active_at < ? OR (c.active_at = ? AND c.id < ?))', after.activeAt, after.activeAt, after.id);
    return reader.rows<InboxRow>(
      `SELECT c.id, c.kind, c.title, c.epoch, c.last_seq AS lastSeq, c.last_no AS lastNo, c.slow_mode_seconds AS slowModeSeconds, c.posting, c.created_at AS createdAt,
              c.active_at AS activeAt, c.archived_at AS archivedAt, m.role, m.read_seq AS readSeq, m.notify, m.muted_until AS mutedUntil
       FROM chat_member m JOIN chat_conversation c ON c.id = m.conversation_id ${where.sql} ORDER BY c.active_at DESC, c.id DESC LIMIT ?`,
      [...where.values, limit],
    );
  }

  /** What a member has not read in these conversations; one in which there is nothing is missing. */
  async countUnread(reader: Reader, memberId: string, ids: readonly string[]): Promise<Map<string, Unread>> {
    if (ids.length === 0) return new Map();
    const rows = await reader.rows<Unread & { id: string }>(
      `SELECT x.conversation_id AS id, COUNT(*) AS unread, COUNT(n.no) AS mentions
       FROM chat_member m
       JOIN chat_message x ON x.conversation_id = m.conversation_id AND x.no > m.read_no AND x.seq > m.joined_seq
       LEFT JOIN chat_mention n ON n.conversation_id = x.conversation_id AND n.member_id = m.member_id AND n.no = x.no
       WHERE m.member_id = ? AND m.conversation_id IN (?) AND x.sender_id <> m.member_id AND x.deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM chat_block b WHERE b.member_id = m.member_id AND b.blocked_id = x.sender_id)
       GROUP BY x.conversation_id`,
      [memberId, ids],
    );
    return new Map(rows.map(({ id, unread, mentions }) => [id, { unread, mentions }]));
  }

  /** The other ones of dms. */
  async listPeers(reader: Reader, memberId: string, ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await reader.rows<{ id: string; peerId: string }>('SELECT conversation_id AS id, member_id AS peerId FROM chat_member WHERE conversation_id IN (?) AND member_id <> ?', [ids, memberId]);
    return new Map(rows.map(({ id, peerId }) => [id, peerId]));
  }
}
