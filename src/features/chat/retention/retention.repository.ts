import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';

/** A part of a log, from its start. */
export interface LogStart {
  readonly conversationId: string;
  readonly firstSeq: number;
  /** The last event of the part. */
  readonly lastSeq: number;
}

/** The SQL that deletes what is kept no longer. */
@Injectable()
export class RetentionRepository {
  /** Conversations whose logs begin with events that are older than so many days, in the order of their ids. */
  async listOutdated(reader: Reader, days: number, afterId: string, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `SELECT c.id FROM chat_conversation c JOIN chat_event e ON e.conversation_id = c.id AND e.seq = c.first_seq
       WHERE c.id > ? AND e.at < UTC_TIMESTAMP(3) - INTERVAL ? DAY ORDER BY c.id LIMIT ?`,
      [afterId, days, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** The first events of a log, and whether they are too old. */
  async listFirst(reader: Reader, conversationId: string, days: number, limit: number): Promise<{ seq: number; isOutdated: number }[]> {
    return reader.rows<{ seq: number; isOutdated: number }>(
      `SELECT e.seq, e.at < UTC_TIMESTAMP(3) - INTERVAL ? DAY AS isOutdated FROM chat_conversation c JOIN chat_event e ON e.conversation_id = c.id AND e.seq >= c.first_seq
       WHERE c.id = ? ORDER BY e.seq LIMIT ?`,
      [days, conversationId, limit],
    );
  }

  /** Has the log begin after this part. False when it does not begin with it any more. */
  async moveStart(tx: Tx, { conversationId, firstSeq, lastSeq }: LogStart): Promise<boolean> {
    return (await tx.write('UPDATE chat_conversation SET first_seq = ? WHERE id = ? AND first_seq = ?', [lastSeq + 1, conversationId, firstSeq])) === 1;
  }

  /** The last message that was sent in this part; undefined when none was. */
  async lastNo(reader: Reader, { conversationId, firstSeq, lastSeq }: LogStart): Promise<number | undefined> {
    const [row] = await reader.rows<{ no: number | null }>(
      `SELECT MAX(m.no) AS no FROM chat_event e JOIN chat_message m ON m.id = e.message_id
       WHERE e.conversation_id = ? AND e.seq BETWEEN ? AND ? AND e.type = 'message.created'`,
      [conversationId, firstSeq, lastSeq],
    );
    return row!.no ?? undefined;
  }

  /** With their files, mentions and reactions. */
  async deleteMessages(tx: Tx, conversationId: string, upToNo: number): Promise<void> {
    await tx.write('DELETE FROM chat_message WHERE conversation_id = ? AND no <= ?', [conversationId, upToNo]);
  }

  async deleteEvents(tx: Tx, { conversationId, lastSeq }: LogStart): Promise<void> {
    await tx.write('DELETE FROM chat_event WHERE conversation_id = ? AND seq <= ?', [conversationId, lastSeq]);
  }
}
