import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { Part } from '../conversations/membership.repository.js';
import type { SameMark } from './receipt.rules.js';
import type { StoredMark } from './reading.types.js';

/** A place in a log, and the last message up to it. */
export interface LastMessage {
  readonly conversationId: string;
  readonly seq: number;
  readonly no: number;
}

const PLACES_PER_QUERY = 50;

/** Moves the marks of what members have read. They never go back. */
@Injectable()
export class ReadingRepository {
  /** The marks of these members; who is not in the conversation is missing. */
  async listMarks(reader: Reader, parts: readonly Part[]): Promise<StoredMark[]> {
    return reader.rows<StoredMark>(
      `SELECT conversation_id AS conversationId, member_id AS memberId, read_seq AS readSeq, delivered_seq AS deliveredSeq, banned_until AS bannedUntil, UTC_TIMESTAMP(3) AS now
       FROM chat_member WHERE (conversation_id, member_id) IN (?) AND left_seq IS NULL`,
      [parts.map(({ conversationId, memberId }) => [conversationId, memberId])],
    );
  }

  /** The last messages up to these places; those before which there is none are missing. */
  async listLastMessages(reader: Reader, places: readonly Pick<LastMessage, 'conversationId' | 'seq'>[]): Promise<LastMessage[]> {
    const found: LastMessage[] = [];
    for (let first = 0; first < places.length; first += PLACES_PER_QUERY) {
      const asked = places.slice(first, first + PLACES_PER_QUERY);
      const one = `(SELECT e.conversation_id AS conversationId, CAST(? AS SIGNED) AS seq, m.no AS no FROM chat_event e JOIN chat_message m ON m.id = e.message_id
        WHERE e.conversation_id = ? AND e.seq <= ? AND e.type = 'message.created' ORDER BY e.seq DESC LIMIT 1)`;
      found.push(...(await reader.rows<LastMessage>(asked.map(() => one).join(' UNION ALL '), asked.flatMap(({ conversationId, seq }) => [seq, conversationId, seq]))));
    }
    return found;
  }

  /** Moves the marks of those who have not come as far, be it by a message that they send at this moment. */
  async advance(tx: Tx, { conversationId, memberIds, readSeq, deliveredSeq }: SameMark, readNo: number): Promise<void> {
    await tx.write(
      `UPDATE chat_member SET read_seq = GREATEST(read_seq, ?), read_no = GREATEST(read_no, ?), delivered_seq = GREATEST(delivered_seq, ?)
       WHERE conversation_id = ? AND member_id IN (?) AND left_seq IS NULL AND (read_seq < ? OR delivered_seq < ?)`,
      [readSeq, readNo, deliveredSeq, conversationId, memberIds, readSeq, deliveredSeq],
    );
  }
}
