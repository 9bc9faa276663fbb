import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import type { ChatEvent } from '../../src/features/chat/chat.types.js';
import { ConversationRepository } from '../../src/features/chat/conversations/conversation.repository.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { ChatSync } from '../../src/features/chat/log/chat-sync.service.js';
import { conversationRoom } from '../../src/features/chat/log/chat-sockets.js';
import { ConversationFeed } from '../../src/features/chat/log/conversation-feed.service.js';
import { EventRepository } from '../../src/features/chat/log/event.repository.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatSockets, givenConversation, sendByRest, sendBySocket, type Acknowledged } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { acknowledgementOf } from '../support/sockets.js';

/** In a conversation of Ada's with Ben and Eve. */
const EVE_JOINED = 3;
const FUTURE = '2999-01-01T00:00:00.000Z';

let app: TestApp;
let twin: TestApp;
let [ada, ben, eve]: GivenMember[] = [];
const sockets = chatSockets();

beforeAll(async () => {
  app = await createTestApp();
  twin = await createTestApp({ APP_SECRET: app.secret });
  [ada, ben, eve] = [await app.given.member(), await app.given.member(), await app.given.member()];
});
afterEach(sockets.closeAll);
afterAll(async () => {
  await app.close();
  await twin.close();
});

const connect = (member: GivenMember, to = app) => sockets.connect(to, member);
const post = (member: GivenMember, id: string, text: string, to = app) => sendByRest(to, member, id, { text });
const change = (id: string, whom: GivenMember, body: object, to = app) => to.http.patch(`/api/chat/conversations/${id}/members/${whom.id}`).set(ada!.auth).send(body).expect(200);
const remove = (id: string, whom: GivenMember, to = app) => to.http.delete(`/api/chat/conversations/${id}/members/${whom.id}`).set(ada!.auth).expect(204);
const add = (id: string, whom: GivenMember, to = app) => to.http.post(`/api/chat/conversations/${id}/members`).set(ada!.auth).send({ memberIds: [whom.id] }).expect(200);
const syncBySocket = async (socket: Socket, id: string, seq = 0) => (await acknowledgementOf(socket, 'sync', { cursors: { [id]: { epoch: 1, seq } }, limit: 500 })) as Acknowledged<{ events: ChatEvent[]; gone: string[] }>;

async function logOf(id: string): Promise<ChatEvent[]> {
  const { body } = await app.http.post('/api/chat/sync').set(ada!.auth).send({ cursors: { [id]: { epoch: 1, seq: 0 } }, limit: 500 }).expect(200);
  return body.events as ChatEvent[];
}

