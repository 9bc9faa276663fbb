import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { chatSockets, givenConversation, sendByRest } from '../support/chat.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess, type PlazaProcess } from '../support/process.js';
import { FakeBrowser, startPushService, verifiedVapid, type FakePushService } from '../support/push-service.js';
import { acknowledgementOf } from '../support/sockets.js';

const PATIENCE_MS = 20_000;
const ROUTE = '/api/push/subscriptions';

let service: FakePushService;
let app: TestApp;
let db: TestDatabase;
let dataDir: string;
let [ada, ben, eve]: GivenMember[] = [];
const sockets = chatSockets();
const running: PlazaProcess[] = [];

beforeAll(async () => {
  service = await startPushService();
  app = await createTestApp({ PUSH_TRUSTED_HOSTS: service.host });
  db = await openTestDatabase();
  dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-push-'));
  [ada, ben, eve] = [await app.given.member({ displayName: 'Ada' }), await app.given.member(), await app.given.member()];
});
afterEach(async () => {
  sockets.closeAll();
  for (const plaza of running.splice(0)) {
    plaza.kill('SIGKILL');
    await plaza.stopped;
  }
  service.answer = (response) => void response.writeHead(201).end();
  await db.dataSource.query('DELETE FROM push_subscription');
});
afterAll(async () => {
  await app.close();
  await db.close();
  await service.close();
  await rm(dataDir, { recursive: true, force: true });
});

const subscribe = (member: GivenMember, body: object) => app.http.post(ROUTE).set(member.auth).send(body);
const post = (member: GivenMember, id: string, text: string, to: Pick<TestApp, 'http'> = app) => sendByRest(to, member, id, { text });
async function givenBrowser(member: GivenMember): Promise<FakeBrowser> {
  const browser = new FakeBrowser(service);
  await subscribe(member, browser.subscription).expect(201);
  return browser;
}
/** Nobody is told of this conversation before time is made to go by: a slow machine changes nothing. */
const holdBack = (id: string) => db.dataSource.query('INSERT INTO chat_push_wave (conversation_id, from_no, up_to_no, run_at) VALUES (?, 1, 0, UTC_TIMESTAMP(3) + INTERVAL 1 HOUR)', [id]);
/** Nothing waits to be looked at, or to be sent. */
const allTold = () =>
  eventually(async () => {
    await db.dataSource.query('UPDATE chat_push_wave SET run_at = UTC_TIMESTAMP(3) WHERE lease_token IS NULL');
    expect(await db.database.rows('SELECT conversation_id FROM chat_push_wave UNION SELECT id FROM push_outbox')).toEqual([]);
  }, PATIENCE_MS);

describe('a subscription', () => {
  it('is made once, and belongs to whoever said it last', async () => {
    const { subscription } = new FakeBrowser(service);
    const { body: made } = await subscribe(ben!, { ...subscription, expirationTime: null }).expect(201);
    expect(made).toEqual({ id: expect.any(String), endpoint: subscription.endpoint, createdAt: expect.any(String) });
    expect((await subscribe(ben!, subscription).expect(200)).body).toEqual(made);
    expect((await subscribe(eve!, subscription).expect(200)).body).toEqual(made);
    await app.http.delete(`${ROUTE}/${made.id}`).set(ben!.auth).expect(404);
    await app.http.delete(`${ROUTE}/${made.id}`).set(eve!.auth).expect(204);
    await app.http.delete(`${ROUTE}/${made.id}`).set(eve!.auth).expect(404);
    await subscribe(ben!, subscription).expect(201);
  });

  it('ends by its endpoint, for its member alone', async () => {
    const { endpoint } = await givenBrowser(ben!);
    const count = async () => (await db.database.rows('SELECT id FROM push_subscription')).length;
    await app.http.delete(ROUTE).set(eve!.auth).send({ endpoint }).expect(204);
    expect(await count()).toBe(1);
    await app.http.delete(ROUTE).set(ben!.auth).send({ endpoint }).expect(204);
    expect(await count()).toBe(0);
    await app.http.delete(ROUTE).set(ben!.auth).send({ endpoint }).expect(204);
    expect((await app.http.delete(ROUTE).set(ben!.auth).expect(400)).body.code).toBe('request.invalid');
  });

  it.each([
    'http://push.example.org/x', 'https://ada:secret@push.example.org/x', 'https://127.0.0.1/x', 'https://2130706433/x', 'https://0x7f.1/x', 'https://[::1]/x', 'https://[::ffff:127.0.0.1]/x',
    'https://169.254.169.254/latest/meta-data/', 'https://10.0.0.1/x', 'file:///etc/passwd', 'nonsense', '',
  ])('leads nowhere inside: %p', async (endpoint) => {
    const { body } = await subscribe(ben!, { ...new FakeBrowser(service).subscription, endpoint }).expect(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ path: 'endpoint' }] });
  });

  it.each([
    ['without keys', { keys: undefined }, 'keys'],
    ['with null for keys', { keys: null }, 'keys'],
    ['with a short secret', { keys: { p256dh: 'B'.repeat(87), auth: 'short' } }, 'keys.auth'],
    ['with a key of another curve', { keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) } }, 'keys.p256dh'],
    ['with what nobody knows', { topic: 'x' }, 'topic'],
  ])('is not one %s', async (_, change, at) => {
    const { body } = await subscribe(ben!, { ...new FakeBrowser(service).subscription, ...change }).expect(400);
    expect(body.errors.map((fault: { path: string }) => fault.path)).toContain(at);
  });
});

