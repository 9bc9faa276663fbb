import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { SubscribeMessage } from '@nestjs/websockets';
import jwt from 'jsonwebtoken';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import type { ConversationKind } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { ChatTimings } from '../../src/features/chat/live/chat-timings.js';
import { PresenceRoster } from '../../src/features/chat/live/presence-roster.service.js';
import type { MemberPresence } from '../../src/features/chat/live/presence.types.js';
import type { PartMark, ReadMark } from '../../src/features/chat/reading/reading.types.js';
import { MembersService } from '../../src/features/members/index.js';
import { RequirePermission } from '../../src/platform/auth/decorators.js';
import { Permission } from '../../src/platform/auth/permissions.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Gateway } from '../../src/platform/realtime/acknowledgement.js';
import { ProcessBus } from '../../src/platform/realtime/process-bus.js';
import { RealtimeTimings } from '../../src/platform/realtime/realtime-timings.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatSockets, givenConversation, sendByRest, sendBySocket, type Acknowledged } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { LinkedBuses } from '../support/linked-buses.js';
import { acknowledgementOf, connectionRefusal, nextEvent } from '../support/sockets.js';

/** Handlers that fail in every way. */
@Gateway('/chat')
class FailingGateway {
  @SubscribeMessage('test.throws')
  @RequirePermission(Permission.ChatRead)
  throws(): never {
    throw new Error('at once');
  }

  @SubscribeMessage('test.rejects')
  @RequirePermission(Permission.ChatRead)
  async rejects(): Promise<never> {
    await Promise.resolve();
    throw new Error('a little later');
  }

  @SubscribeMessage('test.hangs')
  @RequirePermission(Permission.ChatRead)
  hangs(): Promise<never> {
    return new Promise(() => undefined);
  }

  @SubscribeMessage('test.works')
  @RequirePermission(Permission.ChatRead)
  works(): string {
    return 'done';
  }
}

@Module({ providers: [FailingGateway] })
class FailingModule {}

/** Two processes that hear each other, and do not wait long. */
let app: TestApp;
let twin: TestApp;
let [ada, ben, eve]: GivenMember[] = [];
let room: Conversation;
const sockets = chatSockets();
const buses = new LinkedBuses();
const timings: ChatTimings = { ...new ChatTimings(), presenceGrace: 300, typing: 2_000, typingEvery: 100 };

const start = (environment = {}, answerWithin = new RealtimeTimings().answerWithin) =>
  createTestApp(environment, [FailingModule], (builder) =>
    builder.overrideProvider(ProcessBus).useValue(buses.add()).overrideProvider(ChatTimings).useValue(timings).overrideProvider(RealtimeTimings).useValue({ answerWithin }));

beforeAll(async () => {
  app = await start();
  twin = await start({ APP_SECRET: app.secret });
  [ada, ben, eve] = [await app.given.member(), await app.given.member(), await app.given.member()];
  room = await givenConversation(app, ada!, [ben!]);
  await givenConversation(app, eve!, []);
});
afterEach(sockets.closeAll);
afterAll(async () => {
  await app.close();
  await twin.close();
});

/** Everything that a socket was sent, in order. */
async function connect(member: GivenMember, to = app) {
  const { socket } = await sockets.connect(to, member);
  const heard: [event: string, payload: unknown][] = [];
  socket.onAny((event: string, payload: unknown) => heard.push([event, payload]));
  return { socket, heard, of: <Payload>(event: string) => heard.filter(([one]) => one === event).map(([, payload]) => payload as Payload) };
}
const receipt = (socket: Socket, payload: object) => acknowledgementOf(socket, 'receipt', payload) as Promise<Acknowledged<ReadMark>>;
const conversationOf = async (member: GivenMember, id: string) => {
  const { body } = await app.http.get('/api/chat/conversations?limit=100').set(member.auth).expect(200);
  return (body.items as Conversation[]).find((one) => one.id === id)!;
};
/** A conversation of its own with so many messages of its first member. */
async function talk(members: readonly GivenMember[], messages: number): Promise<Conversation> {
  const conversation = await givenConversation(app, members[0]!, members.slice(1));
  const { socket } = await connect(members[0]!);
  for (let i = 0; i < messages; i += 1) expect((await sendBySocket(socket, conversation.id)).ok).toBe(true);
  return conversation;
}

