import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConversationRepository } from '../../src/features/chat/conversations/conversation.repository.js';
import { InboxRepository } from '../../src/features/chat/conversations/inbox.repository.js';
import type { PresenceRoster } from '../../src/features/chat/live/presence-roster.service.js';
import { PublicAddresses } from '../../src/features/chat/push/public-addresses.service.js';
import { PushDelivery } from '../../src/features/chat/push/push-delivery.service.js';
import { PushExpansion } from '../../src/features/chat/push/push-expansion.service.js';
import { PushNotices } from '../../src/features/chat/push/push-notices.service.js';
import { PushOutboxRepository } from '../../src/features/chat/push/push-outbox.repository.js';
import { PushSubscriptionRepository } from '../../src/features/chat/push/push-subscription.repository.js';
import { PushSubscriptions } from '../../src/features/chat/push/push-subscriptions.service.js';
import { PushTransport } from '../../src/features/chat/push/push-transport.service.js';
import { PushWaveRepository } from '../../src/features/chat/push/push-wave.repository.js';
import { PushWaves } from '../../src/features/chat/push/push-waves.service.js';
import type { PushWorker } from '../../src/features/chat/push/push.worker.js';
import { VapidKeys } from '../../src/features/chat/push/vapid-keys.service.js';
import type { MembersService } from '../../src/features/members/index.js';
import type { Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { newId } from '../../src/platform/database/columns.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { FakeBrowser, startPushService, verifiedVapid, type FakePushService } from '../support/push-service.js';

const SECRET = 'a secret of 32 bytes or more, yes';
const STAY = new AbortController().signal;

let db: TestDatabase;
let service: FakePushService;
let push: ReturnType<typeof pushOf>;
let logged: string[];
/** Who looks at which conversation. */
const focused = new Set<string>();
const disabled = new Set<string>();

const write = (sql: string, ...values: unknown[]) => db.transactions.run((tx) => tx.write(sql, values));
const rows = <Row>(sql: string, ...values: unknown[]) => db.database.rows<Row>(sql, values);

/** All of it but its workers: a test does their work, step by step. */
function pushOf(secret = SECRET, previous?: string) {
  const config = { APP_SECRET: secret, APP_SECRET_PREVIOUS: previous, PUSH_TRUSTED_HOSTS: [service.host], PUSH_SUBJECT: 'mailto:ada@example.org' } as unknown as Config;
  const timings = new JobTimings();
  const keys = new VapidKeys(new SecretKeys(config));
  const [subscriptions, waveRows, outbox] = [new PushSubscriptionRepository(), new PushWaveRepository(db.pools, timings), new PushOutboxRepository(db.pools, timings)];
  const members = { profile: async (id: string) => ({ member: { displayName: `Name of ${id}`, disabledAt: disabled.has(id) ? new Date() : null } }) } as unknown as MembersService;
  const presence = { isFocused: (memberId: string, conversationId: string) => focused.has(`${memberId}|${conversationId}`) } as PresenceRoster;
  const waves = new PushWaves(waveRows, subscriptions);
  const notices = new PushNotices(db.database, outbox, new ConversationRepository(), new InboxRepository(), members, keys, config);
  const transport = new PushTransport(new PublicAddresses(), config);
  return {
    keys, waves, waveRows, transport,
    subscriptions: new PushSubscriptions(db.transactions, subscriptions, waves, keys, config),
    expansion: new PushExpansion(db.transactions, db.database, waveRows, outbox, presence, { wake: () => undefined } as PushWorker),
    delivery: new PushDelivery(db.transactions, db.database, outbox, subscriptions, notices, transport),
  };
}

async function givenMember(): Promise<string> {
  const id = newId();
  await write("INSERT INTO member (id, email, display_name, role, permission_version, created_at) VALUES (?, ?, 'Somebody', 'member', 1, UTC_TIMESTAMP(3))", id, `${id}@example.org`);
  return id;
}

async function givenRoom(memberIds: readonly string[], title: string | null = 'Roof garden'): Promise<string> {
  const id = newId();
  await write(
    `INSERT INTO chat_conversation (id, kind, title, epoch, first_seq, last_seq, last_no, slow_mode_seconds, posting, created_at, active_at) VALUES (?, 'group', ?, 1, 1, 0, 0, 0, 'all', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
    id, title,
  );
  for (const memberId of memberIds) {
    await write(
      `INSERT INTO chat_member (conversation_id, member_id, role, joined_seq, joined_at, read_seq, read_no, delivered_seq, notify) VALUES (?, ?, 'member', 0, UTC_TIMESTAMP(3), 0, 0, 0, 'all')`,
      id, memberId,
    );
  }
  return id;
}

/** Stores a message as far as push is concerned; seq and no are the same here. */
async function send(conversationId: string, senderId: string, text: string, mentions: readonly string[] = []): Promise<{ id: string; no: number }> {
  const id = newId();
  await write('UPDATE chat_conversation SET last_seq = last_seq + 1, last_no = last_no + 1 WHERE id = ?', conversationId);
  const [{ no }] = (await rows<{ no: number }>('SELECT last_no AS no FROM chat_conversation WHERE id = ?', conversationId)) as [{ no: number }];
  await db.transactions.run(async (tx) => {
    await tx.write(
      'INSERT INTO chat_message (conversation_id, no, id, seq, sender_id, client_id, body, created_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), 1)',
      [conversationId, no, id, no, senderId, newId(), text],
    );
    for (const memberId of mentions) await tx.write('INSERT INTO chat_mention (conversation_id, member_id, no) VALUES (?, ?, ?)', [conversationId, memberId, no]);
    await push.waves.note(tx, [{ conversationId, no }]);
  });
  return { id, no };
}

async function givenBrowser(memberId: string): Promise<FakeBrowser> {
  const browser = new FakeBrowser(service);
  await push.subscriptions.subscribe(memberId, browser.subscription);
  return browser;
}

const timeGoesBy = async () => {
  await write('UPDATE chat_push_wave SET run_at = UTC_TIMESTAMP(3)');
  await write('UPDATE push_outbox SET run_at = UTC_TIMESTAMP(3)');
};
/** What the workers do in a while. */
async function expand(): Promise<void> {
  await timeGoesBy();
  for (let lease = await push.expansion.next(); lease !== undefined; lease = await push.expansion.next()) await push.expansion.run(lease);
}
async function deliver(): Promise<void> {
  for (let job = await push.delivery.next(); job !== undefined; job = await push.delivery.next()) await push.delivery.run(job, STAY);
}
const settle = async () => {
  await expand();
  await deliver();
};
const waves = () => rows<{ fromNo: number; upToNo: number }>('SELECT from_no AS fromNo, up_to_no AS upToNo FROM chat_push_wave');
const outbox = () => rows<{ no: number; attempts: number }>('SELECT no, attempts FROM push_outbox');
const subscriptionsOf = (memberId: string) => rows<{ endpoint: string; place: number }>('SELECT endpoint, place FROM push_subscription WHERE member_id = ?', memberId);

let [ada, ben]: string[] = [];
let room: string;

beforeAll(async () => {
  db = await openTestDatabase();
  await db.truncate();
});
beforeEach(async () => {
  logged = [];
  const note = (...parts: unknown[]) => void logged.push(JSON.stringify(parts));
  Logger.overrideLogger({ log: note, warn: note, error: note });
  service = await startPushService();
  push = pushOf();
  [ada, ben] = [await givenMember(), await givenMember()];
  room = await givenRoom([ada!, ben!]);
});
afterEach(async () => {
  Logger.overrideLogger(false);
  push.transport.onModuleDestroy();
  await service.close();
  focused.clear();
  disabled.clear();
  for (const table of ['push_subscription', 'push_outbox', 'chat_push_wave', 'chat_block']) await db.dataSource.query(`DELETE FROM ${table}`);
});
afterAll(() => db.close());

describe('messages that somebody may have to be told of', () => {
  it('are noted in one row of their conversation, which waits for 3 s', async () => {
    await givenBrowser(ben!);
    for (const text of ['one', 'two', 'three']) await send(room, ada!, text);
    expect(await waves()).toEqual([{ fromNo: 1, upToNo: 3 }]);
    expect(await push.expansion.next()).toBeUndefined();
    const [{ seconds }] = (await rows<{ seconds: string }>('SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), run_at) / 1e6 AS seconds FROM chat_push_wave')) as [{ seconds: string }];
    expect(Number(seconds)).toBeLessThanOrEqual(3);
  });

  it('are not noted where nobody wants to be told, and are from the first who does', async () => {
    await send(room, ada!, 'to nobody');
    expect(await waves()).toEqual([]);
    await givenBrowser(ben!);
    await send(room, ada!, 'to ben');
    expect(await waves()).toEqual([{ fromNo: 2, upToNo: 2 }]);
  });

  it('that come while others are looked at are looked at next', async () => {
    await givenBrowser(ben!);
    await send(room, ada!, 'one');
    await timeGoesBy();
    const lease = (await push.expansion.next())!;
    const found = push.waveRows.find.bind(push.waveRows);
    push.waveRows.find = async (...from) => {
      const wave = await found(...from);
      await send(room, ada!, 'two');
      return wave;
    };
    await push.expansion.run(lease);
    push.waveRows.find = found;
    expect(await outbox()).toEqual([{ no: 1, attempts: 0 }]);
    expect(await waves()).toEqual([{ fromNo: 2, upToNo: 2 }]);
    await expand();
    expect(await outbox()).toEqual([{ no: 2, attempts: 0 }]);
    expect(await waves()).toEqual([]);
  });

  it('are left to whoever has the lease', async () => {
    await givenBrowser(ben!);
    await send(room, ada!, 'one');
    await timeGoesBy();
    const late = (await push.expansion.next())!;
    await write('UPDATE chat_push_wave SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND');
    const owner = (await push.expansion.next())!;
    await expect(push.expansion.run(late)).rejects.toThrow('another process');
    expect(await outbox()).toEqual([]);
    await push.expansion.run(owner);
    expect(await outbox()).toHaveLength(1);
  });
});

const ALL = 'all of them';
const setMember = (change: string) => async () => void (await write(`UPDATE chat_member SET ${change} WHERE conversation_id = ? AND member_id = ?`, room, ben));

/** What makes no difference to the sender, and decides whether ben is told. */
const REASONS: [string, () => Promise<unknown>][] = [
  ['has read them', setMember('read_no = 2')],
  ['has left', setMember('left_seq = 9')],
  ['is banned', setMember('banned_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR')],
  ['wants to be told nothing', setMember("notify = 'none'")],
  ['has joined since', setMember('joined_seq = 2')],
  ['has blocked the sender', () => write('INSERT INTO chat_block (member_id, blocked_id, at) VALUES (?, ?, UTC_TIMESTAMP(3))', ben, ada)],
];

describe('whoever', () => {
  let browser: FakeBrowser;
  beforeEach(async () => {
    browser = await givenBrowser(ben!);
    await givenBrowser(ada!);
  });

  it.each<[string, (() => Promise<unknown>)]>([
    ...REASONS,
    ['looks at the conversation', async () => focused.add(`${ben}|${room}`)],
    ['wants to be told of mentions alone', setMember("notify = 'mentions'")],
  ])('%s is told nothing', async (_, change) => {
    await send(room, ada!, 'one');
    await send(room, ada!, 'two');
    await change();
    await expand();
    expect(await outbox()).toEqual([]);
    expect(await waves()).toEqual([]);
  });

  it.each<[string, (() => Promise<unknown>)]>([...REASONS, ['is disabled', async () => disabled.add(ben!)]])('%s by the time of sending is told nothing', async (_, change) => {
    await send(room, ada!, 'one');
    await send(room, ada!, 'two');
    await expand();
    expect(await outbox()).toEqual([{ no: 2, attempts: 0 }]);
    await change();
    await deliver();
    expect(browser.requests).toEqual([]);
    expect(await outbox()).toEqual([]);
  });

  it.each<[string, number, (() => Promise<unknown>)]>([
    [ALL, 2, async () => undefined],
    ['the rest', 2, setMember('read_no = 1')],
    ['what came before a deleted one', 1, () => write('UPDATE chat_message SET deleted_at = UTC_TIMESTAMP(3), body = NULL WHERE conversation_id = ? AND no = 2', room)],
    [`${ALL} once a ban is over`, 2, setMember('banned_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND')],
    [`${ALL} while looking at another conversation`, 2, async () => focused.add(`${ben}|${newId()}`)],
  ])('has not read %s is told of the newest of it', async (_, no, change) => {
    await send(room, ada!, 'one');
    await send(room, ada!, 'two');
    await change();
    await expand();
    expect(await outbox()).toEqual([{ no, attempts: 0 }]);
  });

  it('has not blocked everybody is told of the others', async () => {
    const eve = await givenMember();
    await write('INSERT INTO chat_block (member_id, blocked_id, at) VALUES (?, ?, UTC_TIMESTAMP(3))', ben, eve);
    await send(room, ada!, 'from ada');
    await send(room, eve, 'from eve');
    await settle();
    expect(browser.payloads).toMatchObject([{ no: 1, body: 'from ada', badge: 1 }]);
    await send(room, eve, 'from eve again');
    await settle();
    expect(browser.requests).toHaveLength(1);
  });

  it('wants to be told of mentions is told of the newest one', async () => {
    await setMember("notify = 'mentions'")();
    await send(room, ada!, 'one', [ben!]);
    await send(room, ada!, 'two', [ben!, ada!]);
    await send(room, ada!, 'three', [ada!]);
    await settle();
    expect(browser.payloads).toMatchObject([{ no: 2, body: 'two', badge: 3 }]);
  });

  it('is not in the conversation is told nothing', async () => {
    const stranger = await givenBrowser(await givenMember());
    await send(room, ada!, 'canary');
    await settle();
    expect(browser.requests).toHaveLength(1);
    expect(stranger.requests).toEqual([]);
  });
});

describe('a notification', () => {
  let browser: FakeBrowser;
  beforeEach(async () => void (browser = await givenBrowser(ben!)));

  it('can be read by its browser alone, and shows that it is ours', async () => {
    const message = await send(room, ada!, 'hello 😀');
    await settle();
    const [request] = browser.requests;
    expect(browser.payloads).toEqual([{ conversationId: room, messageId: message.id, no: 1, title: 'Roof garden', body: 'hello 😀', badge: 1 }]);
    expect(() => new FakeBrowser(service).decrypted(request!.body)).toThrow();
    expect(request!.headers).toMatchObject({ ttl: '86400', urgency: 'normal', topic: room.replaceAll('-', ''), 'content-encoding': 'aes128gcm', 'content-type': 'application/octet-stream' });
    const { key, claims } = verifiedVapid(request!.headers.authorization);
    expect(key).toBe(push.subscriptions.key().publicKey);
    expect(claims).toMatchObject({ aud: `http://${service.host}`, sub: 'mailto:ada@example.org' });
    expect(await outbox()).toEqual([]);
  });

  it('is of the newest of many messages, and there is one', async () => {
    const other = await givenRoom([ada!, ben!], null);
    for (const text of ['one', 'two', 'three']) await send(room, ada!, text);
    await expand();
    await send(room, ada!, 'four');
    await send(other, ada!, 'x'.repeat(8_000));
    await expand();
    expect((await outbox()).map(({ no }) => no).sort()).toEqual([1, 4]);
    await deliver();
    // By the unread of all conversations.
    const told = browser.payloads.sort((a, b) => b.no - a.no);
    expect(told).toMatchObject([{ no: 4, body: 'four', badge: 5, title: 'Roof garden' }, { no: 1, body: `${'x'.repeat(119)}…`, badge: 5, title: `Name of ${ada}` }]);
  });

  it('goes to each browser of a member', async () => {
    const second = await givenBrowser(ben!);
    await send(room, ada!, 'hello');
    await settle();
    expect([browser.requests.length, second.requests.length]).toEqual([1, 1]);
  });

  it('is not sent of a message that was deleted before it went', async () => {
    await send(room, ada!, 'a slip');
    await expand();
    await write('UPDATE chat_message SET deleted_at = UTC_TIMESTAMP(3), body = NULL WHERE conversation_id = ?', room);
    await deliver();
    expect(browser.payloads).toEqual([]);
  });

  it('that comes while another is on its way goes next', async () => {
    await send(room, ada!, 'one');
    await expand();
    service.answer = (response) => {
      service.answer = (later) => void later.writeHead(201).end();
      void send(room, ada!, 'two').then(expand).then(() => response.writeHead(201).end());
    };
    await deliver();
    await deliver();
    expect(browser.payloads.map(({ no }) => no)).toEqual([1, 2]);
    expect(await outbox()).toEqual([]);
  });

  it.each([404, 410])('that is answered with %i is the end of its subscription', async (status) => {
    service.answer = (response) => void response.writeHead(status).end();
    await send(room, ada!, 'hello');
    await settle();
    expect(await subscriptionsOf(ben!)).toEqual([]);
    expect(await outbox()).toEqual([]);
    expect(browser.requests).toHaveLength(1);
  });

  it('that is too large is given up at once', async () => {
    service.answer = (response) => void response.writeHead(413).end();
    await send(room, ada!, 'hello');
    await settle();
    expect(await outbox()).toEqual([]);
    expect(await subscriptionsOf(ben!)).toHaveLength(1);
  });

  it.each<[string, (answer: FakePushService) => void, number[]]>([
    ['is refused', (one) => void (one.answer = (response) => response.writeHead(500).end()), [15, 60, 240, 960]],
    ['leads on', (one) => void (one.answer = (response) => response.writeHead(301, { location: `http://${one.host}/elsewhere` }).end()), [15, 60, 240, 960]],
    ['gets no answer', (one) => void (one.answer = (response) => response.destroy()), [15, 60, 240, 960]],
    ['is to wait', (one) => void (one.answer = (response) => response.writeHead(429, { 'retry-after': '100' }).end()), [100, 100, 240, 960]],
  ])('that %s is tried 5 times, after longer and longer, and the log does not say where', async (_, misbehave, pauses) => {
    misbehave(service);
    await send(room, ada!, 'hello');
    await expand();
    for (const [at, pause] of pauses.entries()) {
      await deliver();
      const [row] = await rows<{ attempts: number; seconds: string }>('SELECT attempts, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), run_at) / 1e6 AS seconds FROM push_outbox');
      expect(row!.attempts).toBe(at + 1);
      expect(Math.abs(Number(row!.seconds) - pause)).toBeLessThan(10);
      await timeGoesBy();
    }
    await deliver();
    expect(await outbox()).toEqual([]);
    expect(browser.requests).toHaveLength(5);
    expect(service.at('/elsewhere')).toEqual([]);
    expect(await subscriptionsOf(ben!)).toHaveLength(1);
    expect(logged.filter((line) => line.includes('given up'))).toHaveLength(1);
    const { keys } = browser.subscription;
    for (const secret of [browser.path, keys.auth, keys.p256dh, 'hello']) expect(logged.join('\n')).not.toContain(secret);
  });

  it.each<[string, (answer: FakePushService) => void, number[]]>([
    ['no answer puts off', (one) => void (one.answer = (response, { path }) => (path === browser.path ? response.destroy() : response.writeHead(201).end())), [0, 0, 1]],
    ['a refusal does not put off', (one) => void (one.answer = (response, { path }) => response.writeHead(path === browser.path ? 500 : 201).end()), [1, 1, 1]],
  ])('that gets %s what else waits for its browser', async (_, misbehave, attempts) => {
    misbehave(service);
    const other = await givenBrowser(ben!);
    for (const id of [room, await givenRoom([ada!, ben!]), await givenRoom([ada!, ben!])]) await send(id, ada!, 'hello');
    await settle();
    expect(other.requests).toHaveLength(3);
    const waiting = await rows<{ attempts: number; seconds: string }>('SELECT attempts, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), run_at) / 1e6 AS seconds FROM push_outbox');
    expect(waiting.map((row) => row.attempts).sort()).toEqual(attempts);
    for (const { seconds } of waiting) expect(Math.abs(Number(seconds) - 15)).toBeLessThan(10);
  });

  it('that gets no answer brings nothing forward', async () => {
    service.answer = (response) => void response.destroy();
    for (const id of [room, await givenRoom([ada!, ben!])]) await send(id, ada!, 'hello');
    await expand();
    await write('UPDATE push_outbox SET run_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE conversation_id = ?', room);
    await deliver();
    const [{ seconds }] = (await rows<{ seconds: string }>('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), run_at) AS seconds FROM push_outbox WHERE conversation_id = ?', room)) as [{ seconds: string }];
    expect(Number(seconds)).toBeGreaterThan(3_000);
  });

  it('is tried anew when there is a newer message, but no sooner', async () => {
    service.answer = (response) => void response.writeHead(503).end();
    await send(room, ada!, 'one');
    await settle();
    await send(room, ada!, 'two');
    await write('UPDATE chat_push_wave SET run_at = UTC_TIMESTAMP(3)');
    await push.expansion.run((await push.expansion.next())!);
    expect(await outbox()).toEqual([{ no: 2, attempts: 0 }]);
    await deliver();
    expect(browser.requests).toHaveLength(1);
  });

  it('that was begun five times and never ended is given up', async () => {
    await send(room, ada!, 'one');
    await expand();
    await write('UPDATE push_outbox SET attempts = 5');
    await deliver();
    expect(browser.requests).toEqual([]);
    expect(await outbox()).toEqual([]);
  });

  it('goes back as it was when the process stops while it is on its way', async () => {
    const stop = new AbortController();
    service.answer = () => stop.abort('shutdown');
    await send(room, ada!, 'one');
    await expand();
    const job = (await push.delivery.next())!;
    await push.delivery.run(job, stop.signal);
    await push.delivery.giveBack(job);
    service.answer = (response) => void response.writeHead(201).end();
    await deliver();
    expect(browser.payloads.map(({ no }) => no)).toEqual([1, 1]);
    expect(await outbox()).toEqual([]);
  });
});

