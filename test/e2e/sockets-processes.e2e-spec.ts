import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { createTestApp, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/redis.js';

let redis: TestRedis;
let staying: TestApp;
let stopping: TestApp | undefined;
const sockets: Socket[] = [];

beforeAll(async () => {
  redis = await startRedis();
  staying = await createTestApp({ REDIS_URL: redis.url });
  stopping = await createTestApp({ REDIS_URL: redis.url, APP_SECRET: staying.secret });
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
afterAll(async () => {
  await stopping?.close();
  await staying.close();
  await redis.stop();
});

it('a process that stops hangs up on its own sockets, and on no other process\'s', async () => {
  const member = await staying.given.member();
  // Both namespaces over one connection, as clients have them.
  const connect = (app: TestApp) => {
    const [root, chat] = ['/', '/chat'].map((namespace) => io(`${app.url}${namespace}`, { auth: { token: member.accessToken }, transports: ['websocket'], reconnection: false }));
    sockets.push(root!, chat!);
    return [root!, chat!];
  };
  const [here, there] = [connect(staying), connect(stopping!)];
  await eventually(() => expect([...here, ...there].map(({ connected }) => connected)).toEqual([true, true, true, true]));
  await stopping!.close();
  stopping = undefined;
  await eventually(() => expect(there.map(({ connected }) => connected)).toEqual([false, false]));
  // What goes by Redis came after the stopping process's last word.
  const heard = new Promise((resolve) => here[0]!.once('credits.changed', resolve));
  await staying.http.post('/api/credits/transfers').set(member.auth).send({ toMemberId: (await staying.given.member()).id, amount: 1 }).expect(201);
  await heard;
  expect(here.map(({ connected }) => connected)).toEqual([true, true]);
}, 30_000);
