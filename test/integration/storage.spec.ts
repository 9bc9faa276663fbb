import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/platform/config/config.js';
import { DiskStorage } from '../../src/platform/storage/disk-storage.js';
import { S3Storage } from '../../src/platform/storage/s3-storage.js';
import { StorageBootError } from '../../src/platform/storage/storage-boot.error.js';
import type { Storage } from '../../src/platform/storage/storage.js';
import { eventually } from '../support/eventually.js';
import { startS3Server, type S3Server } from '../support/s3-server.js';

const MIB = 1024 * 1024;
/** Several parts of an upload to S3, the last of them not full. */
const LARGE = randomBytes(17 * MIB);

let dataDir: string;
let server: S3Server;
let s3: S3Storage;
const configOf = (environment: NodeJS.ProcessEnv = {}) => loadConfig({ NODE_ENV: 'test', DATA_DIR: dataDir, APP_SECRET: 'x'.repeat(32), ...environment });
const opened = (changes: NodeJS.ProcessEnv = {}) => S3Storage.open(configOf({ ...server.environment, ...changes }));

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-storage-'));
  server = await startS3Server();
  s3 = await opened();
});
afterAll(async () => {
  s3.onApplicationShutdown();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const keys = async (storage: Storage, prefix = 'a') => {
  const found: string[] = [];
  for await (const { key } of storage.list(prefix)) found.push(key);
  return found.sort();
};

const failingAfter = (bytes: Buffer, failure: Error) =>
  Readable.from(
    (function* () {
      yield bytes;
      throw failure;
    })(),
    { objectMode: false },
  );

describe.each([
  ['disk', () => new DiskStorage(configOf())],
  ['S3', () => s3],
])('storage on %s', (_, storageOf) => {
  let storage: Storage;

  beforeEach(async () => {
    storage = storageOf();
    for (const key of await keys(storage)) await storage.delete(key);
  });

  it('keeps what was written, whole or in part', async () => {
    expect(await storage.write('a/b/c.txt', Readable.from(['hello ', 'world']))).toEqual({ bytes: 11 });
    expect(await text(storage.read('a/b/c.txt'))).toBe('hello world');
    expect(await text(storage.read('a/b/c.txt', { start: 4, end: 6 }))).toBe('o w');
    expect(await text(storage.read('a/b/c.txt', { start: 0, end: 1 }))).toBe('he');
    expect(await text(storage.read('a/b/c.txt', { start: 11, end: 20 }))).toBe('');
  });

  it('says how large a file is and when it was written', async () => {
    const before = Date.now() - 2_000; // Some servers keep whole seconds.
    await storage.write('a/b/c.txt', Readable.from(['hello']));
    const found = await storage.find('a/b/c.txt');
    expect(found).toEqual({ bytes: 5, modifiedAt: expect.anything() });
    expect(found!.modifiedAt.getTime()).toBeGreaterThan(before);
    expect(await storage.find('a/b/d.txt')).toBeUndefined();
    expect(await storage.find('a/b')).toBeUndefined();
  });

  it('keeps bytes as they are, none of them or many', async () => {
    expect(await storage.write('a/none', Readable.from([]))).toEqual({ bytes: 0 });
    expect(await storage.find('a/none')).toMatchObject({ bytes: 0 });
    expect(await text(storage.read('a/none'))).toBe('');
    expect(await storage.write('a/large', Readable.from(LARGE, { objectMode: false }))).toEqual({ bytes: LARGE.length });
    expect((await buffer(storage.read('a/large'))).equals(LARGE)).toBe(true);
    expect((await buffer(storage.read('a/large', { start: 9 * MIB, end: LARGE.length - 1 }))).equals(LARGE.subarray(9 * MIB))).toBe(true);
  });

  it('replaces a file with another', async () => {
    await storage.write('a/b.txt', Readable.from(['the first, and longer']));
    await storage.write('a/b.txt', Readable.from(['the second']));
    expect(await text(storage.read('a/b.txt'))).toBe('the second');
  });

  it('shows a large file to readers only when it is whole, and lists it as unfinished until then', async () => {
    let finish!: () => void;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    async function* slowly(): AsyncGenerator<Buffer> {
      yield LARGE;
      await gate;
      yield Buffer.from('end');
    }
    const writing = storage.write('a/slow', Readable.from(slowly(), { objectMode: false }));
    await eventually(async () => expect(await keys(storage)).toEqual([expect.stringMatching(/^a\/slow\..+\.part$/)]));
    expect(await storage.find('a/slow')).toBeUndefined();
    finish();
    expect(await writing).toEqual({ bytes: LARGE.length + 3 });
    expect(await keys(storage)).toEqual(['a/slow']);
  });

  it.each([['a few bytes', Buffer.from('some')], ['many', LARGE]])('leaves nothing behind when the body fails after %s', async (_size, bytes) => {
    const failure = new Error('source failed');
    await expect(storage.write('a/fails', failingAfter(bytes, failure))).rejects.toBe(failure);
    expect(await keys(storage)).toEqual([]);
  });

  it('leaves nothing behind, and says why, when the body has failed before anybody read it', async () => {
    const failure = new Error('source failed');
    const body = new Readable({ read: () => undefined });
    const writing = storage.write('a/early', body);
    body.destroy(failure);
    await expect(writing).rejects.toBe(failure);
    expect(await keys(storage)).toEqual([]);
  });

  it('leaves the file that was there when another for its place fails', async () => {
    await storage.write('a/b.txt', Readable.from(['the first']));
    await expect(storage.write('a/b.txt', failingAfter(LARGE, new Error('source failed')))).rejects.toThrow('source failed');
    expect(await text(storage.read('a/b.txt'))).toBe('the first');
  });

  it('leaves nothing behind, and reads no further, when the body is cut off', async () => {
    const body = new Readable({ read: () => undefined });
    body.push(LARGE);
    const writing = storage.write('a/cut', body);
    body.destroy();
    await expect(writing).rejects.toThrow();
    expect(body.destroyed).toBe(true);
    expect(await keys(storage)).toEqual([]);
  });

  it('does not take a failure of the source for one of its own', async () => {
    await expect(storage.write('a/reset', failingAfter(LARGE, Object.assign(new Error('reset'), { code: 'ECONNRESET' })))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('lists every file below a folder, and none beside it', async () => {
    for (const key of ['a/b/c.txt', 'a/d.txt', 'a/b.txt', 'ab/e.txt']) await storage.write(key, Readable.from([key]));
    expect(await keys(storage)).toEqual(['a/b.txt', 'a/b/c.txt', 'a/d.txt']);
    expect(await keys(storage, 'a/b')).toEqual(['a/b/c.txt']);
    expect(await keys(storage, 'a/')).toHaveLength(3);
    expect(await keys(storage, 'nothing/here')).toEqual([]);
    for await (const { key, bytes } of storage.list('a')) expect(bytes).toBe(key.length);
    await storage.delete('ab/e.txt');
  });

  it('removes files; removing twice is no error', async () => {
    await storage.write('a/b/c.txt', Readable.from(['x']));
    await storage.write('a/d.txt', Readable.from(['x']));
    await storage.delete('a/b/c.txt');
    await storage.delete('a/b/c.txt');
    expect(await keys(storage)).toEqual(['a/d.txt']);
    expect(await storage.find('a/b/c.txt')).toBeUndefined();
  });

  it('fails to read what is not there', async () => {
    await expect(text(storage.read('a/none'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(storage.stage('a/none', () => Promise.resolve())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('ends a reading that is given up', async () => {
    await storage.write('a/large', Readable.from(LARGE, { objectMode: false }));
    const reading = storage.read('a/large');
    for await (const chunk of reading) {
      expect((chunk as Buffer).length).toBeGreaterThan(0);
      break;
    }
    expect(reading.destroyed).toBe(true);
    storage.read('a/large').destroy();
  });

  it('lends a file as a path, and takes back what it lent whatever comes of it', async () => {
    await storage.write('a/large', Readable.from(LARGE, { objectMode: false }));
    const hash = await storage.stage('a/large', async (file) => createHash('sha256').update(await readFile(file)).digest('hex'));
    expect(hash).toBe(createHash('sha256').update(LARGE).digest('hex'));
    await expect(storage.stage('a/large', () => Promise.reject(new Error('not this one')))).rejects.toThrow('not this one');
    expect(await readdir(path.join(dataDir, 'staged'))).toEqual([]);
    expect(await storage.find('a/large')).toMatchObject({ bytes: LARGE.length });
  });

  it.each(['', '/', '../x', 'a/../../x', 'a//b', '/etc/passwd', 'a/.hidden', 'a\\b', 'a/b\0', 'a/%2e%2e'])('refuses %j as a key', async (key) => {
    await expect(storage.find(key)).rejects.toThrow('no storage key');
    expect(() => storage.read(key)).toThrow('no storage key');
    await expect(storage.write(key, Readable.from(['x']))).rejects.toThrow('no storage key');
    await expect(storage.stage(key, () => Promise.resolve())).rejects.toThrow('no storage key');
    await expect(storage.delete(key)).rejects.toThrow('no storage key');
  });
});

describe('storage on S3', () => {
  it('lists more files than one answer holds', async () => {
    const files = 1_001;
    await server.fill('many', files);
    expect(new Set(await keys(s3, 'many')).size).toBe(files);
  });

  it('ends the unfinished write of a process that is no more', async () => {
    const body = new Readable({ read: () => undefined });
    body.push(LARGE);
    const writing = s3.write('a/abandoned', body);
    await eventually(async () => expect(await keys(s3)).toHaveLength(1));
    const [unfinished] = await keys(s3);
    await s3.delete(unfinished!);
    await s3.delete(unfinished!);
    // The test server fails while it removes what a part on its way is written to.
    await eventually(async () => expect(await keys(s3)).toEqual([]));
    body.push(null);
    await expect(writing).rejects.toThrow();
  });

  it.each([
    ['deny-507-InsufficientStorage', 'storage.full'],
    ['deny-403-QuotaExceeded', 'storage.full'],
    ['deny-503-SlowDown', 'storage.unavailable'],
    ['deny-500-InternalError', 'storage.unavailable'],
  ])('calls %s %s', async (bucket, code) => {
    // It does not start on such a bucket.
    const denied: Storage = Object.assign(Object.create(S3Storage.prototype) as object, s3, { bucket }) as unknown as Storage;
    await expect(denied.write('a/b', Readable.from(['x']))).rejects.toMatchObject({ code });
    const large = Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024)));
    await expect(denied.write('a/b', large)).rejects.toMatchObject({ code });
    // Whose failure it was must not be told by the body, which is only not read on.
    expect(large).toMatchObject({ destroyed: true, errored: null });
    await expect(text(denied.read('a/b'))).rejects.toMatchObject({ code });
    await expect(keys(denied)).rejects.toMatchObject({ code });
  });

  it('says that the storage is unavailable when nothing listens there', async () => {
    const other = await startS3Server();
    const storage = await S3Storage.open(configOf(other.environment));
    await storage.write('a/b', Readable.from(['x']));
    await other.stop();
    const unavailable = { code: 'storage.unavailable', details: { retryAfterSeconds: 5 } };
    await expect(storage.find('a/b')).rejects.toMatchObject(unavailable);
    await expect(text(storage.read('a/b'))).rejects.toMatchObject(unavailable);
    await expect(storage.write('a/c', Readable.from(LARGE, { objectMode: false }))).rejects.toMatchObject(unavailable);
    await expect(storage.delete('a/b')).rejects.toMatchObject(unavailable);
    await expect(storage.stage('a/b', () => Promise.resolve())).rejects.toMatchObject(unavailable);
    await expect(storage.copy('a/b', 'a/c')).rejects.toMatchObject(unavailable);
    storage.onApplicationShutdown();
  });

  it.each([
    ['no such bucket', { S3_BUCKET: 'nobody' }, /S3_BUCKET: there is no bucket nobody .*create it/],
    ['keys that may not', { S3_BUCKET: 'deny-403-AccessDenied' }, /S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: .*s3:PutObject/],
    ['another region', { S3_BUCKET: 'deny-301-PermanentRedirect' }, /S3_REGION: /],
    ['a server with a fault', { S3_BUCKET: 'deny-500-InternalError' }, /S3_ENDPOINT: .* answered 500/],
    ['nobody there', { S3_ENDPOINT: 'http://127.0.0.1:1' }, /S3_ENDPOINT: http:\/\/127\.0\.0\.1:1 does not answer \(.*ECONNREFUSED/],
  ])('does not start with %s, and says what to mend', async (_, changes, message) => {
    const failure = await opened(changes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageBootError);
    expect((failure as Error).message).toMatch(message);
  });

  it('removes what a process that was killed had lent, and not what another lends right now', async () => {
    const folder = path.join(dataDir, 'staged');
    const yesterday = new Date(Date.now() - 24 * 60 * 60_000);
    await writeFile(path.join(folder, 'old'), 'x');
    await utimes(path.join(folder, 'old'), yesterday, yesterday);
    await writeFile(path.join(folder, 'new'), 'x');
    (await opened()).onApplicationShutdown();
    expect(await readdir(folder)).toEqual(['new']);
    await rm(path.join(folder, 'new'));
  });
});

describe('an upload straight to S3', () => {
  const put = ({ url, headers }: { url: string; headers: Readonly<Record<string, string>> }, body: Buffer) => {
    const { 'content-length': _, ...others } = headers;
    return fetch(url, { method: 'PUT', headers: others, body: new Uint8Array(body) });
  };

  it('takes the bytes that were announced', async () => {
    expect((await put(await s3.direct.sign('a/signed', { bytes: 5 }, 60), Buffer.from('hello'))).status).toBe(200);
    expect(await text(s3.read('a/signed'))).toBe('hello');
  });

  it.each([['more', 'hello!'], ['fewer', 'hell'], ['no', '']])('refuses %s bytes', async (_, bytes) => {
    await s3.delete('a/signed');
    expect((await put(await s3.direct.sign('a/signed', { bytes: 5 }, 60), Buffer.from(bytes))).status).toBe(403);
    expect(await s3.find('a/signed')).toBeUndefined();
  });

  it('refuses another place, another way and another time', async () => {
    const signed = await s3.direct.sign('a/signed', { bytes: 5 }, 60);
    expect((await put({ ...signed, url: signed.url.replace('a/signed', 'a/other') }, Buffer.from('hello'))).status).toBe(403);
    expect((await fetch(signed.url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(signed.url)).status).toBe(403);
    const over = await s3.direct.sign('a/signed', { bytes: 5 }, -1);
    expect((await put(over, Buffer.from('hello'))).status).toBe(403);
  });

  it('is bound to the hash, where there is one', async () => {
    const sha256 = createHash('sha256').update('hello').digest('hex');
    const { url, headers } = await s3.direct.sign('a/signed', { bytes: 5, sha256 }, 60);
    expect(headers).toEqual({ 'content-length': '5', 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') });
    const other = { ...headers, 'x-amz-checksum-sha256': createHash('sha256').update('other').digest('base64') };
    expect((await put({ url, headers: other }, Buffer.from('other'))).status).toBe(403);
    expect((await put({ url, headers: { 'content-length': '5' } }, Buffer.from('other'))).status).toBe(403);
    expect((await put({ url, headers }, Buffer.from('hello'))).status).toBe(200);
  });

  it('is copied to where its sender cannot write', async () => {
    await put(await s3.direct.sign('a/signed', { bytes: 5 }, 60), Buffer.from('hello'));
    await s3.direct.copy('a/signed', 'a/kept');
    await put(await s3.direct.sign('a/signed', { bytes: 5 }, 60), Buffer.from('other'));
    expect(await text(s3.read('a/kept'))).toBe('hello');
    await expect(s3.direct.copy('a/none', 'a/kept')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is nothing that a disk can take', () => {
    expect(new DiskStorage(configOf()).direct).toBeUndefined();
  });
});
