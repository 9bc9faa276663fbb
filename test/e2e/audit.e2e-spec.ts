import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/database/columns.js';
import { DataSource } from 'typeorm';
import { createTestApp, PASSWORD, type GivenMember, type TestApp } from '../support/app.js';

interface Entry {
  seq: number;
  at: string;
  actorId: string;
  action: string;
  subjectType: string;
  subjectId: string;
  details: Record<string, unknown>;
  hash: string;
}

let app: TestApp;
let admin: GivenMember;

const audit = (query: object = {}, actor = admin) => app.http.get('/api/admin/audit').set(actor.auth).query(query);
const verification = async () => (await app.http.get('/api/admin/audit/verification').set(admin.auth).expect(200)).body;
const patch = (member: { id: string }, body: object, actor = admin) => app.http.patch(`/api/members/${member.id}`).set(actor.auth).send(body);
/** What is on record about a member, oldest first. */
async function acts({ id }: { id: string }): Promise<[actorId: string, action: string, details: object][]> {
  const { body }: { body: { items: Entry[] } } = await audit({ subjectId: id, limit: 100 }).expect(200);
  return body.items.reverse().map(({ actorId, action, details }) => [actorId, action, details]);
}

beforeAll(async () => {
  app = await createTestApp();
  admin = await app.given.member({ role: 'admin' });
});
afterAll(() => app.close());