describe('who is shown out', () => {
  const ways: Record<string, (id: string, from: TestApp) => Promise<unknown>> = {
    'taken out': (id, from) => remove(id, ben!, from),
    banned: (id, from) => change(id, ben!, { bannedUntil: FUTURE }, from),
    'banned and taken out': (id, from) => change(id, ben!, { bannedUntil: FUTURE }, from).then(() => remove(id, ben!, from)),
  };

  /** Sends at both processes while Ben is shown out, and asks for news and connects as Ben all the time. @param heard what Ben's sockets were sent */
  async function race(show: (id: string, from: TestApp) => Promise<unknown>, from: TestApp, heard: () => ChatEvent[]): Promise<void> {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    const given: ChatEvent[] = [];
    const sending = Promise.all([app, twin].map(async (to) => {
      for (let i = 0; i < 8; i += 1) await post(eve!, id, `message ${i}`, to).expect(201);
    }));
    const asking = Promise.all(Array.from({ length: 8 }, async (_, i) => {
      const { body } = await (i % 2 === 0 ? app : twin).http.post('/api/chat/sync').set(ben!.auth).send({ cursors: { [id]: { epoch: 1, seq: 0 } } }).expect(200);
      given.push(...(body.events as ChatEvent[]));
    }));
    const coming = Promise.all([connect(ben!), connect(ben!, twin)]);
    await Promise.all([sending, asking, coming, show(id, from)]);
    const [, late] = await Promise.all([coming, post(ada!, id, 'among ourselves', twin).expect(201)]);
    // Eve hears the last one at both, by the same feed, and after that each socket of Ben's is asked: what was sent to it before came before.
    const heardBy = ({ events }: { events: ChatEvent[] }) => events.filter(({ conversationId }) => conversationId === id).map(({ seq }) => seq);
    const seqs = (await logOf(id)).map(({ seq }) => seq).filter((seq) => seq >= EVE_JOINED);
    await eventually(() => expect(hearers.map(heardBy)).toEqual([seqs, seqs]), 10_000);
    for (const socket of sockets.all()) await acknowledgementOf(socket, 'sync', { cursors: {} });
    const log = await logOf(id);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
    const out = log.find(({ type, data }) => (type === 'member.left' || (type === 'member.changed' && 'bannedUntil' in data && data.bannedUntil !== null)))!.seq;
    expect(out).toBeLessThan(late.body.message.seq as number);
    const all = [...given, ...heard().filter(({ conversationId }) => conversationId === id)];
    expect(all.filter(({ seq }) => seq > out)).toEqual([]);
  }

  let hearers: { events: ChatEvent[] }[];

  it.each(Object.keys(ways).flatMap((way) => [[way, 'here'], [way, 'elsewhere']] as const))('%s %s hears nothing more, in any process', async (way, where) => {
    hearers = [await connect(eve!), await connect(eve!, twin)];
    const bens = [await connect(ben!), await connect(ben!, twin)];
    const rounds = Array.from({ length: 4 }, () => race(ways[way]!, where === 'here' ? app : twin, () => bens.flatMap(({ events }) => events)));
    await Promise.all(rounds);
  });

  it('is not let in by what was known of them before, when others began to listen since', async () => {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    const feed = app.app.get(ConversationFeed);
    const [conversations, database] = [app.app.get(ConversationRepository), app.app.get(Database)];
    const headOf = async (member: GivenMember) => (await conversations.listHeadsOf(database, member.id)).find(({ conversationId }) => conversationId === id)!;
    const known = await headOf(ben!);
    await remove(id, ben!, twin);
    await post(ada!, id, 'among ourselves', twin).expect(201);
    // Sockets as the feed knows them: it puts them into rooms, and no more.
    const entered: unknown[] = [];
    const socket = (name: string) => ({ id: name, rooms: new Set<string>(), join: (room: unknown) => void entered.push([name, room]), leave: () => undefined });
    expect(feed.follow(socket('eve'), eve!.id, await headOf(eve!))).toBe(true);
    expect(feed.follow(socket('ben'), ben!.id, known)).toBe(false);
    expect(entered).toEqual([['eve', conversationRoom(id)]]);
  });

  it('is so also while a socket of theirs is being let in', async () => {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    const hearer = await connect(eve!);
    const [conversations, feed] = [app.app.get(ConversationRepository), app.app.get(ConversationFeed)];
    const [list, follow] = [conversations.listHeadsOf.bind(conversations), feed.follow.bind(feed)];
    // Of another conversation it was not known how it stands, so all are read once more, and meanwhile Ben is taken out of this one.
    let readings = 0;
    jest.spyOn(feed, 'follow').mockImplementation((socket, memberId, head) => follow(socket, memberId, head) && (memberId !== ben!.id || readings > 1));
    jest.spyOn(conversations, 'listHeadsOf').mockImplementation(async (reader, memberId) => {
      if (memberId === ben!.id && (readings += 1) === 2) await remove(id, ben!);
      return list(reader, memberId);
    });
    const { socket, events } = await connect(ben!);
    jest.restoreAllMocks();
    const { body } = await post(ada!, id, 'among ourselves').expect(201);
    await eventually(() => expect(hearer.events.at(-1)?.seq).toBe(body.message.seq));
    await acknowledgementOf(socket, 'typing', { conversationId: id });
    expect(events.filter(({ conversationId, seq }) => conversationId === id && seq >= body.message.seq)).toEqual([]);
  });

  it('is read nothing that came after what is known of them', async () => {
    const { id } = await givenConversation(app, ada!, [ben!]);
    const events = app.app.get(EventRepository);
    const [head] = await app.app.get(ConversationRepository).listHeads(app.app.get(Database), [id]);
    await remove(id, ben!);
    await post(ada!, id, 'alone').expect(201);
    expect((await events.list(app.app.get(Database), head!, 0, 500)).map(({ seq }) => seq)).toEqual([1, 2]);
  });
});

