import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { ChatMessage, MessageFile, Reaction } from '../chat.types.js';
import { mentionsIn } from '../chat.rules.js';

interface MessageRow {
  readonly id: string;
  readonly conversationId: string;
  readonly no: number;
  readonly seq: number;
  readonly senderId: string;
  readonly clientId: string;
  readonly body: string | null;
  readonly replyTo: string | null;
  readonly threadRoot: string | null;
  readonly createdAt: Date;
  readonly editedAt: Date | null;
  readonly version: number;
  readonly deletedAt: Date | null;
}

const SELECT = `
  SELECT id, conversation_id AS conversationId, no, seq, sender_id AS senderId, client_id AS clientId, body, reply_to AS replyTo, thread_root AS threadRoot,
         created_at AS createdAt, edited_at AS editedAt, version, deleted_at AS deletedAt
  FROM chat_message`;

/** Of each reaction: in a large conversation there may be thousands. */
const REACTORS_SHOWN = 50;

/** A message that is about to be stored. */
export interface NewMessage extends Omit<ChatMessage, 'createdAt' | 'editedAt' | 'deleted' | 'version' | 'reactions'> {
  readonly bodyHash: Buffer;
  readonly createdAt: Date;
}

/** What a sender has sent before under an id of their own making. */
export interface SentBefore {
  readonly message: ChatMessage;
  /** Null once the message is deleted. */
  readonly bodyHash: Buffer | null;
}

/** A part of a conversation's messages, by their numbers. */
export type MessageRange = { readonly before: number } | { readonly after: number };

/** The SQL of messages, with their files, mentions and reactions. */
@Injectable()
export class MessageRepository {
  async insert(tx: Tx, messages: readonly NewMessage[]): Promise<void> {
    await tx.write(
      'INSERT INTO chat_message (conversation_id, no, id, seq, sender_id, client_id, body, body_hash, reply_to, thread_root, created_at, version) VALUES ?',
      [messages.map((m) => [m.conversationId, m.no, m.id, m.seq, m.senderId, m.clientId, m.text, m.bodyHash, m.replyTo, m.threadRoot, m.createdAt, 1])],
    );
    const files = messages.flatMap(({ id, files }) => files.map((file, position) => [id, position, file.id, file.name, file.mediaType, file.bytes, file.width, file.height]));
    if (files.length > 0) await tx.write('INSERT INTO chat_attachment (message_id, position, file_id, name, media_type, bytes, width, height) VALUES ?', [files]);
    await this.insertMentions(tx, messages);
  }

  async insertMentions(tx: Tx, messages: readonly Pick<ChatMessage, 'conversationId' | 'no' | 'mentions'>[]): Promise<void> {
    const mentions = messages.flatMap(({ conversationId, no, mentions }) => mentions.map((memberId) => [conversationId, memberId, no]));
    if (mentions.length > 0) await tx.write('INSERT INTO chat_mention (conversation_id, member_id, no) VALUES ?', [mentions]);
  }

  /** What was sent before, by `keyOfSend`. */
  async listSent(reader: Reader, sends: readonly { conversationId: string; senderId: string; clientId: string }[]): Promise<Map<string, SentBefore>> {
    const hashes = await reader.rows<{ id: string; bodyHash: Buffer | null }>(
      'SELECT id, body_hash AS bodyHash FROM chat_message WHERE (conversation_id, sender_id, client_id) IN (?)',
      [sends.map(({ conversationId, senderId, clientId }) => [conversationId, senderId, clientId])],
    );
    if (hashes.length === 0) return new Map();
    const byId = new Map(hashes.map(({ id, bodyHash }) => [id, bodyHash]));
    return new Map((await this.listByIds(reader, [...byId.keys()])).map((message) => [keyOfSend(message), { message, bodyHash: byId.get(message.id)! }]));
  }

  /** Of these ids, those of messages in a conversation. */
  async listConversations(reader: Reader, ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await reader.rows<{ id: string; conversationId: string }>('SELECT id, conversation_id AS conversationId FROM chat_message WHERE id IN (?)', [ids]);
    return new Map(rows.map(({ id, conversationId }) => [id, conversationId]));
  }

  async find(reader: Reader, id: string): Promise<ChatMessage | undefined> {
    return (await this.listByIds(reader, [id]))[0];
  }

