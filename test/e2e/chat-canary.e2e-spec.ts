import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Socket } from 'socket.io-client';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import type { Polled } from '../../src/features/chat/log/long-poll.service.js';
import type { Sent } from '../../src/features/chat/messages/messages.types.js';
import { Config } from '../../src/platform/config/config.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenConversation } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { acknowledgementOf, connectSocket } from '../support/sockets.js';
import { givenFiles } from '../support/uploads-files.js';

/** Stands in every text, title and file name of the conversation. Requests carry words that are near it, never itself. */
const CANARY = 'zzcanaryzz';
const NEAR = 'zzcan';
const STRANGERS = ['outsider', 'former', 'banned', 'moderator', 'admin'] as const;
type Stranger = (typeof STRANGERS)[number];

let app: TestApp;
let twin: TestApp;
let pushService: Server;
/** The paths that the push service was asked for. */
const pushed: string[] = [];
let [owner, insider, neutral]: GivenMember[] = [];
const strangers = {} as Record<Stranger, GivenMember>;
let room: Conversation;
let fileId: string;
const messages: Sent['message'][] = [];
/** All that strangers' sockets were sent and acknowledged, and what their long polls were answered. */
const heard: { who: Stranger; what: unknown }[] = [];
const sockets: { who: Stranger; chat: boolean; socket: Socket }[] = [];
const polls: Promise<void>[] = [];
const stop = new AbortController();

const post = (member: GivenMember, path: string, body: object, at = app) => at.http.post(`/api/chat/${path}`).set(member.auth).send(body);
const send = async (member: GivenMember, draft: object, id = room.id): Promise<Sent['message']> => {
  const { body } = await post(member, `conversations/${id}/messages`, { clientId: randomUUID(), ...draft }).expect(201);
  return (body as Sent).message;
};

/** What must not be in what a stranger is told. `asked` is what they said themselves, which may be said back. */
function expectSilent(label: unknown, told: unknown, asked = ''): void {
  const text = JSON.stringify(told);
  expect([label, /canary/i.exec(text)?.index]).toEqual([label, undefined]);
  for (const id of [insider!.id, ...messages.map(({ id }) => id), fileId]) if (!asked.includes(id)) expect([label, id, text.includes(id)]).toEqual([label, id, false]);
}

async function subscribe(name: string, { auth }: GivenMember): Promise<void> {
  const key = createECDH('prime256v1').generateKeys().toString('base64url');
  const endpoint = `http://127.0.0.1:${(pushService.address() as AddressInfo).port}/${name}`;
  await app.http.post('/api/push/subscriptions').set(auth).send({ endpoint, keys: { p256dh: key, auth: randomBytes(16).toString('base64url') } }).expect(201);
}

async function listen(who: Stranger, at: TestApp): Promise<void> {
  const { accessToken } = strangers[who];
  for (const path of ['', '/chat']) {
    const socket = await connectSocket(`${at.url}${path}`, accessToken);
    socket.onAny((event: string, ...what: unknown[]) => heard.push({ who, what: [path, event, what] }));
    sockets.push({ who, chat: path !== '', socket });
  }
  polls.push((async () => {
    for (let since = ''; !stop.signal.aborted;) {
      const answer = await fetch(`${at.url}/api/chat/poll?timeout=${since === '' ? 0 : 5}&since=${since}`, { headers: strangers[who].auth, signal: stop.signal }).catch(() => undefined);
      if (answer === undefined) return;
      const polled = (await answer.json()) as Polled;
      since = polled.next;
      heard.push({ who, what: ['poll', polled.events] });
    }
  })());
}

beforeAll(async () => {
  pushService = createServer((request, response) => {
    pushed.push(request.url!);
    request.resume().once('end', () => response.writeHead(201).end());
  });
  pushService.listen(0, '127.0.0.1');
  await once(pushService, 'listening');
  const trusted = { PUSH_TRUSTED_HOSTS: `127.0.0.1:${(pushService.address() as AddressInfo).port}` };
  app = await createTestApp(trusted);
  twin = await createTestApp({ ...trusted, APP_SECRET: app.secret, DATA_DIR: app.app.get(Config).DATA_DIR });
  [owner, insider, neutral] = [await app.given.member(), await app.given.member(), await app.given.member()];
  for (const who of STRANGERS) strangers[who] = await app.given.member({ role: who === 'moderator' || who === 'admin' ? who : 'member' });
  fileId = (await givenFiles(app.app).ready(owner.id, randomBytes(500), { name: `${CANARY}.bin` })).id;
  room = await givenConversation(app, owner, [insider, strangers.former, strangers.banned]);
  for (const [name, member] of Object.entries({ insider, ...strangers })) await subscribe(name, member);
  // What was said while they were in it is not shown either, once they are out.
  messages.push(await send(insider, { text: `${CANARY} before` }));
  await app.http.delete(`/api/chat/conversations/${room.id}/members/${strangers.former.id}`).set(strangers.former.auth).expect(204);
  await app.http.patch(`/api/chat/conversations/${room.id}/members/${strangers.banned.id}`).set(owner.auth).send({ bannedUntil: '2099-01-01T00:00:00Z' }).expect(200);
  for (const at of [app, twin]) for (const who of STRANGERS) await listen(who, at);
}, 120_000);
afterAll(async () => {
  stop.abort();
  sockets.forEach(({ socket }) => socket.disconnect());
  await Promise.all(polls);
  await twin?.close();
  await app?.close();
  pushService?.closeAllConnections();
  pushService?.close();
});

