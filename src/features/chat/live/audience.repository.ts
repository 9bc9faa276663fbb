import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';
import { mayRead, type Part } from '../conversations/membership.repository.js';

/** Reads who hears of whom: those who share a conversation that both may read. */
@Injectable()
export class AudienceRepository {
  /** All conversations that these members may read. */
  async listParts(reader: Reader, memberIds: readonly string[]): Promise<Part[]> {
    return reader.rows<Part>(`SELECT m.conversation_id AS conversationId, m.member_id AS memberId FROM chat_member m WHERE m.member_id IN (?) AND ${mayRead('m')}`, [memberIds]);
  }

  /** Those among these members who share a conversation with somebody. */
  async listSharing(reader: Reader, memberId: string, among: readonly string[]): Promise<Set<string>> {
    const rows = await reader.rows<{ memberId: string }>(
      `SELECT DISTINCT o.member_id AS memberId FROM chat_member m JOIN chat_member o ON o.conversation_id = m.conversation_id
       WHERE m.member_id = ? AND ${mayRead('m')} AND o.member_id IN (?) AND ${mayRead('o')}`,
      [memberId, among],
    );
    return new Set(rows.map((row) => row.memberId));
  }

  /** How many are in these conversations. */
  async countMembers(reader: Reader, conversationIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await reader.rows<{ id: string; members: number }>(
      'SELECT conversation_id AS id, COUNT(*) AS members FROM chat_member WHERE conversation_id IN (?) AND left_seq IS NULL GROUP BY conversation_id',
      [conversationIds],
    );
    return new Map(rows.map(({ id, members }) => [id, Number(members)]));
  }
}
