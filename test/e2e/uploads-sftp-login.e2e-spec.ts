import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { SftpHostKeys } from '../../src/features/uploads/sftp/sftp-host-key.service.js';
import { SftpServer } from '../../src/features/uploads/sftp/sftp.server.js';
import { Config } from '../../src/platform/config/config.js';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, PASSWORD, type GivenMember, type TestApp } from '../support/app.js';
import { called, connectSsh, hungUp, openSftp, sftpAccess, type SftpUser } from '../support/sftp.js';

let app: TestApp;
const sockets: Client[] = [];

beforeAll(async () => {
  app = await createTestApp({ SFTP_PORT: '0', UPLOAD_WORKERS: '0' });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => app.close());

async function connect(user: SftpUser, { at = app, ...extra }: ConnectConfig & { at?: TestApp } = {}): Promise<Client> {
  const socket = await connectSsh(at, user, extra);
  sockets.push(socket);
  return socket;
}

const write = (sql: string, parameters: unknown[]) => app.app.get(Transactions).run((tx) => tx.write(sql, parameters));
const refused = (user: SftpUser, extra?: ConnectConfig & { at?: TestApp }) => expect(connect(user, extra)).rejects.toThrow('authentication methods failed');
const token = async (member: GivenMember, permissions?: string[]): Promise<{ id: string; secret: string }> =>
  (await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'scanner', ...(permissions && { permissions }) }).expect(201)).body;
/** Puts a file through this connection. */
async function put(socket: Client, name = 'a.txt'): Promise<void> {
  const sftp = await openSftp(socket);
  await called<void>((done) => sftp.writeFile(name, 'hello', done as never));
}
const namesOf = async (member: GivenMember): Promise<string[]> => (await app.http.get('/api/files').set(member.auth).expect(200)).body.items.map(({ name }: { name: string }) => name);

