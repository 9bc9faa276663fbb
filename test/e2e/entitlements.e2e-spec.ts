import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { SubscribeMessage } from '@nestjs/websockets';
import jwt from 'jsonwebtoken';
import type { Socket } from 'socket.io-client';
import { MemberRights } from '../../src/features/members/member-rights.service.js';
import { RequirePermission } from '../../src/platform/auth/decorators.js';
import { inBitOrder, Permission, PERMISSIONS_BY_ROLE } from '../../src/platform/auth/permissions.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Gateway } from '../../src/platform/realtime/acknowledgement.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { acknowledgementOf, connectSocket } from '../support/sockets.js';

/** Something that only an entitlement opens. */
@Controller('test/ai')
class AiController {
  @Get()
  @RequirePermission(Permission.MemesAi)
  paint(): { painted: boolean } {
    return { painted: true };
  }
}

@Gateway()
class AiGateway {
  @SubscribeMessage('test.ai')
  @RequirePermission(Permission.MemesAi)
  paint(): string {
    return 'painted';
  }
}

@Module({ controllers: [AiController], providers: [AiGateway] })
class AiModule {}

let app: TestApp;
let admin: GivenMember;
const sockets: Socket[] = [];

const FAR = '2099-01-01T00:00:00.000Z';
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
const put = (member: { id: string }, permission: string, until: unknown, actor = admin) =>
  app.http.put(`/api/members/${member.id}/entitlements/${permission}`).set(actor.auth).send({ until });
