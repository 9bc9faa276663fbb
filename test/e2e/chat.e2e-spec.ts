import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatSockets, givenConversation, sendByRest, sendBySocket } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { acknowledgementOf } from '../support/sockets.js';

let app: TestApp;
let twin: TestApp;
let [ada, ben, eve]: GivenMember[] = [];
let room: Conversation;
const sockets = chatSockets();

beforeAll(async () => {
  app = await createTestApp();
  twin = await createTestApp({ APP_SECRET: app.secret });
  [ada, ben, eve] = [await app.given.member(), await app.given.member(), await app.given.member()];
  room = await givenConversation(app, ada!, [ben!]);
});
afterEach(sockets.closeAll);
afterAll(async () => {
  await app.close();
  await twin.close();
});

const connect = (member: GivenMember, to = app, options = {}) => sockets.connect(to, member, options);
const post = (member: GivenMember, draft: object, id = room.id) => sendByRest(app, member, id, draft);
const sync = async (member: GivenMember, seq = 0) => (await app.http.post('/api/chat/sync').set(member.auth).send({ cursors: { [room.id]: { epoch: 1, seq } } }).expect(200)).body;

describe('a message', () => {
  it('reaches everybody, numbered, by whichever door it came', async () => {
    const [first, second] = [await connect(ada!), await connect(ben!)];
    const { data } = await sendBySocket(first.socket, room.id, { text: 'one' });
    const { body } = await post(ben!, { text: 'two' }).expect(201);
    expect(data!.message).toMatchObject({ conversationId: room.id, senderId: ada!.id, text: 'one', version: 1, no: 1, seq: 3, deleted: false });
    expect(body).toMatchObject({ duplicate: false, message: { senderId: ben!.id, text: 'two', no: 2, seq: 4 } });
    for (const { events } of [first, second]) await eventually(() => expect(events.map(({ seq }) => seq)).toEqual([3, 4]));
    expect(first.events).toEqual(second.events);
    const { events } = (await sync(ben!)) as { events: ChatEvent[] };
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([[1, 'member.joined'], [2, 'member.joined'], [3, 'message.created'], [4, 'message.created']]);
    expect(events.slice(2)).toEqual(first.events);
  });

  it('is one, however often it is sent', async () => {
    const draft = { clientId: randomUUID(), text: 'once' };
    const sent = await Promise.all(Array.from({ length: 20 }, () => post(ada!, draft)));
    const ids = new Set(sent.map(({ body }) => body.message.id));
    expect(ids.size).toBe(1);
    expect(sent.filter(({ status }) => status === 201)).toHaveLength(1);
    const { body } = await post(ada!, { ...draft, text: 'other' }).expect(409);
    expect(body.code).toBe('chat.client-id-reused');
    await post(ben!, draft).expect(201);
  });

  it('is nothing to who is not in the conversation', async () => {
    expect((await post(eve!, { text: 'let me in' }).expect(404)).body.code).toBe('not-found');
    const { socket } = await connect(eve!);
    expect(await sendBySocket(socket, room.id)).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(await sync(eve!)).toEqual({ events: [], resets: [], gone: [room.id], more: false });
    await app.http.get(`/api/chat/conversations/${room.id}/messages`).set(eve!.auth).expect(404);
  });

  it('reaches sockets of another process that nobody told', async () => {
    const { events } = await connect(ben!, twin);
    const { body } = await post(ada!, { text: 'over there' }).expect(201);
    await eventually(() => expect(events.map(({ seq }) => seq)).toEqual([body.message.seq]));
  });
});

it('somebody in a new conversation hears it from the start', async () => {
  const here = await connect(eve!);
  const there = await connect(eve!, twin);
  const { id } = await givenConversation(app, ada!, [eve!]);
  await post(ada!, { text: 'welcome' }, id).expect(201);
  for (const { events } of [here, there]) await eventually(() => expect(events.filter(({ conversationId }) => conversationId === id).at(-1)?.type).toBe('message.created'));
});