describe('a receipt', () => {
  it('moves the marks on and never back', async () => {
    const { id } = await talk([ada!, ben!], 3);
    const { socket } = await connect(ben!);
    expect(await receipt(socket, { conversationId: id, deliveredSeq: 5 })).toEqual({ ok: true, data: { readSeq: 2, deliveredSeq: 5 } });
    expect(await receipt(socket, { conversationId: id, readSeq: 4 })).toEqual({ ok: true, data: { readSeq: 4, deliveredSeq: 5 } });
    expect(await receipt(socket, { conversationId: id, readSeq: 3, deliveredSeq: 3 })).toEqual({ ok: true, data: { readSeq: 4, deliveredSeq: 5 } });
    expect(await receipt(socket, { conversationId: id })).toEqual({ ok: true, data: { readSeq: 4, deliveredSeq: 5 } });
    expect(await conversationOf(ben!, id)).toMatchObject({ unread: 1, myReadSeq: 4 });
  });

  it('is told to the others, in every process, and to nobody else', async () => {
    const { id } = await talk([ada!, ben!], 2);
    const [own, others, outside] = [await connect(ben!), [await connect(ada!), await connect(ada!, twin)], [await connect(eve!), await connect(eve!, twin)]];
    const told = ({ of }: typeof own) => of<PartMark>('receipt').filter(({ conversationId }) => conversationId === id);
    await receipt(own.socket, { conversationId: id, deliveredSeq: 4 });
    for (const other of others) await eventually(() => expect(told(other)).toEqual([{ conversationId: id, memberId: ben!.id, readSeq: 2, deliveredSeq: 4 }]));
    await app.http.put(`/api/chat/conversations/${id}/read`).set(ben!.auth).send({ seq: 3 }).expect(200);
    for (const other of others) await eventually(() => expect(told(other).at(-1)).toEqual({ conversationId: id, memberId: ben!.id, readSeq: 3, deliveredSeq: 4 }));
    await acknowledgementOf(own.socket, 'test.works');
    expect(own.of('receipt')).toEqual([]);
    for (const { socket, heard } of outside) {
      await acknowledgementOf(socket, 'test.works');
      expect(heard).toEqual([]);
    }
  });

  it('among many at once counts by the newest, and one that is refused spoils no other', async () => {
    const { id } = await talk([ada!, ben!], 20);
    const [bens, adas, hers] = [await connect(ben!), await connect(ada!, twin), await connect(eve!)];
    const answers = await Promise.all([
      ...Array.from({ length: 22 }, (_, i) => receipt(bens.socket, { conversationId: id, readSeq: i + 1 })),
      ...Array.from({ length: 22 }, (_, i) => receipt(bens.socket, { conversationId: id, deliveredSeq: 22 - i })),
    ]);
    expect(answers.map(({ ok }) => ok)).toEqual(answers.map(() => true));
    const refused = await Promise.all([
      receipt(bens.socket, { conversationId: id, readSeq: 23 }), receipt(bens.socket, { conversationId: id, deliveredSeq: 2 ** 40 }),
      receipt(hers.socket, { conversationId: id, readSeq: 1 }), receipt(bens.socket, { conversationId: randomUUID(), readSeq: 1 }),
      receipt(bens.socket, { conversationId: id, readSeq: -1 }), receipt(bens.socket, { conversationId: id, readSeq: null }), receipt(bens.socket, { conversationId: 'x' }),
      receipt(bens.socket, { conversationId: id, readSeq: 22 }),
    ]);
    expect(refused.map(({ ok, error }) => ok || error!.code)).toEqual(['chat.seq-ahead', 'chat.seq-ahead', 'not-found', 'not-found', 'request.invalid', 'request.invalid', 'request.invalid', true]);
    await eventually(() => expect(adas.of<PartMark>('receipt').at(-1)).toMatchObject({ readSeq: 22, deliveredSeq: 22 }));
    expect(await conversationOf(ben!, id)).toMatchObject({ unread: 0, myReadSeq: 22 });
  });

  it('of who is banned is refused', async () => {
    const { id } = await talk([ada!, ben!], 1);
    const { socket } = await connect(ben!);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE chat_member SET banned_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE conversation_id = ? AND member_id = ?', [id, ben!.id]));
    expect(await receipt(socket, { conversationId: id, readSeq: 3 })).toMatchObject({ ok: false, error: { code: 'chat.banned' } });
    expect(await acknowledgementOf(socket, 'focus', { conversationId: id })).toMatchObject({ ok: false, error: { code: 'chat.banned' } });
  });

  it('in a conversation of more than 100 members is stored, and not told', async () => {
    const members = app.app.get(MembersService);
    const ids = await app.app.get(Transactions).run(async (tx) => {
      const made: string[] = [];
      while (made.length < 99) made.push(await members.create(tx, { email: `${randomUUID()}@example.org`, displayName: 'One of many', passwordHash: 'none', role: 'member' }));
      return made;
    });
    const large = await givenConversation(app, ada!, [ben!, ...ids.map((id) => ({ id }) as GivenMember)]);
    const small = await talk([ada!, ben!], 1);
    const [from, to] = [await connect(ben!), await connect(ada!)];
    expect(await receipt(from.socket, { conversationId: large.id, readSeq: 101 })).toMatchObject({ ok: true, data: { readSeq: 101 } });
    await receipt(from.socket, { conversationId: small.id, readSeq: 3 });
    // Told together, or later: when this has come, the other one does not any more.
    await eventually(() => expect(to.of<PartMark>('receipt').map(({ conversationId }) => conversationId)).toEqual([small.id]));
  });
});

