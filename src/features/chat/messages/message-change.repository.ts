import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { ChatMessage } from '../chat.types.js';

/** The SQL that changes messages that there are. */
@Injectable()
export class MessageChangeRepository {
  /** False when the message is not what it was when it was read. Its hash stays: it is of what was sent. */
  async updateText(tx: Tx, { conversationId, no, version }: ChatMessage, text: string | null, at: Date): Promise<boolean> {
    const matched = await tx.write(
      'UPDATE chat_message SET body = ?, version = version + 1, edited_at = ? WHERE conversation_id = ? AND no = ? AND version = ? AND deleted_at IS NULL', [text, at, conversationId, no, version],
    );
    return matched === 1;
  }

  /** Leaves of a message that it was there. False when it is deleted already. */
  async erase(tx: Tx, { conversationId, no, id }: ChatMessage, at: Date): Promise<boolean> {
    const matched = await tx.write('UPDATE chat_message SET body = NULL, body_hash = NULL, deleted_at = ? WHERE conversation_id = ? AND no = ? AND deleted_at IS NULL', [at, conversationId, no]);
    await tx.write('DELETE FROM chat_attachment WHERE message_id = ?', [id]);
    await tx.write('DELETE FROM chat_reaction WHERE message_id = ?', [id]);
    return matched === 1;
  }

  async deleteMentions(tx: Tx, { conversationId, no }: ChatMessage): Promise<void> {
    await tx.write('DELETE FROM chat_mention WHERE conversation_id = ? AND no = ?', [conversationId, no]);
  }

  async hasReaction(reader: Reader, messageId: string, emoji: string, memberId: string): Promise<boolean> {
    return (await reader.rows('SELECT 1 FROM chat_reaction WHERE message_id = ? AND emoji = ? AND member_id = ?', [messageId, emoji, memberId])).length === 1;
  }

  async insertReaction(tx: Tx, messageId: string, emoji: string, memberId: string, at: Date): Promise<void> {
    await tx.write('INSERT INTO chat_reaction (message_id, emoji, member_id, at) VALUES (?, ?, ?, ?)', [messageId, emoji, memberId, at]);
  }

  async deleteReaction(tx: Tx, messageId: string, emoji: string, memberId: string): Promise<void> {
    await tx.write('DELETE FROM chat_reaction WHERE message_id = ? AND emoji = ? AND member_id = ?', [messageId, emoji, memberId]);
  }
}
