import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { IsInt, Min } from 'class-validator';
import jwt from 'jsonwebtoken';
import { createHmac } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import type { Actor } from '../../src/platform/auth/actor.js';
import { CurrentActor, Public, RequirePermission } from '../../src/platform/auth/decorators.js';
import { Permission } from '../../src/platform/auth/permissions.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { rateLimited, serverBusy } from '../../src/platform/errors/house.errors.js';
import { Gateway } from '../../src/platform/realtime/acknowledgement.js';
import { Realtime } from '../../src/platform/realtime/realtime.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { acknowledgementOf, connectionRefusal, connectSocket, nextEvent } from '../support/sockets.js';

class SeatDto {
  @IsInt()
  @Min(1)
  seat: number;
}

@Gateway()
class TestGateway {
  @SubscribeMessage('test.value')
  @RequirePermission(Permission.CreditsRead)
  value(@MessageBody() { seat }: SeatDto, @CurrentActor() actor: Actor): { seat: number; memberId: string } {
    return { seat, memberId: actor.memberId };
  }

  @SubscribeMessage('test.nothing')
  @RequirePermission(Permission.CreditsRead)
  nothing(): void {}

  @SubscribeMessage('test.promise')
  @RequirePermission(Permission.CreditsRead)
  async promise(): Promise<string> {
    return 'kept';
  }

  @SubscribeMessage('test.refused')
  @RequirePermission(Permission.CreditsRead)
  refused(): never {
    throw rateLimited({ retryAfterSeconds: 3 });
  }

  @SubscribeMessage('test.rejected')
  @RequirePermission(Permission.CreditsRead)
  async rejected(): Promise<never> {
    throw serverBusy();
  }

  @SubscribeMessage('test.broken')
  @RequirePermission(Permission.CreditsRead)
  broken(): never {
    throw new Error('SELECT secret FROM somewhere');
  }

  @SubscribeMessage('test.admin')
  @RequirePermission(Permission.MembersAdmin)
  admin(): string {
    return 'done';
  }

  @SubscribeMessage('test.public')
  @Public()
  open(): string {
    return 'open';
  }

  @SubscribeMessage('test.forgotten')
  forgotten(): string {
    return 'never';
  }
}

@Module({ providers: [TestGateway] })
class TestGatewayModule {}

let app: TestApp;
const sockets: Socket[] = [];
async function connect(member: GivenMember): Promise<Socket> {
  const socket = await connectSocket(app.url, member.accessToken);
  sockets.push(socket);
  return socket;
}
const ended = (socket: Socket) => nextEvent<string>(socket, 'disconnect');
const sessionOf = ({ refreshToken }: GivenMember) => refreshToken.split('.')[0]!;