describe('a changed secret', () => {
  it('leaves browsers with the key that they subscribed with, as long as the one before is known', async () => {
    const browser = await givenBrowser(ben!);
    const { publicKey } = push.subscriptions.key();
    push.transport.onModuleDestroy();
    push = pushOf('another secret of 32 bytes or more', SECRET);
    // The same endpoint was made for the same key, however often it is said.
    await push.subscriptions.subscribe(ben!, browser.subscription);
    const newer = await givenBrowser(ben!);
    await send(room, ada!, 'hello');
    await settle();
    expect(verifiedVapid(browser.requests[0]!.headers.authorization).key).toBe(publicKey);
    expect(verifiedVapid(newer.requests[0]!.headers.authorization).key).toBe(push.subscriptions.key().publicKey);
    expect(push.subscriptions.key().publicKey).not.toBe(publicKey);
  });

  it('ends subscriptions when the one before is not known any more', async () => {
    const browser = await givenBrowser(ben!);
    push.transport.onModuleDestroy();
    push = pushOf('another secret of 32 bytes or more');
    await send(room, ada!, 'hello');
    await settle();
    expect(browser.requests).toEqual([]);
    expect(await subscriptionsOf(ben!)).toEqual([]);
  });
});

describe('subscriptions', () => {
  it('of a member are at most 10, at once and one after the other', async () => {
    const browsers = Array.from({ length: 20 }, () => new FakeBrowser(service));
    await Promise.all(browsers.slice(0, 15).map(({ subscription }) => push.subscriptions.subscribe(ben!, subscription)));
    for (const { subscription } of browsers.slice(15)) await push.subscriptions.subscribe(ben!, subscription);
    const kept = await subscriptionsOf(ben!);
    expect(kept.map(({ place }) => place).sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
    for (const { endpoint } of browsers.slice(15)) expect(kept.map((one) => one.endpoint)).toContain(endpoint);
  });

  it('that were just renewed are not the ones to go', async () => {
    const browsers: FakeBrowser[] = [];
    for (let n = 0; n < 10; n += 1) browsers.push(await givenBrowser(ben!));
    await write('UPDATE push_subscription SET renewed_at = renewed_at - INTERVAL 1 HOUR');
    await push.subscriptions.subscribe(ben!, browsers[0]!.subscription);
    await givenBrowser(ben!);
    expect((await subscriptionsOf(ben!)).map(({ endpoint }) => endpoint)).toContain(browsers[0]!.endpoint);
  });

  it('made many times at once are one, of one member', async () => {
    const browser = new FakeBrowser(service);
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => push.subscriptions.subscribe(n % 2 === 0 ? ada! : ben!, browser.subscription)));
    expect(new Set(made.map(({ subscription }) => subscription.id)).size).toBe(1);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect([...(await subscriptionsOf(ada!)), ...(await subscriptionsOf(ben!))]).toHaveLength(1);
  });

  it('that go to another member take nothing of the first one with them', async () => {
    const browser = await givenBrowser(ben!);
    await send(room, ada!, 'for ben alone');
    await expand();
    await push.subscriptions.subscribe(await givenMember(), browser.subscription);
    await deliver();
    expect(browser.requests).toEqual([]);
    expect(await outbox()).toEqual([]);
  });
});
