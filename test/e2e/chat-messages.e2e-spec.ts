import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import type { ChatEvent, ChatMessage } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatRoom, type ChatRoom, type Place } from '../support/chat-room.js';
import { chatSockets, sendByRest, type Acknowledged } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { acknowledgementOf } from '../support/sockets.js';
import { givenFiles } from '../support/uploads-files.js';

let app: TestApp;
let twin: TestApp;
let [ada, ben, cleo, eve, mod]: GivenMember[] = [];
let room: ChatRoom;
const sockets = chatSockets();

/** One of many requests at once. */
interface Outcome { status: number; code?: string }

beforeAll(async () => {
  app = await createTestApp({ UPLOAD_WORKERS: '0' });
  twin = await createTestApp({ APP_SECRET: app.secret, UPLOAD_WORKERS: '0' });
  [ada, ben, cleo, eve] = [await app.given.member(), await app.given.member(), await app.given.member(), await app.given.member()];
  mod = await app.given.member({ role: 'moderator' });
});
beforeEach(async () => {
  // Ada is the owner, Ben and Cleo are members; Eve and Mod, who moderates the community, are not in it.
  room = await chatRoom(app, ada!, [ben!, cleo!]);
});
afterEach(sockets.closeAll);
afterAll(async () => {
  await app.close();
  await twin.close();
});

