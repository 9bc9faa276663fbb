import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { CallDevices } from '../../src/features/chat/calls/call-devices.service.js';
import { CallWatch } from '../../src/features/chat/calls/call-watch.service.js';
import type { Call } from '../../src/features/chat/calls/calls.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatSockets, givenConversation, type Acknowledged } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { acknowledgementOf } from '../support/sockets.js';

const TURN_SECRET = 'a secret of coturn';

let redis: TestRedis;
let app: TestApp;
/** Another process, as far as sockets go. */
let twin: TestApp;
let [ada, ben, cem, eve]: GivenMember[] = [];
const sockets = chatSockets();

beforeAll(async () => {
  redis = await startRedis();
  app = await createTestApp({ REDIS_URL: redis.url, TURN_URLS: 'stun:stun.example.org,turn:turn.example.org', TURN_SECRET });
  twin = await createTestApp({ REDIS_URL: redis.url, APP_SECRET: app.secret });
  // Ids grow with time: of two who call each other, ada wins.
  [ada, ben, cem, eve] = [await app.given.member(), await app.given.member(), await app.given.member(), await app.given.member()];
});
afterEach(async () => {
  sockets.closeAll();
  // Calls outlive their sockets for a while, and are listed meanwhile.
  await write("UPDATE chat_call SET state = 'ended'", []);
});
afterAll(async () => {
  await app.close();
  await twin.close();
  await redis.stop();
});

type Heard = [event: string, payload: { callId?: string; call?: Call; state?: string; [name: string]: unknown }];

/** A socket, all that it hears of calls, and what it does. */
async function connect(member: GivenMember, to = app) {
  const { socket } = await sockets.connect(to, member);
  const heard: Heard[] = [];
  socket.onAny((event: string, payload: Heard[1]) => event.startsWith('call.') && heard.push([event, payload]));
  const act = (event: string, payload: object = {}) => acknowledgementOf(socket, event, payload) as Promise<Acknowledged<{ call: Call; calls: Call[] }>>;
  const call = async (event: string, payload: object = {}) => {
    const { data, error } = await act(event, payload);
    if (error !== undefined) throw new Error(`${event}: ${error.code} ${error.message}`);
    return data?.call as Call;
  };
  const states = (callId: string) => heard.filter(([event, payload]) => event === 'call.state' && payload.callId === callId).map(([, payload]) => payload);
  /** Everything that was sent to it before has come when this is answered. */
  const list = async () => (await act('call.list')).data!.calls;
  return { socket, heard, act, call, states, list, id: member.id };
}
type Phone = Awaited<ReturnType<typeof connect>>;