  /** In no order. */
  async listByIds(reader: Reader, ids: readonly string[]): Promise<ChatMessage[]> {
    if (ids.length === 0) return [];
    return this.whole(reader, await reader.rows<MessageRow>(`${SELECT} WHERE id IN (?)`, [[...new Set(ids)]]));
  }

  /** The last message of each of these conversations. */
  async listLast(reader: Reader, heads: readonly { id: string; lastNo: number }[]): Promise<ChatMessage[]> {
    if (heads.length === 0) return [];
    return this.whole(reader, await reader.rows<MessageRow>(`${SELECT} WHERE (conversation_id, no) IN (?)`, [heads.map(({ id, lastNo }) => [id, lastNo])]));
  }

  /** Messages of a conversation, by their numbers, next to the bound: falling before it, rising after it. */
  async list(reader: Reader, conversationId: string, range: MessageRange, limit: number): Promise<ChatMessage[]> {
    const rows = 'before' in range
      ? await reader.rows<MessageRow>(`${SELECT} WHERE conversation_id = ? AND no < ? ORDER BY no DESC LIMIT ?`, [conversationId, range.before, limit])
      : await reader.rows<MessageRow>(`${SELECT} WHERE conversation_id = ? AND no > ? ORDER BY no LIMIT ?`, [conversationId, range.after, limit]);
    return this.whole(reader, rows);
  }

  private async whole(reader: Reader, rows: readonly MessageRow[]): Promise<ChatMessage[]> {
    const ids = rows.filter(({ deletedAt }) => deletedAt === null).map(({ id }) => id);
    const files = await this.files(reader, ids);
    const reactions = await this.reactions(reader, ids);
    return rows.map(({ body, createdAt, editedAt, deletedAt, ...row }) => ({
      ...row, text: body, createdAt: createdAt.toISOString(), editedAt: editedAt?.toISOString() ?? null, deleted: deletedAt !== null,
      mentions: mentionsIn(body), files: files.get(row.id) ?? [], reactions: reactions.get(row.id) ?? [],
    }));
  }

  private async files(reader: Reader, ids: readonly string[]): Promise<Map<string, MessageFile[]>> {
    if (ids.length === 0) return new Map();
    const rows = await reader.rows<MessageFile & { messageId: string }>(
      'SELECT message_id AS messageId, file_id AS id, name, media_type AS mediaType, bytes, width, height FROM chat_attachment WHERE message_id IN (?) ORDER BY message_id, position', [ids],
    );
    const byMessage = new Map<string, MessageFile[]>();
    for (const { messageId, ...file } of rows) byMessage.set(messageId, [...(byMessage.get(messageId) ?? []), file]);
    return byMessage;
  }

  private async reactions(reader: Reader, ids: readonly string[]): Promise<Map<string, Reaction[]>> {
    if (ids.length === 0) return new Map();
    const rows = await reader.rows<{ messageId: string; emoji: string; memberId: string; count: number }>(
      `SELECT message_id AS messageId, emoji, member_id AS memberId, count FROM (
         SELECT message_id, emoji, member_id, at, COUNT(*) OVER (PARTITION BY message_id, emoji) AS count,
                ROW_NUMBER() OVER (PARTITION BY message_id, emoji ORDER BY at, member_id) AS place
         FROM chat_reaction WHERE message_id IN (?)) AS r
       WHERE place <= ? ORDER BY message_id, at, member_id`,
      [ids, REACTORS_SHOWN],
    );
    const byMessage = new Map<string, Map<string, { emoji: string; count: number; memberIds: string[] }>>();
    for (const { messageId, emoji, memberId, count } of rows) {
      const byEmoji = byMessage.get(messageId) ?? new Map<string, { emoji: string; count: number; memberIds: string[] }>();
      byEmoji.set(emoji, { emoji, count, memberIds: [...(byEmoji.get(emoji)?.memberIds ?? []), memberId] });
      byMessage.set(messageId, byEmoji);
    }
    return new Map([...byMessage].map(([id, byEmoji]) => [id, [...byEmoji.values()]]));
  }
}

/** Under what a message that is sent again is found. */
export function keyOfSend({ conversationId, senderId, clientId }: { conversationId: string; senderId: string; clientId: string }): string {
  return `${conversationId}|${senderId}|${clientId}`;
}
