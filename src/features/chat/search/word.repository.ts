import { Injectable } from '@nestjs/common';
import { Conditions, escapeLike } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { mayRead } from '../conversations/membership.repository.js';
import type { WordQuery } from './word.rules.js';

/** A conversation of which the index has only the messages up to one. */
export interface Lagging {
  readonly conversationId: string;
  /** The last message that there was. */
  readonly lastNo: number;
}

/** The words that a message has in the index. */
export interface IndexedWord {
  readonly conversationId: string;
  readonly word: string;
  readonly no: number;
}

/** Where a page of what was found begins: the newest come first. */
export interface FoundPlace {
  readonly createdAt: Date;
  readonly conversationId: string;
  readonly no: number;
}

export interface Found extends FoundPlace {
  readonly id: string;
}

/** What narrows a search down. */
export interface FoundFilter {
  readonly senderId?: string;
  readonly before?: Date;
  readonly after?: FoundPlace;
}

const ROWS_PER_INSERT = 1_000;

/** The only SQL on the index of words, `chat_word` and `chat_search_cursor`. */
@Injectable()
export class WordRepository {
  /**
   * Takes the words of a conversation until the commit: whoever changes them comes here first, and the row is written,
   * which keeps others out on every engine.
   *
   * @returns the last message that is indexed
   */
  async take(tx: Tx, conversationId: string): Promise<number> {
    // A plain INSERT would check the foreign key first, and so wait for who sends there.
    if ((await tx.write('UPDATE chat_search_cursor SET version = version + 1 WHERE conversation_id = ?', [conversationId])) === 0) {
      await tx.write('INSERT INTO chat_search_cursor (conversation_id, indexed_no, version) VALUES (?, 0, 1) ON DUPLICATE KEY UPDATE version = version + 1', [conversationId]);
    }
    const [row] = await tx.rows<{ indexedNo: number }>('SELECT indexed_no AS indexedNo FROM chat_search_cursor WHERE conversation_id = ?', [conversationId]);
    return row!.indexedNo;
  }

  async settle(tx: Tx, conversationId: string, indexedNo: number): Promise<void> {
    await tx.write('UPDATE chat_search_cursor SET indexed_no = ? WHERE conversation_id = ?', [indexedNo, conversationId]);
  }

  /** In the order of the key: it is where they go. */
  async insert(tx: Tx, words: readonly IndexedWord[]): Promise<void> {
    for (let first = 0; first < words.length; first += ROWS_PER_INSERT) {
      const rows = words.slice(first, first + ROWS_PER_INSERT).map(({ conversationId, word, no }) => [conversationId, word, no]);
      await tx.write('INSERT INTO chat_word (conversation_id, word, no) VALUES ?', [rows]);
    }
  }

  /** The words of one message. */
  async delete(tx: Tx, conversationId: string, no: number): Promise<void> {
    await tx.write('DELETE FROM chat_word WHERE conversation_id = ? AND no = ?', [conversationId, no]);
  }

  /** The words of all messages up to one. */
  async deleteUpTo(tx: Tx, conversationId: string, no: number): Promise<void> {
    await tx.write('DELETE FROM chat_word WHERE conversation_id = ? AND no <= ?', [conversationId, no]);
  }

  /** The next texts of a conversation, as they are now: null where there is none. */
  async listTexts(reader: Reader, conversationId: string, afterNo: number, limit: number): Promise<{ no: number; text: string | null }[]> {
    return reader.rows<{ no: number; text: string | null }>('SELECT no, body AS text FROM chat_message WHERE conversation_id = ? AND no > ? ORDER BY no LIMIT ?', [conversationId, afterNo, limit]);
  }

  /** Conversations with messages that are not indexed yet. @param memberId only those that they may read */
  async listLagging(reader: Reader, { memberId, conversationId }: { memberId?: string; conversationId?: string } = {}): Promise<Lagging[]> {
    const where = new Conditions().and('c.last_no > COALESCE(s.indexed_no, 0)');
    if (memberId !== undefined) where.and(`m.member_id = ? AND ${mayRead('m')}`, memberId);
    if (conversationId !== undefined) where.and('c.id = ?', conversationId);
    const member = memberId === undefined ? '' : 'JOIN chat_member m ON m.conversation_id = c.id';
    return reader.rows<Lagging>(
      `SELECT c.id AS conversationId, c.last_no AS lastNo FROM chat_conversation c ${member} LEFT JOIN chat_search_cursor s ON s.conversation_id = c.id ${where.sql} ORDER BY c.id`,
      where.values,
    );
  }

  /** Messages with all these words, the newest first. Each list of numbers is made once, so that no search reads more than the words it asks for. */
  async find(reader: Reader, conversationIds: readonly string[], { words, prefix }: WordQuery, { senderId, before, after }: FoundFilter, limit: number): Promise<Found[]> {
    const where = new Conditions().and('m.deleted_at IS NULL');
    if (senderId !== undefined) where.and('m.sender_id = ?', senderId);
    if (before !== undefined) where.and('m.created_at < ?', before);
    if (after !== undefined) where.and('(m.created_at < ? OR (m.created_at = ? AND (m.conversation_id < ? OR (m.conversation_id = ? AND m.no < ?))))', after.createdAt, after.createdAt, after.conversationId, after.conversationId, after.no);
    const whole = words.length === 0 ? '' : `
      JOIN (SELECT conversation_id, no FROM chat_word WHERE conversation_id IN (?) AND word IN (?) GROUP BY conversation_id, no HAVING COUNT(*) = ?) w
        ON w.conversation_id = p.conversation_id AND w.no = p.no`;
    return reader.rows<Found>(
      `SELECT m.id, m.created_at AS createdAt, m.conversation_id AS conversationId, m.no
       FROM (SELECT DISTINCT conversation_id, no FROM chat_word WHERE conversation_id IN (?) AND word LIKE ? ESCAPE '!') p ${whole}
       JOIN chat_message m ON m.conversation_id = p.conversation_id AND m.no = p.no
       ${where.sql} ORDER BY m.created_at DESC, m.conversation_id DESC, m.no DESC LIMIT ?`,
      [conversationIds, `${escapeLike(prefix)}%`, ...(words.length === 0 ? [] : [conversationIds, words, words.length]), ...where.values, limit],
    );
  }
}
