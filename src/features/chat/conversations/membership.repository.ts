import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { ConversationRole, ConversationSettings, LogHead } from '../chat.types.js';
import type { Standing } from '../chat.rules.js';

/** A member's part in a conversation, named by both. */
export interface Part {
  readonly conversationId: string;
  readonly memberId: string;
}

/** What somebody may do in a conversation that they are in. */
export interface Membership extends Standing, Part {
  /** By the database's clock. */
  readonly now: Date;
}

/** How far a sender has read by sending. */
export interface SentMark extends Part {
  readonly seq: number;
  readonly no: number;
  readonly at: Date;
}

/** Somebody's joining, and where the log stands. */
export interface RecentJoin extends LogHead {
  readonly memberId: string;
  readonly joinedSeq: number;
}

/** The SQL of who is in which conversation, and what they may do there. How far they have read, and lists of them, are with other repositories. */
@Injectable()
export class MembershipRepository {
  /** Whoever is in the conversation, banned or not. */
  async find(reader: Reader, part: Part): Promise<Membership | undefined> {
    return (await this.list(reader, [part]))[0];
  }

  /** What these members may do, by `keyOfPart`; who is not in the conversation is missing. */
  async listStandings(reader: Reader, parts: readonly Part[]): Promise<Map<string, Standing>> {
    return new Map((await this.list(reader, parts)).map((row) => [keyOfPart(row), row]));
  }

  /** Puts members in; whoever has been in before comes back. All that is unread begins here. */
  async join(tx: Tx, members: readonly (Part & { role: ConversationRole; seq: number; readNo: number })[]): Promise<void> {
    await tx.write(
      `INSERT INTO chat_member (conversation_id, member_id, role, joined_seq, joined_at, read_seq, read_no, delivered_seq, notify) VALUES ${members.map(() => "(?, ?, ?, ?, UTC_TIMESTAMP(3), ?, ?, ?, 'all')").join(', ')}
       ON DUPLICATE KEY UPDATE role = VALUES(role), joined_seq = VALUES(joined_seq), joined_at = VALUES(joined_at), left_seq = NULL,
         read_seq = GREATEST(read_seq, VALUES(read_seq)), read_no = GREATEST(read_no, VALUES(read_no)), delivered_seq = GREATEST(delivered_seq, VALUES(delivered_seq))`,
      members.flatMap(({ conversationId, memberId, role, seq, readNo }) => [conversationId, memberId, role, seq, seq, readNo, seq]),
    );
  }

  /** Whoever sends has read what came before. The rows exist: their columns that are not set here stay. */
  async markSent(tx: Tx, marks: readonly SentMark[]): Promise<void> {
    await tx.write(
      `INSERT INTO chat_member (conversation_id, member_id, role, joined_seq, joined_at, read_seq, read_no, delivered_seq, last_sent_at, notify) VALUES ?
       ON DUPLICATE KEY UPDATE read_seq = GREATEST(read_seq, VALUES(read_seq)), read_no = GREATEST(read_no, VALUES(read_no)),
         delivered_seq = GREATEST(delivered_seq, VALUES(delivered_seq)), last_sent_at = VALUES(last_sent_at)`,
      [marks.map(({ conversationId, memberId, seq, no, at }) => [conversationId, memberId, 'member', 0, at, seq, no, seq, at, 'all'])],
    );
  }

  /** The DMs among these conversations in which one has blocked the other. */
  async listBlockedDms(reader: Reader, conversationIds: readonly string[]): Promise<Set<string>> {
    if (conversationIds.length === 0) return new Set();
    const rows = await reader.rows<{ id: string }>(
      `SELECT DISTINCT a.conversation_id AS id FROM chat_member a JOIN chat_member b ON b.conversation_id = a.conversation_id
       JOIN chat_block k ON k.member_id = a.member_id AND k.blocked_id = b.member_id WHERE a.conversation_id IN (?)`,
      [conversationIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Whether one has blocked the other, in a conversation of two. */
  async isBlockedDm(reader: Reader, { id, kind }: Pick<ConversationSettings, 'id' | 'kind'>): Promise<boolean> {
    return kind === 'dm' && (await this.listBlockedDms(reader, [id])).size > 0;
  }

  /** Joins that are so new that some process may not have heard of them, in their order, by members who may read what they joined. */
  async listRecentJoins(reader: Reader, seconds: number): Promise<RecentJoin[]> {
    return reader.rows<RecentJoin>(
      `SELECT c.id AS conversationId, c.epoch, c.first_seq AS firstSeq, c.last_seq AS seq, m.member_id AS memberId, m.joined_seq AS joinedSeq
       FROM chat_member m JOIN chat_conversation c ON c.id = m.conversation_id
       WHERE m.joined_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND AND ${mayRead('m')}
       ORDER BY m.joined_seq`,
      [seconds],
    );
  }

  private list(reader: Reader, parts: readonly Part[]): Promise<Membership[]> {
    return reader.rows<Membership>(
      `SELECT conversation_id AS conversationId, member_id AS memberId, role, muted_until AS mutedUntil, banned_until AS bannedUntil, last_sent_at AS lastSentAt, UTC_TIMESTAMP(3) AS now
       FROM chat_member WHERE (conversation_id, member_id) IN (?) AND left_seq IS NULL`,
      [parts.map(({ conversationId, memberId }) => [conversationId, memberId])],
    );
  }
}

/** The condition, of a row of `chat_member`, that its member may read the conversation. */
export function mayRead(alias: string): string {
  return `${alias}.left_seq IS NULL AND (${alias}.banned_until IS NULL OR ${alias}.banned_until <= UTC_TIMESTAMP(3))`;
}

export function keyOfPart({ conversationId, memberId }: Part): string {
  return `${conversationId}|${memberId}`;
}
