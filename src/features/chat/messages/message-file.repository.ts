import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';

/** Reads which files belong to which messages. */
@Injectable()
export class MessageFileRepository {
  constructor(private readonly database: Database) {}

  /** The conversation in which a file was sent with this message; undefined when it was not, or the message is deleted. */
  async findConversation(messageId: string, fileId: string): Promise<string | undefined> {
    const [row] = await this.database.rows<{ conversationId: string }>(
      `SELECT m.conversation_id AS conversationId FROM chat_attachment a JOIN chat_message m ON m.id = a.message_id
       WHERE a.message_id = ? AND a.file_id = ? AND m.deleted_at IS NULL`,
      [messageId, fileId],
    );
    return row?.conversationId;
  }
}