it('a dm made twice at once is one conversation', async () => {
  const made = await Promise.all([[ada!, ben!], [ben!, ada!], [ada!, ben!], [ben!, ada!]].map(([from, to]) => app.http.post('/api/chat/conversations').set(from!.auth).send({ kind: 'dm', memberIds: [to!.id] })));
  expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
  expect(made.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
});

it('long polling brings the same events', async () => {
  const { body: begun } = await app.http.get('/api/chat/poll?timeout=0').set(ben!.auth).expect(200);
  const waiting = app.http.get(`/api/chat/poll?since=${begun.next}&timeout=20`).set(ben!.auth).then(({ body }) => body);
  const { body } = await post(ada!, { text: 'by http' }).expect(201);
  const polled = await waiting;
  expect(polled.events).toMatchObject([{ seq: body.message.seq, data: { message: { text: 'by http' } } }]);
  expect((await app.http.get(`/api/chat/poll?since=${polled.next}&timeout=0`).set(ben!.auth).expect(200)).body.events).toEqual([]);
});

it('what is unread is what others have sent since', async () => {
  const { id } = await givenConversation(app, ada!, [ben!, eve!]);
  const unread = async (member: GivenMember) => {
    const { body } = await app.http.get('/api/chat/conversations?limit=100').set(member.auth).expect(200);
    const { unread, mentions, myReadSeq } = (body.items as Conversation[]).find((one) => one.id === id)!;
    return { unread, mentions, myReadSeq };
  };
  await post(ada!, { text: 'one' }, id).expect(201);
  await post(ada!, { text: `two, <@${ben!.id}>` }, id).expect(201);
  expect(await unread(ben!)).toMatchObject({ unread: 2, mentions: 1 });
  expect(await unread(ada!)).toEqual({ unread: 0, mentions: 0, myReadSeq: 5 });
  expect((await app.http.put(`/api/chat/conversations/${id}/read`).set(ben!.auth).send({ seq: 4 }).expect(200)).body).toEqual({ readSeq: 4, deliveredSeq: 4 });
  expect(await unread(ben!)).toEqual({ unread: 1, mentions: 1, myReadSeq: 4 });
  expect((await app.http.put(`/api/chat/conversations/${id}/read`).set(ben!.auth).send({ seq: 6 }).expect(422)).body.code).toBe('chat.seq-ahead');
  await post(ben!, { text: 'three' }, id).expect(201);
  expect(await unread(ben!)).toEqual({ unread: 0, mentions: 0, myReadSeq: 6 });
  expect(await unread(eve!)).toMatchObject({ unread: 3 });
});

it('pages by number stay where they are', async () => {
  const { id } = await givenConversation(app, ada!, [ben!]);
  for (let i = 1; i <= 7; i += 1) await post(ada!, { text: String(i) }, id).expect(201);
  const page = async (query: string) => {
    const { body } = await app.http.get(`/api/chat/conversations/${id}/messages?${query}`).set(ben!.auth).expect(200);
    return [body.items.map(({ no }: { no: number }) => no), body.nextBefore, body.nextAfter];
  };
  expect(await page('limit=3')).toEqual([[5, 6, 7], 5, null]);
  expect(await page('limit=3&before=5')).toEqual([[2, 3, 4], 2, null]);
  expect(await page('limit=3&before=2')).toEqual([[1], null, null]);
  expect(await page('limit=3&after=0')).toEqual([[1, 2, 3], null, 3]);
  expect(await page('limit=3&after=4')).toEqual([[5, 6, 7], null, null]);
  expect(await page('limit=4&around=4')).toEqual([[2, 3, 4, 5], 2, 5]);
});

it.each(['שלום עולם', '👩‍👩‍👧‍👦🏳️‍🌈', '𝒜𝓫𝓬 𠜎𠜱', 'a\u0000b\u0007\r\n\t', '‮right to left‬', 'e\u0301 \u00e9', '  spaces  ', '\\\'"%_`;--', 'ஞࣨ𝼊'])('%j comes back as it was', async (text) => {
  const { body } = await post(ada!, { text }).expect(201);
  expect(body.message.text).toBe(text);
  const { events } = (await sync(ben!, body.message.seq - 1)) as { events: ChatEvent[] };
  expect(events).toMatchObject([{ data: { message: { text } } }]);
});

describe('what is refused', () => {
  it.each([
    [{ text: '' }, 422, 'chat.empty'], [{ text: '  \n' }, 422, 'chat.empty'], [{}, 422, 'chat.empty'], [{ text: null }, 422, 'chat.empty'],
    [{ text: 'x'.repeat(8_001) }, 422, 'chat.too-long'], [{ text: '\u{1f600}'.repeat(8_001) }, 422, 'chat.too-long'],
    [{ text: '\ud800' }, 400, 'request.invalid'], [{ text: 7 }, 400, 'request.invalid'], [{ text: 'x', senderId: randomUUID() }, 400, 'request.invalid'],
    [{ text: 'x', clientId: 'mine' }, 400, 'request.invalid'], [{ text: 'x', clientId: undefined }, 400, 'request.invalid'],
    [{ text: 'x', replyTo: randomUUID() }, 404, 'not-found'], [{ text: 'x', fileIds: [randomUUID()] }, 404, 'not-found'],
    [{ text: 'x', fileIds: Array.from({ length: 11 }, () => randomUUID()) }, 400, 'request.invalid'],
    [{ text: Array.from({ length: 21 }, () => `<@${randomUUID()}>`).join('') }, 422, 'chat.too-long'],
  ])('%#', async (draft, status, code) => {
    expect((await post(ada!, draft).expect(status)).body.code).toBe(code);
    const { socket } = await connect(ada!);
    expect(await acknowledgementOf(socket, 'message.send', { conversationId: room.id, clientId: randomUUID(), ...draft })).toMatchObject({ ok: false, error: { code } });
  });

  it('takes 8,000 characters of four bytes', async () => {
    await post(ada!, { text: '\u{1f600}'.repeat(8_000) }).expect(201);
  });
});
