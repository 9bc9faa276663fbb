import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatSockets, givenConversation, sendByRest, sendBySocket } from '../support/chat.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

const FUTURE = '2999-01-01T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';
const PEOPLE = ['owner', 'other owner', 'moderator', 'other moderator', 'member', 'other member', 'banned', 'outsider'] as const;
type Person = (typeof PEOPLE)[number];

let app: TestApp;
let db: TestDatabase;
let admin: GivenMember;
const people = {} as Record<Person, GivenMember>;
const sockets = chatSockets();

beforeAll(async () => {
  app = await createTestApp();
  db = await openTestDatabase();
  for (const person of PEOPLE) people[person] = await app.given.member();
  admin = await app.given.member({ role: 'admin' });
});
afterEach(sockets.closeAll);
afterAll(async () => {
  await db.close();
  await app.close();
});

interface Called {
  status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as supertest has it
  body: any;
}
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

async function call(who: GivenMember, method: Method, path: string, body?: object): Promise<Called> {
  const request = app.http[method](`/api/chat${path}`).set(who.auth);
  return body === undefined ? request : request.send(body);
}

/** What an answer says: its status, and the code of a refusal. */
const outcome = ({ status, body }: Called): string => (status < 400 ? String(status) : `${status} ${(body as { code: string }).code}`);
const send = (who: GivenMember, id: string, text = 'hello') => sendByRest(app, who, id, { text });
const change = (who: GivenMember, id: string, whom: GivenMember, body: object) => call(who, 'patch', `/conversations/${id}/members/${whom.id}`, body);
const remove = (who: GivenMember, id: string, whom: GivenMember) => call(who, 'delete', `/conversations/${id}/members/${whom.id}`);
const add = (who: GivenMember, id: string, ...whom: GivenMember[]) => call(who, 'post', `/conversations/${id}/members`, { memberIds: whom.map((one) => one.id) });
const edit = (who: GivenMember, id: string, body: object) => call(who, 'patch', `/conversations/${id}`, body);
const memberOf = async (who: GivenMember, id: string, whom: GivenMember) => (await call(who, 'get', `/conversations/${id}`)).body.members.find(({ memberId }: { memberId: string }) => memberId === whom.id);

async function logOf(who: GivenMember, id: string): Promise<ChatEvent[]> {
  return (await call(who, 'post', '/sync', { cursors: { [id]: { epoch: 1, seq: 0 } }, limit: 500 })).body.events as ChatEvent[];
}

/** The log from after `seq`, by what matters here. */
async function news(who: GivenMember, { id, lastSeq }: Conversation): Promise<unknown[]> {
  return (await logOf(who, id)).slice(lastSeq).map(({ type, actorId, data }) => [type, actorId, data]);
}

/** Everybody but the outsider, each as what they are called. */
async function givenRoom(): Promise<Conversation> {
  const { owner } = people;
  const { id } = await givenConversation(app, owner, PEOPLE.filter((person) => person !== 'owner' && person !== 'outsider').map((person) => people[person]));
  for (const [person, body] of [['other owner', { role: 'owner' }], ['moderator', { role: 'moderator' }], ['other moderator', { role: 'moderator' }], ['banned', { bannedUntil: FUTURE }]] as const) {
    expect(outcome(await change(owner, id, people[person], body))).toBe('200');
  }
  return (await call(owner, 'get', `/conversations/${id}`)).body as Conversation;
}

