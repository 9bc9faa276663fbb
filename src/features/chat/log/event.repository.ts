import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { ChatEvent, ChatMessage, ConversationSettings, EventData, EventDraft, EventPayload, EventType, LogHead } from '../chat.types.js';
import { MessageRepository } from '../messages/message.repository.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';

/** How many UTF-16 units of text an answer holds: a thousand edits of a long message are a thousand times that message. */
const MOST_TEXT = 256 * 1024;

/** How much text an answer may still hold. */
export interface TextRoom {
  left: number;
}

export function textRoom(): TextRoom {
  return { left: MOST_TEXT };
}

interface EventRow {
  readonly seq: number;
  readonly type: EventType;
  readonly actorId: string | null;
  readonly messageId: string | null;
  readonly payload: EventPayload | null;
  readonly at: Date;
}

/** Adds to the logs of conversations, and reads what comes next in them. */
@Injectable()
export class EventRepository {
  constructor(
    private readonly messages: MessageRepository,
    private readonly conversations: ConversationRepository,
  ) {}

  /** @param events the last of them has the last number of the log, which has been moved on for them */
  async insert(tx: Tx, events: readonly (EventDraft & { readonly conversationId: string; readonly seq: number; readonly at: Date })[]): Promise<void> {
    await tx.write('INSERT INTO chat_event (conversation_id, seq, type, actor_id, message_id, payload, at) VALUES ?', [
      events.map(({ conversationId, seq, type, actorId, messageId, payload, at }) => [
        conversationId, seq, type, actorId, messageId ?? null, payload === undefined ? null : JSON.stringify(payload), at,
      ]),
    ]);
  }

  /**
   * The next events of a conversation up to this head, in order, with messages as they are now. Whoever may read that head
   * need not have been in any longer.
   *
   * @param room is used up; where there is any, there is for one event at least
   */
  async list(reader: Reader, { conversationId, epoch, seq: lastSeq }: LogHead, afterSeq: number, limit: number, room: TextRoom = textRoom()): Promise<ChatEvent[]> {
    if (limit <= 0 || room.left <= 0) return [];
    const rows = await reader.rows<EventRow>(
      `SELECT seq, type, actor_id AS actorId, message_id AS messageId, payload, at
       FROM chat_event WHERE conversation_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
      [conversationId, afterSeq, lastSeq, limit],
    );
    const messageIds = rows.filter(({ type }) => showsMessage(type)).map(({ messageId }) => messageId!);
    const messages = new Map((await this.messages.listByIds(reader, messageIds)).map((message) => [message.id, message]));
    const settings = rows.some(({ type }) => type === 'conversation.changed') ? await this.conversations.settings(reader, conversationId) : undefined;
    // An old message that was edited of late may be gone by retention, and its editing not.
    const typeOf = ({ type, messageId }: Pick<EventRow, 'type' | 'messageId'>) => (showsMessage(type) && !messages.has(messageId!) ? 'message.deleted' : type);
    const fitting = rows.filter(({ messageId, type }) => {
      const isFitting = room.left > 0;
      room.left -= showsMessage(type) ? (messages.get(messageId!)?.text?.length ?? 0) : 0;
      return isFitting;
    });
    return fitting.map((row) => ({ ...row, type: typeOf(row) })).map((row) => ({
      conversationId, epoch, seq: row.seq, type: row.type, at: row.at.toISOString(), actorId: row.actorId, data: dataOf(row, messages, settings),
    }));
  }
}

const showsMessage = (type: EventType): boolean => type === 'message.created' || type === 'message.edited';

function dataOf({ type, messageId, payload }: EventRow, messages: ReadonlyMap<string, ChatMessage>, settings: ConversationSettings | undefined): EventData {
  if (type === 'conversation.changed') return { conversation: settings! };
  if (showsMessage(type)) return messageData(messages.get(messageId!)!);
  return { ...(messageId !== null && { messageId }), ...payload } as EventData;
}

/** What events that show a message carry. */
function messageData(message: ChatMessage): EventData {
  return message.deleted ? { message, deleted: true } : { message };
}
