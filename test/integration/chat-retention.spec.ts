import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatEvent, ChatMessage } from '../../src/features/chat/chat.types.js';
import { ChatTasks } from '../../src/features/chat/chat.tasks.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import type { MessageDraft } from '../../src/features/chat/messages/messages.types.js';
import { ChatRetention } from '../../src/features/chat/retention/chat-retention.service.js';
import { RetentionRepository } from '../../src/features/chat/retention/retention.repository.js';
import { MessageIndex } from '../../src/features/chat/search/message-index.service.js';
import { Config } from '../../src/platform/config/config.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenConversation, sendByRest } from '../support/chat.js';

let app: TestApp;
let twin: TestApp;
let database: Database;
let [ada, ben]: GivenMember[] = [];

beforeAll(async () => {
  app = await createTestApp({ CHAT_RETENTION_DAYS: '30' });
  twin = await createTestApp({ APP_SECRET: app.secret, CHAT_RETENTION_DAYS: '30' });
  database = app.app.get(Database);
  [ada, ben] = [await app.given.member(), await app.given.member()];
  // Done for today, so that the schedule does not come between.
  await app.app.get(ChatTasks).deleteOutdated();
});
afterAll(async () => {
  await app.close();
  await twin.close();
});

const write = (sql: string, ...values: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, values));
const run = (of = app) => of.app.get(ChatRetention).run();
const index = () => app.app.get(MessageIndex).catchUp({}, () => undefined);

async function say(member: GivenMember, id: string, text: string, draft: Partial<MessageDraft> = {}): Promise<ChatMessage> {
  const { body } = await sendByRest(app, member, id, { text, ...draft }).expect(201);
  return body.message as ChatMessage;
}

/** Events up to this one, as if they were of more than 30 days ago. */
const age = (id: string, upToSeq: number) => write('UPDATE chat_event SET at = UTC_TIMESTAMP(3) - INTERVAL 31 DAY WHERE conversation_id = ? AND seq <= ?', id, upToSeq);

async function sync(member: GivenMember, id: string, seq: number, epoch = 1): Promise<{ events: ChatEvent[]; resets: unknown[]; more: boolean }> {
  const { body } = await app.http.post('/api/chat/sync').set(member.auth).send({ cursors: { [id]: { epoch, seq } } }).expect(200);
  return body as { events: ChatEvent[]; resets: unknown[]; more: boolean };
}
const seqs = async (id: string) => (await database.rows<{ seq: number }>('SELECT seq FROM chat_event WHERE conversation_id = ? ORDER BY seq', [id])).map(({ seq }) => seq);
const numbers = async (id: string, table = 'chat_message') => (await database.rows<{ no: number }>(`SELECT DISTINCT no FROM ${table} WHERE conversation_id = ? ORDER BY no`, [id])).map(({ no }) => no);
const firstSeq = async (id: string) => (await database.rows<{ seq: number }>('SELECT first_seq AS seq FROM chat_conversation WHERE id = ?', [id]))[0]!.seq;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A conversation of ada and ben: its first two events are their joining, then come messages. */
async function given(messages: number): Promise<string> {
  const { id } = await givenConversation(app, ada!, [ben!]);
  for (let i = 1; i <= messages; i += 1) await say(ada!, id, `text${i} <@${ben!.id}>`);
  return id;
}