const connect = (member: GivenMember, to = app) => sockets.connect(to, member);
/** What a client makes of what it was sent: of this room, each event once. */
const heard = (events: readonly ChatEvent[]) => [...new Map(events.filter(({ conversationId }) => conversationId === room.id).map((event) => [event.seq, event])).values()];
const patch = (member: GivenMember, id: string, edit: object, { http } = app) => http.patch(`/api/chat/messages/${id}`).set(member.auth).send(edit);
const remove = (member: GivenMember, id: string, { http } = app) => http.delete(`/api/chat/messages/${id}`).set(member.auth);
const reactionUrl = (id: string, emoji: string) => `/api/chat/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
const react = (member: GivenMember, id: string, emoji = '👍', { http } = app) => http.put(reactionUrl(id, emoji)).set(member.auth);
const unreact = (member: GivenMember, id: string, emoji = '👍', { http } = app) => http.delete(reactionUrl(id, emoji)).set(member.auth);
const emit = async (socket: Socket, event: string, payload: object) => (await acknowledgementOf(socket, event, payload)) as Acknowledged<{ message: ChatMessage } | null>;
const outcomeOf = ({ status, body }: { status: number; body: { code?: string } }): Outcome => ({ status, ...(body.code !== undefined && { code: body.code }) });
const inbox = async (member: GivenMember): Promise<Conversation> => {
  const { body } = await app.http.get('/api/chat/conversations?limit=100').set(member.auth).expect(200);
  return (body.items as Conversation[]).find(({ id }) => id === room.id)!;
};

/** Where somebody stands, and what comes of what they try: nothing where it is done. */
type Case = [string, () => GivenMember, Place, string | undefined];

describe('editing', () => {
  it('changes the text for everybody, and is told', async () => {
    const { events } = await connect(ben!);
    const { socket } = await connect(ben!, twin);
    const sent = await room.send(ben!, { text: `one, <@${ada!.id}>` });
    expect(await inbox(ada!)).toMatchObject({ mentions: 1 });
    expect(await inbox(cleo!)).toMatchObject({ mentions: 0 });
    const { body } = await patch(ben!, sent.id, { text: `two, <@${cleo!.id}>`, version: 1 }).expect(200);
    expect(body).toEqual({ ...sent, text: `two, <@${cleo!.id}>`, version: 2, editedAt: expect.any(String), mentions: [cleo!.id] });
    expect(await emit(socket, 'message.edit', { messageId: sent.id, text: 'three', version: 2 })).toEqual({ ok: true, data: { message: { ...body, text: 'three', version: 3, editedAt: expect.any(String), mentions: [] } } });
    await eventually(() => expect(heard(events).map(({ type, data }) => [type, (data as { message: ChatMessage }).message.version])).toEqual([['message.created', 1], ['message.edited', 2], ['message.edited', 3]]));
    expect(await room.events(cleo!, sent.seq - 1)).toMatchObject([
      { type: 'message.created', data: { message: { text: 'three', version: 3 } } }, { type: 'message.edited', actorId: ben!.id, data: { message: { text: 'three' } } }, { type: 'message.edited' },
    ]);
    expect(await inbox(ada!)).toMatchObject({ mentions: 0, unread: 1 });
    expect(await inbox(cleo!)).toMatchObject({ mentions: 0, unread: 1 });
  });

  const cases: Case[] = [
    ['the sender', () => ben!, {}, undefined],
    ['the owner', () => ada!, { role: 'owner' }, 'auth.forbidden'],
    ['a moderator of the conversation', () => cleo!, { role: 'moderator' }, 'auth.forbidden'],
    ['another member', () => cleo!, {}, 'auth.forbidden'],
    ['an outsider', () => eve!, {}, 'not-found'],
    ['a moderator of the community', () => mod!, {}, 'not-found'],
    ['the sender, who has left', () => ben!, { left: true }, 'not-found'],
    ['the sender, who is muted', () => ben!, { muted: true }, 'chat.muted'],
    ['the sender, who is banned', () => ben!, { banned: true }, 'chat.banned'],
    ['another one, who is banned', () => cleo!, { banned: true }, 'chat.banned'],
  ];
  it.each(cases)('by %s', async (_, who, place, code) => {
    const { id } = await room.send(ben!);
    await room.place(who(), place);
    const { socket } = await connect(who());
    const byRest = await patch(who(), id, { text: 'changed', version: 1 });
    const bySocket = await emit(socket, 'message.edit', { messageId: id, text: 'again', version: 2 });
    expect([byRest.body.code, bySocket.error?.code]).toEqual([code, code]);
    expect((await room.find(id)).text).toBe(code === undefined ? 'again' : 'hello');
  });

  it('is over where nothing can be sent', async () => {
    const { id } = await room.send(ben!);
    const edited = async () => outcomeOf(await patch(ben!, id, { text: 'changed', version: 1 }));
    await room.set('archived_at', 'UTC_TIMESTAMP(3)');
    expect(await edited()).toEqual({ status: 409, code: 'chat.archived' });
    await room.set('archived_at', 'NULL');
    await room.set('posting', "'moderators'");
    expect(await edited()).toEqual({ status: 403, code: 'chat.muted' });
    await room.set('posting', "'all'");
    await room.set('slow_mode_seconds', '3600');
    expect(await edited()).toEqual({ status: 200 });
    await remove(ben!, id).expect(204);
    expect(await edited()).toEqual({ status: 404, code: 'not-found' });
    await patch(ben!, randomUUID(), { text: 'x', version: 1 }).expect(404);
  });

  it('is no way around a block', async () => {
    const dm = await chatRoom(app, ben!, [eve!], 'dm');
    const { id } = await dm.send(ben!);
    await dm.write('INSERT INTO chat_block (member_id, blocked_id, at) VALUES (?, ?, UTC_TIMESTAMP(3))', eve!.id, ben!.id);
    try {
      expect(outcomeOf(await patch(ben!, id, { text: 'answer me', version: 1 }))).toEqual({ status: 403, code: 'chat.blocked' });
      expect(outcomeOf(await react(ben!, id))).toEqual({ status: 403, code: 'chat.blocked' });
      await remove(ben!, id).expect(204);
    } finally {
      await dm.write('DELETE FROM chat_block WHERE member_id = ?', eve!.id);
    }
  });

  it('is over after 24 hours, but for those who keep order', async () => {
    const { id } = await room.send(ben!);
    const age = (ms: number) => room.write('UPDATE chat_message SET created_at = UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND WHERE id = ?', ms * 1_000, id);
    const day = 24 * 3_600_000;
    await age(day - 60_000);
    await patch(ben!, id, { text: 'in time', version: 1 }).expect(200);
    await age(day + 1);
    expect(outcomeOf(await patch(ben!, id, { text: 'late', version: 2 }))).toEqual({ status: 422, code: 'chat.edit-window' });
    for (const [role, version] of [['moderator', 2], ['owner', 3]] as const) {
      await room.place(ben!, { role });
      await patch(ben!, id, { text: role, version }).expect(200);
    }
  });

  it('needs the version that there is; a repetition is answered alike', async () => {
    const { id, seq } = await room.send(ben!);
    const { body: edited } = await patch(ben!, id, { text: 'second', version: 1 }).expect(200);
    const { body: repeated } = await patch(ben!, id, { text: 'second', version: 1 }).expect(200);
    expect(repeated).toEqual(edited);
    expect((await patch(ben!, id, { text: 'second', version: 2 }).expect(200)).body).toEqual(edited);
    const { body } = await patch(ben!, id, { text: 'third', version: 1 }).expect(409);
    expect(body).toMatchObject({ code: 'chat.stale-version', version: 2 });
    const { socket } = await connect(ben!);
    expect(await emit(socket, 'message.edit', { messageId: id, text: 'third', version: 7 })).toMatchObject({ ok: false, error: { code: 'chat.stale-version', version: 2 } });
    await room.place(ben!, { muted: true });
    expect((await patch(ben!, id, { text: 'second', version: 1 }).expect(200)).body).toEqual(edited);
    expect(await room.types(seq)).toEqual(['message.edited']);
  });

  it('does not make another message of one that is sent again', async () => {
    const draft = { clientId: randomUUID(), text: 'first' };
    const { id } = await room.send(ben!, draft);
    await patch(ben!, id, { text: 'second', version: 1 }).expect(200);
    const post = (text: string) => sendByRest(app, ben!, room.id, { ...draft, text });
    expect((await post('first').expect(200)).body).toMatchObject({ duplicate: true, message: { id, text: 'second', version: 2 } });
    expect((await post('second').expect(409)).body.code).toBe('chat.client-id-reused');
  });

  it.each([
    [{ text: '', version: 1 }, 422, 'chat.empty'], [{ text: ' \n', version: 1 }, 422, 'chat.empty'], [{ text: null, version: 1 }, 422, 'chat.empty'],
    [{ text: 'x'.repeat(8_001), version: 1 }, 422, 'chat.too-long'], [{ text: Array.from({ length: 21 }, () => `<@${randomUUID()}>`).join(''), version: 1 }, 422, 'chat.too-long'],
    [{ text: '\ud800', version: 1 }, 400, 'request.invalid'], [{ text: 7, version: 1 }, 400, 'request.invalid'], [{ version: 1 }, 400, 'request.invalid'],
    [{ text: 'x' }, 400, 'request.invalid'], [{ text: 'x', version: 0 }, 400, 'request.invalid'], [{ text: 'x', version: '1' }, 400, 'request.invalid'], [{ text: 'x', version: 1.5 }, 400, 'request.invalid'],
    [{ text: 'x', version: 2 ** 31 }, 400, 'request.invalid'], [{ text: 'x', version: 1, senderId: randomUUID() }, 400, 'request.invalid'],
  ])('is checked like sending, %#', async (edit, status, code) => {
    const { id, seq } = await room.send(ben!);
    expect(outcomeOf(await patch(ben!, id, edit))).toEqual({ status, code });
    const { socket } = await connect(ben!);
    expect(await emit(socket, 'message.edit', { messageId: id, ...edit })).toMatchObject({ ok: false, error: { code } });
    expect(await room.types(seq)).toEqual([]);
  });

  it.each(['שלום', '👩‍👩‍👧‍👦🏳️‍🌈', 'a\u0000b\r\n', '‮right to left‬', 'e\u0301 \u00e9', '  spaces  ', '\\\'"%_`;--'])('keeps %j as it is', async (text) => {
    const { id } = await room.send(ben!);
    expect((await patch(ben!, id, { text, version: 1 }).expect(200)).body.text).toBe(text);
    expect((await room.find(id)).text).toBe(text);
  });

  it('counts like sending', async () => {
    const strict = await createTestApp({ APP_SECRET: app.secret, RATE_LIMIT_SCALE: '1' });
    try {
      const { id } = await room.send(ben!);
      const answers = await Promise.all(Array.from({ length: 40 }, () => patch(ben!, id, { text: 'again', version: 1 }, strict)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    } finally {
      await strict.close();
    }
  });
});