describe('who may do what', () => {
  const no = '403 auth.forbidden';
  // By the outsider and the banned one all is refused, but for leaving.
  it.each<[string, (who: GivenMember, id: string) => Promise<Called>, member: string, moderator: string, owner: string, banned?: string]>([
    ['look', (who, id) => call(who, 'get', `/conversations/${id}`), '200', '200', '200'],
    ['list the members', (who, id) => call(who, 'get', `/conversations/${id}/members`), '200', '200', '200'],
    ['give a title', (who, id) => edit(who, id, { title: `by ${who.id}` }), no, '200', '200'],
    ['add somebody', (who, id) => add(who, id, admin), no, '200', '200'],
    ['take out a member', (who, id) => remove(who, id, people['other member']), no, '204', '204'],
    ['take out a moderator', (who, id) => remove(who, id, people['other moderator']), no, no, '204'],
    ['take out an owner', (who, id) => remove(who, id, people['other owner']), no, no, '204'],
    ['take out who never was in', (who, id) => remove(who, id, admin), no, '404 not-found', '404 not-found'],
    ['mute a member', (who, id) => change(who, id, people['other member'], { mutedUntil: FUTURE }), no, '200', '200'],
    ['mute a moderator', (who, id) => change(who, id, people['other moderator'], { mutedUntil: FUTURE }), no, no, '200'],
    ['mute an owner', (who, id) => change(who, id, people['other owner'], { mutedUntil: FUTURE }), no, no, no],
    ['mute themselves', (who, id) => change(who, id, who, { mutedUntil: FUTURE }), no, no, no],
    ['ban a member', (who, id) => change(who, id, people['other member'], { bannedUntil: FUTURE }), no, '200', '200'],
    ['ban an owner', (who, id) => change(who, id, people['other owner'], { bannedUntil: FUTURE }), no, no, no],
    ['lift a ban', (who, id) => change(who, id, people.banned, { bannedUntil: null }), no, '200', '200'],
    ['give a role', (who, id) => change(who, id, people['other member'], { role: 'moderator' }), no, no, '200'],
    ['demote an owner', (who, id) => change(who, id, people['other owner'], { role: 'member' }), no, no, '200'],
    ['set their own notify', (who, id) => change(who, id, who, { notify: 'none' }), '200', '200', '200'],
    ['set the notify of others', (who, id) => change(who, id, people['other member'], { notify: 'none' }), no, no, no],
    ['change who never was in', (who, id) => change(who, id, admin, { mutedUntil: FUTURE }), '404 not-found', '404 not-found', '404 not-found'],
    ['leave', (who, id) => remove(who, id, who), '204', '204', '204', '204'],
  ])('%s', async (_, act, member, moderator, owner, banned = '403 chat.banned') => {
    const { id } = await givenRoom();
    const outcomes: string[] = [];
    for (const person of ['outsider', 'banned', 'member', 'moderator', 'owner'] as const) outcomes.push(outcome(await act(people[person], id)));
    expect(outcomes).toEqual(['404 not-found', banned, member, moderator, owner]);
    const log = await logOf(people['other owner'], id);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((__, i) => i + 1));
  });

  it('nothing in a dm', async () => {
    const [one, other] = [people.member, people['other member']];
    const { id, lastSeq } = await givenConversation(app, one, [other], 'dm');
    for (const act of [edit(one, id, { title: 'ours' }), edit(one, id, { archived: true }), edit(one, id, {}), add(one, id, people.owner), remove(one, id, one), remove(one, id, other), change(one, id, other, { bannedUntil: FUTURE }), change(one, id, one, { role: 'owner' })]) {
      expect(outcome(await act)).toBe('403 auth.forbidden');
    }
    expect(outcome(await change(one, id, one, { notify: 'mentions' }))).toBe('200');
    expect((await call(one, 'get', `/conversations/${id}`)).body).toMatchObject({ lastSeq, notify: 'mentions', peerId: other.id, memberCount: 2 });
  });

  it('nothing in a conversation that is not there, nor without a token', async () => {
    const id = randomUUID();
    for (const act of [call(admin, 'get', `/conversations/${id}`), edit(admin, id, {}), add(admin, id), remove(admin, id, admin), change(admin, id, admin, {})]) expect(outcome(await act)).toBe('404 not-found');
    expect((await app.http.get(`/api/chat/conversations/${id}`)).status).toBe(401);
  });
});

