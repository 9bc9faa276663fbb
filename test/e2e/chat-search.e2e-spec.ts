import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../../src/features/chat/chat.types.js';
import type { Conversation } from '../../src/features/chat/conversations/conversations.types.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { givenConversation, sendByRest } from '../support/chat.js';

const CANARY = 'kanarienvogel';
let app: TestApp;
let [ada, ben, eve]: GivenMember[] = [];
let room: Conversation;

beforeAll(async () => {
  app = await createTestApp();
  [ada, ben, eve] = [await app.given.member(), await app.given.member(), await app.given.member()];
  room = await givenConversation(app, ada!, [ben!]);
});
afterAll(() => app.close());

async function say(member: GivenMember, text: string, id = room.id): Promise<ChatMessage> {
  const { body } = await sendByRest(app, member, id, { text }).expect(201);
  return body.message as ChatMessage;
}
const ask = (member: GivenMember, query: Record<string, string | number>) => app.http.get('/api/chat/search').query(query).set(member.auth);
const search = async (member: GivenMember, q: string, query: Record<string, string | number> = {}) =>
  ((await ask(member, { q, ...query }).expect(200)).body.items as ChatMessage[]).map(({ text }) => text);
const write = (sql: string, ...values: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, values));

describe('searching', () => {
  it('finds what was sent a moment before, with all of it', async () => {
    for (const text of ['The roof is open', 'Crème brûlée on the roof', '我们明天在公园见面', 'พรุ่งนี้เจอกันที่สวนสาธารณะ']) {
      const sent = await say(ada!, text);
      const { body } = await ask(ben!, { q: text }).expect(200);
      expect(body).toEqual({ items: [sent], nextCursor: null });
    }
    expect(await search(ben!, 'ROOF')).toEqual(['Crème brûlée on the roof', 'The roof is open']);
    expect(await search(ben!, 'creme roo')).toEqual(['Crème brûlée on the roof']);
    expect(await search(ben!, '公园')).toEqual(['我们明天在公园见面']);
    expect(await search(ben!, 'สวน')).toEqual(['พรุ่งนี้เจอกันที่สวนสาธารณะ']);
    expect(await search(ben!, 'roof cellar')).toEqual([]);
  });

  it.each(['100%', 'a_b', "it's; DROP TABLE--", 'back\\slash', '!bang'])('takes %s for words', async (q) => {
    const text = `says ${q} here`;
    await say(ada!, text);
    expect(await search(ada!, q)).toEqual([text]);
  });

  it('is narrowed by conversation, sender and time', async () => {
    const other = await givenConversation(app, ada!, [ben!]);
    const first = await say(ada!, 'narrow one');
    await write('UPDATE chat_message SET created_at = created_at - INTERVAL 1 HOUR WHERE id = ?', first.id);
    const second = await say(ben!, 'narrow two');
    await say(ada!, 'narrow three', other.id);
    expect(await search(ada!, 'narrow')).toEqual(['narrow three', 'narrow two', 'narrow one']);
    expect(await search(ada!, 'narrow', { conversation: room.id.toUpperCase() })).toEqual(['narrow two', 'narrow one']);
    expect(await search(ada!, 'narrow', { from: ada!.id })).toEqual(['narrow three', 'narrow one']);
    expect(await search(ada!, 'narrow', { before: second.createdAt })).toEqual(['narrow one']);
    expect(await search(ada!, 'narrow', { conversation: room.id, from: ben!.id, before: second.createdAt })).toEqual([]);
  });

  it('goes on page by page over all conversations, also where times are the same', async () => {
    const rooms = [room, await givenConversation(app, ada!, []), await givenConversation(app, ada!, [])];
    const ids: string[] = [];
    for (let i = 0; i < 9; i += 1) ids.push((await say(ada!, `paged ${i}`, rooms[i % 3]!.id)).id);
    await write('UPDATE chat_message SET created_at = ? WHERE id IN (?)', new Date(), ids);
    const whole = await search(ada!, 'paged');
    expect([...whole].sort()).toEqual(Array.from({ length: 9 }, (_, i) => `paged ${i}`));
    const paged: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await ask(ada!, { q: 'paged', limit: 2, ...(cursor !== null && { cursor }) }).expect(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      paged.push(...(body.items as ChatMessage[]).map(({ text }) => text));
      cursor = body.nextCursor as string | null;
    } while (cursor !== null);
    expect(paged).toEqual(whole);
  });

  it('finds an edited message by its new text only, and a deleted one not at all', async () => {
    const message = await say(ada!, 'zebra in the yard');
    const late = await say(ada!, 'zebra crossing');
    expect(await search(ben!, 'zebra')).toHaveLength(2);
    await app.http.patch(`/api/chat/messages/${message.id}`).set(ada!.auth).send({ text: 'giraffe in the yard', version: 1 }).expect(200);
    expect(await search(ben!, 'zebra')).toEqual(['zebra crossing']);
    expect(await search(ben!, 'giraffe yard')).toEqual(['giraffe in the yard']);
    await app.http.delete(`/api/chat/messages/${late.id}`).set(ada!.auth).expect(204);
    expect(await search(ben!, 'zebra')).toEqual([]);
    const unindexed = await say(ada!, 'okapi');
    await app.http.delete(`/api/chat/messages/${unindexed.id}`).set(ada!.auth).expect(204);
    expect(await search(ben!, 'okapi')).toEqual([]);
  });
});