describe('many at once', () => {
  it('of edits that saw one version one wins, by whichever door and process', async () => {
    const { id, seq } = await room.send(ben!);
    const doors = [await connect(ben!), await connect(ben!, twin)];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, i): Promise<string | undefined> => {
        const edit = { text: `edit ${i}`, version: 1 };
        if (i % 2 === 0) return (await patch(ben!, id, edit, i % 4 === 0 ? app : twin)).body.code;
        return (await emit(doors[i % 4 === 1 ? 0 : 1]!.socket, 'message.edit', { messageId: id, ...edit })).error?.code;
      }),
    );
    expect(outcomes.filter((code) => code === undefined)).toHaveLength(1);
    expect(outcomes.filter((code) => code === 'chat.stale-version')).toHaveLength(19);
    expect(await room.find(id)).toMatchObject({ version: 2, text: `edit ${outcomes.indexOf(undefined)}` });
    expect(await room.types(seq)).toEqual(['message.edited']);
  });

  it('edits that try again all come through', async () => {
    const { id, seq } = await room.send(ben!);
    const { socket } = await connect(ben!, twin);
    const editors = Array.from({ length: 6 }, (_, i) => async () => {
      for (let version = 1; ; ) {
        const edit = { text: `editor ${i}`, version };
        const { code, version: seen } = i % 2 === 0
          ? ((await patch(ben!, id, edit)).body as { code?: string; version: number })
          : await emit(socket, 'message.edit', { messageId: id, ...edit }).then(({ error, data }) => ({ code: error?.code, version: (error as unknown as { version?: number })?.version ?? data!.message.version }));
        if (code === undefined) return seen;
        expect(code).toBe('chat.stale-version');
        version = seen;
      }
    });
    const versions = await Promise.all(editors.map((edit) => edit()));
    expect(versions.sort()).toEqual([2, 3, 4, 5, 6, 7]);
    expect(await room.types(seq)).toEqual(Array.from({ length: 6 }, () => 'message.edited'));
  });

  it('a deletion has the last word against edits, reactions and other deletions', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id, seq } = await room.send(ben!, { text: 'canary-of-a-race' });
      const outcomes = await Promise.all([
        patch(ben!, id, { text: 'canary-of-a-race, edited', version: 1 }).then(outcomeOf), patch(ben!, id, { text: 'canary-of-a-race, elsewhere', version: 1 }, twin).then(outcomeOf),
        react(cleo!, id, '👍', twin).then(outcomeOf), remove(ben!, id, round % 2 === 0 ? app : twin).then(outcomeOf), remove(ada!, id).then(outcomeOf),
      ]);
      expect(outcomes.slice(3)).toEqual([{ status: 204 }, { status: 204 }]);
      for (const { status, code } of outcomes.slice(0, 2)) expect([200, 'not-found', 'chat.stale-version']).toContain(code ?? status);
      const types = await room.types(seq);
      expect(types.filter((type) => type === 'message.deleted')).toHaveLength(1);
      expect(types.at(-1)).toBe('message.deleted');
      expect(await room.rows('SELECT body, body_hash AS hash FROM chat_message WHERE id = ?', id)).toEqual([{ body: null, hash: null }]);
      expect(await room.rows('SELECT 1 FROM chat_reaction WHERE message_id = ?', id)).toEqual([]);
    }
  });

  it('sends, edits, reactions and deletions leave a log without a gap', async () => {
    const { events } = await connect(cleo!, twin);
    const sent = await Promise.all(Array.from({ length: 10 }, (_, i) => room.send(i % 2 === 0 ? ada! : ben!)));
    await Promise.all(
      sent.flatMap(({ id, senderId }, i) => {
        const sender = senderId === ada!.id ? ada! : ben!;
        return [patch(sender, id, { text: `${i}`, version: 1 }), react(cleo!, id), room.send(sender), ...(i % 3 === 0 ? [remove(sender, id, twin)] : [])];
      }),
    );
    const types = await room.types(3);
    expect(types.filter((type) => type === 'message.created')).toHaveLength(20);
    expect(types.filter((type) => type === 'message.deleted')).toHaveLength(4);
    await eventually(() => expect(heard(events).map(({ seq }) => seq)).toEqual(types.map((_, i) => i + 4)));
  });
});