const room = (...others: GivenMember[]) => givenConversation(app, ada!, others);
const write = (sql: string, parameters: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
const look = () => app.app.get(CallWatch).look();
const codeOf = async (answer: Promise<Acknowledged<unknown>>) => (await answer).error?.code;

/** A call of ada that ben has accepted. */
async function givenCall({ id }: Conversation, caller: Phone, callee: Phone): Promise<Call> {
  const { id: callId } = await caller.call('call.invite', { conversationId: id });
  return callee.call('call.accept', { callId });
}

it('a call rings with all others, is taken on one device, and ends with the last one', async () => {
  const { id: conversationId } = await room(ben!, cem!);
  const [here, there, second, third, out] = [await connect(ada!), await connect(ben!, twin), await connect(ben!), await connect(cem!), await connect(eve!)];
  const call = await here.call('call.invite', { conversationId, media: 'video' });
  expect(call).toMatchObject({ conversationId, callerId: ada!.id, media: 'video', state: 'ringing', participants: [ada!.id] });
  expect(new Date(call.ringsUntil).getTime() - new Date(call.startedAt).getTime()).toBe(45_000);
  for (const phone of [there, second, third]) await eventually(() => expect(phone.heard).toEqual([['call.invite', { call }], ['call.state', expect.objectContaining({ callId: call.id, state: 'ringing', participants: [ada!.id] })]]));
  expect(await second.call('call.invite', { conversationId })).toMatchObject({ id: call.id, callerId: ada!.id });

  expect(await there.call('call.accept', { callId: call.id })).toMatchObject({ state: 'active', participants: [ada!.id, ben!.id] });
  await eventually(() => expect(second.heard.filter(([event]) => event === 'call.taken')).toEqual([['call.taken', { callId: call.id, device: there.socket.id, version: expect.any(Number) }]]));
  for (const phone of [here, there, second, third]) await eventually(() => expect(phone.states(call.id).at(-1)).toMatchObject({ state: 'active', participants: [ada!.id, ben!.id] }));
  for (const phone of [here, there, third]) expect(phone.heard.filter(([event]) => event === 'call.taken')).toEqual([]);
  expect((await third.list()).map(({ id }) => id)).toEqual([call.id]);

  expect((await here.call('call.hangup', { callId: call.id })).participants).toEqual([ben!.id]);
  expect((await there.call('call.hangup', { callId: call.id })).state).toBe('ended');
  for (const phone of [here, there, second, third]) await eventually(() => expect(phone.states(call.id).slice(-2)).toMatchObject([{ state: 'active', participants: [ben!.id] }, { state: 'ended', participants: [], reason: 'hangup' }]));
  const versions = third.states(call.id).map(({ version }) => version as number);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(await third.list()).toEqual([]);
  expect(await out.list()).toEqual([]);
  expect(out.heard).toEqual([]);
});

describe('what a call passes on', () => {
  it('goes to the device in the call, in whichever process, and to nobody else', async () => {
    const conversation = await room(ben!, cem!);
    const [here, there, third] = [await connect(ada!), await connect(ben!, twin), await connect(cem!)];
    const [idle, second, out] = [await connect(ada!, twin), await connect(ben!), await connect(eve!, twin)];
    const { id: callId } = await givenCall(conversation, here, there);
    await third.call('call.accept', { callId });
    const candidate = { candidate: 'candidate:canary', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null };
    await here.call('call.offer', { callId, to: ben!.id, sdp: 'offer canary' });
    await there.call('call.answer', { callId, to: ada!.id, sdp: 'answer\r\ncanary \u{1f600}' });
    await here.call('call.ice', { callId, to: ben!.id, candidate });
    await here.call('call.ice', { callId, to: ben!.id, candidate: null });
    const signals = ({ heard }: Phone) => heard.filter(([event]) => ['call.offer', 'call.answer', 'call.ice'].includes(event));
    await eventually(() => expect(signals(there)).toEqual([['call.offer', { callId, from: ada!.id, sdp: 'offer canary' }], ['call.ice', { callId, from: ada!.id, candidate }], ['call.ice', { callId, from: ada!.id, candidate: null }]]));
    await eventually(() => expect(signals(here)).toEqual([['call.answer', { callId, from: ben!.id, sdp: 'answer\r\ncanary \u{1f600}' }]]));
    for (const phone of [idle, second, third, out]) {
      await phone.list();
      expect(JSON.stringify(phone.heard)).not.toContain('canary');
    }
  });

  it('comes in its order', async () => {
    const [here, there] = [await connect(ada!), await connect(ben!, twin)];
    const { id: callId } = await givenCall(await room(ben!), here, there);
    const signals = [['call.offer', { sdp: 'x' }], ...Array.from({ length: 40 }, (_, i) => ['call.ice', { candidate: i }] as const)] as const;
    await Promise.all(signals.map(([event, signal]) => here.call(event, { callId, to: ben!.id, ...signal })));
    await eventually(() => expect(there.heard.slice(-signals.length)).toEqual(signals.map(([event, signal]) => [event, { callId, from: ada!.id, ...signal }])));
  });

  it('comes from nobody who is not in it, and goes to nobody who is not', async () => {
    const conversation = await room(ben!, cem!);
    const [here, there, second, third, out] = [await connect(ada!), await connect(ben!), await connect(ben!), await connect(cem!), await connect(eve!)];
    const { id: callId } = await givenCall(conversation, here, there);
    for (const phone of [second, third, out]) expect(await codeOf(phone.act('call.offer', { callId, to: ada!.id, sdp: 'x' }))).toBe('not-found');
    for (const to of [cem!.id, eve!.id, ada!.id, randomUUID()]) expect(await codeOf(here.act('call.ice', { callId, to, candidate: {} }))).toBe('not-found');
    expect(await codeOf(here.act('call.offer', { callId: randomUUID(), to: ben!.id, sdp: 'x' }))).toBe('not-found');
    for (const event of ['call.accept', 'call.reject', 'call.hangup']) expect(await codeOf(out.act(event, { callId }))).toBe('not-found');
    expect(await codeOf(out.act('call.invite', { conversationId: conversation.id }))).toBe('not-found');
    await there.call('call.hangup', { callId });
    expect(await codeOf(here.act('call.offer', { callId, to: ben!.id, sdp: 'x' }))).toBe('not-found');
    await there.list();
    expect(there.heard.filter(([event]) => event === 'call.offer')).toEqual([]);
    expect(out.heard).toEqual([]);
  });

  it('is not larger than it may be', async () => {
    const [here, there] = [await connect(ada!), await connect(ben!)];
    const { id: callId } = await givenCall(await room(ben!), here, there);
    const to = ben!.id;
    await here.call('call.offer', { callId, to, sdp: '\u00e9'.repeat(32 * 1024) });
    await here.call('call.ice', { callId, to, candidate: 'x'.repeat(4 * 1024 - 2) });
    await eventually(() => expect(there.heard.filter(([event]) => event === 'call.offer' || event === 'call.ice')).toHaveLength(2));
    for (const [event, signal] of [
      ['call.offer', { sdp: 'x'.repeat(64 * 1024 + 1) }], ['call.answer', { sdp: '\u00e9'.repeat(32 * 1024 + 1) }], ['call.offer', { sdp: '' }], ['call.offer', { sdp: 7 }], ['call.offer', {}],
      ['call.ice', { candidate: 'x'.repeat(4 * 1024 - 1) }], ['call.ice', {}], ['call.ice', { candidate: null, sdp: 'x' }],
    ] as const) expect(await codeOf(here.act(event, { callId, to, ...signal }))).toBe('request.invalid');
    expect(await codeOf(here.act('call.invite', { conversationId: randomUUID(), media: 'smell' }))).toBe('request.invalid');
  });
});

describe('at the same time', () => {
  it('two who call each other have one call, and the lower id wins', async () => {
    const { id: conversationId } = await givenConversation(app, ada!, [ben!], 'dm');
    for (let round = 0; round < 5; round += 1) {
      const [here, there] = [await connect(ada!), await connect(ben!, twin)];
      const [mine] = await Promise.all([here.call('call.invite', { conversationId }), there.call('call.invite', { conversationId })]);
      expect(mine.callerId).toBe(ada!.id);
      for (const phone of [here, there]) expect(await phone.list()).toMatchObject([{ id: mine.id, callerId: ada!.id, participants: [ada!.id] }]);
      await eventually(() => expect(there.heard.map(([event]) => event)).toContain('call.invite'));
      await there.call('call.accept', { callId: mine.id });
      for (const phone of [here, there]) await phone.call('call.hangup', { callId: mine.id });
    }
  });

  it('the call of the higher id is ended first, and then the other one rings', async () => {
    const { id: conversationId } = await givenConversation(app, ada!, [ben!], 'dm');
    const [here, there] = [await connect(ada!), await connect(ben!, twin)];
    const theirs = await there.call('call.invite', { conversationId });
    const mine = await here.call('call.invite', { conversationId });
    expect(mine).toMatchObject({ callerId: ada!.id, state: 'ringing' });
    await eventually(() => expect(there.heard).toMatchObject([
      ['call.state', { callId: theirs.id, state: 'ringing' }], ['call.state', { callId: theirs.id, state: 'ended', reason: 'glare' }], ['call.invite', { call: { id: mine.id } }], ['call.state', { callId: mine.id, state: 'ringing' }],
    ]));
    expect(await codeOf(here.act('call.accept', { callId: theirs.id }))).toBe('not-found');
    await here.call('call.hangup', { callId: mine.id });
  });

  it('20 members are in it, each once', async () => {
    const members = await Promise.all(Array.from({ length: 20 }, () => app.given.member()));
    const { id: conversationId } = await room(...members);
    const here = await connect(ada!);
    const phones = await Promise.all(members.map((member, i) => connect(member, i % 2 === 0 ? app : twin)));
    const { id: callId } = await here.call('call.invite', { conversationId });
    await Promise.all(phones.map((phone) => phone.call('call.accept', { callId })));
    const everybody = [ada!, ...members].map(({ id }) => id).sort();
    expect(await here.list()).toMatchObject([{ id: callId, state: 'active', participants: everybody }]);
    await eventually(() => expect(here.states(callId).at(-1)).toMatchObject({ participants: everybody }));
    const left = await Promise.all([here, ...phones].map((phone) => phone.call('call.hangup', { callId })));
    expect(left.map(({ participants }) => participants.length).sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, i) => i));
    await eventually(() => expect(here.states(callId).at(-1)).toMatchObject({ state: 'ended', reason: 'hangup' }));
  });

  it('two devices of a member end as one of them', async () => {
    const conversation = await room(ben!);
    const [here, one, two] = [await connect(ada!), await connect(ben!), await connect(ben!, twin)];
    const { id: callId } = await here.call('call.invite', { conversationId: conversation.id });
    await Promise.all([one, two].map((phone) => phone.call('call.accept', { callId })));
    const sent = await Promise.all([one, two].map((phone) => codeOf(phone.act('call.offer', { callId, to: ada!.id, sdp: 'x' }))));
    expect(sent.filter((code) => code === undefined)).toHaveLength(1);
    const [stays, leaves] = sent[0] === undefined ? [one, two] : [two, one];
    // The one that had it taken away is told by whom, and takes nothing with it when it hangs up.
    await eventually(() => expect(leaves!.heard.filter(([event, { device }]) => event === 'call.taken' && device === stays!.socket.id)).toHaveLength(1));
    expect((await leaves!.call('call.hangup', { callId })).participants).toEqual([ada!.id, ben!.id]);
  });
});

