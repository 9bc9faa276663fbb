import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../src/platform/config/config.js';
import { SecretKeys } from '../../src/platform/config/secret-keys.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import { FolderPostman } from '../../src/platform/mail/folder-postman.js';
import { MailDelivery } from '../../src/platform/mail/mail-delivery.js';
import { MailQueueRepository } from '../../src/platform/mail/mail-queue.repository.js';
import { Mail } from '../../src/platform/mail/mail.js';
import type { MailMessage } from '../../src/platform/mail/mail.types.js';
import { MailWorker } from '../../src/platform/mail/mail.worker.js';
import type { Postman } from '../../src/platform/mail/postman.js';
import { SmtpPostman } from '../../src/platform/mail/smtp-postman.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { parseMail, startMailServer, type MailServer } from '../support/mail.js';

const FROM = 'The Plaza <plaza@example.com>';
const TEXT = 'Hello,\n\na line with a secret in it: 4a7d1ed414474e4033ac29ccb8653d9b.';
const mailTo = (to: string): MailMessage => ({ to, subject: 'A desk by the window', text: TEXT });

/** Workers look often, so that a test does not wait for the next poll. */
class QuickTimings extends JobTimings {
  override readonly poll = 20;
}

interface Outbox {
  mail: Mail;
  worker: MailWorker;
}