describe('deleting', () => {
  it('leaves nothing of a message but that it was there', async () => {
    const { events } = await connect(cleo!);
    const file = await givenFiles(app.app).ready(ben!.id, randomBytes(100), { name: 'canary-file-name.bin' });
    const draft = { clientId: randomUUID(), text: `canary-text <@${cleo!.id}>`, fileIds: [file.id] };
    const sent = await room.send(ben!, draft);
    await patch(ben!, sent.id, { text: `canary-text, edited <@${cleo!.id}>`, version: 1 }).expect(200);
    await react(cleo!, sent.id).expect(204);
    expect(await inbox(cleo!)).toMatchObject({ unread: 1, mentions: 1 });
    const found = async (text: string): Promise<string[]> => {
      const columns = await room.rows<{ table: string; column: string }>(
        "SELECT table_name AS `table`, column_name AS `column` FROM information_schema.columns WHERE table_schema = DATABASE() AND data_type IN ('char', 'varchar', 'text', 'mediumtext', 'longtext', 'json', 'blob', 'longblob', 'mediumblob', 'varbinary')",
      );
      const places: string[] = [];
      for (const { table, column } of columns) if ((await room.rows(`SELECT 1 FROM \`${table}\` WHERE \`${column}\` LIKE ? LIMIT 1`, `%${text}%`)).length > 0) places.push(`${table}.${column}`);
      return places.sort();
    };
    expect(await found('canary-text')).toContain('chat_message.body');
    await remove(ben!, sent.id).expect(204);
    expect(await found('canary-text')).toEqual([]);
    // The upload stays its owner's.
    expect(await found('canary-file-name')).toEqual(['file.name']);
    expect(await room.rows('SELECT body_hash AS hash FROM chat_message WHERE id = ?', sent.id)).toEqual([{ hash: null }]);
    for (const table of ['chat_attachment', 'chat_reaction']) expect(await room.rows(`SELECT 1 FROM ${table} WHERE message_id = ?`, sent.id)).toEqual([]);
    expect(await room.rows('SELECT 1 FROM chat_mention WHERE conversation_id = ?', room.id)).toEqual([]);
    expect(await inbox(cleo!)).toMatchObject({ unread: 0, mentions: 0, lastMessage: { deleted: true, text: null } });

    const tombstone = { id: sent.id, no: sent.no, seq: sent.seq, senderId: ben!.id, clientId: draft.clientId, text: null, deleted: true, mentions: [], files: [], reactions: [] };
    expect(await room.find(sent.id)).toMatchObject(tombstone);
    const log = await room.events(cleo!, sent.seq - 1);
    expect(log).toMatchObject([
      { type: 'message.created', data: { deleted: true, message: tombstone } }, { type: 'message.edited', data: { deleted: true, message: tombstone } },
      { type: 'reaction.added' }, { type: 'message.deleted', actorId: ben!.id, data: { messageId: sent.id } },
    ]);
    expect(log.at(-1)!.data).toEqual({ messageId: sent.id });
    await eventually(() => expect(heard(events).at(-1)).toEqual(log.at(-1)));
    const { body } = await sendByRest(app, ben!, room.id, draft).expect(200);
    expect(body).toMatchObject({ duplicate: true, message: tombstone });
    await remove(ben!, sent.id).expect(204);
    const { socket } = await connect(ben!);
    expect(await emit(socket, 'message.delete', { messageId: sent.id })).toEqual({ ok: true, data: null });
    expect(await room.types(sent.seq + 3)).toEqual([]);
  });

  const cases: Case[] = [
    ['the sender', () => ben!, {}, undefined],
    ['the sender, who is muted', () => ben!, { muted: true }, undefined],
    ['the sender, who is banned', () => ben!, { banned: true }, 'chat.banned'],
    ['the sender, who has left', () => ben!, { left: true }, 'not-found'],
    ['the owner', () => ada!, { role: 'owner' }, undefined],
    ['a moderator of the conversation', () => cleo!, { role: 'moderator' }, undefined],
    ['a banned moderator of the conversation', () => cleo!, { role: 'moderator', banned: true }, 'chat.banned'],
    ['another member', () => cleo!, {}, 'auth.forbidden'],
    ['an outsider', () => eve!, {}, 'not-found'],
    ['a moderator of the community who is not in it', () => mod!, {}, 'not-found'],
  ];
  it.each(cases)('by %s', async (_, who, place, code) => {
    const [{ id: first }, { id: second }] = [await room.send(ben!), await room.send(ben!)];
    await room.place(who(), place);
    const { socket } = await connect(who());
    expect((await remove(who(), first)).body.code).toBe(code);
    expect((await emit(socket, 'message.delete', { messageId: second })).error?.code).toBe(code);
    for (const id of [first, second]) expect((await room.find(id)).deleted).toBe(code === undefined);
  });

  it('also in an archive', async () => {
    const { id } = await room.send(ben!);
    await room.set('archived_at', 'UTC_TIMESTAMP(3)');
    await remove(ben!, id).expect(204);
    expect((await room.find(id)).deleted).toBe(true);
  });

  it('of what was never there is refused', async () => {
    await remove(ben!, randomUUID()).expect(404);
    const { socket } = await connect(ben!);
    expect(await emit(socket, 'message.delete', { messageId: randomUUID() })).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(await emit(socket, 'message.delete', { messageId: 'x' })).toMatchObject({ ok: false, error: { code: 'request.invalid' } });
  });
});

