import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { ReportedMessage } from '../../src/features/chat/moderation/moderation.types.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatRoom, type ChatRoom } from '../support/chat-room.js';
import { chatSockets } from '../support/chat.js';
import { acknowledgementOf } from '../support/sockets.js';
import { givenFiles } from '../support/uploads-files.js';

let app: TestApp;
let [ada, ben, cleo, eve, mod, admin]: GivenMember[] = [];
let room: ChatRoom;
const sockets = chatSockets();

beforeAll(async () => {
  app = await createTestApp({ UPLOAD_WORKERS: '0' });
  [ada, ben, cleo, eve] = [await app.given.member(), await app.given.member(), await app.given.member(), await app.given.member()];
  [mod, admin] = [await app.given.member({ role: 'moderator' }), await app.given.member({ role: 'admin' })];
});
beforeEach(async () => {
  // Ada is the owner, Ben and Cleo are members; Eve, Mod and Admin are not in it.
  room = await chatRoom(app, ada!, [ben!, cleo!]);
});
afterEach(sockets.closeAll);
afterAll(() => app.close());

const report = (member: GivenMember, messageId: string, body: object = { reason: 'spam' }) => app.http.post(`/api/chat/messages/${messageId}/reports`).set(member.auth).send(body);
const resolve = (member: GivenMember, id: string, body: object = { state: 'resolved' }) => app.http.patch(`/api/chat/reports/${id}`).set(member.auth).send(body);
const remove = (member: GivenMember, messageId: string) => app.http.delete(`/api/chat/messages/${messageId}`).set(member.auth);
const list = async (query = '', member = mod!) => (await app.http.get(`/api/chat/reports${query}`).set(member.auth).expect(200)).body as { items: ReportedMessage[]; nextCursor: string | null };
const reported = async (messageId: string, query = '?limit=100') => (await list(query)).items.filter(({ message }) => message.id === messageId);
const audited = async (action: string, subjectId: string) => {
  const { body } = await app.http.get(`/api/admin/audit?action=${action}&subjectId=${subjectId}`).set(admin!.auth).expect(200);
  return body.items as { actorId: string; details: object }[];
};

describe('a report', () => {
  it('shows moderators of the community that one message, as it is now', async () => {
    const { id } = await room.send(ben!, { text: 'buy watches' });
    await room.send(ben!, { text: 'canary' });
    const { body } = await report(cleo!, id, { reason: '  The third time.\nPlease look. ' }).expect(201);
    expect(body).toEqual({ id: expect.any(String), messageId: id, reason: 'The third time.\nPlease look.', createdAt: expect.any(String) });
    const expected = { id: body.id, state: 'open', reason: body.reason, reporterId: cleo!.id, createdAt: body.createdAt, resolvedAt: null, resolvedBy: null, message: { id, text: 'buy watches', senderId: ben!.id, version: 1 } };
    expect(await reported(id)).toMatchObject([expected]);
    await app.http.patch(`/api/chat/messages/${id}`).set(ben!.auth).send({ text: 'buy clocks', version: 1 }).expect(200);
    expect(await reported(id)).toMatchObject([{ message: { text: 'buy clocks', version: 2 } }]);
    await remove(ben!, id).expect(204);
    expect(await reported(id)).toMatchObject([{ ...expected, message: { id, text: null, deleted: true } }]);
    expect(JSON.stringify(await list('?limit=100'))).not.toContain('canary');
    await app.http.get(`/api/chat/conversations/${room.id}/messages`).set(mod!.auth).expect(404);
  });

  it('is made once by each member, however often it is sent', async () => {
    const { id } = await room.send(ben!);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => report(cleo!, id, { reason: `reason ${i}` })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const { body } = answers.find(({ status }) => status === 201)!;
    expect((await report(cleo!, id).expect(200)).body).toEqual(body);
    await report(ada!, id, {}).expect(201);
    expect((await reported(id)).map(({ reporterId, reason }) => [reporterId, reason])).toEqual([[ada!.id, ''], [cleo!.id, body.reason]]);
  });

  it('is for whoever may read the message', async () => {
    const { id } = await room.send(ben!);
    for (const member of [eve!, mod!]) expect((await report(member, id).expect(404)).body.code).toBe('not-found');
    await report(cleo!, randomUUID()).expect(404);
    await report(cleo!, 'x').expect(404);
    await room.place(cleo!, { banned: true });
    expect((await report(cleo!, id).expect(403)).body.code).toBe('chat.banned');
    await room.place(cleo!, { left: true });
    await report(cleo!, id).expect(404);
    await room.place(cleo!, { muted: true });
    await report(cleo!, id).expect(201);
    await remove(ben!, id).expect(204);
    await report(cleo!, id).expect(200);
    await report(ada!, id).expect(404);
  });

  it.each([[{ reason: 'x'.repeat(501) }], [{ reason: 7 }], [{ reason: null }], [{ reason: 'a\u0000' }], [{ reason: '\ud800' }], [{ reason: 'x', state: 'open' }]])('needs its shape, %#', async (body) => {
    const { id } = await room.send(ben!);
    expect((await report(cleo!, id, body).expect(400)).body.code).toBe('request.invalid');
    expect(await reported(id)).toEqual([]);
  });

  it('may have 500 characters of any kind', async () => {
    const { id } = await room.send(ben!);
    expect((await report(cleo!, id, { reason: '😀'.repeat(500) }).expect(201)).body.reason).toBe('😀'.repeat(500));
  });

  it('is seen to once, and written down', async () => {
    const { id: messageId } = await room.send(ben!);
    const { body: made } = await report(cleo!, messageId).expect(201);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => resolve(i % 2 === 0 ? mod! : admin!, made.id).expect(200)));
    const body = answers[0]!.body as ReportedMessage;
    expect(body).toMatchObject({ id: made.id, state: 'resolved', resolvedAt: expect.any(String), message: { id: messageId } });
    for (const answer of answers) expect(answer.body).toEqual(body);
    expect(await audited('chat.report-resolved', made.id)).toMatchObject([{ actorId: body.resolvedBy, details: { messageId } }]);
    expect(await reported(messageId)).toEqual([]);
    expect(await reported(messageId, '?state=resolved')).toEqual([body]);
    // What was seen to is not reported again by the same member.
    await report(cleo!, messageId).expect(200);
    expect(await reported(messageId)).toEqual([]);
  });

  it('is listed page by page, newest first', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { id } = await room.send(ben!);
      ids.unshift((await report(cleo!, id).expect(201)).body.id);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null && seen.length < 5; ) {
      const page = await list(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    const { nextCursor } = await list('?limit=1');
    await app.http.get(`/api/chat/reports?state=resolved&cursor=${nextCursor}`).set(mod!.auth).expect(400);
    await app.http.get('/api/chat/reports?state=all').set(mod!.auth).expect(400);
  });

  it('is looked at by moderators of the community alone', async () => {
    const { id } = await room.send(ben!);
    const { body } = await report(cleo!, id).expect(201);
    for (const member of [ada!, ben!, cleo!, eve!]) {
      await app.http.get('/api/chat/reports').set(member.auth).expect(403);
      expect((await resolve(member, body.id).expect(403)).body.code).toBe('auth.forbidden');
    }
    await app.http.get('/api/chat/reports').expect(401);
    await resolve(mod!, randomUUID()).expect(404);
    for (const wrong of [{}, { state: 'open' }, { state: 'resolved', note: 'x' }]) await resolve(mod!, body.id, wrong).expect(400);
    expect(await reported(id)).toMatchObject([{ state: 'open' }]);
  });
});

