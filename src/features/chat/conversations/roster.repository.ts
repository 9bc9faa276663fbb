import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { ConversationRole, Notify } from '../chat.types.js';
import { mayRead, type Part } from './membership.repository.js';
import type { Rank } from './membership.rules.js';

/** Somebody who is in a conversation, or has been. */
export interface RosterRow extends Rank {
  readonly memberId: string;
  readonly joinedAt: Date;
  readonly joinedSeq: number;
  /** Null for whoever is in. */
  readonly leftSeq: number | null;
  readonly readSeq: number;
  readonly deliveredSeq: number;
}

const COLUMNS = `member_id AS memberId, role, joined_at AS joinedAt, joined_seq AS joinedSeq, left_seq AS leftSeq, read_seq AS readSeq, delivered_seq AS deliveredSeq,
  muted_until AS mutedUntil, banned_until AS bannedUntil`;

/** Who is in a conversation, and as what. */
@Injectable()
export class RosterRepository {
  /** Who is in it, whoever has been for longest first. */
  list(reader: Reader, conversationId: string, { afterSeq = 0, limit }: { afterSeq?: number; limit: number }): Promise<RosterRow[]> {
    return reader.rows<RosterRow>(
      `SELECT ${COLUMNS} FROM chat_member WHERE conversation_id = ? AND left_seq IS NULL AND joined_seq > ? ORDER BY joined_seq LIMIT ?`,
      [conversationId, afterSeq, limit],
    );
  }

  /** Of these, who is in it or has been; by their joining. */
  async listByIds(reader: Reader, conversationId: string, memberIds: readonly string[]): Promise<RosterRow[]> {
    if (memberIds.length === 0) return [];
    return reader.rows<RosterRow>(`SELECT ${COLUMNS} FROM chat_member WHERE conversation_id = ? AND member_id IN (?) ORDER BY joined_seq`, [conversationId, memberIds]);
  }

  async count(reader: Reader, conversationId: string): Promise<number> {
    const [row] = await reader.rows<{ count: number }>('SELECT COUNT(*) AS count FROM chat_member WHERE conversation_id = ? AND left_seq IS NULL', [conversationId]);
    return row!.count;
  }

  async countInRole(reader: Reader, conversationId: string, role: ConversationRole): Promise<number> {
    const [row] = await reader.rows<{ count: number }>('SELECT COUNT(*) AS count FROM chat_member WHERE conversation_id = ? AND left_seq IS NULL AND role = ?', [conversationId, role]);
    return row!.count;
  }

  /** Who may follow an owner: the moderator who has been in for longest first, and then the members. Nobody who is banned. */
  async listHeirs(reader: Reader, conversationId: string, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ memberId: string }>(
      `SELECT member_id AS memberId FROM chat_member
       WHERE conversation_id = ? AND ${mayRead('chat_member')}
       ORDER BY CASE role WHEN 'moderator' THEN 0 ELSE 1 END, joined_seq LIMIT ?`,
      [conversationId, limit],
    );
    return rows.map(({ memberId }) => memberId);
  }

  /** Takes somebody out; they are nothing but a member should they come back, and a ban on them stays. */
  async leave(tx: Tx, { conversationId, memberId }: Part, seq: number): Promise<void> {
    await tx.write("UPDATE chat_member SET left_seq = ?, role = 'member' WHERE conversation_id = ? AND member_id = ? AND left_seq IS NULL", [seq, conversationId, memberId]);
  }

  async updateRank(tx: Tx, { conversationId, memberId }: Part, { role, mutedUntil, bannedUntil }: Rank): Promise<void> {
    await tx.write('UPDATE chat_member SET role = ?, muted_until = ?, banned_until = ? WHERE conversation_id = ? AND member_id = ?', [role, mutedUntil, bannedUntil, conversationId, memberId]);
  }

  async updateNotify(tx: Tx, { conversationId, memberId }: Part, notify: Notify): Promise<void> {
    await tx.write('UPDATE chat_member SET notify = ? WHERE conversation_id = ? AND member_id = ?', [notify, conversationId, memberId]);
  }
}