describe('nobody finds anything', () => {
  it('of a conversation that they are not in', async () => {
    await say(ada!, CANARY);
    expect(await search(ben!, CANARY)).toEqual([CANARY]);
    const { text } = await ask(eve!, { q: CANARY }).expect(200);
    expect(text).not.toContain(room.id);
    expect(await search(eve!, CANARY)).toEqual([]);
    expect((await ask(eve!, { q: CANARY, conversation: room.id }).expect(404)).body.code).toBe('not-found');
    expect(await search(eve!, CANARY, { from: ada!.id })).toEqual([]);
  });

  it('of one that they have left, or are banned from', async () => {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    await say(ada!, `${CANARY} flies`, id);
    expect(await search(ben!, `${CANARY} flies`)).toHaveLength(1);
    await write('UPDATE chat_member SET banned_until = UTC_TIMESTAMP(3) + INTERVAL 1 DAY WHERE conversation_id = ? AND member_id = ?', id, ben!.id);
    await write('UPDATE chat_member SET left_seq = 99 WHERE conversation_id = ? AND member_id = ?', id, eve!.id);
    for (const member of [ben!, eve!]) expect(await search(member, `${CANARY} flies`)).toEqual([]);
    expect((await ask(ben!, { q: CANARY, conversation: id }).expect(403)).body.code).toBe('chat.banned');
    await ask(eve!, { q: CANARY, conversation: id }).expect(404);
    await write('UPDATE chat_member SET banned_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE conversation_id = ? AND member_id = ?', id, ben!.id);
    expect(await search(ben!, `${CANARY} flies`)).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it.each([
    [{}], [{ q: '' }], [{ q: ' ' }], [{ q: '!?' }], [{ q: '👍' }], [{ q: 'x'.repeat(201) }], [{ q: Array.from({ length: 51 }, (_, i) => i).join(' ') }],
    [{ q: 'x', conversation: 'mine' }], [{ q: 'x', from: 'me' }], [{ q: 'x', before: '2026-05-03' }], [{ q: 'x', limit: 0 }], [{ q: 'x', limit: 101 }], [{ q: 'x', cursor: 'forged' }], [{ q: 'x', all: 'true' }],
  ])('%#', async (query) => {
    expect((await ask(ada!, query as Record<string, string | number>).expect(400)).body.code).toBe('request.invalid');
  });

  it('is who is not signed in', () => app.http.get('/api/chat/search?q=x').expect(401));
});
