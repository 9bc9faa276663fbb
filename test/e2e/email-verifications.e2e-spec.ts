import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { foundCommunity } from '../../src/app.community.js';
import { Config } from '../../src/platform/config/config.js';
import { newId } from '../../src/platform/database/columns.js';
import { createTestApp, PASSWORD, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { parseMail, startMailServer, tokenIn, type MailServer, type ReceivedMail } from '../support/mail.js';

let mails: MailServer;
let app: TestApp;
beforeAll(async () => {
  mails = await startMailServer();
  app = await createTestApp({ SMTP_URL: mails.url, ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: PASSWORD });
});
afterAll(async () => {
  await app.close();
  await mails.close();
});

const ask = (member: GivenMember, at = app) => at.http.post('/api/email-verifications').set(member.auth);
const confirm = (token: unknown, at = app) => at.http.post('/api/email-verifications/confirm').send({ token } as object);
const isVerified = async (member: GivenMember): Promise<boolean> => (await app.http.get('/api/me').set(member.auth).expect(200)).body.emailVerified;
const sql = <Row>(text: string, parameters: unknown[] = []) => app.app.get(DataSource).query<Row[]>(text, parameters);
const allSent = () => eventually(async () => expect(await sql('SELECT 1 FROM queued_mail')).toEqual([]), 20_000);
/** The mails to a member, of which at least `count` must come. */
const mailsTo = ({ email }: GivenMember, count = 1): Promise<ReceivedMail[]> =>
  eventually(() => {
    expect(mails.mailsTo(email).length).toBeGreaterThanOrEqual(count);
    return mails.mailsTo(email);
  }, 20_000);
const tokenFor = async (member: GivenMember): Promise<string> => tokenIn((await mailsTo(member)).at(-1)!);
const expectInvalid = async (answer: ReturnType<typeof confirm>) => expect((await answer.expect(422)).body.code).toBe('email-verification.invalid');

describe('the first members', () => {
  it('are taken to have their addresses, and get no mail', async () => {
    expect(await foundCommunity(app.app)).toBe(true);
    const { body } = await app.http.post('/api/sessions').send({ email: 'admin@example.org', password: PASSWORD }).expect(201);
    expect((await app.http.get('/api/me').set('Authorization', `Bearer ${body.accessToken}`).expect(200)).body.emailVerified).toBe(true);
    await allSent();
    expect(mails.received).toEqual([]);
  });
});

describe('signing up', () => {
  it('sends a mail whose token proves the address', async () => {
    const member = await app.given.member();
    expect(await isVerified(member)).toBe(false);
    const [mail, ...more] = await mailsTo(member);
    expect(more).toEqual([]);
    expect(mail!.headers['subject']).toBe('Plaza: is this your address?');
    for (const part of ['3 days', 'ignore this mail', 'POST /api/email-verifications/confirm']) expect(mail!.text).toContain(part);
    await confirm(tokenIn(mail!)).expect(204);
    expect(await isVerified(member)).toBe(true);
  });

  it('sends none when it is refused', async () => {
    const member = await app.given.member();
    await allSent();
    await app.http.post('/api/members').send({ email: member.email, password: PASSWORD, displayName: 'Ada' }).expect(409);
    await allSent();
    expect(mails.mailsTo(member.email)).toHaveLength(1);
  });

  it('takes no address that would write headers of its own', async () => {
    for (const email of ['"a\r\nBcc: eve@example.org"@example.org', '"a\nb"@example.org', '"a\u0001"@example.org']) {
      const { body } = await app.http.post('/api/members').send({ email, password: PASSWORD, displayName: 'Ada' }).expect(400);
      expect(body.errors[0].path).toBe('email');
    }
  });

  it('without a mail server leaves the mail in the data folder, with a link where there is a web app', async () => {
    const alone = await createTestApp({ APP_SECRET: app.secret, WEB_URL: 'https://members.example.org' });
    try {
      const { email } = await alone.given.member();
      const folder = path.join(alone.app.get(Config).DATA_DIR, 'mail');
      // The other application's worker may be the one that takes it.
      const text = await eventually(async () => {
        const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'));
        const inFolder = await Promise.all(files.map(async (name) => parseMail(await readFile(path.join(folder, name), 'utf8'))));
        const found = inFolder.find(({ headers }) => headers['to'] === email) ?? mails.mailsTo(email)[0];
        expect(found).toBeDefined();
        return found!.text;
      }, 20_000);
      expect(text).toMatch(/^https:\/\/members\.example\.org\/verify-email\?token=\S+$/m);
      await confirm(tokenIn({ text }), alone).expect(204);
    } finally {
      await alone.close();
    }
  });
});

describe('proving an address', () => {
  it('again is no error, and the first time counts', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    await Promise.all(Array.from({ length: 5 }, () => confirm(token).expect(204)));
    await sql(`UPDATE member SET email_verified_at = '2026-01-02 03:04:05' WHERE id = ?`, [member.id]);
    await confirm(token).expect(204);
    expect(await sql('SELECT email_verified_at AS at FROM member WHERE id = ?', [member.id])).toEqual([{ at: new Date('2026-01-02T03:04:05Z') }]);
  });

  it('takes the token whole and unchanged', async () => {
    const [member, other] = [await app.given.member(), await app.given.member()];
    const [id, expires, key, signature] = (await tokenFor(member)).split('.') as [string, string, string, string];
    const forged = [
      [other.id, expires, key, signature], [newId(), expires, key, signature], [id, String(Number(expires) + 1), key, signature], [id, expires, '00000000', signature],
      [id, expires, key, signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))], [id, expires, key, signature.slice(1)], [id, expires, key], [id, expires, key, signature, ''], [id], [''],
    ];
    for (const parts of forged) await expectInvalid(confirm(parts.join('.')));
    expect([await isVerified(member), await isVerified(other)]).toEqual([false, false]);
  });

  it.each(['', 'x', 'é🦉', 'ключ.1.2.3', `${newId()}é.1.2.3`, "' OR 1=1 -- .1.2.3", '\u0000.1.2.3', '....'])('is not %j', (token) => expectInvalid(confirm(token)));

  it('takes no signed link of another kind', async () => {
    const member = await app.given.member();
    const { body } = await app.http.post('/api/exports').set(member.auth).send({ source: 'credits', format: 'csv' }).expect(202);
    const location = await eventually(async () => (await app.http.get(`/api/exports/${body.id}/download`).set(member.auth).redirects(0).expect(302)).headers['location']!, 20_000);
    const query = new URL(location, app.url).searchParams;
    await expectInvalid(confirm([member.id, query.get('expires'), query.get('key'), query.get('signature')].join('.')));
  });

  it('is for the address that the mail went to', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    await sql('UPDATE member SET email = ? WHERE id = ?', [`${newId()}@example.org`, member.id]);
    await expectInvalid(confirm(token));
    expect(await isVerified(member)).toBe(false);
  });

  it('is too late after three days', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    const after = (days: number) => createTestApp({ APP_SECRET: app.secret, PLAZA_TEST_CLOCK: new Date(Date.now() + days * 86_400_000).toISOString() });
    const [inTime, late] = [await after(2.9), await after(3.1)];
    try {
      await expectInvalid(confirm(token, late));
      await confirm(token, inTime).expect(204);
    } finally {
      await Promise.all([inTime.close(), late.close()]);
    }
  });

  it.each([[undefined], [null], [7], [['x']], ['x'.repeat(301)]])('refuses %j by its shape', async (token) => {
    const { body } = await confirm(token).expect(400);
    expect(body.code).toBe('request.invalid');
    expect(body.errors[0].path).toBe('token');
  });
});