const take = (member: { id: string }, permission: string, actor = admin) => app.http.delete(`/api/members/${member.id}/entitlements/${permission}`).set(actor.auth);
const listed = async (member: { id: string }) => (await app.http.get(`/api/members/${member.id}/entitlements`).set(admin.auth).expect(200)).body;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const write = (sql: string, parameters: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
const end = ({ id }: GivenMember) => write('UPDATE entitlement SET until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE member_id = ?', [id]);

interface Refreshed {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  member: { permissions: string[] };
}
async function refreshed(member: GivenMember): Promise<Refreshed> {
  const { body } = await app.http.post('/api/sessions/refresh').send({ refreshToken: member.refreshToken }).expect(200);
  member.refreshToken = body.refreshToken;
  return body;
}

beforeAll(async () => {
  app = await createTestApp({}, [AiModule]);
  admin = await app.given.member({ role: 'admin' });
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(() => app.close());

describe('an entitlement', () => {
  it('gives a permission with the next refresh, which the old token asks for at once', async () => {
    const member = await app.given.member();
    await app.http.get('/api/test/ai').set(member.auth).expect(403);
    expect((await put(member, 'memes.ai', '2099-01-01T02:00:00+02:00').expect(200)).body).toEqual({ permission: 'memes.ai', until: FAR });

    expect((await app.http.get('/api/test/ai').set(member.auth).expect(401)).body.code).toBe('auth.token-expired');
    const { accessToken, member: shown } = await refreshed(member);
    await app.http.get('/api/test/ai').set(bearer(accessToken)).expect(200);
    const permissions = inBitOrder([...PERMISSIONS_BY_ROLE.member, 'memes.ai']);
    expect(shown.permissions).toEqual(permissions);
    expect((await app.http.get('/api/me').set(bearer(accessToken))).body.permissions).toEqual(permissions);
    expect((await app.http.patch('/api/me').set(bearer(accessToken)).send({})).body.permissions).toEqual(permissions);
    const { body: again } = await app.http.post('/api/sessions').send({ email: member.email, password: member.password }).expect(201);
    expect(again.member.permissions).toEqual(permissions);
  });

  it('is seen by admins, beside the role', async () => {
    const displayName = newId();
    const [member, other] = [await app.given.member({ displayName }), await app.given.member()];
    await put(member, 'polls.manage', FAR).expect(200);
    await put(member, 'memes.ai', FAR).expect(200);
    await put(other, 'chat.moderate', FAR).expect(200);
    const items = [{ permission: 'memes.ai', until: FAR }, { permission: 'polls.manage', until: FAR }];
    expect(await listed(member)).toEqual({ items });
    const { body } = await app.http.get('/api/members').set(admin.auth).query({ query: displayName }).expect(200);
    expect(body.items).toEqual([expect.objectContaining({ id: member.id, role: 'member', entitlements: items })]);
    const changed = await app.http.patch(`/api/members/${member.id}`).set(admin.auth).send({ role: 'operator' }).expect(200);
    expect(changed.body).toMatchObject({ role: 'operator', entitlements: items });
  });

  it('is taken back, with the next request', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', FAR).expect(200);
    const { accessToken } = await refreshed(member);
    await app.http.get('/api/test/ai').set(bearer(accessToken)).expect(200);
    await take(member, 'memes.ai').expect(204);
    expect((await app.http.get('/api/test/ai').set(bearer(accessToken)).expect(401)).body.code).toBe('auth.token-expired');
    await app.http.get('/api/test/ai').set(bearer((await refreshed(member)).accessToken)).expect(403);
    expect(await listed(member)).toEqual({ items: [] });
    expect((await take(member, 'memes.ai').expect(404)).body.code).toBe('not-found');
  });

  it('can have its end moved', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', FAR).expect(200);
    const until = soon(600_000);
    await put(member, 'memes.ai', until).expect(200);
    expect(await listed(member)).toEqual({ items: [{ permission: 'memes.ai', until }] });
  });

  it.each([undefined, null, '', 'tomorrow', 4_070_908_800_000, '2099-01-01', '2099-01-01T00:00:00', '2020-01-01T00:00:00Z', '2099-02-30T00:00:00Z', '+010000-01-01T00:00:00Z', [FAR]])(
    'does not end at %j',
    async (until) => {
      const member = await app.given.member();
      expect((await put(member, 'memes.ai', until).expect(400)).body).toMatchObject({ code: 'request.invalid', errors: expect.arrayContaining([expect.objectContaining({ path: 'until' })]) });
      expect(await listed(member)).toEqual({ items: [] });
      await app.http.get('/api/me').set(member.auth).expect(200);
    },
  );

  it.each(['members.admin', 'account.manage', 'moon.land', 'constructor', '__proto__', 'MEMES.AI', 'memes.ai%00', '%20', 'x'.repeat(90)])('is never of %s', async (permission) => {
    const member = await app.given.member();
    expect((await put(member, permission, FAR).expect(422)).body.code).toBe('member.permission-not-grantable');
    expect((await take(member, permission).expect(404)).body.code).toBe('not-found');
    await app.http.get('/api/me').set(member.auth).expect(200);
  });

  it('belongs to somebody', async () => {
    for (const id of [newId(), 'seven']) {
      expect((await put({ id }, 'memes.ai', FAR).expect(404)).body.code).toBe('not-found');
      await take({ id }, 'memes.ai').expect(404);
      await app.http.get(`/api/members/${id}/entitlements`).set(admin.auth).expect(404);
    }
  });

  it('is not given by an admin who is one no longer', async () => {
    const [former, member] = [await app.given.member({ role: 'admin' }), await app.given.member()];
    // By another process: in this one the token is still remembered as good.
    await app.http.get('/api/me').set(former.auth).expect(200);
    await write(`UPDATE member SET role = 'member', permission_version = permission_version + 1 WHERE id = ?`, [former.id]);
    expect((await put(member, 'memes.ai', FAR, former).expect(403)).body.code).toBe('auth.forbidden');
    await put(member, 'memes.ai', FAR).expect(200);
    expect((await take(member, 'memes.ai', former).expect(403)).body.code).toBe('auth.forbidden');
    expect((await listed(member)).items).toHaveLength(1);
  });

  it('is there once, and each change says truly what was before, when four admins make 12 at once', async () => {
    const member = await app.given.member();
    const admins = [admin, ...(await Promise.all(Array.from({ length: 3 }, () => app.given.member({ role: 'admin' }))))];
    const ends = Array.from({ length: 12 }, (_, n) => new Date(Date.UTC(2090 + n)).toISOString());
    const answers = await Promise.all(ends.map((until, n) => put(member, 'memes.ai', until, admins[n % admins.length])));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    const { body: log } = await app.http.get('/api/admin/audit').set(admin.auth).query({ subjectId: member.id, limit: 100 }).expect(200);
    const changes = (log.items as { details: { before: string | null; after: string } }[]).map(({ details }) => details).reverse();
    expect(changes.map(({ after }) => after).sort()).toEqual(ends);
    expect(changes.map(({ before }) => before)).toEqual([null, ...changes.slice(0, -1).map(({ after }) => after)]);
    expect((await listed(member)).items).toEqual([{ permission: 'memes.ai', until: changes.at(-1)!.after }]);
  });
});

describe('the end of an entitlement', () => {
  it('is the end of a token that carries it, and of no other', async () => {
    const [member, moderator] = [await app.given.member(), await app.given.member({ role: 'moderator' })];
    const until = soon(90_000);
    await put(member, 'memes.ai', until).expect(200);
    const { accessToken, expiresIn } = await refreshed(member);
    const { iat, exp, permsUntil } = jwt.decode(accessToken) as { iat: number; exp: number; permsUntil: number };
    expect(exp * 1000).toBeLessThanOrEqual(new Date(until).getTime());
    expect(exp * 1000).toBeGreaterThan(new Date(until).getTime() - 3_000);
    expect([exp - iat, permsUntil]).toEqual([expiresIn, exp]);

    await put(member, 'polls.manage', FAR).expect(200);
    expect((await refreshed(member)).expiresIn).toBeLessThanOrEqual(90);
    await put(member, 'memes.ai', FAR).expect(200);
    expect((await refreshed(member)).expiresIn).toBe(900);
    // Their role includes it anyway.
    await put(moderator, 'polls.manage', soon(60_000)).expect(200);
    expect((await refreshed(moderator)).expiresIn).toBe(900);
  });

  it('comes by itself: a token ends with it, and the next has not got it', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', soon(5_000)).expect(200);
    const { accessToken } = await refreshed(member);
    await app.http.get('/api/test/ai').set(bearer(accessToken)).expect(200);
    await eventually(async () => {
      expect((await app.http.get('/api/test/ai').set(bearer(accessToken)).expect(401)).body.code).toBe('auth.token-expired');
    }, 10_000);
    const next = await refreshed(member);
    expect(next.expiresIn).toBe(900);
    expect(next.member.permissions).toEqual(PERMISSIONS_BY_ROLE.member);
    await app.http.get('/api/test/ai').set(bearer(next.accessToken)).expect(403);
  }, 20_000);

  it('leaves nothing to be seen, and can be followed by another', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', FAR).expect(200);
    await end(member);
    expect(await listed(member)).toEqual({ items: [] });
    expect((await refreshed(member)).member.permissions).toEqual(PERMISSIONS_BY_ROLE.member);
    expect((await take(member, 'memes.ai').expect(404)).body.code).toBe('not-found');
    await put(member, 'memes.ai', FAR).expect(200);
    expect((await refreshed(member)).member.permissions).toContain('memes.ai');
  });

  it('is the end for a socket that is open', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', soon(5_000)).expect(200);
    const socket = await connectSocket(app.url, (await refreshed(member)).accessToken);
    sockets.push(socket);
    expect(await acknowledgementOf(socket, 'test.ai')).toEqual({ ok: true, data: 'painted' });
    await eventually(async () => expect(await acknowledgementOf(socket, 'test.ai')).toMatchObject({ ok: false, error: { code: 'auth.token-expired' } }), 10_000);
    const again = await connectSocket(app.url, (await refreshed(member)).accessToken);
    sockets.push(again);
    expect(await acknowledgementOf(again, 'test.ai')).toMatchObject({ ok: false, error: { code: 'auth.forbidden' } });
  }, 20_000);
});

