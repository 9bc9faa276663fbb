import { expect } from '@jest/globals';
import type { ChatEvent, ChatMessage } from '../../src/features/chat/chat.types.js';
import type { MessageDraft } from '../../src/features/chat/messages/messages.types.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import type { GivenMember, TestApp } from './app.js';
import { givenConversation, sendByRest } from './chat.js';

/** What a member of a room is, or is under. */
export interface Place {
  readonly role?: 'owner' | 'moderator' | 'member';
  readonly muted?: boolean;
  readonly banned?: boolean;
  readonly left?: boolean;
}

export interface Answered {
  readonly status: number;
  readonly code?: string;
  readonly body: { [field: string]: unknown };
}

/** A conversation that `owner` has begun with others, and what can be done in it and to it. */
export async function chatRoom(app: TestApp, owner: GivenMember, others: readonly GivenMember[], kind: 'group' | 'dm' | 'channel' = 'group') {
  const { id } = await givenConversation(app, owner, others, kind);
  const write = (sql: string, ...parameters: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
  const rows = <Row>(sql: string, ...parameters: unknown[]) => app.app.get(Database).rows<Row>(sql, parameters);
  const events = async (member: GivenMember = owner, seq = 0): Promise<ChatEvent[]> => {
    const { body } = await app.http.post('/api/chat/sync').set(member.auth).send({ cursors: { [id]: { epoch: 1, seq } }, limit: 500 }).expect(200);
    return body.events as ChatEvent[];
  };
  return {
    id, write, rows, events,
    /** The types of what happened after a number, in order; the log must be dense. */
    async types(afterSeq: number): Promise<string[]> {
      const found = await events(owner);
      expect(found.map(({ seq }) => seq)).toEqual(found.map((_, i) => i + 1));
      const [head] = await rows<{ seq: number }>('SELECT last_seq AS seq FROM chat_conversation WHERE id = ?', id);
      expect(head!.seq).toBe(found.length);
      return found.slice(afterSeq).map(({ type }) => type);
    },
    async send(member: GivenMember, draft: Partial<MessageDraft> = {}): Promise<ChatMessage> {
      const { body } = await sendByRest(app, member, id, { text: 'hello', ...draft }).expect(201);
      return body.message as ChatMessage;
    },
    async find(messageId: string): Promise<ChatMessage> {
      const { body } = await app.http.get(`/api/chat/conversations/${id}/messages?limit=100`).set(owner.auth).expect(200);
      return (body.items as ChatMessage[]).find((message) => message.id === messageId)!;
    },
    /** Puts a member where a test wants them; whatever is not said is as for any member. */
    async place(member: GivenMember, { role = 'member', muted = false, banned = false, left = false }: Place): Promise<void> {
      const until = (is: boolean) => (is ? 'UTC_TIMESTAMP(3) + INTERVAL 1 DAY' : 'NULL');
      await write(
        `UPDATE chat_member SET role = ?, muted_until = ${until(muted)}, banned_until = ${until(banned)}, left_seq = ${left ? '1' : 'NULL'} WHERE conversation_id = ? AND member_id = ?`,
        role, id, member.id,
      );
    },
    set: (column: 'archived_at' | 'posting' | 'slow_mode_seconds', sql: string) => write(`UPDATE chat_conversation SET ${column} = ${sql} WHERE id = ?`, id),
  };
}

export type ChatRoom = Awaited<ReturnType<typeof chatRoom>>;
