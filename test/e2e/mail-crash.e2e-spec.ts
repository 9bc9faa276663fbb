import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { PASSWORD } from '../support/app.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startMailServer, tokenIn, type MailServer } from '../support/mail.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

const PATIENCE_MS = 20_000;

/** Processes of their own, and a real mail server. */
describe('mail of processes that come and go', () => {
  let db: TestDatabase;
  let dataDir: string;
  let mails: MailServer;
  const running: PlazaProcess[] = [];

  const start = async (environment: NodeJS.ProcessEnv = {}): Promise<PlazaProcess> => {
    const plaza = await startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, SMTP_URL: mails.url, ...environment });
    running.push(plaza);
    return plaza;
  };
  const stopAll = async () => {
    for (const plaza of running.splice(0)) {
      plaza.kill('SIGTERM');
      await plaza.stopped;
    }
  };
  const post = (plaza: PlazaProcess, route: string, body: object) => supertest(plaza.url).post(`/api${route}`).send(body);
  const signUp = (plaza: PlazaProcess, email: string) => post(plaza, '/members', { email, password: PASSWORD, displayName: 'Ada' });
  const queued = () => db.database.rows<{ attempts: number; leased: number }>('SELECT attempts, lease_token IS NOT NULL AS leased FROM queued_mail');
  const allSent = () => eventually(async () => expect(await queued()).toEqual([]), PATIENCE_MS);
  /** Leases of the dead lapse, and it is time to try again. */
  const aMinuteGoesBy = () => db.dataSource.query('UPDATE queued_mail SET run_at = UTC_TIMESTAMP(3), lease_until = LEAST(lease_until, UTC_TIMESTAMP(3) - INTERVAL 1 SECOND)');
  /** Every value of every table. */
  const dump = async (): Promise<string> => {
    const tables = await db.database.rows<{ name: string }>(`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`);
    const rows = (await Promise.all(tables.map(({ name }) => db.database.rows<object>(`SELECT * FROM \`${name}\``)))).flat();
    return rows.flatMap((row) => Object.values(row)).map((value: unknown) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value))).join('\n');
  };

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-mail-crash-'));
    mails = await startMailServer();
  });
  afterEach(stopAll);
  afterAll(async () => {
    await mails.close();
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each([
    ['before', 1],
    // At least once: whether the server had taken it nobody can know.
    ['after', 2],
  ])('killed right %s sending: a sign-up that was acknowledged gets its mail after the restart', async (when, copies) => {
    const email = `${when}@example.org`;
    const first = await start({ PLAZA_FAULT: `mail.${when}-send` });
    await signUp(first, email).catch(() => undefined);
    expect(await first.stopped).toBe('SIGKILL');
    running.pop();
    expect(await queued()).toEqual([{ attempts: 1, leased: 1 }]);
    expect(mails.mailsTo(email)).toHaveLength(copies - 1);

    await aMinuteGoesBy();
    const second = await start();
    await allSent();
    expect(mails.mailsTo(email)).toHaveLength(copies);
    expect(new Set(mails.mailsTo(email).map(({ headers }) => headers['message-id'])).size).toBe(1);
    await post(second, '/email-verifications/confirm', { token: tokenIn(mails.mailsTo(email)[0]!) }).expect(204);
  });

  it('of two processes at work on one database each mail is sent by one', async () => {
    const [one, two] = [await start(), await start()];
    const addresses = Array.from({ length: 24 }, (_, n) => `both${n}@example.org`);
    await Promise.all(addresses.map((email, n) => signUp(n % 2 ? one : two, email).expect(201)));
    await allSent();
    expect(addresses.map((email) => mails.mailsTo(email).length)).toEqual(addresses.map(() => 1));
  });

  it('keeps its tokens out of the database and out of the log, while it waits and when it has gone', async () => {
    const plaza = await start({ LOG_LEVEL: 'trace' });
    const email = 'quiet@example.org';
    mails.behaviour = 'refuse';
    await signUp(plaza, email).expect(201);
    await post(plaza, '/password-resets', { email }).expect(202);
    // Tried, refused and put back: a mail that is being sent must not be given to another.
    await eventually(async () => expect(await queued()).toEqual([{ attempts: 1, leased: 0 }, { attempts: 1, leased: 0 }]), PATIENCE_MS);
    const whileItWaits = await dump();
    mails.behaviour = 'take';
    await aMinuteGoesBy();
    await allSent();
    const tokens = mails.mailsTo(email).map(tokenIn);
    expect(tokens).toHaveLength(2);
    const reset = tokens.find((token) => !token.includes('.'))!;
    await post(plaza, '/password-resets/confirm', { token: reset, password: 'a sunny window desk' }).expect(204);
    // The dump sees what it is to see.
    expect(whileItWaits).toContain(email);
    for (const token of tokens) {
      // The signature alone would do as well.
      const secret = token.split('.').at(-1)!;
      expect(whileItWaits).not.toContain(secret);
      expect(await dump()).not.toContain(secret);
      expect(plaza.output()).not.toContain(secret);
    }
    expect(plaza.output()).toContain('a mail could not be sent');
  });

  it('in production without a mail server says at the start that mails reach nobody, and keeps them', async () => {
    const secret = 'for production '.repeat(3);
    const plaza = await start({ NODE_ENV: 'production', APP_SECRET: secret, PAYMENTS: 'sandbox', ALLOW_SANDBOX_PAYMENTS: 'true', SMTP_URL: '' });
    expect(plaza.output()).toContain('mails reach nobody');
    await signUp(plaza, 'nobody@example.org').expect(201);
    await allSent();
    const [file] = await readdir(path.join(dataDir, 'mail'));
    expect(await readFile(path.join(dataDir, 'mail', file!), 'utf8')).toContain('To: nobody@example.org');
  });
});