describe('a member who is away', () => {
  it('is told of a message that was not read for 3 s, by the key that browsers are given', async () => {
    const browser = await givenBrowser(ben!);
    const own = await givenBrowser(ada!);
    const stranger = await givenBrowser(eve!);
    const { id } = await givenConversation(app, ada!, [ben!]);
    const { body } = await post(ada!, id, 'canary').expect(201);
    await eventually(() => expect(browser.payloads).toEqual([{ conversationId: id, messageId: body.message.id, no: 1, title: 'Ada', body: 'canary', badge: expect.any(Number) }]), PATIENCE_MS);
    const { body: key } = await app.http.get('/api/push/key').set(ben!.auth).expect(200);
    expect(verifiedVapid(browser.requests[0]!.headers.authorization).key).toBe(key.publicKey);
    await allTold();
    expect([own.requests, stranger.requests]).toEqual([[], []]);
  });

  it('and who looks at the conversation, or has read it, is told nothing', async () => {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    const [looking, reading] = [await givenBrowser(ben!), await givenBrowser(eve!)];
    const { socket } = await sockets.connect(app, ben!);
    expect(await acknowledgementOf(socket, 'focus', { conversationId: id })).toMatchObject({ ok: true });
    await holdBack(id);
    const { body } = await post(ada!, id, 'hello').expect(201);
    await app.http.put(`/api/chat/conversations/${id}/read`).set(eve!.auth).send({ seq: body.message.seq }).expect(200);
    await allTold();
    expect([looking.requests, reading.requests]).toEqual([[], []]);
    expect(await acknowledgementOf(socket, 'focus', { conversationId: null })).toMatchObject({ ok: true });
    await post(ada!, id, 'again').expect(201);
    await allTold();
    expect(looking.payloads).toMatchObject([{ no: 2, body: 'again' }]);
  });

  it('hears no more once out of the conversation', async () => {
    const { id } = await givenConversation(app, ada!, [ben!, eve!]);
    const [gone, there] = [await givenBrowser(ben!), await givenBrowser(eve!)];
    await holdBack(id);
    await post(ada!, id, 'one').expect(201);
    await app.http.delete(`/api/chat/conversations/${id}/members/${ben!.id}`).set(ada!.auth).expect(204);
    await post(ada!, id, 'two').expect(201);
    await allTold();
    expect(gone.requests).toEqual([]);
    expect(there.payloads.at(-1)).toMatchObject({ no: 2 });
  });
});

describe('processes that come and go', () => {
  const start = async (environment: NodeJS.ProcessEnv = {}): Promise<PlazaProcess> => {
    const plaza = await startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, APP_SECRET: app.secret, PUSH_TRUSTED_HOSTS: service.host, ...environment });
    running.push(plaza);
    return plaza;
  };
  /** Leases of the dead lapse, and it is time to look again. */
  const aMinuteGoesBy = async () => {
    for (const table of ['chat_push_wave', 'push_outbox']) {
      await db.dataSource.query(`UPDATE ${table} SET run_at = UTC_TIMESTAMP(3), lease_until = LEAST(lease_until, UTC_TIMESTAMP(3) - INTERVAL 1 SECOND)`);
    }
  };

  let id: string;
  let browser: FakeBrowser;
  beforeEach(async () => {
    ({ id } = await givenConversation(app, ada!, [ben!]));
    browser = await givenBrowser(ben!);
    // It has workers as well: they must not be quicker than those that are killed.
    await app.close();
  });
  afterEach(async () => void (app = await createTestApp({ PUSH_TRUSTED_HOSTS: service.host, APP_SECRET: app.secret })));

  it.each([
    ['before', 0],
    // At least once: whether the push service had taken it nobody can know.
    ['after', 1],
  ])('killed right %s sending lose nothing', async (when, sentBefore) => {
    const first = await start({ PLAZA_FAULT: `push.${when}-send` });
    await post(ada!, id, when, { http: supertest.agent(first.url) }).expect(201);
    await aMinuteGoesBy();
    expect(await first.stopped).toBe('SIGKILL');
    running.pop();
    expect(await db.database.rows('SELECT attempts, lease_token IS NOT NULL AS leased FROM push_outbox')).toEqual([{ attempts: 1, leased: 1 }]);
    expect(browser.requests).toHaveLength(sentBefore);
    await start();
    await aMinuteGoesBy();
    await allTold();
    expect(browser.payloads.map(({ body }) => body)).toEqual(Array.from({ length: sentBefore + 1 }, () => when));
    expect(new Set(browser.requests.map(({ headers }) => headers['topic'])).size).toBe(1);
  });
});
