import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/database/columns.js';
import { DataSource } from 'typeorm';
import { MembersService } from '../../src/features/members/index.js';
import { PasswordResets } from '../../src/features/members/password-resets.service.js';
import { createTestApp, PASSWORD, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { startMailServer, tokenIn, type MailServer, type ReceivedMail } from '../support/mail.js';
import { connectSocket, nextEvent } from '../support/sockets.js';

const NEXT = 'a sunny window desk';
const NO_TOKEN = 'A'.repeat(43);

let mails: MailServer;
let app: TestApp;
beforeAll(async () => {
  mails = await startMailServer();
  app = await createTestApp({ SMTP_URL: mails.url, COMMUNITY_NAME: 'Café Plaza' });
});
afterAll(async () => {
  await app.close();
  await mails.close();
});

const ask = (email: unknown, at = app) => at.http.post('/api/password-resets').send({ email } as object);
const confirm = (token: unknown, password: unknown = NEXT, at = app) => at.http.post('/api/password-resets/confirm').send({ token, password } as object);
const signIn = (email: string, password: string, at = app) => at.http.post('/api/sessions').send({ email, password });
const sql = <Row>(text: string, parameters: unknown[] = []) => app.app.get(DataSource).query<Row[]>(text, parameters);
/** Waits until nothing is left to be sent: what has not come by then does not come. */
const allSent = () => eventually(async () => expect(await app.app.get(Database).rows('SELECT 1 FROM queued_mail')).toEqual([]), 20_000);
const resetMailsTo = (email: string): ReceivedMail[] => mails.mailsTo(email).filter(({ text }) => text.includes('asked for a new password'));
/** Asks and answers the token of the mail that comes. */
const tokenFor = async ({ email }: Pick<GivenMember, 'email'>): Promise<string> => {
  const before = resetMailsTo(email).length;
  await ask(email).expect(202);
  await eventually(() => expect(resetMailsTo(email).length).toBe(before + 1), 20_000);
  return tokenIn(resetMailsTo(email).at(-1)!);
};
const expectInvalid = async (answer: ReturnType<typeof confirm>) => expect((await answer.expect(422)).body.code).toBe('password-reset.invalid');

describe('asking for a new password', () => {
  it('sends a mail that says what to do, for how long, and that it can be ignored', async () => {
    const { email } = await app.given.member();
    const token = await tokenFor({ email });
    const [mail] = resetMailsTo(email);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(mail!.headers['from']).toBe('Plaza <plaza@localhost>');
    for (const part of ['Café Plaza', '30 minutes', 'ignore this mail', 'POST /api/password-resets/confirm', `\n${token}\n`]) expect(mail!.text).toContain(part);
  });

  it('links to the web app where there is one', async () => {
    const withWeb = await createTestApp({ SMTP_URL: mails.url, APP_SECRET: app.secret, WEB_URL: 'https://members.example.org/app/' });
    try {
      const { email } = await withWeb.given.member();
      await ask(email, withWeb).expect(202);
      await eventually(() => expect(resetMailsTo(email)).toHaveLength(1), 20_000);
      expect(resetMailsTo(email)[0]!.text).toMatch(/^https:\/\/members\.example\.org\/app\/reset-password\?token=[\w-]{43}$/m);
      await confirm(tokenIn(resetMailsTo(email)[0]!), NEXT, withWeb).expect(204);
    } finally {
      await withWeb.close();
    }
  });

  it('answers alike for addresses that are known, unknown and locked out, and writes to the known one alone', async () => {
    const [known, locked] = [await app.given.member(), await app.given.member()];
    await sql('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [locked.id]);
    const unknown = `${newId()}@example.org`;
    const answers = await Promise.all([known.email, locked.email, unknown].map((email) => ask(email)));
    const seen = answers.map(({ status, text, headers }) => ({ status, text, headers: Object.keys(headers).sort() }));
    expect(seen[0]).toMatchObject({ status: 202, text: '{"validMinutes":30}' });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    await allSent();
    expect([known.email, locked.email, unknown].map((email) => resetMailsTo(email).length)).toEqual([1, 0, 0]);
    expect(await sql('SELECT 1 FROM password_reset WHERE member_id = ?', [locked.id])).toEqual([]);
  });

  it('does the same in the database for an address that is unknown, so that the time tells nothing', async () => {
    const known = await app.given.member();
    await allSent();
    const statements = async (email: string): Promise<string[]> => {
      const seen: string[] = [];
      const dataSource = app.app.get(DataSource);
      const { createQueryRunner } = dataSource;
      dataSource.createQueryRunner = (mode) => {
        const runner = createQueryRunner.call(dataSource, mode);
        const query = runner.query.bind(runner) as (text: string, ...rest: unknown[]) => Promise<unknown>;
        runner.query = ((text: string, ...rest: unknown[]) => {
          if (/INSERT INTO (password_reset|queued_mail)/.test(text)) seen.push(text);
          return query(text, ...rest);
        }) as typeof runner.query;
        return runner;
      };
      try {
        await ask(email).expect(202);
      } finally {
        dataSource.createQueryRunner = createQueryRunner;
      }
      return seen;
    };
    const expected = await statements(known.email);
    expect(expected).toHaveLength(2);
    expect(await statements(`${newId()}@example.org`)).toEqual(expected);
    await allSent();
  });

  it('knows an address however it is written', async () => {
    const { email } = await app.given.member();
    await ask(`  ${email.toUpperCase()} `).expect(202);
    await eventually(() => expect(resetMailsTo(email)).toHaveLength(1), 20_000);
  });

  it.each([[undefined], [null], [7], [''], ['ada'], ['ada@'], [['ada@example.org']], [`${'a'.repeat(250)}@example.org`], ['"a\r\nBcc: eve@example.org"@example.org'], ['ada@example.org\nBcc: eve@example.org']])(
    'refuses %j by its shape',
    async (email) => {
      const { body } = await ask(email).expect(400);
      expect(body.code).toBe('request.invalid');
      expect(body.errors[0].path).toBe('email');
    },
  );

  it('writes to an address three times in half an hour at most, and answers as ever', async () => {
    const strict = await createTestApp({ SMTP_URL: mails.url, APP_SECRET: app.secret, RATE_LIMIT_SCALE: '1' });
    try {
      const [pestered, other] = [await strict.given.member(), await strict.given.member()];
      const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => ask(n % 2 ? pestered.email : pestered.email.toUpperCase(), strict)));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['202 {"validMinutes":30}']));
      await ask(other.email, strict).expect(202);
      await allSent();
      expect([resetMailsTo(pestered.email).length, resetMailsTo(other.email).length]).toEqual([3, 1]);
    } finally {
      await strict.close();
    }
  });

  it('is limited for each caller like a sign-in', async () => {
    const { headers } = await ask(`${newId()}@example.org`).expect(202);
    expect(headers['ratelimit-policy']).toMatch(/^"auth"/);
  });
});

