import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type SftpClient from 'ssh2-sftp-client';
import ssh2, { type Client, type SFTPWrapper, type Stats } from 'ssh2';
import { FileReception } from '../../src/features/uploads/file-reception.service.js';
import { OwnFiles } from '../../src/features/uploads/serving/own-files.service.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { called, connectSftp, connectSsh, hungUp, openSftp } from '../support/sftp.js';
import { givenFiles, sha256Of } from '../support/uploads-files.js';
import { uploadViolations } from '../support/uploads-invariants.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const { OPEN_MODE } = ssh2.utils.sftp;
const PUT = OPEN_MODE.WRITE | OPEN_MODE.CREAT | OPEN_MODE.TRUNC;
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

let app: TestApp;
let folder: string;
const clients: SftpClient[] = [];
const sockets: Client[] = [];

beforeAll(async () => {
  // Nobody checks what is put: this is about the door.
  app = await createTestApp({ SFTP_PORT: '0', UPLOAD_WORKERS: '0' });
  folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-sftp-'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => undefined);
  for (const socket of sockets.splice(0)) socket.destroy();
  expect(await uploadViolations((sql) => app.app.get(Database).rows(sql))).toEqual([]);
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

async function connected(member: GivenMember): Promise<SftpClient> {
  const client = await connectSftp(app, member);
  clients.push(client);
  return client;
}

async function given(): Promise<{ member: GivenMember; client: SftpClient }> {
  const member = await app.given.member();
  return { member, client: await connected(member) };
}

/** A session to send single requests through. */
async function session(member: GivenMember): Promise<{ sftp: SFTPWrapper; socket: Client }> {
  const socket = await connectSsh(app, member);
  sockets.push(socket);
  return { sftp: await openSftp(socket), socket };
}

const filesOf = async (member: GivenMember): Promise<Record<string, unknown>[]> => (await app.http.get('/api/files').set(member.auth).expect(200)).body.items;
const quotaOf = async (member: GivenMember): Promise<object> => (await app.http.get('/api/files/quota').set(member.auth).expect(200)).body;
const limitQuota = (member: GivenMember, bytes: number) =>
  app.app.get(Transactions).run((tx) => tx.write('INSERT INTO upload_quota (member_id, used, reserved, unfinished, max) VALUES (?, 0, 0, 0, ?)', [member.id, bytes]));

async function objects(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of app.app.get(Storage).list('uploads')) keys.push(key);
  return keys.sort();
}

/** Runs `work` and expects that it left no file, no object and no byte of the quota behind. */
async function leavingNothing<T>(member: GivenMember, work: () => Promise<T>): Promise<T> {
  const before = { objects: await objects(), files: await filesOf(member), quota: await quotaOf(member) };
  const result = await work();
  await eventually(async () => expect({ objects: await objects(), files: await filesOf(member), quota: await quotaOf(member) }).toEqual(before));
  return result;
}

const open = (sftp: SFTPWrapper, name: string, flags: number = PUT) => called<Buffer>((done) => sftp.open(name, flags, {}, done));
const write = (sftp: SFTPWrapper, handle: Buffer, offset: number, data: Buffer) => called<void>((done) => sftp.write(handle, data, 0, data.length, offset, done));
const close = (sftp: SFTPWrapper, handle: Buffer) => called<void>((done) => sftp.close(handle, done));

describe('a put', () => {
  it('of bytes becomes a file in processing, with its name, size, hash and type', async () => {
    const { member, client } = await given();
    await client.put(PNG, '/größe 😀.png');
    expect(await filesOf(member)).toEqual([expect.objectContaining({ name: 'größe 😀.png', state: 'processing', purpose: 'generic', size: PNG.length, sha256: sha256Of(PNG), mime: 'image/png' })]);
    expect(await quotaOf(member)).toMatchObject({ used: 0, reserved: PNG.length });
  });

  it('of a stream, and of several at once, arrives whole', async () => {
    const { member, client } = await given();
    const bodies = Array.from({ length: 5 }, (_, n) => randomBytes(MIB + n));
    await Promise.all(bodies.map((body, n) => client.put(Readable.from(body, { objectMode: false }), `/stream-${n}.bin`)));
    const files = await filesOf(member);
    expect(files.map(({ sha256 }) => sha256).sort()).toEqual(bodies.map(sha256Of).sort());
  });

  it('with 64 writes under way at once arrives whole', async () => {
    const { member, client } = await given();
    const body = randomBytes(24 * MIB + 7);
    await writeFile(path.join(folder, 'large.bin'), body);
    await client.fastPut(path.join(folder, 'large.bin'), '/large.bin', { concurrency: 64 });
    expect(await filesOf(member)).toEqual([expect.objectContaining({ size: body.length, sha256: sha256Of(body) })]);
  });

  it.each(['avatar', 'chat', 'meme'])('into %s is for that', async (purpose) => {
    const { member, client } = await given();
    await client.put(PNG, `${purpose}/a.png`);
    expect(await filesOf(member)).toEqual([expect.objectContaining({ name: 'a.png', purpose })]);
    await leavingNothing(member, () => expect(client.put(Buffer.from('MZ'.padEnd(600, '\0')), `/${purpose}/a.exe`)).rejects.toThrow('type'));
  });

  it.each([
    ['a picture', PNG], ['text', Buffer.from('hello')], ['a page', Buffer.from('<!DOCTYPE html><script>alert(1)</script>')], ['anything', randomBytes(100_000)],
  ])('of %s gets the same verdict as through another door', async (_, body) => {
    const { member, client } = await given();
    await client.put(body, 'same');
    const [file] = await filesOf(member);
    const reception = app.app.get(FileReception, { strict: false });
    const other = await reception.receive(member.id, { name: 'same', purpose: 'generic', door: 'raw' }, Readable.from([body]));
    expect({ sha256: file!['sha256'], mime: file!['mime'], size: file!['size'] }).toEqual({ sha256: other.sha256, mime: other.mime, size: other.size });
    await reception.abandon(other);
  });

  it('in any order of writes is put together', async () => {
    const member = await app.given.member();
    const { sftp } = await session(member);
    const parts = ['one, ', 'two, ', 'three'].map((text) => Buffer.from(text));
    const handle = await open(sftp, 'counted.txt');
    const writes = [write(sftp, handle, 10, parts[2]!), write(sftp, handle, 5, parts[1]!), write(sftp, handle, 0, parts[0]!)];
    await Promise.all(writes);
    await close(sftp, handle);
    expect(await filesOf(member)).toEqual([expect.objectContaining({ sha256: sha256Of(Buffer.concat(parts)), mime: 'text/plain' })]);
  });
});

describe('nothing is left behind by', () => {
  it('a connection that is lost in the middle', async () => {
    const member = await app.given.member();
    await leavingNothing(member, async () => {
      const { sftp, socket } = await session(member);
      const handle = await open(sftp, 'half.bin');
      await write(sftp, handle, 0, randomBytes(30_000));
      expect(await filesOf(member)).toEqual([expect.objectContaining({ state: 'receiving' })]);
      socket.destroy();
    });
  });

  it('a session that ends without closing its files', async () => {
    const member = await app.given.member();
    await leavingNothing(member, async () => {
      const { sftp } = await session(member);
      await write(sftp, await open(sftp, 'half.bin'), 0, randomBytes(30_000));
      sftp.end();
    });
  });

  it('a client that breaks off, cuts the file to what it has sent and closes it', async () => {
    const member = await app.given.member();
    await leavingNothing(member, async () => {
      const { sftp } = await session(member);
      const handle = await open(sftp, 'half.bin');
      await write(sftp, handle, 0, randomBytes(30_000));
      await called<void>((done) => sftp.fsetstat(handle, { size: 30_000 }, done));
      await expect(close(sftp, handle)).rejects.toThrow('broken off');
    });
  });

  it('an empty file', async () => {
    const { member, client } = await given();
    await leavingNothing(member, () => expect(client.put(Buffer.alloc(0), 'empty')).rejects.toThrow('at least one byte'));
  });

  it.each(['a\\b', 'nul\0.txt', 'line\nbreak', 'exe.\u202efdp', 'x'.repeat(300), '   '])('the name %j', async (name) => {
    const { member, client } = await given();
    await leavingNothing(member, () => expect(client.put(PNG, `/${name}`)).rejects.toThrow('name must'));
  });

  it.each(['/export/a.png', '/holiday/a.png', '/meme/deeper/a.png', '/', '/meme', '..', '/avatar/..'])('the path %j', async (name) => {
    const { member } = await given();
    const { sftp } = await session(member);
    await leavingNothing(member, () => expect(open(sftp, name)).rejects.toMatchObject({ code: 2 }));
  });

  it('a path that climbs, but a file in the root', async () => {
    const { member, client } = await given();
    await client.put(PNG, '/meme/../../../../etc/passwd/../boat.png').catch(() => undefined);
    await client.put(PNG, '../../boat.png');
    expect((await filesOf(member)).map(({ name }) => name)).toContain('boat.png');
    expect(new Set((await filesOf(member)).map(({ purpose }) => purpose))).toEqual(new Set(['generic']));
  });

  it('a file that the quota has no room for, in the middle', async () => {
    const { member, client } = await given();
    await limitQuota(member, 3 * MIB);
    await leavingNothing(member, () => expect(client.put(randomBytes(4 * MIB), 'large.bin')).rejects.toThrow('no room'));
    await client.put(randomBytes(3 * MIB), 'fits.bin');
  });

  it('more unfinished uploads than a member may have', async () => {
    const { member } = await given();
    await limitQuota(member, 3 * MIB);
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE upload_quota SET unfinished = 1000 WHERE member_id = ?', [member.id]));
    const { sftp } = await session(member);
    await expect(open(sftp, 'one-more.bin')).rejects.toThrow('unfinished');
    await app.app.get(Transactions).run((tx) => tx.write('UPDATE upload_quota SET unfinished = 0 WHERE member_id = ?', [member.id]));
  });

  it.each([
    ['appending', OPEN_MODE.WRITE | OPEN_MODE.CREAT | OPEN_MODE.APPEND],
    ['resuming', OPEN_MODE.WRITE],
  ])('%s', async (_, flags) => {
    const { member } = await given();
    const { sftp } = await session(member);
    await leavingNothing(member, () => expect(open(sftp, 'a.bin', flags)).rejects.toMatchObject({ code: 8, message: expect.stringContaining('/api/files/tus') }));
  });

  it.each([
    ['writing twice at one place', async (sftp: SFTPWrapper, handle: Buffer) => {
      await write(sftp, handle, 0, Buffer.from('abc'));
      await expect(write(sftp, handle, 1, Buffer.from('xyz'))).rejects.toThrow('written again');
    }],
    ['a hole', async (sftp: SFTPWrapper, handle: Buffer) => {
      await write(sftp, handle, 0, Buffer.from('abc'));
      void write(sftp, handle, 10, Buffer.from('xyz')).catch(() => undefined);
    }],
    ['writes far out of order', async (sftp: SFTPWrapper, handle: Buffer) => {
      const writes = Array.from({ length: 200 }, (_, n) => write(sftp, handle, (n + 1) * 32 * KIB, Buffer.alloc(32 * KIB)));
      expect((await Promise.allSettled(writes)).every(({ status }) => status === 'rejected')).toBe(true);
    }],
  ])('%s, and the client is told again when it closes', async (_, fault) => {
    const { member } = await given();
    const { sftp } = await session(member);
    await leavingNothing(member, async () => {
      const handle = await open(sftp, 'odd.bin');
      await fault(sftp, handle);
      await expect(close(sftp, handle)).rejects.toMatchObject({ code: 4 });
    });
  });

  it('a server that stops in the middle of a put', async () => {
    const other = await createTestApp({ SFTP_PORT: '0', UPLOAD_WORKERS: '0' });
    const member = await other.given.member();
    const storage = other.app.get(Storage);
    const socket = await connectSsh(other, member);
    const sftp = await openSftp(socket);
    await write(sftp, await open(sftp, 'half.bin'), 0, randomBytes(30_000));
    const gone = hungUp(socket);
    await other.close();
    await gone;
    const keys: string[] = [];
    for await (const { key } of storage.list('uploads')) keys.push(key);
    expect(keys).toEqual([]);
    const rows = await app.app.get(Database).rows('SELECT f.id FROM file f WHERE f.owner_id = ? UNION SELECT member_id FROM upload_quota WHERE member_id = ? AND reserved + unfinished > 0', [member.id, member.id]);
    expect(rows).toEqual([]);
  });
});

describe('the folders', () => {
  it('show a member their own files, each name once, and the folders beside the root', async () => {
    const { member, client } = await given();
    const stranger = await given();
    await stranger.client.put(PNG, 'secret.png');
    await client.put(Buffer.from('first'), 'a.txt');
    await client.put(Buffer.from('second one'), 'a.txt');
    await client.put(PNG, '/meme/cat.png');
    expect((await client.list('/')).map(({ name, type, size }) => [name, type, size])).toEqual([['avatar', 'd', 0], ['chat', 'd', 0], ['meme', 'd', 0], ['a.txt', '-', 10], ['a.txt (2)', '-', 5]]);
    expect((await client.list('/meme')).map(({ name }) => name)).toEqual(['cat.png']);
    expect(await client.list('/avatar')).toEqual([]);
    expect(await client.exists('/meme')).toBe('d');
    expect(await client.exists('/meme/cat.png')).toBe('-');
    expect((await client.stat('a.txt')).size).toBe(10);
    expect(Math.abs((await client.stat('a.txt')).modifyTime - Date.now())).toBeLessThan(60_000);
    expect(await client.cwd()).toBe('/');
    expect(await client.realPath('../x/./../meme')).toBe('/meme');
    expect(await filesOf(member)).toHaveLength(3);
  });

  it('are read once for all who ask at the same time, and anew for who asks after a put', async () => {
    const { member, client } = await given();
    const { sftp } = await session(member);
    await client.put(Buffer.from('first'), 'a.txt');
    const list = jest.spyOn(app.app.get(OwnFiles, { strict: false }), 'list');
    const stats = Array.from({ length: 200 }, () => called<Stats>((done) => sftp.stat('/a.txt', done)));
    expect(new Set((await Promise.all(stats)).map(({ size }) => size))).toEqual(new Set([5]));
    expect(list.mock.calls.length).toBeLessThan(50);
    list.mockRestore();
    for (let round = 0; round < 5; round += 1) {
      const asked = called<Stats>((done) => sftp.stat('/a.txt', done));
      await client.put(Buffer.alloc(round + 10), 'a.txt');
      expect((await client.stat('a.txt')).size).toBe(round + 10);
      await asked;
    }
  });

  it('do not show another member\'s files in any way', async () => {
    const { client } = await given();
    const stranger = await given();
    await stranger.client.put(PNG, 'secret.png');
    const [secret] = await filesOf(stranger.member);
    for (const name of ['/secret.png', `/${secret!['id'] as string}`, `/uploads/${secret!['id'] as string}/body`, '/../secret.png']) {
      expect(await client.exists(name)).toBe(false);
      await expect(client.get(name)).rejects.toThrow('no ');
      await expect(client.delete(name)).rejects.toThrow('no ');
      await expect(client.rename(name, '/mine.png')).rejects.toThrow('no ');
    }
    expect(await filesOf(stranger.member)).toEqual([secret]);
  });

  it('do not show what was rejected, expired, deleted or is still coming in', async () => {
    const { member, client } = await given();
    const files = givenFiles(app.app);
    await files.rejected(member.id, PNG);
    await files.expired(member.id);
    await files.receiving(member.id, 10);
    expect((await client.list('/')).filter(({ type }) => type === '-')).toEqual([]);
  });

  it('are listed in parts however many files there are', async () => {
    const { member, client } = await given();
    const files = givenFiles(app.app);
    for (let n = 0; n < 120; n += 1) await files.processing(member.id, Buffer.from('x'), { name: `file-${n}` });
    expect((await client.list('/')).filter(({ type }) => type === '-')).toHaveLength(120);
  });

  it('give back a file that is ready, whole and in part, and none that is not', async () => {
    const { member, client } = await given();
    const body = randomBytes(300_000);
    await givenFiles(app.app).ready(member.id, body, { name: 'a.bin' });
    expect(await client.get('/a.bin')).toEqual(body);
    await client.fastGet('/a.bin', path.join(folder, 'a.bin'));
    expect(await readFile(path.join(folder, 'a.bin'))).toEqual(body);
    const { sftp } = await session(member);
    const handle = await open(sftp, '/a.bin', OPEN_MODE.READ);
    const part = Buffer.alloc(10);
    await called((done) => sftp.read(handle, part, 0, 10, 299_995, (error, bytes) => done(error, bytes)));
    expect(part.subarray(0, 5)).toEqual(body.subarray(299_995));
    await expect(called((done) => sftp.read(handle, part, 0, 10, 300_000, (error, bytes) => done(error, bytes)))).resolves.toBe(0);
    await expect(called((done) => sftp.read(handle, part, 0, 0, 5, (error, bytes) => done(error, bytes)))).resolves.toBe(0);
    await expect(write(sftp, handle, 0, part)).rejects.toMatchObject({ code: 3 });
    await client.put(PNG, 'unchecked.png');
    await expect(client.get('/unchecked.png')).rejects.toThrow('no content to show');
  });

  it('of pictures give what is served, cleaned', async () => {
    const { member, client } = await given();
    const served = Buffer.from('cleaned');
    await givenFiles(app.app).ready(member.id, PNG, { name: 'me.png', mime: 'image/png', picture: { served, variants: {} } });
    expect(await client.get('/me.png')).toEqual(served);
  });

  it('let a file be removed and take another name, as clients do that put under a name for unfinished ones', async () => {
    const { member, client } = await given();
    await client.put(PNG, 'boat.png.filepart');
    await client.put(PNG, '/meme/cat.png');
    await client.rename('/boat.png.filepart', '/boat.png');
    await expect(client.rename('/boat.png', '/meme/boat.png')).rejects.toThrow('stays in its folder');
    await expect(client.rename('/boat.png', '/a\\b')).rejects.toThrow('name must');
    await expect(client.rename('/nothing', '/x')).rejects.toThrow('no such file');
    await expect(client.rename('/meme', '/x')).rejects.toThrow();
    expect((await filesOf(member)).map(({ name }) => name).sort()).toEqual(['boat.png', 'cat.png']);
    await client.delete('/boat.png');
    await expect(client.delete('/meme')).rejects.toThrow();
    expect((await filesOf(member)).map(({ name }) => name)).toEqual(['cat.png']);
    expect(await quotaOf(member)).toMatchObject({ used: 0, reserved: PNG.length });
  });

  it('are as they are: none can be made, removed or linked, and modes and times are Plaza\'s own', async () => {
    const { member, client } = await given();
    await client.put(PNG, 'a.png');
    await client.chmod('/a.png', 0o777);
    await expect(client.mkdir('/new')).rejects.toThrow();
    await expect(client.rmdir('/meme')).rejects.toThrow();
    const { sftp } = await session(member);
    await expect(called((done) => sftp.symlink('/etc/passwd', '/link', done as (error?: Error | null) => void))).rejects.toMatchObject({ code: 8 });
    await expect(called((done) => sftp.readlink('/a.png', done))).rejects.toMatchObject({ code: 8 });
    await expect(called((done) => sftp.setstat('/a.png', { size: 1 }, done as (error?: Error | null) => void))).rejects.toMatchObject({ code: 8 });
    expect((await client.stat('/a.png')).mode & 0o777).toBe(0o600);
  });
});

describe('a session', () => {
  it('has at most 16 files open', async () => {
    const member = await app.given.member();
    const { sftp } = await session(member);
    const opened = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => open(sftp, `file-${n}`)));
    const handles = opened.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
    expect(handles).toHaveLength(16);
    expect(await filesOf(member)).toHaveLength(16);
    await close(sftp, handles[0]!).catch(() => undefined);
    await open(sftp, 'again');
  });

  it('knows no handles but its own', async () => {
    const member = await app.given.member();
    const { sftp } = await session(member);
    for (const handle of [Buffer.alloc(0), Buffer.alloc(4, 9), Buffer.alloc(200)]) {
      await expect(close(sftp, handle)).rejects.toThrow('no such handle');
      await expect(write(sftp, handle, 0, PNG)).rejects.toThrow('no such handle');
    }
  });

  it('that answers faster than it is read is ended', async () => {
    const member = await app.given.member();
    const { sftp, socket } = await session(member);
    // A client whose window never opens again: answers to it pile up.
    (sftp as unknown as { _protocol: { channelWindowAdjust(): void } })._protocol.channelWindowAdjust = () => undefined;
    const name = 'x'.repeat(20_000);
    const gone = hungUp(socket);
    for (let n = 0; n < 1_300; n += 1) sftp.realpath(name, () => undefined);
    await gone;
  });
});