describe('rejecting', () => {
  it('stops the ringing on all devices, and ends a call of two', async () => {
    const { id: conversationId } = await givenConversation(app, ada!, [ben!], 'dm');
    const [here, one, two] = [await connect(ada!), await connect(ben!), await connect(ben!, twin)];
    const { id: callId } = await here.call('call.invite', { conversationId });
    expect((await one.call('call.reject', { callId })).state).toBe('ended');
    await eventually(() => expect(two.heard.slice(-2)).toMatchObject([['call.taken', { callId }], ['call.state', { callId, state: 'ended', reason: 'rejected' }]]));
    expect(here.states(callId).at(-1)).toMatchObject({ reason: 'rejected' });
    expect((await two.call('call.reject', { callId })).state).toBe('ended');
  });

  it('lets others come', async () => {
    const { id: conversationId } = await room(ben!, cem!);
    const [here, there, third] = [await connect(ada!), await connect(ben!), await connect(cem!)];
    const { id: callId } = await here.call('call.invite', { conversationId });
    expect(await there.call('call.reject', { callId })).toMatchObject({ state: 'ringing', participants: [ada!.id] });
    expect((await third.call('call.accept', { callId })).state).toBe('active');
  });
});

describe('time', () => {
  it('ends a call that nobody accepted, for every reader, and it is told once', async () => {
    const { id: conversationId } = await room(ben!);
    const [here, there] = [await connect(ada!), await connect(ben!, twin)];
    const { id: callId } = await here.call('call.invite', { conversationId });
    await write('UPDATE chat_call SET rings_until = UTC_TIMESTAMP(3) WHERE id = ?', [callId]);
    expect(await there.list()).toEqual([]);
    expect(await codeOf(there.act('call.accept', { callId }))).toBe('not-found');
    let looks: Promise<void>[] = [];
    await app.app.get(Transactions).run(async (tx) => {
      await tx.write('UPDATE chat_call SET version = version + 1 WHERE id = ?', [callId]);
      // Both have found it before one of them can do anything about it.
      looks = [look(), twin.app.get(CallWatch).look()];
      await eventually(async () => expect(await tx.rows("SELECT id FROM information_schema.processlist WHERE command = 'Query' AND info LIKE '%chat_call%' AND id <> CONNECTION_ID()")).toHaveLength(2));
    });
    await Promise.all(looks);
    for (const phone of [here, there]) await eventually(() => expect(phone.states(callId).at(-1)).toMatchObject({ state: 'ended', reason: 'timeout', participants: [] }));
    await look();
    for (const phone of [here, there]) {
      await phone.list();
      expect(phone.states(callId).filter(({ state }) => state === 'ended')).toHaveLength(1);
    }
    expect((await there.call('call.invite', { conversationId })).callerId).toBe(ben!.id);
  });

  it('keeps the place of a lost socket for a while', async () => {
    const conversation = await room(ben!);
    const [here, there] = [await connect(ada!), await connect(ben!)];
    const { id: callId } = await givenCall(conversation, here, there);
    there.socket.disconnect();
    const gone = 'UPDATE chat_call_participant SET gone_at = gone_at - INTERVAL 10 SECOND WHERE call_id = ? AND member_id = ? AND gone_at IS NOT NULL';
    const back = await connect(ben!, twin);
    expect(await back.list()).toMatchObject([{ id: callId, participants: [ada!.id, ben!.id] }]);
    await back.call('call.accept', { callId });
    expect(await write(gone, [callId, ben!.id])).toBe(0);
    await look();
    expect((await here.list())[0]!.participants).toEqual([ada!.id, ben!.id]);

    back.socket.disconnect();
    await eventually(async () => expect(await write(gone, [callId, ben!.id])).toBe(1));
    expect((await here.list())[0]!.participants).toEqual([ada!.id]);
    await look();
    await eventually(() => expect(here.states(callId).at(-1)).toMatchObject({ state: 'active', participants: [ada!.id] }));
    here.socket.disconnect();
    const third = await connect(ben!);
    await eventually(async () => expect(await write(gone, [callId, ada!.id])).toBe(1));
    await look();
    await eventually(() => expect(third.states(callId).at(-1)).toMatchObject({ state: 'ended', reason: 'lost' }));
  });

  it('takes out those of a process that died', async () => {
    const conversation = await room(ben!);
    const [here, there] = [await connect(ada!), await connect(ben!, twin)];
    const { id: callId } = await givenCall(conversation, here, there);
    await write("UPDATE chat_call_participant SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 60 SECOND, device = 'of another process' WHERE call_id = ? AND member_id = ?", [callId, ben!.id]);
    expect((await here.list())[0]!.participants).toEqual([ada!.id]);
    expect(await codeOf(here.act('call.offer', { callId, to: ben!.id, sdp: 'x' }))).toBe('not-found');
    await look();
    await eventually(() => expect(here.states(callId).at(-1)).toMatchObject({ participants: [ada!.id] }));
  });

  it('does nothing to those whose process says that they are there', async () => {
    const conversation = await room(ben!);
    const [here, there] = [await connect(ada!), await connect(ben!, twin)];
    const { id: callId } = await givenCall(conversation, here, there);
    await write('UPDATE chat_call_participant SET seen_at = UTC_TIMESTAMP(3) - INTERVAL 50 SECOND WHERE call_id = ?', [callId]);
    await app.app.get(CallDevices).markSeen();
    const seen = await app.app.get(Database).rows<{ id: string }>('SELECT member_id AS id FROM chat_call_participant WHERE call_id = ? AND seen_at > UTC_TIMESTAMP(3) - INTERVAL 40 SECOND', [callId]);
    expect(seen.map(({ id }) => id)).toContain(ada!.id);
  });
});