describe('a reaction', () => {
  const added = (memberId: string, messageId: string, emoji = '👍') => ({ type: 'reaction.added', actorId: memberId, data: { messageId, emoji, memberId } });

  it('is told once, and taken back once', async () => {
    const { events } = await connect(ada!);
    const { socket } = await connect(cleo!, twin);
    const { id, seq } = await room.send(ben!);
    await react(ben!, id).expect(204);
    await react(ben!, id).expect(204);
    for (const on of [true, true]) expect(await emit(socket, 'reaction.set', { messageId: id, emoji: '👍', on })).toEqual({ ok: true, data: null });
    await react(ben!, id, '👍🏽').expect(204);
    expect((await room.find(id)).reactions).toEqual([{ emoji: '👍', count: 2, memberIds: [ben!.id, cleo!.id] }, { emoji: '👍🏽', count: 1, memberIds: [ben!.id] }]);
    await unreact(ben!, id).expect(204);
    await unreact(ben!, id).expect(204);
    expect(await emit(socket, 'reaction.set', { messageId: id, emoji: '🎉', on: false })).toEqual({ ok: true, data: null });
    expect((await room.find(id)).reactions).toEqual([{ emoji: '👍', count: 1, memberIds: [cleo!.id] }, { emoji: '👍🏽', count: 1, memberIds: [ben!.id] }]);
    const told = await room.events(cleo!, seq);
    expect(told).toMatchObject([added(ben!.id, id), added(cleo!.id, id), added(ben!.id, id, '👍🏽'), { ...added(ben!.id, id), type: 'reaction.removed' }]);
    await eventually(() => expect(heard(events).slice(1)).toEqual(told));
    expect(await room.types(seq)).toHaveLength(4);
  });

  it.each(['❤️', '1️⃣', '🇩🇪', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👩🏻‍❤️‍💋‍👩🏼', '👩‍👩‍👧‍👦'])('may be %s', async (emoji) => {
    const { id } = await room.send(ben!);
    await react(cleo!, id, emoji).expect(204);
    expect((await room.find(id)).reactions).toEqual([{ emoji, count: 1, memberIds: [cleo!.id] }]);
    await unreact(cleo!, id, emoji).expect(204);
    expect((await room.find(id)).reactions).toEqual([]);
  });

  it.each(['a', '1', '👍👍', '❤', '🇩', ' ', '👍 ', '\u0000', 'ok👍', '<b>', '👍\n', '\u200d'])('is not %j', async (emoji) => {
    const { id, seq } = await room.send(ben!);
    expect(outcomeOf(await react(cleo!, id, emoji))).toEqual({ status: 400, code: 'request.invalid' });
    expect(outcomeOf(await unreact(cleo!, id, emoji))).toEqual({ status: 400, code: 'request.invalid' });
    const { socket } = await connect(cleo!);
    expect(await emit(socket, 'reaction.set', { messageId: id, emoji, on: true })).toMatchObject({ ok: false, error: { code: 'request.invalid' } });
    expect(await room.types(seq)).toEqual([]);
  });

  it.each([[{ emoji: '👍' }], [{ emoji: '👍', on: 'yes' }], [{ emoji: 7, on: true }], [{ on: true }], [{ emoji: '👍', on: true, memberId: randomUUID() }]])('needs its shape, %#', async (payload) => {
    const { id } = await room.send(ben!);
    const { socket } = await connect(cleo!);
    expect(await emit(socket, 'reaction.set', { messageId: id, ...payload })).toMatchObject({ ok: false, error: { code: 'request.invalid' } });
  });

  it('set 20 times at once is one', async () => {
    const { id, seq } = await room.send(ben!);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => react(cleo!, id, '👍', i % 2 === 0 ? app : twin)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(await room.types(seq)).toEqual(['reaction.added']);
  });

  it('set and taken back at once is what the log says last', async () => {
    const { id, seq } = await room.send(ben!);
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? react : unreact)(cleo!, id, '👍', i % 3 === 0 ? app : twin).expect(204)));
    const types = await room.types(seq);
    expect(types).toEqual(types.map((_, i) => (i % 2 === 0 ? 'reaction.added' : 'reaction.removed')));
    expect((await room.find(id)).reactions).toHaveLength(types.length % 2);
  });

  it('is of at most 20 kinds', async () => {
    const emojis = [...'😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔😕😖😗'];
    const { id, seq } = await room.send(ben!);
    const answers = await Promise.all(emojis.map((emoji, i) => react(i % 2 === 0 ? ben! : cleo!, id, emoji, i % 3 === 0 ? app : twin).then(outcomeOf)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(20);
    expect(answers.filter(({ status }) => status !== 204)).toEqual(Array.from({ length: 4 }, () => ({ status: 422, code: 'chat.too-many-emojis' })));
    const { reactions } = await room.find(id);
    expect(reactions).toHaveLength(20);
    await react(ada!, id, reactions[0]!.emoji).expect(204);
    await unreact(ben!, id, emojis[0]!).expect(204);
    expect(await room.types(seq)).toHaveLength(answers[0]!.status === 204 ? 22 : 21);
  });

  const cases: Case[] = [
    ['a member', () => cleo!, {}, undefined],
    ['the sender', () => ben!, {}, undefined],
    ['a muted member', () => cleo!, { muted: true }, 'chat.muted'],
    ['a banned member', () => cleo!, { banned: true }, 'chat.banned'],
    ['a former member', () => cleo!, { left: true }, 'not-found'],
    ['an outsider', () => eve!, {}, 'not-found'],
    ['a moderator of the community', () => mod!, {}, 'not-found'],
  ];
  it.each(cases)('by %s', async (_, who, place, code) => {
    const { id, seq } = await room.send(ben!);
    await room.place(who(), place);
    expect((await react(who(), id)).body.code).toBe(code);
    const { socket } = await connect(who());
    expect((await emit(socket, 'reaction.set', { messageId: id, emoji: '🎉', on: true })).error?.code).toBe(code);
    expect(await room.types(seq)).toHaveLength(code === undefined ? 2 : 0);
  });

  it('is over in an archive and on what is deleted; one\'s own can be taken back from an archive', async () => {
    const { id } = await room.send(ben!);
    await react(cleo!, id).expect(204);
    await room.set('archived_at', 'UTC_TIMESTAMP(3)');
    expect(outcomeOf(await react(cleo!, id, '🎉'))).toEqual({ status: 409, code: 'chat.archived' });
    await unreact(cleo!, id).expect(204);
    await room.set('archived_at', 'NULL');
    await remove(ben!, id).expect(204);
    await react(cleo!, id).expect(404);
    await unreact(cleo!, id).expect(404);
    await react(cleo!, randomUUID()).expect(404);
    await app.http.put(reactionUrl(id, '👍')).set(cleo!.auth).send({ on: true }).expect(400);
  });
});