beforeAll(async () => {
  app = await createTestApp({}, [TestGatewayModule]);
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(() => app.close());

describe('a socket', () => {
  it('is let in with an access token', async () => {
    expect((await connect(await app.given.member())).connected).toBe(true);
  });

  it('is refused without a good one, and told so with a code', async () => {
    const member = await app.given.member();
    const { id: kid, key } = app.app.get(SecretKeys).current('jwt');
    const claims = jwt.decode(member.accessToken) as Record<string, unknown>;
    const { body: apiToken } = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'bot' }).expect(201);
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode('text')}`;
    const bad: Record<string, unknown>[] = [
      {}, { token: '' }, { token: 'nonsense' }, { token: 7 }, { token: null }, { token: [member.accessToken] }, { token: { toString: 'x' } }, { token: 'a b' }, { token: 'a\nb' },
      { token: `${member.accessToken}x` },
      { token: `Bearer ${member.accessToken}` },
      { token: jwt.sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 10 }, key, { algorithm: 'HS256', keyid: kid }) },
      { token: jwt.sign(claims, 'another key') },
      { token: `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.` },
      { token: `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}` },
      { token: apiToken.secret },
      { Authorization: `Bearer ${member.accessToken}` },
    ];
    for (const auth of bad) expect([auth, (await connectionRefusal(app.url, auth)).data?.code]).toEqual([auth, 'auth.token-invalid']);
  });

  it('is refused when the session has ended', async () => {
    const member = await app.given.member();
    await app.http.delete('/api/sessions/current').set(member.auth).expect(204);
    expect((await connectionRefusal(app.url, { token: member.accessToken })).data?.code).toBe('auth.token-invalid');
  });

  it('hears of its own member\'s credits and of nobody else\'s', async () => {
    const [ada, ben, eve] = [await app.given.member(), await app.given.member(), await app.given.member()];
    const [adaSocket, adaPhone, benSocket, eveSocket] = [await connect(ada), await connect(ada), await connect(ben), await connect(eve)];
    const overheard: unknown[] = [];
    eveSocket.onAny((...event) => overheard.push(event));
    const heard = Promise.all([adaSocket, adaPhone, benSocket].map((socket) => nextEvent<Record<string, unknown>>(socket, 'credits.changed')));
    await app.http.post('/api/credits/transfers').set(ada.auth).send({ toMemberId: ben.id, amount: 2 }).expect(201);
    const [onDesk, onPhone, forBen] = await heard;
    expect(onDesk).toMatchObject({ version: expect.any(Number), seq: 2, posted: 3, held: 0, available: 3, cause: 'transfer' });
    expect(onPhone).toEqual(onDesk);
    expect(forBen).toMatchObject({ seq: 2, posted: 7, available: 7 });
    // An event that is answered after it shows that nothing is still on its way.
    await acknowledgementOf(eveSocket, 'test.nothing');
    expect(overheard).toEqual([]);
  });
});

describe('an acknowledgement', () => {
  let socket: Socket;
  let member: GivenMember;
  beforeAll(async () => {
    member = await app.given.member();
  });
  const ask = async (event: string, ...payload: unknown[]) => acknowledgementOf((socket = await connect(member)), event, ...payload);

  it('carries what the handler returns', async () => {
    expect(await ask('test.value', { seat: 7 })).toEqual({ ok: true, data: { seat: 7, memberId: member.id } });
    expect(await ask('test.promise')).toEqual({ ok: true, data: 'kept' });
    expect(await ask('test.public', null)).toEqual({ ok: true, data: 'open' });
  });

  it('comes when the handler returns nothing', async () => {
    expect(await ask('test.nothing')).toEqual({ ok: true, data: null });
    expect(await ask('test.nothing', {})).toEqual({ ok: true, data: null });
  });

  it('says how long to wait', async () => {
    expect(await ask('test.refused', {})).toEqual({ ok: false, error: { code: 'rate.limited', message: expect.any(String), retryAfterMs: 3_000 } });
    expect(await ask('test.rejected')).toEqual({ ok: false, error: { code: 'server.busy', message: expect.any(String) } });
  });

  it('leaks nothing of an error that nobody expected', async () => {
    const answer = await ask('test.broken', {});
    expect(answer).toEqual({ ok: false, error: { code: 'internal', message: expect.any(String) } });
    expect(JSON.stringify(answer)).not.toContain('SELECT');
  });

  it.each([[{ seat: 0 }], [{ seat: '7' }], [{}], [null], [], [[1]], ['text'], [{ seat: 1, row: 2 }], [7]])('refuses the payload %j by its shape', async (...payload) => {
    expect(await ask('test.value', ...payload)).toMatchObject({ ok: false, error: { code: 'request.invalid', errors: expect.any(Array) } });
  });

  it('refuses at once what no handler could mean', async () => {
    const deep = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`) as unknown;
    const wide = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`k${i}`, i]));
    for (const payload of [{ seat: deep }, deep, wide, { seat: 1, list: [{ toString: 1 }] }, { seat: '\ud800' }, { seat: Buffer.alloc(20_000) }]) {
      expect(await ask('test.value', payload)).toMatchObject({ ok: false, error: { code: 'request.invalid', errors: [{ message: expect.any(String) }] } });
    }
    expect(await acknowledgementOf(socket, 'test.value', { seat: 7 })).toMatchObject({ ok: true });
  });

  it('refuses who lacks the permission, and everybody where none is named', async () => {
    expect(await ask('test.admin', {})).toMatchObject({ ok: false, error: { code: 'auth.forbidden' } });
    expect(await ask('test.forgotten', {})).toMatchObject({ ok: false, error: { code: 'auth.forbidden' } });
    const admin = await app.given.member({ role: 'admin' });
    expect(await acknowledgementOf(await connect(admin), 'test.admin', {})).toEqual({ ok: true, data: 'done' });
    expect(await acknowledgementOf(await connect(admin), 'test.forgotten', {})).toMatchObject({ ok: false, error: { code: 'auth.forbidden' } });
  });

  it('tells an event that nobody knows', async () => {
    for (const event of ['test.unknown', '__proto__', 'constructor', '']) {
      expect(await ask(event, {})).toEqual({ ok: false, error: { code: 'not-found', message: expect.any(String) } });
    }
  });

  it('is not missed by an event that asks for none', async () => {
    socket = await connect(member);
    for (const event of ['test.refused', 'test.broken', 'test.unknown', 'test.admin', 'test.value']) socket.emit(event, {});
    expect(await acknowledgementOf(socket, 'test.promise')).toEqual({ ok: true, data: 'kept' });
  });

  it('of a socket whose member has other rights now asks for a new token', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const demoted = await app.given.member({ role: 'admin' });
    socket = await connect(demoted);
    await app.http.patch(`/api/members/${demoted.id}`).set(admin.auth).send({ role: 'member' }).expect(200);
    expect(await acknowledgementOf(socket, 'test.admin', {})).toMatchObject({ ok: false, error: { code: 'auth.token-expired' } });
  });
});