describe('a member who may not send', () => {
  const until = 'UTC_TIMESTAMP(3) + INTERVAL 1 HOUR';

  it.each([
    ['muted', `UPDATE chat_member SET muted_until = ${until} WHERE conversation_id = ? AND member_id = ?`, 'chat.muted'], ['banned', `UPDATE chat_member SET banned_until = ${until} WHERE conversation_id = ? AND member_id = ?`, 'chat.banned'],
    ['gone', 'UPDATE chat_member SET left_seq = 9 WHERE conversation_id = ? AND member_id = ?', 'not-found'],
  ])('is refused: %s', async (_name, sql, code) => {
    const conversation = await room(ben!);
    const [here, there] = [await connect(ada!), await connect(ben!)];
    const { id: callId } = await givenCall(conversation, here, there);
    await write(sql, [conversation.id, ben!.id]);
    for (const [event, payload] of [['call.invite', { conversationId: conversation.id }], ['call.accept', { callId }], ['call.ice', { callId, to: ada!.id, candidate: null }]] as const) expect(await codeOf(there.act(event, payload))).toBe(code);
    if (code !== 'chat.muted') {
      await look();
      await eventually(() => expect(here.states(callId).at(-1)).toMatchObject({ participants: [ada!.id] }));
      expect(await codeOf(here.act('call.ice', { callId, to: ben!.id, candidate: null }))).toBe('not-found');
    } else expect((await there.call('call.hangup', { callId })).participants).toEqual([ada!.id]);
  });

  it('is refused where nothing is added, or where only moderators may', async () => {
    const { id: conversationId } = await room(ben!);
    const there = await connect(ben!);
    await write("UPDATE chat_conversation SET posting = 'moderators' WHERE id = ?", [conversationId]);
    expect(await codeOf(there.act('call.invite', { conversationId }))).toBe('chat.muted');
    const here = await connect(ada!);
    const { id: callId } = await here.call('call.invite', { conversationId });
    await there.call('call.accept', { callId });
    await write('UPDATE chat_conversation SET archived_at = UTC_TIMESTAMP(3) WHERE id = ?', [conversationId]);
    expect(await codeOf(here.act('call.offer', { callId, to: ben!.id, sdp: 'x' }))).toBe('chat.archived');
    expect(await codeOf(here.act('call.invite', { conversationId }))).toBe('chat.archived');
  });

  it('is refused by who blocks them', async () => {
    const { id: conversationId } = await givenConversation(app, cem!, [eve!], 'dm');
    await write('INSERT INTO chat_block (member_id, blocked_id, at) VALUES (?, ?, UTC_TIMESTAMP(3))', [eve!.id, cem!.id]);
    for (const member of [cem!, eve!]) expect(await codeOf((await connect(member)).act('call.invite', { conversationId }))).toBe('chat.blocked');
  });
});

it('ICE servers come with a password of one\'s own, and are not cached', async () => {
  const { body, headers } = await app.http.get('/api/chat/ice-servers').set(ada!.auth).expect(200);
  const [stun, turn] = body.iceServers;
  expect(stun).toEqual({ urls: ['stun:stun.example.org'] });
  expect(turn).toEqual({ urls: ['turn:turn.example.org'], username: expect.any(String), credential: createHmac('sha1', TURN_SECRET).update(turn.username).digest('base64') });
  const [expiry, memberId] = turn.username.split(':');
  expect(memberId).toBe(ada!.id);
  expect(Math.abs(Number(expiry) - Date.now() / 1_000 - 600)).toBeLessThan(60);
  expect(body.ttlSeconds).toBe(600);
  expect(headers['cache-control']).toContain('no-store');
  expect((await twin.http.get('/api/chat/ice-servers').set(ada!.auth).expect(200)).body).toEqual({ iceServers: [], ttlSeconds: 600 });
  await app.http.get('/api/chat/ice-servers').expect(401);
});