describe('typing', () => {
  it('is told to the others until it ends by itself', async () => {
    const [own, others, outside] = [await connect(ada!), [await connect(ben!), await connect(ben!, twin)], await connect(eve!)];
    await eventually(async () => {
      expect(await acknowledgementOf(own.socket, 'typing', { conversationId: room.id })).toEqual({ ok: true, data: null });
      for (const { of } of others) expect(of('typing')[0]).toEqual({ conversationId: room.id, memberId: ada!.id, typing: true });
    });
    for (const { of } of others) await eventually(() => expect(of('typing').at(-1)).toEqual({ conversationId: room.id, memberId: ada!.id, typing: false }));
    expect(own.of('typing')).toEqual([]);
    await acknowledgementOf(outside.socket, 'test.works');
    expect(outside.heard).toEqual([]);
  });

  it('ends with the message', async () => {
    const [own, others] = [await connect(ada!), [await connect(ben!), await connect(ben!, twin)]];
    await eventually(async () => {
      own.socket.volatile.emit('typing', { conversationId: room.id });
      await acknowledgementOf(own.socket, 'test.works');
      for (const { of } of others) expect(of('typing')).not.toEqual([]);
    });
    await sendByRest(app, ada!, room.id, { text: 'that was it' }).expect(201);
    for (const { heard } of others) {
      await eventually(() => expect(heard.slice(-2)).toEqual([['event', expect.objectContaining({ type: 'message.created' })], ['typing', { conversationId: room.id, memberId: ada!.id, typing: false }]]));
    }
  });

  it.each([['to a conversation of others', () => ({ conversationId: room.id }), 'not-found'], ['to none', () => ({}), 'request.invalid'], ['to what is none', () => ({ conversationId: 7 }), 'request.invalid']])('is refused %s', async (_, payload, code) => {
    const { socket } = await connect(eve!);
    expect(await acknowledgementOf(socket, 'typing', payload())).toMatchObject({ ok: false, error: { code } });
  });

  const change = (column: string) => (id: string) => app.app.get(Transactions).run((tx) => tx.write(`UPDATE chat_conversation SET ${column} WHERE id = ?`, [id]));
  const changeMember = (body: object) => (id: string, whom: GivenMember) => app.http.patch(`/api/chat/conversations/${id}/members/${whom.id}`).set(ada!.auth).send(body).expect(200);
  it.each<[string, (id: string, whom: GivenMember) => Promise<unknown>, string, ConversationKind?]>([
    ['who is muted', changeMember({ mutedUntil: '2999-01-01T00:00:00Z' }), 'chat.muted'],
    ['who is banned', changeMember({ bannedUntil: '2999-01-01T00:00:00Z' }), 'chat.banned'],
    ['a member where moderators send', change("posting = 'moderators'"), 'chat.muted'],
    ['anybody where nothing is added', change('archived_at = UTC_TIMESTAMP(3)'), 'chat.archived'],
    ['who is blocked', (_, whom) => app.http.put(`/api/chat/blocks/${whom.id}`).set(ada!.auth).expect(204), 'chat.blocked', 'dm'],
  ])('of %s is refused as a message is, and not told', async (_, forbid, code, kind = 'group') => {
    const who = await app.given.member();
    const { id } = await givenConversation(app, ada!, [who], kind);
    const [theirs, adas] = [await connect(who), await connect(ada!)];
    await forbid(id, who);
    expect(await acknowledgementOf(theirs.socket, 'typing', { conversationId: id })).toMatchObject({ ok: false, error: { code } });
    expect(await sendBySocket(theirs.socket, id)).toMatchObject({ ok: false, error: { code } });
    await acknowledgementOf(adas.socket, 'test.works');
    expect(adas.of('typing')).toEqual([]);
  });

  it('is not hindered by slow mode', async () => {
    const { id } = await talk([ada!, ben!], 0);
    await change('slow_mode_seconds = 600')(id);
    const { socket } = await connect(ben!);
    expect(await sendBySocket(socket, id)).toMatchObject({ ok: true });
    expect(await acknowledgementOf(socket, 'typing', { conversationId: id })).toEqual({ ok: true, data: null });
  });
});