/** Everything that can be done in a conversation. */
async function beLoud(): Promise<void> {
  const change = (path: string, body: object) => app.http.patch(`/api/chat/${path}`).set(owner!.auth).send(body).expect(200);
  await change(`conversations/${room.id}`, { title: `${CANARY} title` });
  const mentions = Object.values(strangers).map(({ id }) => `<@${id}>`).join(' ');
  messages.push(await send(owner!, { text: `${CANARY} ${mentions}`, fileIds: [fileId] }));
  messages.push(await send(insider!, { text: `${CANARY} answer`, replyTo: messages.at(-1)!.id, threadRoot: messages.at(-1)!.id }));
  const doomed = await send(owner!, { text: `${CANARY} doomed` });
  messages.push(doomed);
  const [, first] = messages;
  await change(`messages/${first!.id}`, { text: `${CANARY} edited ${mentions}`, version: 1 });
  await app.http.delete(`/api/chat/messages/${doomed.id}`).set(owner!.auth).expect(({ status }) => expect(status).toBeLessThan(300));
  await app.http.put(`/api/chat/messages/${first!.id}/reactions/${encodeURIComponent('👍')}`).set(insider!.auth).expect(({ status }) => expect(status).toBeLessThan(300));
  const own = await connectSocket(`${app.url}/chat`, insider!.accessToken);
  try {
    for (const [event, payload] of [
      ['typing', {}], ['focus', {}], ['receipt', { readSeq: messages.at(-1)!.seq }], ['call.invite', { media: 'audio' }],
    ] as const) expect([event, await acknowledgementOf(own, event, { conversationId: room.id, ...payload })]).toMatchObject([event, { ok: true }]);
  } finally {
    own.disconnect();
  }
  messages.push(await send(owner!, { text: `${CANARY} again ${mentions}` }));
}

interface Parameter { name: string; in: string; required?: boolean; schema?: { enum?: string[] } }

/** The addresses of an operation, with every id that there is, and what a curious one would ask. */
function addressesOf(path: string, parameters: readonly Parameter[]): string[] {
  const ids = path.startsWith('/api/chat') ? [room.id, messages[1]!.id, insider!.id, fileId] : [room.id, messages[1]!.id, fileId];
  const filled = /\{/.test(path) ? ids.map((id) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ({ fileId, memberId: insider!.id })[name] ?? id)) : [path];
  const curious: Record<string, string[]> = {
    q: [NEAR, 'before'], query: [NEAR], conversation: [room.id], conversationId: [room.id], from: [insider!.id], memberIds: [insider!.id], before: ['1000'], after: ['0'], around: ['2'], timeout: ['0'],
  };
  const queries = parameters.filter((parameter) => parameter.in === 'query').flatMap(({ name, schema }) => (curious[name] ?? schema?.enum ?? []).map((value) => `${name}=${value}`));
  const combined = path === '/api/chat/search' ? [`q=${NEAR}&conversation=${room.id}`, `q=${NEAR}&from=${insider!.id}`, `q=${NEAR}&before=2099-01-01T00:00:00Z`] : [];
  // Without a time it waits for something.
  const bare = path === '/api/chat/poll' ? [] : [''];
  return filled.flatMap((one) => [...bare, ...queries, ...combined].map((query) => `${one}${query === '' ? '' : `?${query}`}`));
}

/** What strangers try by socket. */
const attempts = (): [string, object][] => {
  const [conversationId, messageId] = [room.id, messages[1]!.id];
  return [
    ['sync', { cursors: { [conversationId]: { epoch: 1, seq: 0 } } }], ['sync', { cursors: { [conversationId]: { epoch: 0, seq: 9 } } }],
    ['message.send', { conversationId, clientId: randomUUID(), text: 'let me in' }], ['message.send', { conversationId, clientId: messages[1]!.clientId, text: 'x', replyTo: messageId }],
    ['message.edit', { messageId, version: 2, text: 'mine' }], ['message.delete', { messageId }], ['reaction.set', { messageId, emoji: '👍', on: true }],
    ['receipt', { conversationId, readSeq: 1 }], ['receipt', { conversationId, readSeq: 1_000 }], ['typing', { conversationId }], ['focus', { conversationId }],
    ['call.invite', { conversationId }], ['call.list', {}], ['call.list', { conversationId }], ['no.such', { conversationId }],
  ];
};