describe('asking for the mail again', () => {
  it('sends it, and quietly nothing once the address is proved', async () => {
    const member = await app.given.member();
    await mailsTo(member);
    expect((await ask(member).expect(202)).body).toEqual({ validMinutes: 3 * 24 * 60 });
    const [, second] = await mailsTo(member, 2);
    await confirm(tokenIn(second!)).expect(204);
    await ask(member).expect(202);
    await allSent();
    expect(mails.mailsTo(member.email)).toHaveLength(2);
  });

  it('sends three in half an hour at most, and answers as ever', async () => {
    const strict = await createTestApp({ SMTP_URL: mails.url, APP_SECRET: app.secret, RATE_LIMIT_SCALE: '1' });
    try {
      const member = await strict.given.member();
      for (let time = 0; time < 6; time += 1) await ask(member, strict).expect(202);
      await allSent();
      expect(mails.mailsTo(member.email)).toHaveLength(1 + 3);
    } finally {
      await strict.close();
    }
  });

  it('takes no body, and no API token', async () => {
    const member = await app.given.member();
    expect((await ask(member).send({ email: 'eve@example.org' }).expect(400)).body.code).toBe('request.invalid');
    const { body } = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'bot' }).expect(201);
    expect((await app.http.post('/api/email-verifications').set('X-Token', body.secret).expect(403)).body.code).toBe('auth.forbidden');
  });
});