describe('a conversation', () => {
  it('tells who is in it, whoever has been for longest first', async () => {
    const { id } = await givenConversation(app, people.owner, [people.member, people.moderator]);
    await add(people.owner, id, people['other member']);
    const { body } = await call(people.member, 'get', `/conversations/${id}`);
    const order = ['owner', 'member', 'moderator', 'other member'] as const;
    expect(body).toMatchObject({ id, role: 'member', memberCount: 4 });
    expect(body.members.map(({ memberId }: { memberId: string }) => memberId)).toEqual(order.map((person) => people[person].id));
    expect(body.members[1]).toEqual({ memberId: people.member.id, role: 'member', joinedAt: expect.any(String), readSeq: 2, deliveredSeq: 2, mutedUntil: null, bannedUntil: null });
    const first = (await call(people.member, 'get', `/conversations/${id}/members?limit=3`)).body;
    expect(first.items).toEqual(body.members.slice(0, 3));
    const second = (await call(people.member, 'get', `/conversations/${id}/members?limit=3&cursor=${first.nextCursor}`)).body;
    expect(second).toEqual({ items: body.members.slice(3), nextCursor: null });
    const other = await givenConversation(app, people.member, []);
    expect(outcome(await call(people.member, 'get', `/conversations/${other.id}/members?cursor=${first.nextCursor}`))).toBe('400 request.invalid');
  });

  it('changes, and tells of it only when it does', async () => {
    const { owner } = people;
    const room = await givenConversation(app, owner, [people.member], 'channel');
    const body = { title: 'Roof garden', slowModeSeconds: 21_600, posting: 'moderators', archived: true };
    const changed = await edit(owner, room.id, body);
    expect(changed.body).toMatchObject({ title: 'Roof garden', slowModeSeconds: 21_600, posting: 'moderators', archivedAt: expect.any(String), lastSeq: room.lastSeq + 1 });
    expect((await edit(owner, room.id, body)).body).toEqual(changed.body);
    expect((await edit(owner, room.id, {})).body).toEqual(changed.body);
    expect((await edit(owner, room.id, { archived: false, title: null })).body).toMatchObject({ title: null, archivedAt: null, slowModeSeconds: 21_600 });
    expect(await news(people.member, room)).toMatchObject([['conversation.changed', owner.id, {}], ['conversation.changed', owner.id, { conversation: { id: room.id, title: null, posting: 'moderators' } }]]);
  });

  it.each([{ slowModeSeconds: -1 }, { slowModeSeconds: 21_601 }, { slowModeSeconds: 1.5 }, { slowModeSeconds: null }, { posting: 'none' }, { posting: null }, { archived: null }, { archived: 'yes' }, { title: '' }, { title: 'x'.repeat(201) }, { kind: 'dm' }])(
    'refuses what it cannot be, %#',
    async (body) => {
      const { id } = await givenConversation(app, people.owner, []);
      expect(outcome(await edit(people.owner, id, body))).toBe('400 request.invalid');
    },
  );
});