describe('presence', () => {
  const presenceOf = async (caller: GivenMember, members: readonly GivenMember[], at = app) => {
    const { body } = await at.http.get(`/api/chat/presence?memberIds=${members.map(({ id }) => id).join(',')}`).set(caller.auth).expect(200);
    return body.items as MemberPresence[];
  };

  it('is told to who shares a conversation, in every process, and to nobody else', async () => {
    const member = await app.given.member();
    await givenConversation(app, member, [ben!]);
    const watchers = [await connect(ben!), await connect(ben!, twin)];
    const outside = [await connect(eve!), await connect(eve!, twin)];
    const [first, second] = [await connect(member), await connect(member, twin)];
    const states = ({ of }: (typeof watchers)[0]) => of<MemberPresence>('presence').filter(({ memberId }) => memberId === member.id);
    for (const watcher of watchers) await eventually(() => expect(states(watcher)).toEqual([{ memberId: member.id, state: 'online', lastActiveAt: expect.any(String) }]));
    for (const at of [app, twin]) expect(await presenceOf(ben!, [eve!, member], at)).toMatchObject([{ memberId: member.id, state: 'online' }]);
    first.socket.disconnect();
    second.socket.disconnect();
    for (const watcher of watchers) await eventually(() => expect(states(watcher).map(({ state }) => state)).toEqual(['online', 'offline']));
    for (const at of [app, twin]) expect(await presenceOf(ben!, [member], at)).toMatchObject([{ state: 'offline', lastActiveAt: expect.any(String) }]);
    for (const { socket, heard } of outside) {
      await acknowledgementOf(socket, 'test.works');
      expect(heard).toEqual([]);
    }
  });

  it('has the time of the last event', async () => {
    const { socket } = await connect(ada!);
    const before = Date.now();
    await acknowledgementOf(socket, 'test.works');
    const [{ lastActiveAt }] = (await presenceOf(ben!, [ada!])) as [MemberPresence];
    expect(Date.parse(lastActiveAt!)).toBeGreaterThanOrEqual(before);
  });

  it('is nothing to who shares no conversation, or not any more', async () => {
    await connect(ada!);
    expect(await presenceOf(eve!, [ada!, ben!])).toEqual([]);
    const { id } = await givenConversation(app, ada!, [eve!]);
    expect(await presenceOf(eve!, [ada!, ben!])).toMatchObject([{ memberId: ada!.id, state: 'online' }]);
    const database = app.app.get(Transactions);
    await database.run((tx) => tx.write('UPDATE chat_member SET banned_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE conversation_id = ? AND member_id = ?', [id, eve!.id]));
    expect(await presenceOf(eve!, [ada!])).toEqual([]);
    expect(await presenceOf(ada!, [eve!])).toEqual([]);
    await database.run((tx) => tx.write('UPDATE chat_member SET banned_until = NULL, left_seq = 3 WHERE conversation_id = ? AND member_id = ?', [id, eve!.id]));
    expect(await presenceOf(eve!, [ada!])).toEqual([]);
  });

  it.each([['no ids', ''], ['none at all', undefined], ['what is no id', 'ada'], ['101 ids', Array.from({ length: 101 }, () => randomUUID()).join()]])('refuses %s', async (_, memberIds) => {
    const query = memberIds === undefined ? '' : `?memberIds=${memberIds}`;
    expect((await app.http.get(`/api/chat/presence${query}`).set(ada!.auth).expect(400)).body.code).toBe('request.invalid');
  });

  it('is not for guests', async () => {
    await app.http.get(`/api/chat/presence?memberIds=${ada!.id}`).expect(401);
  });
});