describe('signing in', () => {
  it('takes the email address, however it is written, and the password, and opens no session', async () => {
    const member = await app.given.member();
    await put(await connect({ email: ` ${member.email.toUpperCase()} `, password: PASSWORD }));
    expect(await namesOf(member)).toEqual(['a.txt']);
    expect(await app.app.get(Database).rows('SELECT id FROM session WHERE member_id = ?', [member.id])).toHaveLength(1);
  });

  it('refuses a wrong password, an unknown address and who is locked out alike', async () => {
    const member = await app.given.member();
    const locked = await app.given.member();
    await write('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [locked.id]);
    await refused({ email: member.email, password: 'not the password' });
    await refused({ email: `${newId()}@example.org`, password: PASSWORD });
    await refused({ email: locked.email, password: PASSWORD });
    await refused({ email: '', password: '' });
    await refused({ email: member.id, password: PASSWORD });
    await refused({ email: `${'a'.repeat(10_000)}@example.org`, password: PASSWORD });
    await refused({ email: member.email, password: 'x'.repeat(30_000) });
  });

  it('takes an API token of that member, and of no other', async () => {
    const member = await app.given.member();
    const other = await app.given.member();
    const { secret } = await token(member);
    await put(await connect({ email: member.email, password: secret }));
    await refused({ email: other.email, password: secret });
    await refused({ email: member.email, password: `${secret}x` });
    expect(await namesOf(member)).toEqual(['a.txt']);
  });

  it('refuses a token that may not write files; one that may only do that sees none', async () => {
    const member = await app.given.member();
    await refused({ email: member.email, password: (await token(member, ['files.read'])).secret });
    const socket = await connect({ email: member.email, password: (await token(member, ['files.write'])).secret });
    const sftp = await openSftp(socket);
    await called<void>((done) => sftp.writeFile('a.txt', 'hello', done as never));
    await expect(called((done) => sftp.readdir('/', done))).rejects.toMatchObject({ code: 3 });
    await expect(called((done) => sftp.stat('a.txt', done))).rejects.toMatchObject({ code: 3 });
    await called((done) => sftp.stat('/', done));
  });

  it.each([
    ['publickey', { privateKey: ssh2.utils.generateKeyPairSync('ed25519').private }],
    ['keyboard-interactive', { tryKeyboard: true }],
    ['none', {}],
  ])('does not take %s', async (method, extra) => {
    const { email } = await app.given.member();
    await expect(connect({ email, password: undefined as unknown as string }, { ...extra, authHandler: [method] as never })).rejects.toThrow('authentication methods failed');
  });

  it('is slowed down by failures like signing in over HTTP, and slows that down', async () => {
    const strict = await createTestApp({ SFTP_PORT: '0', RATE_LIMIT_SCALE: '1' });
    try {
      const [guessed, other, viaHttp] = [await strict.given.member(), await strict.given.member(), await strict.given.member()];
      for (let failures = 0; failures < 5; failures += 1) await refused({ ...guessed, password: 'wrong password' }, { at: strict });
      await refused(guessed, { at: strict });
      expect((await strict.http.post('/api/sessions').send({ email: guessed.email, password: PASSWORD }).expect(429)).body.code).toBe('rate.limited');
      await connect(other, { at: strict });
      for (let failures = 0; failures < 5; failures += 1) await strict.http.post('/api/sessions').send({ email: viaHttp.email, password: 'wrong password' }).expect(401);
      await refused(viaHttp, { at: strict });
    } finally {
      await strict.close();
    }
  });

  it('may be tried six times a connection', async () => {
    const { email } = await app.given.member();
    let attempts = 0;
    const authHandler = (_methods: unknown, _partial: unknown, next: (method: object) => void) => {
      attempts += 1;
      next({ type: 'password', username: email, password: `guess ${attempts}` });
    };
    await expect(connectSsh(app, { email, password: '' }, { authHandler: authHandler as never })).rejects.toThrow();
    expect(attempts).toBe(6);
  });
});

describe('who has signed in', () => {
  it.each([
    ['their password changes', (member: GivenMember) => app.http.post('/api/me/password').set(member.auth).send({ current: PASSWORD, next: 'another battery staple' }).expect(204)],
    ['they are locked out', (member: GivenMember) => write('UPDATE member SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', [member.id])],
  ])('is shown out with the next file once %s', async (_, end) => {
    const member = await app.given.member();
    const socket = await connect(member);
    const sftp = await openSftp(socket);
    await called<void>((done) => sftp.writeFile('before.txt', 'hello', done as never));
    await end(member);
    const gone = hungUp(socket);
    await expect(called<void>((done) => sftp.writeFile('after.txt', 'hello', done as never))).rejects.toMatchObject({ code: 3 });
    await gone;
    const [{ n }] = (await app.app.get(Database).rows<{ n: number }>('SELECT COUNT(*) AS n FROM file WHERE owner_id = ?', [member.id])) as [{ n: number }];
    expect(n).toBe(1);
  });

  it('is shown out with the next file once their token is revoked', async () => {
    const member = await app.given.member();
    const { id, secret } = await token(member);
    const socket = await connect({ email: member.email, password: secret });
    await put(socket, 'before.txt');
    const sftp = await openSftp(await connect({ email: member.email, password: secret }));
    await app.http.delete(`/api/api-tokens/${id}`).set(member.auth).expect(204);
    await expect(called<void>((done) => sftp.writeFile('after.txt', 'hello', done as never))).rejects.toMatchObject({ code: 3 });
    expect(await namesOf(member)).toEqual(['before.txt']);
  });

  it.each<[string, (socket: Client) => Promise<unknown>, string]>([
    ['a terminal', (socket) => called<ClientChannel>((done) => socket.shell(done)), 'Unable to request a pseudo-terminal'],
    ['a shell', (socket) => called<ClientChannel>((done) => socket.shell(false, done)), 'Unable to open shell'],
    ['a command', (socket) => called<ClientChannel>((done) => socket.exec('id', done)), 'Unable to exec'],
    ['scp', (socket) => called<ClientChannel>((done) => socket.exec('scp -t /', done)), 'Unable to exec'],
    ['another subsystem', (socket) => called<ClientChannel>((done) => socket.subsys('netconf', done)), 'Unable to start subsystem'],
    ['a tunnel', (socket) => called<ClientChannel>((done) => socket.forwardOut('127.0.0.1', 1, '127.0.0.1', Number(new URL(app.url).port), done)), 'Channel open failure'],
    ['a tunnel back', (socket) => called<number>((done) => socket.forwardIn('127.0.0.1', 0, done)), 'Unable to bind'],
    ['a socket', (socket) => called<ClientChannel>((done) => socket.openssh_forwardOutStreamLocal('/run/x.sock', done)), 'Channel open failure'],
  ])('does not get %s', async (_, ask, message) => {
    const socket = await connect(await app.given.member());
    await expect(ask(socket)).rejects.toThrow(message);
  });

  it('has one session at a time', async () => {
    const socket = await connect(await app.given.member());
    const first = await openSftp(socket);
    await expect(openSftp(socket)).rejects.toThrow('Channel open failure');
    const gone = once(first, 'close');
    first.end();
    await gone;
    await put(socket);
  });
});

describe('the door', () => {
  it('is closed where no port is given', async () => {
    const closed = await createTestApp();
    expect(closed.app.get(SftpServer, { strict: false }).port).toBeUndefined();
    await closed.close();
  });

  it('has one key for ever, which nobody else can read, and does not open with a damaged one', async () => {
    const dataDir = app.app.get(Config).DATA_DIR;
    const file = path.join(dataDir, 'sftp-host-key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const key = ssh2.utils.parseKey(await readFile(file));
    if (key instanceof Error) throw key;
    const keyAt = async (at: TestApp): Promise<Buffer> => {
      let shown: Buffer | undefined;
      await connect(await at.given.member(), { at, hostVerifier: (hostKey: Buffer) => (shown = hostKey) !== undefined });
      return shown!;
    };
    expect(await keyAt(app)).toEqual(key.getPublicSSH());
    const again = await createTestApp({ SFTP_PORT: '0', DATA_DIR: dataDir });
    expect(await keyAt(again)).toEqual(key.getPublicSSH());
    await again.close();
    const intact = await readFile(file);
    await writeFile(file, 'damaged');
    await expect(app.app.get(SftpHostKeys, { strict: false }).load()).rejects.toThrow('sftp-host-key is damaged');
    await writeFile(file, intact);
  });

  it('lets ten connections of one address in, and others again when they are gone', async () => {
    const member = await app.given.member();
    const open = await Promise.all(Array.from({ length: 10 }, () => connect(member)));
    await expect(connect(member)).rejects.toThrow();
    const gone = once(open[0]!, 'close');
    open[0]!.end();
    await gone;
    // The server notices no later than its side of the connection is closed, which was before ours was.
    await connect(member);
  });

  it('is not impressed by what is no SSH', async () => {
    const { port } = sftpAccess(app, await app.given.member());
    for (const noise of ['GET / HTTP/1.1\r\n\r\n', 'SSH-1.5-old\r\n', `SSH-2.0-${'x'.repeat(1_000)}\r\n`, `SSH-2.0-x\r\n${'\xff'.repeat(70_000)}`]) {
      const socket = net.connect(port!, '127.0.0.1').on('error', () => undefined);
      socket.resume();
      socket.end(noise, 'latin1');
      await once(socket, 'close');
    }
    await connect(await app.given.member());
  });
});