describe('a conversation', () => {
  it('is heard by nobody who is not in it: not a byte by any socket, poll or push', async () => {
    await beLoud();
    // What comes after it, by every way, shows that all that was due has come.
    const marks = new Map<Stranger, string>();
    for (const who of STRANGERS) {
      const { id } = await givenConversation(app, neutral!, [strangers[who]], 'dm');
      marks.set(who, (await send(neutral!, { text: 'the mark' }, id)).id);
    }
    const toldBy = (who: Stranger) => heard.filter((one) => one.who === who && JSON.stringify(one.what).includes(marks.get(who)!)).length;
    // By two sockets and two polls.
    for (const who of STRANGERS) await eventually(() => expect([who, toldBy(who)]).toEqual([who, 4]), 20_000);
    expect(heard.length).toBeGreaterThan(STRANGERS.length * 4);
    for (const { who, what } of heard) expectSilent([who, what], what);
    await eventually(() => expect(new Set(pushed)).toEqual(new Set(['/insider', ...STRANGERS.map((who) => `/${who}`)])), 60_000);
    // Each was sent the mark, and nothing else.
    for (const who of STRANGERS) expect(pushed.filter((path) => path === `/${who}`)).toHaveLength(1);
  }, 120_000);

  it('is in no answer that they get by any GET of the interface', async () => {
    const { body } = await app.http.get('/api/openapi.json').expect(200);
    const operations = Object.entries(body.paths as Record<string, { get?: { parameters?: Parameter[] } }>).filter(([, { get }]) => get !== undefined);
    const addresses = operations.flatMap(([path, { get }]) => addressesOf(path, get!.parameters ?? []));
    expect(addresses.filter((address) => address.startsWith('/api/chat')).length).toBeGreaterThan(30);
    // The proof that there is something to be seen.
    for (const address of [`/api/chat/conversations/${room.id}`, `/api/chat/conversations/${room.id}/messages`, `/api/chat/search?q=${NEAR}`, '/api/chat/conversations']) {
      expect([address, (await app.http.get(address).set(insider!.auth).expect(200)).text.includes(CANARY)]).toEqual([address, true]);
    }
    for (const at of [app, twin]) {
      for (const who of STRANGERS) {
        for (const address of addresses.filter((one) => at === app || one.startsWith('/api/chat'))) {
          const answer = await at.http.get(address).set(strangers[who].auth).redirects(0).catch((error: unknown) => {
            throw new Error(`${who} ${address}`, { cause: error });
          });
          expect([who, address, answer.status < 500]).toEqual([who, address, true]);
          const said = [answer.headers, answer.text ?? String(answer.body)];
          if (address.startsWith('/api/chat')) expectSilent([who, address], said, address);
          else expect([who, address, /canary/i.test(JSON.stringify(said))]).toEqual([who, address, false]);
        }
      }
    }
  }, 240_000);

  it('is in no answer to what they try', async () => {
    for (const { who, chat, socket } of sockets) {
      if (!chat) continue;
      for (const [event, payload] of attempts()) {
        const answer = await acknowledgementOf(socket, event, payload);
        expectSilent([who, event, answer], answer, JSON.stringify(payload));
        if (event !== 'call.list' && event !== 'sync' && event !== 'typing') expect([who, event, answer]).toMatchObject([who, event, { ok: false }]);
      }
    }
    const [{ id }, message] = [room, messages[1]!];
    for (const who of STRANGERS) {
      for (const [method, path, body] of [
        ['post', 'sync', { cursors: { [id]: { epoch: 1, seq: 0 } } }], ['patch', `conversations/${id}`, { title: 'mine' }], ['post', `conversations/${id}/members`, { memberIds: [strangers[who].id] }],
        ['patch', `conversations/${id}/members/${strangers[who].id}`, { bannedUntil: null }], ['put', `conversations/${id}/read`, { seq: 1 }], ['patch', `messages/${message.id}`, { text: 'mine', version: 2 }],
        ['post', `messages/${message.id}/reports`, { reason: 'curious' }], ['put', `messages/${message.id}/reactions/%F0%9F%91%8D`, undefined], ['delete', `messages/${message.id}`, undefined],
      ] as const) {
        const answer = await app.http[method](`/api/chat/${path}`).set(strangers[who].auth).send(body);
        expectSilent([who, method, path], [answer.headers, answer.text], path);
        expect([who, path, path === 'sync' ? [200] : [403, 404]]).toEqual([who, path, expect.arrayContaining([answer.status])]);
      }
    }
  }, 120_000);

  it('is in no export of theirs', async () => {
    const exported = async ({ auth }: GivenMember): Promise<string> => {
      const { body } = await app.http.post('/api/exports').set(auth).send({ source: 'messages', format: 'ndjson' }).expect(({ status }) => expect(status).toBeLessThan(300));
      await eventually(async () => expect((await app.http.get(`/api/exports/${body.id}`).set(auth).expect(200)).body.state).toBe('succeeded'), 20_000);
      const { headers } = await app.http.get(`/api/exports/${body.id}/download`).set(auth).redirects(0).expect(302);
      const { pathname, search } = new URL(headers['location']!, app.url);
      return (await app.http.get(`${pathname}${search}`).buffer(true).expect(200)).text;
    };
    expect(await exported(insider!)).toContain(CANARY);
    for (const who of STRANGERS) {
      const text = await exported(strangers[who]);
      expect(text).toContain('the mark');
      expectSilent([who, 'export'], text);
    }
  }, 120_000);
});