it('who was banned for a while reads again, and by the next sync hears again', async () => {
  const { id } = await givenConversation(app, ada!, [ben!]);
  const connected = [await connect(ben!), await connect(ben!, twin)];
  await change(id, ben!, { bannedUntil: new Date(Date.now() + 1_500).toISOString() });
  expect((await post(ben!, id, 'hey')).body.code).toBe('chat.banned');
  expect((await syncBySocket(connected[0]!.socket, id)).data).toMatchObject({ events: [], gone: [id] });
  await post(ada!, id, 'meanwhile').expect(201);
  for (const { socket } of connected) await eventually(async () => expect((await syncBySocket(socket, id)).data!.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]), 10_000);
  const { body } = await post(ben!, id, 'again').expect(201);
  for (const { events } of connected) await eventually(() => expect(events.at(-1)?.seq).toBe(body.message.seq));
  // A process that reads the log later than the ban is over has nothing to keep from them, and may begin before it: a client drops what it has.
  for (const { events } of connected) expect(new Set(events.map(({ seq }) => seq).filter((seq) => seq !== 2 && seq !== 4))).toEqual(new Set([3, 5]));
});

it('a socket that does not hear a conversation yet is not told that it is up to date', async () => {
  const { id } = await givenConversation(app, ada!, [ben!]);
  const cursors = new Map([[id, { epoch: 1, seq: 0 }]]);
  expect(await app.app.get(ChatSync).sync(ben!.id, cursors, 10, () => false)).toEqual({ events: [], resets: [], gone: [id], more: false });
  expect(await app.app.get(ChatSync).sync(ben!.id, cursors, 10, () => true)).toMatchObject({ events: [{ seq: 1 }, { seq: 2 }], gone: [] });
});

it('a ban that is over shows nobody out where it is told late', async () => {
  const { id } = await givenConversation(app, ada!, [ben!]);
  const { socket, events } = await connect(ben!, twin);
  await change(id, ben!, { bannedUntil: FUTURE });
  // As when its time had come.
  await app.app.get(Transactions).run((tx) => tx.write('UPDATE chat_member SET banned_until = UTC_TIMESTAMP(3) WHERE conversation_id = ? AND member_id = ?', [id, ben!.id]));
  expect((await syncBySocket(socket, id, 2)).data!.events).toMatchObject([{ seq: 3, type: 'member.changed' }]);
  const { body } = await post(ada!, id, 'welcome back').expect(201);
  await eventually(() => expect(events.at(-1)?.seq).toBe(body.message.seq));
});

it('who joins hears it from then on, also where others began to listen before that was told', async () => {
  const waiting = await connect(eve!, twin);
  const { id } = await givenConversation(app, ada!, [ben!, eve!]);
  await connect(ben!, twin);
  const { body } = await post(ada!, id, 'welcome').expect(201);
  await eventually(() => expect(waiting.events.filter(({ conversationId }) => conversationId === id).map(({ seq }) => seq)).toEqual([EVE_JOINED, body.message.seq]), 10_000);
});