describe('confirming with the token', () => {
  it('sets the password and ends every session, socket and API token', async () => {
    const member = await app.given.member();
    const { body: apiToken } = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'bot' }).expect(201);
    await app.http.get('/api/me').set('X-Token', apiToken.secret).expect(200);
    const socket = await connectSocket(app.url, member.accessToken);
    const disconnected = nextEvent(socket, 'disconnect');

    await confirm(await tokenFor(member)).expect(204);
    await disconnected;
    expect((await app.http.get('/api/me').set(member.auth).expect(401)).body.code).toBe('auth.token-invalid');
    expect((await app.http.get('/api/me').set('X-Token', apiToken.secret).expect(401)).body.code).toBe('token.invalid');
    await app.http.post('/api/sessions/refresh').send({ refreshToken: member.refreshToken }).expect(401);
    await signIn(member.email, PASSWORD).expect(401);
    await signIn(member.email, NEXT).expect(201);
  });

  it('is written in the audit log, and so is a change of the password', async () => {
    const member = await app.given.member();
    await confirm(await tokenFor(member)).expect(204);
    const { body } = await signIn(member.email, NEXT).expect(201);
    await app.http.post('/api/me/password').set('Authorization', `Bearer ${body.accessToken}`).send({ current: NEXT, next: PASSWORD }).expect(204);
    expect(await sql('SELECT actor_id AS actor, action FROM audit_entry WHERE subject_id = ? ORDER BY seq', [member.id])).toEqual([
      { actor: member.id, action: 'password.reset' },
      { actor: member.id, action: 'password.changed' },
    ]);
  });

  it('gives a password to a member who had none, and proves the address', async () => {
    const member = await app.given.member();
    await sql('UPDATE member SET password_hash = NULL WHERE id = ?', [member.id]);
    expect((await app.http.get('/api/me').set(member.auth).expect(200)).body.emailVerified).toBe(false);
    await confirm(await tokenFor(member)).expect(204);
    const { body } = await signIn(member.email, NEXT).expect(201);
    const me = await app.http.get('/api/me').set('Authorization', `Bearer ${body.accessToken}`).expect(200);
    expect(me.body.emailVerified).toBe(true);
  });

  it('lets who failed to sign in try at once', async () => {
    // One failure weighs as ten: half a minute to wait.
    const strict = await createTestApp({ SMTP_URL: mails.url, APP_SECRET: app.secret, RATE_LIMIT_SCALE: '0.1' });
    try {
      const { email } = await strict.given.member();
      await signIn(email, 'wrong', strict).expect(401);
      await signIn(email, PASSWORD, strict).expect(429);
      await ask(email, strict).expect(202);
      await eventually(() => expect(resetMailsTo(email)).toHaveLength(1), 20_000);
      await confirm(tokenIn(resetMailsTo(email)[0]!), NEXT, strict).expect(204);
      await signIn(email, NEXT, strict).expect(201);
    } finally {
      await strict.close();
    }
  });

  it('works once', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    await confirm(token).expect(204);
    await expectInvalid(confirm(token, PASSWORD));
    await signIn(member.email, NEXT).expect(201);
  });

  it('works once for twenty who come at the same time', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    const passwords = Array.from({ length: 20 }, (_, n) => `a quiet corner desk ${n}`);
    const answers = await Promise.all(passwords.map((password) => confirm(token, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(19).fill(422)]);
    const winner = answers.findIndex(({ status }) => status === 204);
    await signIn(member.email, passwords[winner]!).expect(201);
  });

  it('lets one of several tokens win', async () => {
    const member = await app.given.member();
    const tokens = [await tokenFor(member), await tokenFor(member), await tokenFor(member)];
    const answers = await Promise.all(tokens.map((token, n) => confirm(token, `${NEXT} ${n}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422, 422]);
    await signIn(member.email, `${NEXT} ${answers.findIndex(({ status }) => status === 204)}`).expect(201);
  });

  it('ends the other tokens, and so does a change of the password', async () => {
    const member = await app.given.member();
    const [older, newer] = [await tokenFor(member), await tokenFor(member)];
    await confirm(newer).expect(204);
    await expectInvalid(confirm(older));

    const another = await tokenFor(member);
    const { body } = await signIn(member.email, NEXT).expect(201);
    await app.http.post('/api/me/password').set('Authorization', `Bearer ${body.accessToken}`).send({ current: NEXT, next: PASSWORD }).expect(204);
    await expectInvalid(confirm(another));
    await signIn(member.email, PASSWORD).expect(201);
  });

  it('and a change of the password at the same moment: one of them counts', async () => {
    for (let round = 0; round < 5; round += 1) {
      const member = await app.given.member();
      const token = await tokenFor(member);
      const [reset, change] = await Promise.all([confirm(token, 'password of the reset'), app.http.post('/api/me/password').set(member.auth).send({ current: PASSWORD, next: 'password of the change' })]);
      expect([reset.status === 204, change.status === 204].filter(Boolean)).toHaveLength(1);
      await signIn(member.email, reset.status === 204 ? 'password of the reset' : 'password of the change').expect(201);
    }
  });

  it('does not use the token up on a weak password', async () => {
    const token = await tokenFor(await app.given.member());
    for (const weak of ['short', 'password123', 'x'.repeat(129)]) expect((await confirm(token, weak).expect(422)).body.code).toBe('member.password-weak');
    await confirm(token).expect(204);
  });

  it('is too late after half an hour', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    const [row] = await sql<{ seconds: number }>('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), expires_at) AS seconds FROM password_reset WHERE member_id = ?', [member.id]);
    expect(Math.abs(Number(row!.seconds) - 1800)).toBeLessThan(30);
    await sql('UPDATE password_reset SET expires_at = UTC_TIMESTAMP(3) WHERE member_id = ?', [member.id]);
    await expectInvalid(confirm(token));
    await signIn(member.email, PASSWORD).expect(201);
  });

  it('does nothing for a member who was locked out meanwhile', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    await sql('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [member.id]);
    await expectInvalid(confirm(token));
    await sql('UPDATE member SET disabled_at = NULL WHERE id = ?', [member.id]);
    await signIn(member.email, PASSWORD).expect(201);
  });

  it('does nothing for a member who is locked out at that very moment', async () => {
    const member = await app.given.member();
    const token = await tokenFor(member);
    const members = app.app.get(MembersService);
    const { hashNew } = members;
    members.hashNew = async (password) => {
      await sql('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [member.id]);
      return hashNew.call(members, password);
    };
    try {
      await expectInvalid(confirm(token));
    } finally {
      members.hashNew = hashNew;
    }
    await sql('UPDATE member SET disabled_at = NULL WHERE id = ?', [member.id]);
    await signIn(member.email, PASSWORD).expect(201);
  });

  it.each([['made up', NO_TOKEN], ['empty', ''], ['of another alphabet', 'ключ'], ['with a quote', "' OR 1=1 --"]])('knows no token that is %s', async (_, token) => {
    await expectInvalid(confirm(token));
  });

  it.each<[unknown, unknown, string]>([[undefined, NEXT, 'token'], [null, NEXT, 'token'], [7, NEXT, 'token'], ['x'.repeat(201), NEXT, 'token'], [NO_TOKEN, undefined, 'password'], [NO_TOKEN, null, 'password'], [NO_TOKEN, [NEXT], 'password']])(
    'refuses %j with %j by its shape',
    async (token, password, path) => {
      const { body } = await app.http.post('/api/password-resets/confirm').send({ ...(token !== undefined && { token }), ...(password !== undefined && { password }) } as object).expect(400);
      expect(body.code).toBe('request.invalid');
      expect(body.errors[0].path).toBe(path);
    },
  );

  it('leaves nothing behind a day after the token expired', async () => {
    const member = await app.given.member();
    await tokenFor(member);
    await tokenFor(member);
    await sql('UPDATE password_reset SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 25 HOUR WHERE member_id = ? LIMIT 1', [member.id]);
    await app.app.get(PasswordResets).deleteExpired();
    expect(await sql('SELECT 1 FROM password_reset WHERE member_id = ?', [member.id])).toHaveLength(1);
  });
});
