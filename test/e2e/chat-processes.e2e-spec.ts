import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import supertest from 'supertest';
import type { ChatEvent } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import type { Sent } from '../../src/features/chat/messages/messages.types.js';
import type { GivenMember } from '../support/app.js';
import { connectChat, sendBySocket } from '../support/chat.js';
import { ChatClient } from '../support/chat-client.js';
import { chatViolations, storedLog } from '../support/chat-invariants.js';
import { ChatProcesses } from '../support/chat-processes.js';
import { eventually } from '../support/eventually.js';
import type { PlazaProcess } from '../support/process.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { acknowledgementOf, connectSocket, nextEvent } from '../support/sockets.js';

const LATER = 20_000;

describe('two processes that tell each other by Redis', () => {
  let redis: TestRedis;
  let processes: ChatProcesses;
  let [one, two]: PlazaProcess[] = [];
  let [ada, ben, eve]: GivenMember[] = [];
  let room: Conversation;
  const sockets: Socket[] = [];
  const clients: ChatClient[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    processes = await ChatProcesses.create({ REDIS_URL: redis.url });
    [one, two] = [await processes.start(), await processes.start()];
    [ada, ben, eve] = await processes.members(one, 3);
  });
  afterEach(() => {
    sockets.splice(0).forEach((socket) => socket.disconnect());
    clients.splice(0).forEach((client) => client.disconnect());
  });
  afterAll(async () => {
    await processes?.close();
    await redis?.stop();
  });

  const given = async (others = [ben!]) => (room = await processes.conversation(one!, ada!, others));
  const connect = async (member: GivenMember, to: PlazaProcess) => {
    const connected = await connectChat(to, member);
    sockets.push(connected.socket);
    return connected;
  };
  const http = ({ url }: PlazaProcess) => supertest(url);
  const post = (member: GivenMember, to: PlazaProcess, draft: object) => http(to).post(`/api/chat/conversations/${room.id}/messages`).set(member.auth).send({ clientId: randomUUID(), text: 'hello', ...draft });

  it('are told at once: forty messages to and fro, each in answer to the one before', async () => {
    await given();
    const [here, there] = [await connect(ada!, one!), await connect(ben!, two!)];
    const texts = ({ events }: { events: ChatEvent[] }) => events.map(({ data }) => 'message' in data && data.message.text);
    // Found by looking alone this would take longer than a test may.
    for (let i = 0; i < 40; i += 1) {
      const [from, to] = i % 2 === 0 ? [here, there] : [there, here];
      expect(await sendBySocket(from.socket, room.id, { text: `ball ${i}` })).toMatchObject({ ok: true });
      await eventually(() => expect(texts(to).at(-1)).toBe(`ball ${i}`), LATER);
    }
    await eventually(() => expect(here.events).toEqual(there.events));
  }, 25_000);

  it('store one message, sent to both at once under one clientId, once', async () => {
    await given();
    const [here, there] = [await connect(ada!, one!), await connect(ada!, two!)];
    for (let round = 0; round < 25; round += 1) {
      const draft = { clientId: randomUUID(), text: `round ${round}` };
      const sent = await Promise.all([
        sendBySocket(here.socket, room.id, draft).then(({ data }) => data!), sendBySocket(there.socket, room.id, draft).then(({ data }) => data!),
        post(ada!, one!, draft).then(({ body }) => body as Sent), post(ada!, two!, draft).then(({ body }) => body as Sent),
      ]);
      expect(sent.map(({ message }) => message)).toEqual(sent.map(() => sent[0]!.message));
      expect(sent.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    }
    const { lines } = await storedLog(processes.db.database, room.id);
    expect(lines.filter((line) => line.includes('message.created'))).toHaveLength(25);
  });

  it('let members in and show them out on both', async () => {
    await given();
    const guest = await connect(eve!, two!);
    const members = `/api/chat/conversations/${room.id}/members`;
    const seqs = () => guest.events.filter(({ conversationId }) => conversationId === room.id).map(({ seq }) => seq);
    await http(one!).post(members).set(ada!.auth).send({ memberIds: [eve!.id] }).expect(200);
    await post(ada!, one!, { text: 'welcome' }).expect(201);
    await eventually(() => expect(seqs()).toEqual([3, 4]), LATER);
    // Sends to the one process race with what the other does to a member.
    const shown = async (out: () => Promise<unknown>) => {
      const sending = Promise.all(Array.from({ length: 20 }, () => post(ada!, one!, {}).expect(201)));
      await out();
      await sending;
      const { lines } = await storedLog(processes.db.database, room.id);
      return Number(lines.filter((line) => line.includes('member.left') || line.includes('member.changed')).at(-1)!.split(' ')[0]);
    };
    const left = await shown(() => http(two!).delete(`${members}/${eve!.id}`).set(ada!.auth).expect(204));
    await eventually(() => expect(seqs().at(-1)).toBe(left), LATER);
    await http(two!).post(members).set(ada!.auth).send({ memberIds: [eve!.id] }).expect(200);
    const banned = await shown(() => http(two!).patch(`${members}/${eve!.id}`).set(ada!.auth).send({ bannedUntil: '2099-01-01T00:00:00Z' }).expect(200));
    await eventually(() => expect(seqs().at(-1)).toBe(banned), LATER);
    await post(ada!, one!, { text: 'between us' }).expect(201);
    await post(ada!, two!, { text: 'between us' }).expect(201);
    // An event of another conversation arrives after all that was on its way.
    const last = await processes.conversation(one!, ada!, [eve!]);
    await eventually(() => expect(guest.events.at(-1)).toMatchObject({ conversationId: last.id }), LATER);
    const got = seqs();
    expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
    expect(got.at(-1)).toBe(banned);
    await post(eve!, two!, {}).expect(403);
  });

  it('show the signs of members of the other one: who is there, who is typing, who has read', async () => {
    // Nobody has seen this one yet.
    const newcomer = await processes.member(one!);
    await given([newcomer]);
    const here = await connect(ada!, one!);
    const seen: unknown[] = [];
    here.socket.onAny((event: string, payload: { memberId?: string }) => payload.memberId === newcomer.id && event !== 'event' && seen.push([event, payload]));
    const { body: { message } } = (await post(ada!, one!, {}).expect(201)) as { body: Sent };
    const there = await connect(newcomer, two!);
    await acknowledgementOf(there.socket, 'typing', { conversationId: room.id });
    await acknowledgementOf(there.socket, 'receipt', { conversationId: room.id, readSeq: message.seq });
    await eventually(() => expect(seen).toEqual(expect.arrayContaining([
      ['presence', expect.objectContaining({ memberId: newcomer.id, state: 'online' })],
      ['typing', { conversationId: room.id, memberId: newcomer.id, typing: true }],
      ['receipt', expect.objectContaining({ conversationId: room.id, memberId: newcomer.id, readSeq: message.seq })],
    ])), LATER);
  });

  it('carry what concerns a member to all of their sockets, and end a session on both', async () => {
    const [from, to] = await processes.members(one!, 2);
    const socket = await connectSocket(two!.url, to!.accessToken);
    const chat = await connect(to!, two!);
    sockets.push(socket);
    const changed = nextEvent(socket, 'credits.changed');
    await http(one!).post('/api/credits/transfers').set(from!.auth).send({ toMemberId: to!.id, amount: 1 }).expect(201);
    expect(await changed).toMatchObject({ cause: 'transfer' });
    const ended = Promise.all([nextEvent(socket, 'disconnect'), nextEvent(chat.socket, 'disconnect')]);
    await http(one!).delete('/api/sessions/current').set(to!.auth).expect(204);
    await ended;
  });

  it('go on while Redis is away, lose nothing, and tell each other again when it is back', async () => {
    await given([ben!, eve!]);
    for (const member of [ada!, ben!, eve!]) clients.push(new ChatClient(member));
    await Promise.all(clients.map((client, i) => client.connect({ url: (i % 2 === 0 ? one : two)!.url, way: i === 2 ? 'long-poll' : 'websocket' })));
    const lengths = () => clients.map(({ logs }) => logs.get(room.id)?.lines.length);
    let count = 0;
    const send = async (many: number): Promise<void> => {
      count += many;
      await Promise.all(Array.from({ length: many }, (_, i) => clients[i % 3]!.send(room.id, { text: `${i}` })));
    };
    const load = [send(600)];
    await redis.kill();
    load.push(send(600));
    await Promise.all(load);
    await eventually(() => expect(lengths()).toEqual([count + 3, count + 3, count + 3]), LATER);
    const busy = send(600);
    await redis.restart();
    await busy;
    await eventually(() => expect(lengths()).toEqual([count + 3, count + 3, count + 3]), LATER);
    const { lines } = await storedLog(processes.db.database, room.id);
    for (const client of clients) expect(client.logs.get(room.id)!.lines).toEqual(lines);
    expect(await chatViolations(processes.db.database)).toEqual([]);
    // The sockets of `/` hear by Redis alone: when they hear again, it is back.
    const givers = (await processes.members(one!, 4)).flatMap((member) => [member, member, member, member]);
    const socket = await connectSocket(two!.url, ben!.accessToken);
    sockets.push(socket);
    let heard = 0;
    socket.on('credits.changed', () => (heard += 1));
    await eventually(async () => {
      if (heard === 0) await http(one!).post('/api/credits/transfers').set(givers.pop()!.auth).send({ toMemberId: ben!.id, amount: 1 }).expect(201);
      await eventually(() => expect(heard).toBeGreaterThan(0), 1_000);
    }, LATER);
    expect([one!, two!].map(({ output }) => /uncaught|unhandled/i.test(output()))).toEqual([false, false]);
  }, 120_000);
});
