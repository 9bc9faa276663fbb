import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { isSigned } from '../../src/platform/payments/sandbox/webhook-signature.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { webhookSender, type WebhookSender } from '../support/webhook-sender.js';

const SUPPORT = path.join(import.meta.dirname, '../support');
const SOON = { copies: 1, delaySeconds: 0 };

/** Whoever gets the webhooks, on loopback. */
class Receiver {
  readonly got: { url: string; body: Buffer; headers: IncomingHttpHeaders }[] = [];
  respond: (response: ServerResponse) => void = (response) => void response.writeHead(204).end();
  private readonly server = http.createServer((request, response) => {
    void buffer(request).then((body) => {
      this.got.push({ url: request.url!, body, headers: request.headers });
      this.respond(response);
    });
  });

  get url(): string | undefined {
    const address = this.server.address() as AddressInfo | null;
    return address === null ? undefined : `http://127.0.0.1:${address.port}`;
  }

  get eventIds(): string[] {
    return this.got.map(({ body }) => (JSON.parse(body.toString()) as { eventId: string }).eventId);
  }

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('webhooks of the sandbox', () => {
  let db: TestDatabase;
  let receiver: Receiver;
  let logged: string[];
  const senders: WebhookSender[] = [];

  const sender = (address: { readonly url: string | undefined } = receiver): WebhookSender => {
    const made = webhookSender(db, address);
    senders.push(made);
    return made;
  };
  const announce = ({ webhooks }: WebhookSender, manner = SOON) => db.transactions.run((tx) => webhooks.announce(tx, { kind: 'failed', paymentId: 'p', intentId: 'i' }, manner));
  const queued = () => db.database.rows<{ attempts: number; seconds: string; leased: number }>(
    'SELECT attempts, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), run_at) / 1e6 AS seconds, lease_token IS NOT NULL AS leased FROM sandbox_webhook',
  );
  const allDelivered = () => eventually(async () => expect(await queued()).toEqual([]), 20_000);
  const time = async () => (await db.database.rows<{ now: Date }>('SELECT UTC_TIMESTAMP(3) AS now'))[0]!.now.getTime();
  /** One attempt, and between which numbers of seconds lies the pause after it; undefined when there is no other. */
  const attempt = async ({ delivery }: WebhookSender) => {
    const job = (await delivery.next())!;
    const before = await time();
    await delivery.run(job, new AbortController().signal);
    const after = await time();
    const [row] = await db.database.rows<{ runAt: Date; token: string | null }>('SELECT run_at AS runAt, lease_token AS token FROM sandbox_webhook');
    return row && { attempt: job.attempt, token: row.token, least: (row.runAt.getTime() - after) / 1000, most: (row.runAt.getTime() - before) / 1000 };
  };
  const expectPause = (made: Awaited<ReturnType<typeof attempt>>, number: number, seconds: number) => {
    expect(made).toMatchObject({ attempt: number, token: null });
    expect(made!.least).toBeLessThanOrEqual(seconds);
    expect(made!.most).toBeGreaterThanOrEqual(seconds);
  };
  const timeGoesBy = () => db.dataSource.query('UPDATE sandbox_webhook SET run_at = UTC_TIMESTAMP(3), lease_until = LEAST(lease_until, UTC_TIMESTAMP(3) - INTERVAL 1 SECOND)');

  beforeAll(async () => {
    db = await openTestDatabase();
    Logger.overrideLogger({ log: () => undefined, warn: (...parts: unknown[]) => logged.push(JSON.stringify(['warn', ...parts])), error: (...parts: unknown[]) => logged.push(JSON.stringify(['error', ...parts])) });
  });
  beforeEach(async () => {
    logged = [];
    await db.truncate();
    receiver = new Receiver();
    await receiver.start();
  });
  afterEach(async () => {
    for (const { worker } of senders.splice(0)) await worker.beforeApplicationShutdown();
    await receiver.stop();
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await db.close();
  });

  it('come to the path of the sandbox, signed when they are sent', async () => {
    const one = sender();
    await announce(one);
    one.worker.onApplicationBootstrap();
    await allDelivered();
    const [{ url, body, headers }] = receiver.got as [Receiver['got'][number]];
    expect(url).toBe('/api/webhooks/payments/sandbox');
    expect(JSON.parse(body.toString())).toEqual({ eventId: expect.any(String), kind: 'failed', paymentId: 'p', intentId: 'i' });
    expect(isSigned(body, headers['payment-signature'], Math.floor(Date.now() / 1000), one.keys.live('payments'))).toBe(true);
  });

  it('are none of a transaction that is not', async () => {
    const one = sender();
    await expect(
      db.transactions.run(async (tx) => {
        await one.webhooks.announce(tx, { kind: 'failed', paymentId: 'p', intentId: 'i' }, SOON);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await queued()).toEqual([]);
  });

  it('are tried again after longer and longer until they are taken, as one event', async () => {
    const statuses = [500, 404, 302, 400, 200];
    receiver.respond = (response) => void response.writeHead(statuses.shift()!, { Location: '/elsewhere' }).end('x');
    const one = sender();
    await announce(one);
    for (const [at, seconds] of [1, 2, 4, 8].entries()) {
      expectPause(await attempt(one), at + 1, seconds);
      await timeGoesBy();
    }
    expect(await attempt(one)).toBeUndefined();
    expect(receiver.got).toHaveLength(5);
    expect(new Set(receiver.eventIds).size).toBe(1);
    expect(logged.filter((line) => line.startsWith('["warn"')).join()).toContain('it was answered with 500');
  });

  it('wait a minute at most, and are given up after a day, which the log tells', async () => {
    receiver.respond = (response) => void response.writeHead(503).end();
    const one = sender();
    await announce(one);
    await db.dataSource.query('UPDATE sandbox_webhook SET attempts = 6');
    expectPause(await attempt(one), 7, 60);
    await db.dataSource.query('UPDATE sandbox_webhook SET attempts = 2000, due_at = UTC_TIMESTAMP(3) - INTERVAL 86000 SECOND');
    await timeGoesBy();
    expectPause(await attempt(one), 2_001, 60);
    await db.dataSource.query('UPDATE sandbox_webhook SET due_at = UTC_TIMESTAMP(3) - INTERVAL 86402 SECOND');
    await timeGoesBy();
    expect(await attempt(one)).toBeUndefined();
    expect(logged.filter((line) => line.includes('given up'))).toEqual([expect.stringMatching(/^\["error",.*"attempt":2002/)]);
  });

  it('are tried once more though the day has gone by while nobody was there', async () => {
    const one = sender();
    await announce(one);
    await db.dataSource.query('UPDATE sandbox_webhook SET due_at = UTC_TIMESTAMP(3) - INTERVAL 9 DAY');
    one.worker.onApplicationBootstrap();
    await allDelivered();
    expect(receiver.got).toHaveLength(1);
  });

  it('are not claimed while this process does not listen', async () => {
    const deaf = sender({ url: undefined });
    await announce(deaf);
    expect(await deaf.delivery.next()).toBeUndefined();
    expect(await queued()).toMatchObject([{ attempts: 0, leased: 0 }]);
    expect(await sender().delivery.next()).toMatchObject({ attempt: 1 });
  });

  it('are delivered by one of many workers each', async () => {
    const many = [sender(), sender(), sender()];
    for (let n = 0; n < 30; n += 1) await announce(many[n % 3]!);
    for (const { worker } of many) worker.onApplicationBootstrap();
    await allDelivered();
    expect(receiver.got).toHaveLength(30);
    expect(new Set(receiver.eventIds).size).toBe(30);
  });

  it('go back into the queue when the process stops while nobody answers', async () => {
    receiver.respond = () => undefined;
    const one = sender();
    one.worker.onApplicationBootstrap();
    await announce(one);
    await eventually(() => expect(receiver.got).toHaveLength(1));
    await one.worker.beforeApplicationShutdown();
    const [row] = await queued();
    expect(row).toMatchObject({ attempts: 1, leased: 0 });
    expect(Number(row!.seconds)).toBeLessThanOrEqual(0);
  });

  it.each([
    ['before', 1],
    // At least once: whether it was taken nobody can know.
    ['after', 2],
  ])('of a process that is killed right %s sending come later, and are not lost', async (when, copies) => {
    await announce(sender());
    const typescript = pathToFileURL(path.join(SUPPORT, 'typescript.mjs')).href;
    const child = spawn(process.execPath, ['--import', typescript, path.join(SUPPORT, 'webhook-sender-child.ts'), receiver.url!, `payments.${when}-webhook`], {
      stdio: 'inherit',
      env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    });
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
    expect(await queued()).toMatchObject([{ attempts: 1, leased: 1 }]);
    expect(receiver.got).toHaveLength(copies - 1);

    const successor = sender();
    expect(await successor.delivery.next()).toBeUndefined();
    // The lease of the dead lapses.
    await timeGoesBy();
    successor.worker.onApplicationBootstrap();
    await allDelivered();
    expect(receiver.got).toHaveLength(copies);
    expect(new Set(receiver.eventIds).size).toBe(1);
  });
});