describe('an API token', () => {
  const create = async (accessToken: string, body: object) => (await app.http.post('/api/api-tokens').set(bearer(accessToken)).send({ name: 'bot', ...body }).expect(201)).body;
  const permissionsOf = async (secret: string) => (await app.http.get('/api/me').set('X-Token', secret).expect(200)).body.permissions;

  it('gets what its owner was entitled to when it was made, and nothing that only came later', async () => {
    const member = await app.given.member();
    const early = await create(member.accessToken, {});
    await put(member, 'memes.ai', FAR).expect(200);
    const late = await create((await refreshed(member)).accessToken, {});
    expect(late.permissions).toContain('memes.ai');
    expect(await permissionsOf(late.secret)).toContain('memes.ai');
    expect(early.permissions).not.toContain('memes.ai');
    expect(await permissionsOf(early.secret)).not.toContain('memes.ai');
    await app.http.get('/api/test/ai').set('X-Token', late.secret).expect(200);
    await app.http.get('/api/test/ai').set('X-Token', early.secret).expect(403);
  });

  it('gets an admin\'s right that was lent only when it is named', async () => {
    const member = await app.given.member();
    await put(member, 'audit.read', FAR).expect(200);
    const { accessToken } = await refreshed(member);
    expect((await create(accessToken, {})).permissions).not.toContain('audit.read');
    const { secret } = await create(accessToken, { permissions: ['profile.read', 'audit.read'] });
    await app.http.get('/api/admin/audit').set('X-Token', secret).expect(200);
    expect(await permissionsOf(secret)).toEqual(['profile.read', 'audit.read']);
  });

  it('loses it at once when it is taken back', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', FAR).expect(200);
    const { secret } = await create((await refreshed(member)).accessToken, {});
    await app.http.get('/api/test/ai').set('X-Token', secret).expect(200);
    await take(member, 'memes.ai').expect(204);
    await app.http.get('/api/test/ai').set('X-Token', secret).expect(403);
  });

  it('loses it when it ends, though it was used a moment before', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', soon(5_000)).expect(200);
    const { secret } = await create((await refreshed(member)).accessToken, {});
    await app.http.get('/api/test/ai').set('X-Token', secret).expect(200);
    await eventually(() => app.http.get('/api/test/ai').set('X-Token', secret).expect(403), 10_000);
    await app.http.get('/api/credits').set('X-Token', secret).expect(200);
  }, 20_000);
});