describe('what is older than the retention', () => {
  it('goes from the start of its conversation, and everything of it', async () => {
    const id = await given(6);
    await index();
    await app.http.put(`/api/chat/messages/${(await history(id))[0]!.id}/reactions/${encodeURIComponent('👍')}`).set(ben!.auth).expect(({ status }) => expect(status).toBeLessThan(300));
    await age(id, 5);
    await run();
    expect(await firstSeq(id)).toBe(6);
    expect(await seqs(id)).toEqual(range(6, 9));
    for (const table of ['chat_message', 'chat_word', 'chat_mention']) expect(await numbers(id, table)).toEqual([4, 5, 6]);
    expect(await database.rows('SELECT 1 FROM chat_reaction r LEFT JOIN chat_message m ON m.id = r.message_id WHERE m.id IS NULL')).toEqual([]);
    expect((await history(id)).map(({ no }) => no)).toEqual([4, 5, 6]);
    const { body } = await app.http.get('/api/chat/search?q=text').query({ conversation: id }).set(ada!.auth).expect(200);
    expect((body.items as ChatMessage[]).map(({ no }) => no)).toEqual([6, 5, 4]);
  });

  it('leaves no gap where something in the middle is older than what comes before it', async () => {
    const id = await given(4);
    await age(id, 2);
    await write('UPDATE chat_event SET at = UTC_TIMESTAMP(3) - INTERVAL 99 DAY WHERE conversation_id = ? AND seq = 5', id);
    await run();
    expect(await seqs(id)).toEqual([3, 4, 5, 6]);
    expect(await numbers(id)).toEqual([1, 2, 3, 4]);
  });

  it('goes in parts, by whichever process, and all of it', async () => {
    const id = await given(3);
    const bulk = 1_300;
    await write('UPDATE chat_conversation SET last_seq = last_seq + ?, last_no = last_no + ? WHERE id = ?', bulk, bulk, id);
    await write(
      'INSERT INTO chat_message (conversation_id, no, id, seq, sender_id, client_id, body, created_at, version) VALUES ?',
      range(1, bulk).map((i) => [id, 3 + i, `0190a7c4-5b1e-7c3a-9d52-${String(i).padStart(12, '0')}`, 5 + i, ada!.id, randomUUID(), `bulk${i}`, new Date(), 1]),
    );
    await write(
      'INSERT INTO chat_event (conversation_id, seq, type, actor_id, message_id, at) VALUES ?',
      range(1, bulk).map((i) => [id, 5 + i, 'message.created', ada!.id, `0190a7c4-5b1e-7c3a-9d52-${String(i).padStart(12, '0')}`, new Date()]),
    );
    await index();
    await age(id, 1_203);
    await Promise.all([run(), run(twin), say(ben!, id, 'meanwhile')]);
    await run();
    expect(await firstSeq(id)).toBe(1_204);
    expect(await seqs(id)).toEqual(range(1_204, 1_306));
    expect(await numbers(id)).toEqual(range(1_202, 1_304));
    await index();
    expect(await numbers(id, 'chat_word')).toEqual(range(1_202, 1_304));
  });

  it('is left alone by a process that another one has overtaken', async () => {
    const id = await given(5);
    await age(id, 3);
    class OvertakenRepository extends RetentionRepository {
      override async listFirst(...asked: Parameters<RetentionRepository['listFirst']>): ReturnType<RetentionRepository['listFirst']> {
        const events = await super.listFirst(...asked);
        await twin.app.get(Transactions).run((tx) => tx.write('UPDATE chat_event SET at = UTC_TIMESTAMP(3) - INTERVAL 31 DAY WHERE conversation_id = ? AND seq <= 5', [id]));
        await run(twin);
        return events;
      }
    }
    await new ChatRetention(app.app.get(Transactions), database, new OvertakenRepository(), app.app.get(MessageIndex), app.app.get(Config)).run();
    expect(await firstSeq(id)).toBe(6);
    expect(await seqs(id)).toEqual([6, 7]);
  });

  it('is left off between two parts, and the next run goes on', async () => {
    const id = await given(1);
    await age(id, 3);
    const reason = new Error('stopped');
    await expect(app.app.get(ChatRetention).run(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await seqs(id)).toEqual([1, 2, 3]);
    await run();
    expect(await seqs(id)).toEqual([]);
  });

  it('is deleted by the task once a day, and what is not too old stays', async () => {
    const id = await given(2);
    await run();
    expect(await seqs(id)).toEqual([1, 2, 3, 4]);
    await age(id, 3);
    await app.app.get(ChatTasks).deleteOutdated();
    expect(await seqs(id)).toEqual([1, 2, 3, 4]);
    await write("DELETE FROM task_run WHERE task = 'chat.retention'");
    await app.app.get(ChatTasks).deleteOutdated();
    expect(await seqs(id)).toEqual([4]);
    await age(id, 4);
    await twin.app.get(ChatTasks).deleteOutdated();
    expect(await seqs(id)).toEqual([4]);
  });

  it('stays for ever where there is no retention', async () => {
    const id = await given(1);
    await age(id, 3);
    const keeping = await createTestApp({ APP_SECRET: app.secret });
    try {
      await run(keeping);
    } finally {
      await keeping.close();
    }
    expect(await seqs(id)).toEqual([1, 2, 3]);
  });
});

describe('after that', () => {
  it('who has an older cursor begins anew, who has a later one goes on', async () => {
    const id = await given(4);
    await age(id, 4);
    await run();
    for (const seq of [0, 1, 3]) expect(await sync(ben!, id, seq)).toEqual({ events: [], resets: [{ conversationId: id, epoch: 1, seq: 4 }], gone: [], more: true });
    for (const seq of [4, 5, 6]) {
      const { events, resets } = await sync(ben!, id, seq);
      expect([events.map((event) => event.seq), resets]).toEqual([range(seq + 1, 6), []]);
    }
  });

  it('a conversation of which nothing is left goes on with its numbers', async () => {
    const id = await given(2);
    await age(id, 4);
    await run();
    expect(await sync(ben!, id, 0)).toEqual({ events: [], resets: [{ conversationId: id, epoch: 1, seq: 4 }], gone: [], more: false });
    expect(await inbox(ben!, id)).toMatchObject({ unread: 0, mentions: 0, lastMessage: null, lastSeq: 4, lastNo: 2 });
    expect(await history(id)).toEqual([]);
    expect(await say(ben!, id, 'again')).toMatchObject({ no: 3, seq: 5 });
    expect((await sync(ada!, id, 4)).events.map(({ seq }) => seq)).toEqual([5]);
    await index();
    expect(await inbox(ada!, id)).toMatchObject({ unread: 1 });
  });

  it('unread is what is left of it, and reading moves on', async () => {
    const id = await given(5);
    expect(await inbox(ben!, id)).toMatchObject({ unread: 5, mentions: 5 });
    await age(id, 5);
    await run();
    expect(await inbox(ben!, id)).toMatchObject({ unread: 2, mentions: 2 });
    const read = async (seq: number) => {
      await app.http.put(`/api/chat/conversations/${id}/read`).set(ben!.auth).send({ seq }).expect(200);
      return inbox(ben!, id);
    };
    expect(await read(4)).toMatchObject({ unread: 2 });
    expect(await read(6)).toMatchObject({ unread: 1, myReadSeq: 6 });
    expect(await read(7)).toMatchObject({ unread: 0 });
  });

  it('what answers or changed a message that is gone is harmless', async () => {
    const id = await given(1);
    const [old] = await history(id);
    const answer = await say(ben!, id, 'yes', { replyTo: old!.id, threadRoot: old!.id });
    await app.http.patch(`/api/chat/messages/${old!.id}`).set(ada!.auth).send({ text: 'edited of late', version: 1 }).expect(200);
    await age(id, 3);
    await run();
    const { events } = await sync(ada!, id, 3);
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([[4, 'message.created'], [5, 'message.deleted']]);
    expect(events.map(({ data }) => data)).toMatchObject([{ message: { id: answer.id, replyTo: old!.id, threadRoot: old!.id } }, { messageId: old!.id }]);
    expect(events[1]!.data).toEqual({ messageId: old!.id });
    await app.http.patch(`/api/chat/messages/${old!.id}`).set(ada!.auth).send({ text: 'too late', version: 2 }).expect(404);
    await sendByRest(app, ada!, id, { text: 'and', replyTo: old!.id }).expect(404);
    expect((await history(id)).map(({ no }) => no)).toEqual([2]);
  });
});

async function history(id: string): Promise<ChatMessage[]> {
  return (await app.http.get(`/api/chat/conversations/${id}/messages?limit=100`).set(ada!.auth).expect(200)).body.items as ChatMessage[];
}

async function inbox(member: GivenMember, id: string): Promise<Conversation> {
  const { body } = await app.http.get('/api/chat/conversations?limit=100').set(member.auth).expect(200);
  return (body.items as Conversation[]).find((one) => one.id === id)!;
}