describe('what is on record', () => {
  it('is each change of a role, and from what to what', async () => {
    const member = await app.given.member();
    for (const role of ['moderator', 'moderator', 'admin', 'member']) await patch(member, { role }).expect(200);
    expect(await acts(member)).toEqual([
      [admin.id, 'member.role-changed', { before: 'member', after: 'moderator' }],
      [admin.id, 'member.role-changed', { before: 'moderator', after: 'admin' }],
      [admin.id, 'member.role-changed', { before: 'admin', after: 'member' }],
    ]);
  });

  it('is that a member was locked out and let in, once each', async () => {
    const member = await app.given.member();
    for (const change of [{ disabled: true }, { disabled: true }, { disabled: false }, { disabled: false }, { role: 'operator', disabled: true }, {}]) await patch(member, change).expect(200);
    expect(await acts(member)).toEqual([
      [admin.id, 'member.disabled', {}],
      [admin.id, 'member.enabled', {}],
      [admin.id, 'member.role-changed', { before: 'member', after: 'operator' }],
      [admin.id, 'member.disabled', {}],
    ]);
  });

  it('is what was given and taken back, and until when', async () => {
    const member = await app.given.member();
    const entitlement = `/api/members/${member.id}/entitlements/memes.ai`;
    const [first, second] = ['2098-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z'];
    for (const until of [first, second]) await app.http.put(entitlement).set(admin.auth).send({ until }).expect(200);
    await app.http.delete(entitlement).set(admin.auth).expect(204);
    expect(await acts(member)).toEqual([
      [admin.id, 'entitlement.granted', { permission: 'memes.ai', before: null, after: first }],
      [admin.id, 'entitlement.granted', { permission: 'memes.ai', before: first, after: second }],
      [admin.id, 'entitlement.revoked', { permission: 'memes.ai', before: second, after: null }],
    ]);
  });

  it('is a change of one\'s own password, without any password or hash', async () => {
    const member = await app.given.member();
    await app.http.post('/api/me/password').set(member.auth).send({ current: PASSWORD, next: 'a sunny window desk' }).expect(204);
    const recorded = await acts(member);
    expect(recorded).toEqual([[member.id, 'password.changed', {}]]);
    expect(JSON.stringify(recorded)).not.toMatch(/argon2|sunny|horse/);
  });

  it('is nothing of what was refused', async () => {
    const [member, other] = [await app.given.member(), await app.given.member()];
    await patch(member, { role: 'admin' }, other).expect(403);
    await patch(member, { role: 'emperor' }).expect(400);
    await patch(admin, { role: 'member' }).expect(409);
    await app.http.put(`/api/members/${member.id}/entitlements/members.admin`).set(admin.auth).send({ until: '2099-01-01T00:00:00Z' }).expect(422);
    await app.http.delete(`/api/members/${member.id}/entitlements/memes.ai`).set(admin.auth).expect(404);
    await app.http.post('/api/me/password').set(member.auth).send({ current: 'not the password', next: 'a sunny window desk' }).expect(403);
    expect(await acts(member)).toEqual([]);
    expect(await acts(admin)).toEqual([]);
  });

  it('is whole: an act that cannot be written down does not happen', async () => {
    const member = await app.given.member();
    const dataSource = app.app.get(DataSource);
    await dataSource.query(`CREATE TRIGGER refuse_entry BEFORE INSERT ON audit_entry FOR EACH ROW SIGNAL SQLSTATE '45000'`);
    try {
      await patch(member, { role: 'admin' }).expect(500);
      await patch(member, { disabled: true }).expect(500);
      await app.http.put(`/api/members/${member.id}/entitlements/memes.ai`).set(admin.auth).send({ until: '2099-01-01T00:00:00Z' }).expect(500);
      await app.http.post('/api/me/password').set(member.auth).send({ current: PASSWORD, next: 'a sunny window desk' }).expect(500);
    } finally {
      await dataSource.query('DROP TRIGGER refuse_entry');
    }
    const { body: me } = await app.http.get('/api/me').set(member.auth).expect(200);
    expect(me).toMatchObject({ role: 'member', permissions: expect.not.arrayContaining(['memes.ai', 'members.admin']) });
    await app.http.post('/api/sessions').send({ email: member.email, password: PASSWORD }).expect(201);
    expect(await acts(member)).toEqual([]);
    expect(await verification()).toMatchObject({ violations: [] });
  });

  it('follows one another, by admins at once', async () => {
    const [second, member] = [await app.given.member({ role: 'admin' }), await app.given.member()];
    const roles = Array.from({ length: 20 }, (_, n) => ['member', 'moderator', 'operator'][n % 3]!);
    const answers = await Promise.all(roles.map((role, n) => patch(member, { role }, n % 2 ? admin : second)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    let role = 'member';
    for (const [, , details] of await acts(member)) {
      expect((details as { before: string }).before).toBe(role);
      role = (details as { after: string }).after;
    }
    expect((await app.app.get(Database).rows<{ role: string }>('SELECT role FROM member WHERE id = ?', [member.id]))[0]!.role).toBe(role);
    expect((await verification()).violations).toEqual([]);
  }, 20_000);
});

describe('GET /api/admin/audit', () => {
  it('shows entries newest first, a page at a time, by action and by subject', async () => {
    const member = await app.given.member();
    for (const change of [{ role: 'moderator' }, { disabled: true }, { role: 'member' }, { disabled: false }]) await patch(member, change).expect(200);
    const found: Entry[] = [];
    let cursor: string | undefined;
    do {
      const { body }: { body: { items: Entry[]; nextCursor: string | null } } = await audit({ subjectId: member.id, limit: 3, ...(cursor && { cursor }) }).expect(200);
      found.push(...body.items);
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found.map(({ action }) => action)).toEqual(['member.enabled', 'member.role-changed', 'member.disabled', 'member.role-changed']);
    expect(found[0]).toEqual({
      seq: expect.any(Number), at: expect.stringMatching(/Z$/), actorId: admin.id, action: 'member.enabled', subjectType: 'member', subjectId: member.id, details: {},
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const seqs = found.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
    expect((await audit({ subjectId: member.id, action: 'member.disabled' })).body.items).toHaveLength(1);
    expect((await audit({ subjectId: newId() })).body).toEqual({ items: [], nextCursor: null });
    expect((await audit({ action: '', subjectId: '' })).body.items).toHaveLength(20);
  });

  it.each([{ limit: 0 }, { limit: 101 }, { cursor: 'x' }, { action: 'Ünicode' }, { action: 'x'.repeat(65) }, { subjectId: 'a b' }, { subjectId: 'x'.repeat(65) }, { 'action[]': 'member.disabled' }, { actorId: 'x' }])(
    'refuses %j',
    async (query) => {
      expect((await audit(query).expect(400)).body.code).toBe('request.invalid');
    },
  );
});

describe('GET /api/admin/audit/verification', () => {
  it('tells how much was checked, and what is wrong with it', async () => {
    const member = await app.given.member();
    await patch(member, { role: 'moderator' }).expect(200);
    const [last] = (await audit({ limit: 1 })).body.items as Entry[];
    expect(await verification()).toEqual({ checkedAt: expect.stringMatching(/Z$/), entries: last!.seq, head: last!.hash, violations: [] });

    const dataSource = app.app.get(DataSource);
    await dataSource.query(`UPDATE audit_entry SET details = 'no JSON' WHERE seq = ?`, [last!.seq]);
    expect((await verification()).violations).toEqual([{ seq: last!.seq, fault: 'altered' }]);
    expect((await audit({ limit: 1 }).expect(200)).body.items[0].details).toEqual({ unreadable: 'no JSON' });
    await dataSource.query('UPDATE audit_entry SET details = ? WHERE seq = ?', ['{"after":"moderator","before":"member"}', last!.seq]);
    expect((await verification()).violations).toEqual([]);
  });
});