describe('behind the door', () => {
  it('is the pipeline of all the others: one blob, one verdict, and a clean picture comes back', async () => {
    const whole = await createTestApp({ SFTP_PORT: '0' });
    try {
      const member = await whole.given.member();
      const client = await connectSftp(whole, member);
      clients.push(client);
      // Joined here, so that no scanner mistakes this file for what it looks for.
      const infected = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('$'));
      for (const [name, body] of [['boat.png', PNG], ['test.com', infected]] as const) {
        await client.put(body, name);
        await whole.http.post('/api/files/base64').set(member.auth).send({ name, data: body.toString('base64') }).expect(201);
      }
      const files = await eventually(() => whole.app.get(Database).rows<{ name: string; state: string; blobId: string; door: string; rejectCode: string }>(
        `SELECT name, state, blob_id AS blobId, reject_code AS rejectCode, door FROM file WHERE owner_id = ? ORDER BY name, door`, [member.id],
      ).then((rows) => {
        expect(rows.every(({ state }) => state === 'ready' || state === 'rejected')).toBe(true);
        return rows;
      }), 20_000);
      const [viaBase64, viaSftp] = files;
      expect(files.map(({ name, door, state, rejectCode }) => [name, door, state, rejectCode])).toEqual([
        ['boat.png', 'base64', 'ready', null], ['boat.png', 'sftp', 'ready', null], ['test.com', 'base64', 'rejected', 'file.infected'], ['test.com', 'sftp', 'rejected', 'file.infected'],
      ]);
      expect(viaSftp!.blobId).toBe(viaBase64!.blobId);
      const [file] = (await whole.http.get('/api/files').set(member.auth).expect(200)).body.items.filter(({ name }: { name: string }) => name === 'boat.png');
      const served = await whole.http.get(`/api/files/${file.id}/content`).set(member.auth).buffer(true).expect(200);
      expect(await client.get('/boat.png')).toEqual(served.body);
      await client.end();
    } finally {
      await whole.close();
    }
  });
});