describe('focus', () => {
  const isFocused = (at: TestApp) => at.app.get(PresenceRoster).isFocused(ada!.id, room.id);

  it('is known in every process as long as the socket looks there', async () => {
    const [desk, phone] = [await connect(ada!), await connect(ada!, twin)];
    const look = ({ socket }: typeof desk, conversationId: string | null) => acknowledgementOf(socket, 'focus', { conversationId });
    expect(await look(desk, room.id)).toEqual({ ok: true, data: null });
    expect([isFocused(app), isFocused(twin)]).toEqual([true, true]);
    await look(phone, room.id.toUpperCase());
    await look(desk, null);
    expect([isFocused(app), isFocused(twin)]).toEqual([true, true]);
    phone.socket.disconnect();
    await eventually(() => expect([isFocused(app), isFocused(twin)]).toEqual([false, false]));
  });

  it.each([['a conversation of others', () => ({ conversationId: room.id }), 'not-found'], ['what is none', () => ({ conversationId: 'x' }), 'request.invalid'], ['it does not say what', () => ({}), 'request.invalid']])('on %s is refused', async (_, payload, code) => {
    const { socket } = await connect(eve!);
    expect(await acknowledgementOf(socket, 'focus', payload())).toMatchObject({ ok: false, error: { code } });
  });
});

describe('a member has at most 30 sockets', () => {
  const refusalOf = (member: GivenMember, at: TestApp) => connectionRefusal(`${at.url}/chat`, { token: member.accessToken });

  it('however many come at once', async () => {
    const member = await app.given.member();
    const opened = await Promise.allSettled(Array.from({ length: 40 }, () => connect(member)));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(30);
    for (const one of opened) if (one.status === 'rejected') expect(one.reason).toMatchObject({ data: { code: 'rate.limited' } });
    sockets.all().at(-1)!.disconnect();
    await eventually(() => connect(member));
    expect((await refusalOf(member, app)).data?.code).toBe('rate.limited');
  });

  it('over all processes', async () => {
    const member = await app.given.member();
    await Promise.all(Array.from({ length: 30 }, (_, i) => connect(member, i % 3 === 0 ? twin : app)));
    for (const at of [app, twin]) expect((await refusalOf(member, at)).data?.code).toBe('rate.limited');
    sockets.all().at(-1)!.disconnect();
    await eventually(() => connect(member));
    await connect(await app.given.member());
  });
});