describe('files', () => {
  const bytes = randomBytes(5_000);
  const fetched = async (member: GivenMember | undefined, messageId: string, fileId: string, query = '', init: { method?: string; headers?: Record<string, string> } = {}) => {
    const response = await fetch(`${app.url}/api/chat/messages/${messageId}/files/${fileId}${query}`, { method: init.method ?? 'GET', headers: { ...member?.auth, ...init.headers } });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  };
  const codeOf = ({ body }: { body: Buffer }) => (JSON.parse(body.toString()) as { code: string }).code;

  it('are had by whoever may read the message, as uploads are served', async () => {
    const picture = { served: randomBytes(500), variants: { thumb: randomBytes(50) } };
    const given = givenFiles(app.app);
    const file = await given.ready(ben!.id, bytes, { name: 'größe.bin' });
    const boat = await given.ready(ben!.id, randomBytes(900), { name: 'boat.jpeg', mime: 'image/jpeg', picture });
    const message = await room.send(ben!, { text: undefined, fileIds: [file.id, boat.id] });
    expect(message.files).toMatchObject([{ id: file.id, name: 'größe.bin', bytes: 5_000, width: null }, { id: boat.id, mediaType: 'image/jpeg', bytes: 500, width: 40, height: 30 }]);
    const whole = await fetched(cleo!, message.id, file.id);
    expect([whole.status, whole.body.equals(bytes)]).toEqual([200, true]);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; sandbox", 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache', 'cross-origin-resource-policy': 'same-origin', 'content-length': '5000',
    });
    expect(whole.headers.get('content-disposition')).toContain('attachment');
    const part = await fetched(cleo!, message.id, file.id, '', { headers: { Range: 'bytes=10-19' } });
    expect([part.status, part.body.equals(bytes.subarray(10, 20))]).toEqual([206, true]);
    expect((await fetched(cleo!, message.id, file.id, '', { headers: { 'If-None-Match': whole.headers.get('etag')! } })).status).toBe(304);
    const head = await fetched(cleo!, message.id, file.id, '', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.body.length]).toEqual([200, '5000', 0]);
    expect((await fetched(ada!, message.id, boat.id)).body.equals(picture.served)).toBe(true);
    expect((await fetched(ada!, message.id, boat.id, '?variant=thumb')).body.equals(picture.variants.thumb)).toBe(true);
    expect((await fetched(ada!, message.id, boat.id, '?variant=large')).status).toBe(404);
    expect((await fetched(ada!, message.id, boat.id, '?variant=huge')).status).toBe(400);
  });

  it('are nothing to others, and nothing once the message is deleted', async () => {
    const given = givenFiles(app.app);
    const file = await given.ready(ben!.id, bytes);
    const own = await given.ready(ben!.id, bytes);
    const { id } = await room.send(ben!, { fileIds: [file.id] });
    const other = await room.send(ben!);
    const wrong: [GivenMember, string, string][] = [
      [eve!, id, file.id], [mod!, id, file.id], [cleo!, other.id, file.id], [cleo!, id, own.id], [ben!, id, own.id], [cleo!, id, randomUUID()], [cleo!, randomUUID(), file.id],
    ];
    for (const [member, messageId, fileId] of wrong) {
      const answer = await fetched(member, messageId, fileId);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'not-found']);
    }
    expect((await fetched(undefined, id, file.id)).status).toBe(401);
    await room.place(cleo!, { banned: true });
    expect(codeOf(await fetched(cleo!, id, file.id))).toBe('chat.banned');
    await room.place(cleo!, { left: true });
    expect((await fetched(cleo!, id, file.id)).status).toBe(404);
    await room.place(cleo!, { muted: true });
    expect((await fetched(cleo!, id, file.id)).status).toBe(200);
    await remove(ben!, id).expect(204);
    for (const member of [ada!, ben!, cleo!]) expect((await fetched(member, id, file.id)).status).toBe(404);
    await app.http.get(`/api/files/${file.id}/content`).set(ben!.auth).expect(200);
  });

  it('are gone with the upload, whose owner may delete it', async () => {
    const file = await givenFiles(app.app).ready(ben!.id, bytes);
    const { id } = await room.send(ben!, { fileIds: [file.id] });
    await app.http.delete(`/api/files/${file.id}`).set(ben!.auth).expect(204);
    const answer = await fetched(cleo!, id, file.id);
    expect([answer.status, codeOf(answer)]).toEqual([410, 'file.deleted']);
  });

  it('are sent by their owner, when they are ready', async () => {
    const given = givenFiles(app.app);
    const [file, unready, rejected] = [await given.ready(ben!.id, bytes), await given.processing(ben!.id, bytes), await given.rejected(ben!.id, bytes)];
    const post = async (member: GivenMember, fileIds: string[]) => (await sendByRest(app, member, room.id, { fileIds })).body;
    expect(await post(cleo!, [file.id])).toMatchObject({ code: 'not-found' });
    expect(await post(ben!, [file.id, unready.id])).toMatchObject({ code: 'chat.attachment-not-ready', fileId: unready.id, state: 'processing' });
    expect(await post(ben!, [rejected.id])).toMatchObject({ code: 'chat.attachment-not-ready', state: 'rejected' });
    const deleted = await given.ready(ben!.id, bytes);
    await app.http.delete(`/api/files/${deleted.id}`).set(ben!.auth).expect(204);
    expect(await post(ben!, [deleted.id])).toMatchObject({ code: 'file.deleted' });
    expect(await room.types(3)).toEqual([]);
    expect(await post(ben!, [file.id])).toMatchObject({ duplicate: false, message: { text: null, files: [{ id: file.id }] } });
  });

  it('let a message do without a text', async () => {
    const file = await givenFiles(app.app).ready(ben!.id, bytes);
    const { id } = await room.send(ben!, { fileIds: [file.id] });
    expect((await patch(ben!, id, { text: null, version: 1 }).expect(200)).body).toMatchObject({ text: null, version: 2, deleted: false, files: [{ id: file.id }] });
    expect((await patch(ben!, id, { text: 'back', version: 2 }).expect(200)).body).toMatchObject({ text: 'back', version: 3 });
  });
});

it('nothing of an act reaches who is not in the conversation', async () => {
  const { events } = await connect(eve!);
  const own = await chatRoom(app, ada!, [eve!]);
  const { id } = await room.send(ben!);
  await patch(ben!, id, { text: 'canary', version: 1 }).expect(200);
  await react(cleo!, id).expect(204);
  await remove(ben!, id).expect(204);
  await own.send(ada!);
  await eventually(() => expect(events.filter(({ conversationId }) => conversationId === own.id).at(-1)?.type).toBe('message.created'));
  expect(heard(events)).toEqual([]);
});
