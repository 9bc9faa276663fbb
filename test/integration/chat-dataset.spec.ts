import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../../src/features/chat/chat.types.js';
import type { MessageDraft } from '../../src/features/chat/messages/messages.types.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { PERMISSIONS_BY_ROLE } from '../../src/platform/auth/permissions.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import type { DatasetRequest, Row } from '../../src/platform/datasets/dataset.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { Metrics } from '../../src/platform/statistics/metrics.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenConversation, sendByRest } from '../support/chat.js';

let app: TestApp;
let transactions: Transactions;
let [ada, ben, eve]: GivenMember[] = [];

beforeAll(async () => {
  app = await createTestApp();
  transactions = app.app.get(Transactions);
  [ada, ben, eve] = [await app.given.member(), await app.given.member(), await app.given.member()];
});
afterAll(() => app.close());

const permissions = PermissionSet.of(PERMISSIONS_BY_ROLE.member);
const dataset = () => app.app.get(Datasets).find('messages')!;
const write = (sql: string, ...values: unknown[]) => transactions.run((tx) => tx.write(sql, values));

async function say(member: GivenMember, conversationId: string, text: string, draft: Partial<MessageDraft> = {}): Promise<ChatMessage> {
  const { body } = await sendByRest(app, member, conversationId, { text, ...draft }).expect(201);
  return body.message as ChatMessage;
}

async function rowsOf(member: GivenMember, filters: DatasetRequest['filters'] = {}, pageSize = 2, between: () => Promise<unknown> = async () => undefined): Promise<Row[]> {
  const request = { memberId: member.id, permissions, filters };
  return transactions.snapshot(async (snapshot) => {
    const rows: Row[] = [];
    for await (const page of dataset().pages(snapshot, request, pageSize)) {
      expect(page.length).toBeLessThanOrEqual(pageSize);
      rows.push(...page);
      await between();
    }
    expect(await dataset().count(snapshot, request)).toBe(rows.length);
    for (const row of rows) expect(Object.keys(row)).toEqual(dataset().columns.map(({ name }) => name));
    return rows;
  });
}

describe('the dataset of messages', () => {
  it.each([1, 2, 3, 100])('has all messages of one\'s conversations once, in order, in pages of %i', async (pageSize) => {
    const rooms = [await givenConversation(app, ada!, [ben!]), await givenConversation(app, ben!, [ada!]), await givenConversation(app, eve!, [ben!])];
    const made: string[] = [];
    for (const { id } of rooms.slice(0, 2)) for (let i = 0; i < 5; i += 1) made.push((await say(ben!, id, `${i}`)).id);
    await say(ben!, rooms[2]!.id, 'not for ada');
    const rows = (await rowsOf(ada!, {}, pageSize)).filter(({ conversationId }) => rooms.some(({ id }) => id === conversationId));
    expect(rows.map(({ id }) => id)).toEqual(made);
    expect((await rowsOf(ada!, { conversationId: rooms[1]!.id.toUpperCase() }, pageSize)).map(({ id }) => id)).toEqual(made.slice(5));
    expect(await rowsOf(ada!, { conversationId: rooms[2]!.id }, pageSize)).toEqual([]);
  });

  it('says of each what it is now', async () => {
    const { id } = await givenConversation(app, ada!, [ben!]);
    const first = await say(ada!, id, 'first');
    const second = await say(ben!, id, 'second', { replyTo: first.id, threadRoot: first.id });
    await app.http.patch(`/api/chat/messages/${first.id}`).set(ada!.auth).send({ text: 'edited', version: 1 }).expect(200);
    await app.http.delete(`/api/chat/messages/${second.id}`).set(ben!.auth).expect(204);
    expect(await rowsOf(ada!, { conversationId: id })).toEqual([
      {
        conversationId: id, no: 1, id: first.id, senderId: ada!.id, text: 'edited',
        createdAt: new Date(first.createdAt), editedAt: expect.any(Date), deleted: false, replyTo: null, threadRoot: null,
      },
      {
        conversationId: id, no: 2, id: second.id, senderId: ben!.id, text: null,
        createdAt: new Date(second.createdAt), editedAt: null, deleted: true, replyTo: first.id, threadRoot: first.id,
      },
    ]);
  });

  it('has nothing of a conversation that one has left, or is banned from', async () => {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    await say(ada!, id, 'canary');
    expect(await rowsOf(ben!, { conversationId: id })).toHaveLength(1);
    await write('UPDATE chat_member SET banned_until = UTC_TIMESTAMP(3) + INTERVAL 1 DAY WHERE conversation_id = ? AND member_id = ?', id, ben!.id);
    await write('UPDATE chat_member SET left_seq = 99 WHERE conversation_id = ? AND member_id = ?', id, eve!.id);
    for (const member of [ben!, eve!]) expect(await rowsOf(member, { conversationId: id })).toEqual([]);
  });

  it('stays at its snapshot while messages are sent', async () => {
    const { id } = await givenConversation(app, ada!, []);
    for (const text of ['one', 'two', 'three']) await say(ada!, id, text);
    expect(await rowsOf(ada!, { conversationId: id }, 1, () => say(ada!, id, 'later'))).toHaveLength(3);
  });

  it('is one\'s own, and for those who may read chat', () => {
    expect([dataset().personal, dataset().mayRead(permissions), dataset().mayRead(PermissionSet.of(['chat.write']))]).toEqual([true, true, false]);
    const { faultOf } = dataset().filters.find(({ name }) => name === 'conversationId')!;
    expect([faultOf!(newId()), faultOf!('mine')]).toEqual([undefined, 'must be the id of a conversation']);
  });
});

it('the metric messages.sent is the messages of an hour, deleted ones too', async () => {
  const metric = app.app.get(Metrics).find('messages.sent')!;
  const database = app.app.get(Database);
  const { id } = await givenConversation(app, ada!, [ben!]);
  const times = ['2020-05-01T09:59:59.999Z', '2020-05-01T10:00:00.000Z', '2020-05-01T10:30:00.000Z', '2020-05-01T10:59:59.999Z', '2020-05-01T11:00:00.000Z'];
  for (const [i, time] of times.entries()) {
    const sent = await say(ada!, id, 'hello');
    if (i === 2) await app.http.delete(`/api/chat/messages/${sent.id}`).set(ada!.auth).expect(204);
    const hex = Date.parse(time).toString(16).padStart(12, '0');
    await write('UPDATE chat_message SET id = ? WHERE id = ?', `${hex.slice(0, 8)}-${hex.slice(8)}${sent.id.slice(13)}`, sent.id);
  }
  const hour = (from: string) => ({ from: new Date(from), to: new Date(Date.parse(from) + 3_600_000) });
  expect(await metric.since(database)).toEqual(new Date(times[0]!));
  expect(await metric.measure(database, hour('2020-05-01T10:00:00Z'))).toBe(3);
  expect(await metric.measure(database, hour('2020-05-01T12:00:00Z'))).toBe(0);
});