describe('a socket', () => {
  it('hears and is answered after handlers have thrown', async () => {
    const { socket, of } = await connect(ada!);
    for (const event of ['test.throws', 'test.throws', 'test.rejects', 'test.rejects', 'test.throws', 'test.rejects']) {
      expect(await acknowledgementOf(socket, event, {})).toEqual({ ok: false, error: { code: 'internal', message: expect.any(String) } });
      socket.emit(event, {});
    }
    expect(await acknowledgementOf(socket, 'test.works')).toEqual({ ok: true, data: 'done' });
    const { data } = await sendBySocket(socket, room.id);
    await eventually(() => expect(of('event')).toMatchObject([{ seq: data!.message.seq }]));
  });

  it('is answered when its handler hangs, and goes on', async () => {
    const hasty = await start({ APP_SECRET: app.secret }, 500);
    try {
      const { socket } = await connect(ada!, hasty);
      const hanging = Promise.all([1, 2].map(() => acknowledgementOf(socket, 'test.hangs')));
      expect(await acknowledgementOf(socket, 'test.works')).toEqual({ ok: true, data: 'done' });
      for (const answer of await hanging) expect(answer).toMatchObject({ ok: false, error: { code: 'timeout' } });
      expect(await acknowledgementOf(socket, 'test.works')).toEqual({ ok: true, data: 'done' });
    } finally {
      sockets.closeAll();
      await hasty.close();
    }
  });

  it.each(['test.unknown', '__proto__', 'toString', 'event', ''])('is answered an event that nobody knows: %j', async (event) => {
    const { socket } = await connect(ada!);
    expect(await acknowledgementOf(socket, event, {})).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });

  it('may want no answers', async () => {
    const [{ socket }, { of }] = [await connect(ada!), await connect(ben!)];
    const texts = Array.from({ length: 50 }, (_, i) => String(i));
    for (const text of texts) socket.emit('message.send', { conversationId: room.id, clientId: randomUUID(), text });
    for (const event of ['message.send', 'receipt', 'typing', 'focus', 'sync']) socket.emit(event, null);
    await eventually(() => expect(of<{ data: { message: { text: string } } }>('event').map(({ data }) => data.message.text)).toEqual(texts));
    expect(await acknowledgementOf(socket, 'test.works')).toEqual({ ok: true, data: 'done' });
  });

  it('ends with an event of more than 128 KiB, and no other does', async () => {
    const [big, small] = [await connect(ada!), await connect(ada!)];
    const end = nextEvent<string>(big.socket, 'disconnect');
    big.socket.emit('message.send', { conversationId: room.id, clientId: randomUUID(), text: 'x'.repeat(128 * 1024) });
    await end;
    expect(await sendBySocket(small.socket, room.id)).toMatchObject({ ok: true });
  });

  it('is refused without a good token', async () => {
    const { id: kid, key } = app.app.get(SecretKeys).current('jwt');
    const claims = jwt.decode(ada!.accessToken) as Record<string, unknown>;
    const { body: apiToken } = await app.http.post('/api/api-tokens').set(ada!.auth).send({ name: 'bot' }).expect(201);
    const tokens: unknown[] = [
      undefined, '', 7, [ada!.accessToken], `${ada!.accessToken}x`, `Bearer ${ada!.accessToken}`, apiToken.secret,
      jwt.sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 10 }, key, { algorithm: 'HS256', keyid: kid }),
      jwt.sign(claims, 'another key', { algorithm: 'HS256', keyid: kid }),
      jwt.sign(claims, '', { algorithm: 'none' }),
    ];
    for (const token of tokens) expect([token, (await connectionRefusal(`${app.url}/chat`, { token })).data?.code]).toEqual([token, 'auth.token-invalid']);
  });

  it.each(['here', 'by another process'])('ends with its session, revoked %s', async (where) => {
    const member = await app.given.member();
    const { body: other } = await app.http.post('/api/sessions').send({ email: member.email, password: member.password }).expect(201);
    const [{ socket }, { socket: stays }] = [await sockets.connect(app, member), await sockets.connect(app, other)];
    const end = nextEvent<string>(socket, 'disconnect');
    const sessionId = member.refreshToken.split('.')[0];
    if (where === 'here') await app.http.delete('/api/sessions/current').set(member.auth).expect(204);
    else await app.app.get(Transactions).run((tx) => tx.write('UPDATE session SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ?', [sessionId]));
    await end;
    expect(await acknowledgementOf(stays, 'test.works')).toEqual({ ok: true, data: 'done' });
  });
});