describe('members', () => {
  it('are added once, all or nobody', async () => {
    const { owner, member } = people;
    const room = await givenConversation(app, owner, [member]);
    expect((await add(owner, room.id, member, people.moderator)).body).toMatchObject({ memberCount: 3, members: [{ memberId: member.id, role: 'member' }, { memberId: people.moderator.id, role: 'member' }] });
    const unknown = await call(owner, 'post', `/conversations/${room.id}/members`, { memberIds: [people.outsider.id, randomUUID()] });
    expect([outcome(unknown), unknown.body.path]).toEqual(['404 not-found', 'memberIds']);
    expect(outcome(await call(owner, 'post', `/conversations/${room.id}/members`, { memberIds: [] }))).toBe('200');
    expect(outcome(await call(owner, 'post', `/conversations/${room.id}/members`, { memberIds: Array.from({ length: 501 }, () => randomUUID()) }))).toBe('400 request.invalid');
    expect(await news(member, room)).toEqual([['member.joined', owner.id, { memberId: people.moderator.id, role: 'member' }]]);
    expect(outcome(await call(people.outsider, 'get', `/conversations/${room.id}`))).toBe('404 not-found');
  });

  it('are 5,000 at most', async () => {
    const { owner } = people;
    const { id } = await givenConversation(app, owner, []);
    const rows = Array.from({ length: 4_998 }, (_, i) => [randomUUID(), id, i + 2]);
    await db.transactions.run(async (tx) => {
      await tx.write('SET SESSION FOREIGN_KEY_CHECKS = 0');
      await tx.write(
        `INSERT INTO chat_member (member_id, conversation_id, role, joined_seq, joined_at, read_seq, read_no, delivered_seq, notify) VALUES ${rows.map(() => "(?, ?, 'member', ?, UTC_TIMESTAMP(3), 0, 0, 0, 'all')").join(', ')}`,
        rows.flat(),
      );
      await tx.write('SET SESSION FOREIGN_KEY_CHECKS = 1');
    });
    const refused = await add(owner, id, people.member, people.moderator);
    expect([refused.status, refused.body.code, refused.body.most]).toEqual([422, 'chat.full', 5_000]);
    expect((await add(owner, id, owner, people.member)).body).toMatchObject({ memberCount: 5_000 });
    const { body } = await call(people.member, 'get', `/conversations/${id}`);
    expect([body.members.length, body.memberCount]).toEqual([500, 5_000]);
  });

  it('who leave are told of once, and begin anew when they come back', async () => {
    const { owner, moderator, member } = people;
    const room = await givenConversation(app, owner, [moderator, member]);
    await change(owner, room.id, moderator, { role: 'moderator' });
    for (let i = 0; i < 2; i += 1) expect(outcome(await remove(moderator, room.id, moderator))).toBe('204');
    for (let i = 0; i < 2; i += 1) expect(outcome(await remove(owner, room.id, member))).toBe('204');
    expect(outcome(await call(moderator, 'get', `/conversations/${room.id}`))).toBe('404 not-found');
    expect(outcome(await send(member, room.id))).toBe('404 not-found');
    expect(outcome(await remove(member, room.id, owner))).toBe('404 not-found');
    await add(owner, room.id, moderator);
    expect(await memberOf(owner, room.id, moderator)).toMatchObject({ role: 'member' });
    expect((await news(owner, room)).slice(1)).toEqual([
      ['member.left', moderator.id, { memberId: moderator.id }], ['member.left', owner.id, { memberId: member.id }], ['member.joined', owner.id, { memberId: moderator.id, role: 'member' }],
    ]);
    expect((await logOf(moderator, room.id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('hear from their joining on, and are asked for what was before', async () => {
    const room = await givenConversation(app, people.owner, []);
    const { events } = await sockets.connect(app, people.outsider);
    await send(people.owner, room.id, 'before');
    await add(people.owner, room.id, people.outsider);
    await send(people.owner, room.id, 'after');
    await eventually(() => expect(events.map(({ type }) => type)).toEqual(['member.joined', 'message.created']));
    expect(await logOf(people.outsider, room.id)).toHaveLength(4);
    expect((await call(people.outsider, 'get', `/conversations?limit=100`)).body.items.find(({ id }: { id: string }) => id === room.id)).toMatchObject({ unread: 1 });
  });
});

describe('an owner', () => {
  const roles = async (who: GivenMember, id: string) => (await call(who, 'get', `/conversations/${id}`)).body.members.map(({ role }: { role: string }) => role);

  it.each([
    ['moderator', ['moderator'], 'other member'],
    ['member', [], 'member'],
  ] as const)('who leaves as the last one makes a %s one', async (_, moderators, heir) => {
    const { owner } = people;
    const room = await givenConversation(app, owner, [people.banned, people.member, people['other member'], people.moderator]);
    if (moderators.length > 0) for (const one of [people['other member'], people.moderator]) await change(owner, room.id, one, { role: 'moderator' });
    await change(owner, room.id, people.banned, { bannedUntil: FUTURE });
    await change(owner, room.id, people[heir], { mutedUntil: FUTURE });
    const { lastSeq } = (await call(owner, 'get', `/conversations/${room.id}`)).body as Conversation;
    expect(outcome(await remove(owner, room.id, owner))).toBe('204');
    expect(await news(people[heir], { ...room, lastSeq })).toEqual([
      ['member.left', owner.id, { memberId: owner.id }],
      ['member.changed', owner.id, { memberId: people[heir].id, role: 'owner', mutedUntil: null, bannedUntil: null }],
    ]);
    expect(await memberOf(people[heir], room.id, people[heir])).toMatchObject({ role: 'owner', mutedUntil: null });
  });

  it('is not followed while there is another, nor by who is banned', async () => {
    const room = await givenConversation(app, people.owner, [people['other owner'], people.banned]);
    await change(people.owner, room.id, people['other owner'], { role: 'owner' });
    await change(people.owner, room.id, people.banned, { bannedUntil: FUTURE });
    await remove(people.owner, room.id, people.owner);
    expect(await roles(people['other owner'], room.id)).toEqual(['owner', 'member']);
    await remove(people['other owner'], room.id, people['other owner']);
    expect(outcome(await call(people.banned, 'get', `/conversations/${room.id}`))).toBe('403 chat.banned');
  });

  it('is not followed by who is locked out', async () => {
    const { owner, member } = people;
    const lockedOut = await app.given.member();
    const { id } = await givenConversation(app, owner, [lockedOut, member]);
    await change(owner, id, lockedOut, { role: 'moderator' });
    await app.http.patch(`/api/members/${lockedOut.id}`).set(admin.auth).send({ disabled: true }).expect(200);
    expect(outcome(await remove(owner, id, owner))).toBe('204');
    expect(await roles(member, id)).toEqual(['moderator', 'owner']);
    expect(outcome(await remove(member, id, member))).toBe('204');
    expect(await db.database.rows('SELECT role FROM chat_member WHERE conversation_id = ? AND left_seq IS NULL', [id])).toEqual([{ role: 'moderator' }]);
  });

  it('there always is', async () => {
    const { owner, member } = people;
    const { id } = await givenConversation(app, owner, [member]);
    expect(outcome(await change(owner, id, owner, { role: 'member' }))).toBe('403 auth.forbidden');
    expect(outcome(await change(owner, id, owner, { role: 'owner' }))).toBe('200');
    await change(owner, id, member, { role: 'owner' });
    const both = await Promise.all([change(owner, id, owner, { role: 'member' }), change(member, id, member, { role: 'member' })]);
    expect(both.map(outcome).sort()).toEqual(['200', '403 auth.forbidden']);
    expect((await roles(owner, id)).sort()).toEqual(['member', 'owner']);
  });

  it('is neither muted nor banned', async () => {
    const { owner, banned } = people;
    const { id } = await givenConversation(app, owner, [banned]);
    await change(owner, id, banned, { bannedUntil: FUTURE, mutedUntil: FUTURE });
    expect(outcome(await change(owner, id, banned, { role: 'owner', bannedUntil: FUTURE }))).toBe('400 request.invalid');
    expect((await change(owner, id, banned, { role: 'owner' })).body).toMatchObject({ role: 'owner', mutedUntil: null, bannedUntil: null });
    expect(outcome(await send(banned, id))).toBe('201');
  });
});

describe('who may not send', () => {
  /** What comes of sending, by REST and by socket. */
  async function sending(who: GivenMember, id: string): Promise<string[]> {
    const { socket } = await sockets.connect(app, who);
    const { ok, error } = await sendBySocket(socket, id);
    const rest = await send(who, id);
    return [rest.status < 400 ? 'sent' : (rest.body as { code: string }).code, ok ? 'sent' : error!.code];
  }

  it.each<[string, (id: string) => Promise<Called>, owner: string, moderator: string, member: string]>([
    ['muted', (id) => change(people.owner, id, people.member, { mutedUntil: FUTURE }), 'sent', 'sent', 'chat.muted'],
    ['muted as a moderator', (id) => change(people.owner, id, people.moderator, { mutedUntil: FUTURE }), 'sent', 'chat.muted', 'sent'],
    ['where moderators post', (id) => edit(people.moderator, id, { posting: 'moderators' }), 'sent', 'sent', 'chat.muted'],
    ['where it is archived', (id) => edit(people.owner, id, { archived: true }), 'chat.archived', 'chat.archived', 'chat.archived'],
    ['banned', (id) => change(people.moderator, id, people.member, { bannedUntil: FUTURE }), 'sent', 'sent', 'chat.banned'],
    ['muted until some time ago', (id) => change(people.moderator, id, people.member, { mutedUntil: PAST, bannedUntil: PAST }), 'sent', 'sent', 'sent'],
  ])('%s', async (_, act, byOwner, byModerator, byMember) => {
    const { id } = await givenRoom();
    expect(outcome(await act(id))).toBe('200');
    for (const [person, expected] of [['owner', byOwner], ['moderator', byModerator], ['member', byMember]] as const) expect(await sending(people[person], id)).toEqual([expected, expected]);
    expect(await sending(people.outsider, id)).toEqual(['not-found', 'not-found']);
  });

  it('may again when it is lifted', async () => {
    const { id } = await givenRoom();
    await change(people.owner, id, people.member, { mutedUntil: FUTURE, bannedUntil: FUTURE });
    await edit(people.owner, id, { archived: true });
    expect((await send(people.member, id)).body).toMatchObject({ code: 'chat.banned', until: FUTURE });
    await change(people.owner, id, people.member, { bannedUntil: null });
    expect(outcome(await send(people.member, id))).toBe('409 chat.archived');
    await edit(people.owner, id, { archived: false });
    expect((await send(people.member, id)).body).toMatchObject({ code: 'chat.muted', until: FUTURE });
    await change(people.owner, id, people.member, { mutedUntil: null });
    expect(outcome(await send(people.member, id))).toBe('201');
  });
});

describe('a ban', () => {
  it('keeps from reading, by every door', async () => {
    const { id } = await givenRoom();
    const who = people.member;
    await change(people.owner, id, who, { bannedUntil: FUTURE });
    for (const path of ['', '/members', '/messages']) expect((await call(who, 'get', `/conversations/${id}${path}`)).body).toMatchObject({ code: 'chat.banned', until: FUTURE });
    expect((await call(who, 'post', '/sync', { cursors: { [id]: { epoch: 1, seq: 0 } } })).body).toMatchObject({ events: [], gone: [id] });
    expect((await call(who, 'get', '/conversations?limit=100')).body.items.map((one: Conversation) => one.id)).not.toContain(id);
  });

  it('outlasts leaving: who lifts it brings them back', async () => {
    const { owner, member } = people;
    const room = await givenRoom();
    await change(owner, room.id, member, { bannedUntil: FUTURE });
    expect(outcome(await remove(member, room.id, member))).toBe('204');
    const refused = await add(owner, room.id, member, people.outsider);
    expect([outcome(refused), refused.body.until]).toEqual(['403 chat.banned', FUTURE]);
    expect(outcome(await change(owner, room.id, member, { role: 'moderator' }))).toBe('404 not-found');
    expect((await change(people.moderator, room.id, member, { bannedUntil: null })).body).toMatchObject({ memberId: member.id, bannedUntil: null });
    expect(outcome(await call(member, 'get', `/conversations/${room.id}`))).toBe('404 not-found');
    expect(outcome(await add(owner, room.id, member))).toBe('200');
    expect((await news(member, room)).map((event) => (event as string[])[0])).toEqual(['member.changed', 'member.left', 'member.joined']);
  });

  it('of who has left is told nobody, and lets nobody in', async () => {
    const { owner, member } = people;
    const room = await givenConversation(app, owner, [member]);
    const { socket, events } = await sockets.connect(app, member);
    await remove(owner, room.id, member);
    await eventually(() => expect(events.map(({ type }) => type)).toEqual(['member.left']));
    expect(outcome(await change(owner, room.id, member, { bannedUntil: FUTURE }))).toBe('200');
    expect(outcome(await change(owner, room.id, member, { bannedUntil: null }))).toBe('200');
    await send(owner, room.id, 'among ourselves');
    await sendBySocket(socket, room.id);
    expect(events).toHaveLength(1);
    expect((await news(owner, room)).map((event) => (event as string[])[0])).toEqual(['member.left', 'message.created']);
  });
});

it('what is done to others is on record', async () => {
  const { owner, member, moderator } = people;
  const { id } = await givenConversation(app, owner, [member, moderator]);
  await change(owner, id, member, { role: 'moderator', mutedUntil: FUTURE, bannedUntil: FUTURE });
  await change(owner, id, member, { role: 'moderator', mutedUntil: FUTURE, notify: undefined });
  await change(owner, id, member, { bannedUntil: null });
  await change(moderator, id, moderator, { notify: 'none' });
  for (let i = 0; i < 2; i += 1) await remove(owner, id, member);
  await remove(moderator, id, moderator);
  const { body } = await app.http.get(`/api/admin/audit?subjectId=${id}`).set(admin.auth).expect(200);
  expect(body.items.reverse().map((entry: { actorId: string; action: string; details: object }) => [entry.actorId, entry.action, entry.details])).toEqual([
    [owner.id, 'conversation.role-changed', { memberId: member.id, before: 'member', after: 'moderator' }],
    [owner.id, 'conversation.mute-changed', { memberId: member.id, before: null, after: FUTURE }],
    [owner.id, 'conversation.ban-changed', { memberId: member.id, before: null, after: FUTURE }],
    [owner.id, 'conversation.ban-changed', { memberId: member.id, before: FUTURE, after: null }],
    [owner.id, 'conversation.member-removed', { memberId: member.id }],
  ]);
});

describe('blocking', () => {
  const put = (who: GivenMember, whom: string) => call(who, 'put', `/blocks/${whom}`);
  const lift = (who: GivenMember, whom: string) => call(who, 'delete', `/blocks/${whom}`);

  it('is one\'s own, and once is enough', async () => {
    const { owner, moderator, member, outsider } = people;
    for (const one of [member, moderator, member, outsider]) expect(outcome(await put(owner, one.id))).toBe('204');
    const { body } = await call(owner, 'get', '/blocks?limit=2');
    expect(body.items).toEqual([{ memberId: outsider.id, at: expect.any(String) }, { memberId: moderator.id, at: expect.any(String) }]);
    expect((await call(owner, 'get', `/blocks?limit=2&cursor=${body.nextCursor}`)).body).toMatchObject({ items: [{ memberId: member.id }], nextCursor: null });
    expect((await call(member, 'get', '/blocks')).body.items).toEqual([]);
    for (const one of [member, moderator, member, outsider]) expect(outcome(await lift(owner, one.id))).toBe('204');
    expect((await call(owner, 'get', '/blocks')).body.items).toEqual([]);
    expect(outcome(await put(owner, owner.id))).toBe('400 request.invalid');
    for (const act of [put, lift]) expect(outcome(await act(owner, randomUUID()))).toBe('404 not-found');
  });

  it.each([['owner', 'member'], ['member', 'owner']] as const)('by %s ends what %s and they say to each other', async (one, other) => {
    const { id } = await givenConversation(app, people.owner, [people.member], 'dm');
    await put(people[one], people[other].id);
    for (const who of [people.owner, people.member]) expect(outcome(await send(who, id))).toBe('403 chat.blocked');
    await lift(people[one], people[other].id);
    for (const who of [people.owner, people.member]) expect(outcome(await send(who, id))).toBe('201');
  });

  it('leaves a group as it is, but for what is unread', async () => {
    const { owner, member } = people;
    const { id } = await givenConversation(app, owner, [member]);
    await put(member, owner.id);
    expect(outcome(await send(owner, id))).toBe('201');
    expect((await call(member, 'get', `/conversations/${id}`)).body).toMatchObject({ unread: 0, lastMessage: { text: 'hello' } });
    await lift(member, owner.id);
    expect((await call(member, 'get', `/conversations/${id}`)).body).toMatchObject({ unread: 1 });
  });

  it('twice at once is one', async () => {
    const acts = await Promise.all(Array.from({ length: 10 }, () => put(people.owner, people.banned.id)));
    expect(acts.map(outcome)).toEqual(Array.from({ length: 10 }, () => '204'));
    expect((await app.http.get(`/api/admin/audit?subjectId=${people.banned.id}&action=member.blocked`).set(admin.auth)).body.items).toHaveLength(1);
    await lift(people.owner, people.banned.id);
  });
});