describe('mail', () => {
  let db: TestDatabase;
  let server: MailServer;
  let logged: string[];
  const workers: MailWorker[] = [];

  const outboxOf = (postman: Postman = new SmtpPostman(server.url, FROM), secret = 'x'.repeat(32), previous?: string): Outbox => {
    const keys = new SecretKeys({ APP_SECRET: secret, APP_SECRET_PREVIOUS: previous } as Config);
    const timings = new QuickTimings();
    const queue = new MailQueueRepository(db.pools, timings);
    const worker = new MailWorker(new MailDelivery(db.transactions, db.database, queue, keys, postman), timings);
    workers.push(worker);
    return { mail: new Mail(queue, keys, worker), worker };
  };
  const send = ({ mail }: Outbox, message: MailMessage, options?: { decoy?: boolean }) => db.transactions.run((tx) => mail.send(tx, message, options));
  const queued = () => db.database.rows<{ attempts: number; seconds: string; leased: number }>(
    'SELECT attempts, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), run_at) / 1e6 AS seconds, lease_token IS NOT NULL AS leased FROM queued_mail',
  );
  const allGone = () => eventually(async () => expect(await queued()).toEqual([]), 20_000);
  /** Waits until the mail was tried and put back, and answers for how long. */
  const putBack = (attempts: number) =>
    eventually(async () => {
      const [row] = await queued();
      expect(row).toMatchObject({ attempts, leased: 0 });
      return Number(row!.seconds);
    }, 20_000);
  const timeGoesBy = () => db.dataSource.query('UPDATE queued_mail SET run_at = UTC_TIMESTAMP(3)');

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
  });
  beforeEach(async () => {
    server = await startMailServer();
    logged = [];
    const note = (...parts: unknown[]) => void logged.push(JSON.stringify(parts));
    Logger.overrideLogger({ log: note, warn: (...parts) => note('warn', ...parts), error: (...parts) => note('error', ...parts) });
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.beforeApplicationShutdown();
    await server.close();
    await db.dataSource.query('DELETE FROM queued_mail');
    Logger.overrideLogger(false);
  });
  afterAll(() => db.close());

  it('is sent when what it belongs to has committed, and then forgotten', async () => {
    const outbox = outboxOf();
    outbox.worker.onApplicationBootstrap();
    await send(outbox, mailTo('ada@example.org'));
    await allGone();
    const [mail] = server.received;
    expect(server.received).toHaveLength(1);
    expect(mail).toMatchObject({
      recipients: ['ada@example.org'],
      headers: { from: 'The Plaza <plaza@example.com>', to: 'ada@example.org', subject: 'A desk by the window', 'auto-submitted': 'auto-generated', 'message-id': expect.stringMatching(/^<[0-9a-f-]{36}@example\.com>$/) },
    });
    expect(mail!.text.trim()).toBe(TEXT);
  });

  it('is not sent when what it belongs to was rolled back', async () => {
    const outbox = outboxOf();
    await expect(
      db.transactions.run(async (tx) => {
        await outbox.mail.send(tx, mailTo('ada@example.org'));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await queued()).toEqual([]);
  });

  it('lies in the database sealed: neither address nor text can be read there', async () => {
    await send(outboxOf(), mailTo('ada@example.org'));
    const rows = await db.database.rows<{ sealed: Buffer }>('SELECT * FROM queued_mail');
    const held = rows.flatMap((row) => Object.values(row)).map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value))).join();
    for (const secret of ['ada', 'example.org', 'window', '4a7d1ed4']) expect(held).not.toContain(secret);
  });

  it('is tried again after longer and longer when the server does not take it, and is one mail all the same', async () => {
    server.behaviour = 'refuse';
    const outbox = outboxOf();
    outbox.worker.onApplicationBootstrap();
    await send(outbox, mailTo('ada@example.org'));
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      waits.push(await putBack(attempt));
      await timeGoesBy();
    }
    // From the end of the attempt to the look at it some of it has gone by.
    for (const [at, seconds] of [15, 45, 135].entries()) expect(Math.abs(waits[at]! - seconds)).toBeLessThan(10);
    await putBack(4);
    server.behaviour = 'take';
    await timeGoesBy();
    await allGone();
    expect(server.received).toHaveLength(1);
    expect(server.offered()).toBe(5);
  });

  it('is given up after eight attempts; the log says so, and not what was in it', async () => {
    server.behaviour = 'refuse';
    const outbox = outboxOf();
    await send(outbox, mailTo('ada@example.org'));
    await db.dataSource.query('UPDATE queued_mail SET attempts = 6');
    outbox.worker.onApplicationBootstrap();
    await putBack(7);
    await timeGoesBy();
    await allGone();
    expect(server.offered()).toBe(2);
    expect(logged.filter((line) => line.includes('given up'))).toEqual([expect.stringMatching(/^\["error",.*"attempt":8.*451 come back later/)]);
    expect(logged.join('\n')).not.toMatch(/4a7d1ed4|window/);
  });

  it('is tried again when there is no server at all', async () => {
    const { url } = server;
    await server.close();
    const outbox = outboxOf(new SmtpPostman(url, FROM));
    outbox.worker.onApplicationBootstrap();
    await send(outbox, mailTo('ada@example.org'));
    expect(await putBack(1)).toBeGreaterThan(5);
    server = await startMailServer();
    expect(logged.join('\n')).toMatch(/warn.*ECONNREFUSED/);
  });

  it('leaves each with one of many workers', async () => {
    const outboxes = [outboxOf(), outboxOf(), outboxOf()];
    for (let n = 0; n < 30; n += 1) await send(outboxes[n % 3]!, mailTo(`m${n}@example.org`));
    for (const { worker } of outboxes) worker.onApplicationBootstrap();
    await allGone();
    expect(server.received).toHaveLength(30);
    expect(new Set(server.received.flatMap(({ recipients }) => recipients)).size).toBe(30);
  });

  it('goes back into the queue when the process stops while the server is silent', async () => {
    server.behaviour = 'fall silent';
    const outbox = outboxOf();
    outbox.worker.onApplicationBootstrap();
    await send(outbox, mailTo('ada@example.org'));
    await eventually(() => expect(server.offered()).toBe(1));
    await outbox.worker.beforeApplicationShutdown();
    const [row] = await queued();
    expect(row).toMatchObject({ attempts: 1, leased: 0 });
    // At once, and not as after a failure.
    expect(Number(row!.seconds)).toBeLessThanOrEqual(0);

    server.behaviour = 'take';
    outboxOf().worker.onApplicationBootstrap();
    await allGone();
    expect(server.received).toHaveLength(1);
  });

  it('is sent by who knows the secret it was sealed with, one rotation later too', async () => {
    await send(outboxOf(undefined, 'old '.repeat(8)), mailTo('ada@example.org'));
    outboxOf(undefined, 'new '.repeat(8), 'old '.repeat(8)).worker.onApplicationBootstrap();
    await allGone();
    expect(server.received).toHaveLength(1);
  });

  it('takes the same work as a decoy, and a decoy reaches nobody', async () => {
    const outbox = outboxOf();
    await send(outbox, mailTo('ada@example.org'));
    await send(outbox, mailTo('bob@example.org'), { decoy: true });
    const [real, decoy] = await db.database.rows<{ size: number }>('SELECT LENGTH(sealed) AS size FROM queued_mail');
    expect(Math.abs(real!.size - decoy!.size)).toBeLessThan(2);
    outbox.worker.onApplicationBootstrap();
    await allGone();
    expect(server.received.map(({ recipients }) => recipients)).toEqual([['ada@example.org']]);
  });

  it.each([
    ['address', { to: 'ada@example.org\r\nBcc: eve@example.org' }],
    ['address', { to: '"a\nBcc: eve@example.org\n"@example.org' }],
    ['subject', { subject: 'Hello\r\nBcc: eve@example.org' }],
    ['subject', { subject: 'Hello\nthere' }],
    ['subject', { subject: 'Hello\0' }],
  ])('takes no line break in the %s', async (_, change) => {
    await expect(send(outboxOf(), { ...mailTo('ada@example.org'), ...change })).rejects.toThrow('one line each');
    expect(await queued()).toEqual([]);
  });

  it('goes to one address, whatever that looks like, and says all that it was to say', async () => {
    const outbox = outboxOf();
    outbox.worker.onApplicationBootstrap();
    const text = 'Grüße,\n.\n..\nBcc: eve@example.org\n\nhttps://example.org/?token=' + 'x'.repeat(150);
    await send(outbox, { to: '"a,b"@example.org', subject: 'Plätze <frei>, ja', text });
    await allGone();
    expect(server.received).toMatchObject([{ recipients: ['"a,b"@example.org'] }]);
    expect(server.received[0]!.headers).not.toHaveProperty('bcc');
    expect(server.received[0]!.text.trimEnd()).toBe(text);
  });

  describe('without a mail server', () => {
    let folder: string;
    beforeEach(async () => {
      folder = path.join(await mkdtemp(path.join(tmpdir(), 'plaza-mail-')), 'mail');
    });
    afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

    it('is a file for the operator alone; the log names file and subject, and nothing more', async () => {
      const outbox = outboxOf(new FolderPostman(folder, FROM));
      outbox.worker.onApplicationBootstrap();
      await send(outbox, mailTo('ada@example.org'));
      await allGone();
      const [name, ...others] = await readdir(folder);
      expect(others).toEqual([]);
      expect(name).toMatch(/^\d{8}T\d{9}Z-[0-9a-f-]{36}\.eml$/);
      const file = path.join(folder, name!);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const { headers, text } = parseMail(await readFile(file, 'utf8'));
      expect(headers).toMatchObject({ from: 'The Plaza <plaza@example.com>', to: 'ada@example.org', subject: 'A desk by the window' });
      expect(text.trim()).toBe(TEXT);
      // Development shows warnings and no less.
      expect(logged.filter((line) => line.startsWith('["warn"')).join('\n')).toContain(name);
      expect(logged.join('\n')).toContain('A desk by the window');
      expect(logged.join('\n')).not.toContain('4a7d1ed4');
    });

    it('is to one address though it looks like two', async () => {
      await new FolderPostman(folder, FROM).deliver({ ...mailTo('ada@example.org, eve@example.org'), id: 'one', createdAt: new Date(0) });
      const { headers } = parseMail(await readFile(path.join(folder, '19700101T000000000Z-one.eml'), 'utf8'));
      expect(headers['to']).toBe('<"ada@example.org, eve"@example.org>');
    });

    it('can be read and copied from as it is', async () => {
      const text = `Größe: https://plaza.example.org/verify-email?token=${'x'.repeat(121)}`;
      await new FolderPostman(folder, FROM).deliver({ ...mailTo('ada@example.org'), text, id: 'one', createdAt: new Date(0) });
      const raw = await readFile(path.join(folder, '19700101T000000000Z-one.eml'), 'utf8');
      expect(raw.split('\n\n').slice(1).join('\n\n')).toBe(`${text}\n`);
      expect(parseMail(raw).headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'content-transfer-encoding': '8bit' });
    });

    it('is still one file when it is written again', async () => {
      const postman = new FolderPostman(folder, FROM);
      const letter = { ...mailTo('ada@example.org'), id: 'one', createdAt: new Date(0) };
      await postman.deliver(letter);
      await postman.deliver(letter);
      expect(await readdir(folder)).toEqual(['19700101T000000000Z-one.eml']);
    });
  });
});