describe('moderators of the community', () => {
  it('delete what was reported, and nothing beside it', async () => {
    const [first, second] = [await room.send(ben!), await room.send(ben!)];
    await remove(mod!, first.id).expect(404);
    await report(cleo!, first.id).expect(201);
    await remove(mod!, first.id).expect(204);
    await remove(mod!, second.id).expect(404);
    expect([(await room.find(first.id)).deleted, (await room.find(second.id)).deleted]).toEqual([true, false]);
    expect((await room.events(ada!, second.seq))).toMatchObject([{ type: 'message.deleted', actorId: mod!.id, data: { messageId: first.id } }]);
    await remove(eve!, first.id).expect(404);
  });

  it('delete by socket as well', async () => {
    const { id } = await room.send(ben!);
    await report(cleo!, id).expect(201);
    const { socket } = await sockets.connect(app, mod!);
    expect(await acknowledgementOf(socket, 'message.delete', { messageId: id })).toEqual({ ok: true, data: null });
    expect((await room.find(id)).deleted).toBe(true);
  });

  it('delete anything where they are members, unless they are banned', async () => {
    const joint = await chatRoom(app, ada!, [ben!, mod!]);
    const [first, second] = [await joint.send(ada!), await joint.send(ben!)];
    await remove(mod!, first.id).expect(204);
    await joint.place(mod!, { banned: true });
    expect((await remove(mod!, second.id).expect(403)).body.code).toBe('chat.banned');
    await report(ada!, second.id).expect(201);
    await remove(mod!, second.id).expect(204);
  });

  it('see the files of what was reported', async () => {
    const file = await givenFiles(app.app).ready(ben!.id, randomBytes(100));
    const { id } = await room.send(ben!, { fileIds: [file.id] });
    const get = (member: GivenMember) => app.http.get(`/api/chat/messages/${id}/files/${file.id}`).set(member.auth);
    await get(mod!).expect(404);
    await report(cleo!, id).expect(201);
    await get(mod!).expect(200);
    await get(eve!).expect(404);
    await remove(mod!, id).expect(204);
    await get(mod!).expect(404);
  });
});

describe('the audit', () => {
  it('knows who deleted what was not theirs, and nothing of what it said', async () => {
    const deleted = async (by: GivenMember) => {
      const { id } = await room.send(ben!, { text: 'canary-of-the-audit' });
      await remove(by, id).expect(204);
      await remove(by, id).expect(204);
      return audited('chat.message-deleted', id);
    };
    const details = { conversationId: room.id, senderId: ben!.id };
    expect(await deleted(ada!)).toMatchObject([{ actorId: ada!.id, details }]);
    await room.place(cleo!, { role: 'moderator' });
    expect(await deleted(cleo!)).toMatchObject([{ actorId: cleo!.id, details }]);
    expect(await deleted(ben!)).toEqual([]);
    const { body } = await app.http.get('/api/admin/audit?limit=100').set(admin!.auth).expect(200);
    expect(JSON.stringify(body)).not.toContain('canary-of-the-audit');
  });

  it('names the one of many who did it', async () => {
    const { id } = await room.send(ben!);
    await room.place(cleo!, { role: 'moderator' });
    await Promise.all([ada!, cleo!, ada!, cleo!].map((member) => remove(member, id).expect(204)));
    const acts = await audited('chat.message-deleted', id);
    const [event] = await room.events(ada!, 4);
    expect(acts.map(({ actorId }) => actorId)).toEqual([event!.actorId]);
  });
});