describe('slow mode', () => {
  const slow = async (id: string, slowModeSeconds: number) => app.http.patch(`/api/chat/conversations/${id}`).set(ada!.auth).send({ slowModeSeconds }).expect(200);

  it('lets one of 20 at once pass, over two processes', async () => {
    const { id } = await givenConversation(app, ada!, [ben!]);
    await slow(id, 60);
    const [here, there] = [await connect(ben!), await connect(ben!, twin)];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => sendBySocket((i % 2 === 0 ? here : there).socket, id, { text: String(i) })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const refused = answers.flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['chat.slow-mode']));
    for (const { retryAfterMs } of refused) {
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    }
    expect((await logOf(id)).filter(({ type }) => type === 'message.created')).toHaveLength(1);
    const { status, body, headers } = await post(ben!, id, 'by rest');
    expect([status, body.code, Number(headers['retry-after']) > 0]).toEqual([429, 'chat.slow-mode', true]);
  });

  it('lets everybody pass once, again and again under one clientId, and owner and moderators always', async () => {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    await slow(id, 60);
    await change(id, ben!, { role: 'moderator' });
    for (let i = 0; i < 3; i += 1) for (const member of [ada!, ben!]) await post(member, id, 'in order').expect(201);
    const draft = { clientId: randomUUID(), text: 'once' };
    const send = () => sendByRest(app, eve!, id, draft);
    await send().expect(201);
    await send().expect(200);
    expect((await post(eve!, id, 'twice')).body.code).toBe('chat.slow-mode');
    await slow(id, 0);
    await post(eve!, id, 'twice').expect(201);
  });

  it('is not outrun by leaving and coming back', async () => {
    const { id } = await givenConversation(app, ada!, [ben!]);
    await slow(id, 60);
    await post(ben!, id, 'one').expect(201);
    await remove(id, ben!);
    await add(id, ben!);
    expect((await post(ben!, id, 'two')).body.code).toBe('chat.slow-mode');
  });

  it('is over when its time is', async () => {
    const { id } = await givenConversation(app, ada!, [ben!]);
    await slow(id, 1);
    await post(ben!, id, 'one').expect(201);
    await eventually(() => post(ben!, id, 'two').expect(201));
  });
});

it('who is put in and taken out by many at once is in or not, and the log is dense', async () => {
  const room: Conversation = await givenConversation(app, ada!, [eve!]);
  const { id } = room;
  const acts = [
    (from: TestApp) => post(eve!, id, 'meanwhile', from).expect(201),
    (from: TestApp) => add(id, ben!, from),
    // Before they have ever been in there is nobody to take out.
    (from: TestApp) => from.http.delete(`/api/chat/conversations/${id}/members/${ben!.id}`).set(ada!.auth),
  ];
  await Promise.all(Array.from({ length: 24 }, (_, i) => acts[i % 3]!(i % 2 === 0 ? app : twin)));
  const log = await logOf(id);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
  const moves = log.slice(room.lastSeq).map(({ type }) => type).filter((type) => type !== 'message.created');
  expect(moves.length).toBeGreaterThan(0);
  expect(moves).toEqual(moves.map((_, i) => (i % 2 === 0 ? 'member.joined' : 'member.left')));
  const { body } = await app.http.get(`/api/chat/conversations/${id}`).set(ada!.auth).expect(200);
  expect(body.members.map(({ memberId }: { memberId: string }) => memberId).includes(ben!.id)).toBe(moves.at(-1) === 'member.joined');
  expect(body.lastSeq).toBe(log.length);
});

it('of owners who leave at once another follows each time', async () => {
  const { id } = await givenConversation(app, ada!, [ben!, eve!]);
  await change(id, ben!, { role: 'owner' });
  await Promise.all([ada!, ben!].map((who, i) => (i === 0 ? app : twin).http.delete(`/api/chat/conversations/${id}/members/${who.id}`).set(who.auth).expect(204)));
  const { body } = await app.http.get(`/api/chat/conversations/${id}`).set(eve!.auth).expect(200);
  expect(body.members).toMatchObject([{ memberId: eve!.id, role: 'owner' }]);
});