describe('an entitlement that is taken back in the very moment', () => {
  /** Takes it back between the reading of the member's rights and their use. */
  function takenMeanwhile(member: GivenMember): void {
    const rights = app.app.get(MemberRights);
    const of = rights.of.bind(rights);
    jest.spyOn(rights, 'of').mockImplementationOnce(async (...parameters) => {
      const read = await of(...parameters);
      await take(member, 'memes.ai').expect(204);
      return read;
    });
  }

  it('is in no token that is good for anything', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', FAR).expect(200);
    takenMeanwhile(member);
    const { accessToken, member: shown } = await refreshed(member);
    expect(shown.permissions).toContain('memes.ai');
    expect((await app.http.get('/api/test/ai').set(bearer(accessToken)).expect(401)).body.code).toBe('auth.token-expired');
  });

  it('is not remembered of an API token', async () => {
    const member = await app.given.member();
    await put(member, 'memes.ai', FAR).expect(200);
    const { body } = await app.http.post('/api/api-tokens').set(bearer((await refreshed(member)).accessToken)).send({ name: 'bot' }).expect(201);
    takenMeanwhile(member);
    await app.http.get('/api/test/ai').set('X-Token', body.secret).expect(200);
    await app.http.get('/api/test/ai').set('X-Token', body.secret).expect(403);
  });
});

it('entitlements go with their member', async () => {
  const member = await app.given.member();
  await put(member, 'memes.ai', FAR).expect(200);
  await write('DELETE FROM member WHERE id = ?', [member.id]);
  expect(await app.app.get(Database).rows('SELECT * FROM entitlement WHERE member_id = ?', [member.id])).toEqual([]);
});