describe('a socket ends with its session, within 5 s', () => {
  const WITHIN_MS = 5_000;
  async function endsSoon(socket: Socket): Promise<void> {
    const started = Date.now();
    await ended(socket);
    expect(Date.now() - started).toBeLessThan(WITHIN_MS);
  }

  it('when it signs out, and no other session\'s', async () => {
    const member = await app.given.member();
    const { body: second } = await app.http.post('/api/sessions').send({ email: member.email, password: member.password }).expect(201);
    const [first, other] = [await connect(member), await connect({ ...member, accessToken: second.accessToken })];
    const end = endsSoon(first);
    await app.http.delete('/api/sessions/current').set(member.auth).expect(204);
    await end;
    expect(await acknowledgementOf(other, 'test.nothing')).toEqual({ ok: true, data: null });
  });

  it('when the password changes', async () => {
    const member = await app.given.member();
    const end = endsSoon(await connect(member));
    await app.http.post('/api/me/password').set(member.auth).send({ current: member.password, next: 'a sunny window desk' }).expect(204);
    await end;
  });

  it('when an admin locks the member out', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const member = await app.given.member();
    const end = endsSoon(await connect(member));
    await app.http.patch(`/api/members/${member.id}`).set(admin.auth).send({ disabled: true }).expect(200);
    await end;
  });

  it.each([
    ['the session is revoked', 'UPDATE session SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ?', sessionOf],
    ['the session expires', 'UPDATE session SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ?', sessionOf],
    ['the member is locked out', 'UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', ({ id }: GivenMember) => id],
  ])('when %s by another process', async (_, sql, idOf) => {
    const member = await app.given.member();
    const bystander = await connect(await app.given.member());
    const socket = await connect(member);
    await app.app.get(Transactions).run((tx) => tx.write(sql, [idOf(member)]));
    await endsSoon(socket);
    expect(bystander.connected).toBe(true);
  });
});

it('a socket that takes nothing in is not kept for ever', async () => {
  const [member, other] = [await app.given.member(), await app.given.member()];
  const [stalled, bystander] = [await connect(member), await connect(other)];
  const { transport } = stalled.io.engine as unknown as { transport: { ws: { pause(): void } } };
  transport.ws.pause();
  const realtime = app.app.get(Realtime);
  const load = 'x'.repeat(10_000);
  await eventually(() => {
    for (let i = 0; i < 1_000; i += 1) realtime.toMember(member.id, 'test.load', { load });
    expect(realtime.countIn(`member:${member.id}`)).toBe(0);
  }, 20_000);
  expect(bystander.connected).toBe(true);
}, 30_000);

it('a stopping server tells its sockets when to come back, and hangs up', async () => {
  const stopping = await createTestApp({});
  const member = await stopping.given.member();
  const socket = await connectSocket(stopping.url, member.accessToken);
  const told = nextEvent<{ reconnectInMs: number }>(socket, 'server.draining');
  const end = ended(socket);
  await stopping.close();
  expect((await told).reconnectInMs).toBeLessThan(5_000);
  await end;
});
