import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Upload, type UploadOptions } from 'tus-js-client';
import type { GivenMember } from '../support/app.js';
import { testDatabaseUrl } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess, type PlazaProcess } from '../support/process.js';
import { idOf, metadataOf, TUS, tusOf } from '../support/tus.js';
import { sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';

const MIB = 1024 * 1024;

/** `kill -9` while an upload comes in, then a restart on the same data. */
describe('a tus upload to a process that is killed', () => {
  let dataDir: string;
  /** Another process on the same data, with its insides within reach. */
  let other: UploadsHarness;
  let mia: GivenMember;
  const started: PlazaProcess[] = [];

  const start = async (more: NodeJS.ProcessEnv = {}): Promise<PlazaProcess> => {
    const plaza = await startProcess({ DATABASE_URL: testDatabaseUrl(), DATA_DIR: dataDir, APP_SECRET: other.secret, UPLOAD_WORKERS: '0', ...more });
    started.push(plaza);
    return plaza;
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-tus-crash-'));
    other = await openUploads({ DATA_DIR: dataDir });
    mia = await other.given.member();
  });
  afterAll(async () => {
    for (const plaza of started) plaza.kill('SIGKILL');
    await Promise.all(started.map(({ stopped }) => stopped));
    await other.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const send = (endpoint: string, bytes: Buffer, more: UploadOptions): Promise<string> =>
    new Promise((resolve, reject) => {
      const upload: Upload = new Upload(bytes, { endpoint, headers: mia.auth, retryDelays: null, ...more, onSuccess: () => resolve(upload.url!), onError: reject });
      upload.start();
    });
  const stored = async (address: string): Promise<number> => (await other.storage.find(`uploads/${idOf(address)}/body`))?.bytes ?? 0;

  it.each([['in one piece', {}], ['in pieces', { chunkSize: 2 * MIB }]])('goes on after three such deaths from where it was, sent %s', async (_, more) => {
    const bytes = randomBytes(30 * MIB);
    let plaza = await start();
    const address = await tusOf(plaza.url, mia).begin(bytes.length, { 'Upload-Metadata': metadataOf({ filename: 'garden.bin' }) });
    let reached = 0;
    for (let death = 1; death <= 3; death += 1) {
      // More than that does not get through, so that it is never the end which comes first.
      const gate = await openGate(plaza.url, 8 * MIB);
      const failed = send(`${gate.url}${TUS}`, bytes, { ...more, uploadUrl: `${gate.url}${address}` }).catch((error: unknown) => error);
      const before = reached;
      const killAt = before + randomInt(1, 5 * MIB);
      await eventually(async () => expect(await stored(address)).toBeGreaterThanOrEqual(killAt), 20_000);
      plaza.kill('SIGKILL');
      await plaza.stopped;
      expect(await failed).toBeInstanceOf(Error);
      await gate.close();
      plaza = await start();
      reached = await tusOf(plaza.url, mia).offset(address);
      // What was on the disk is not sent again.
      expect(reached).toBeGreaterThanOrEqual(killAt);
      expect(reached).toBe(await stored(address));
    }
    await send(`${plaza.url}${TUS}`, bytes, { ...more, uploadUrl: `${plaza.url}${address}` });
    other.worker.wake();
    const file = await other.until(idOf(address), 20_000);
    expect(file).toMatchObject({ state: 'ready', size: bytes.length, sha256: sha256Of(bytes) });
    expect(sha256Of(await other.served(file))).toBe(file.sha256);
    expect(await other.violations()).toEqual([]);
  }, 90_000);

  it('is a file as soon as somebody looks, when its last byte was there but nobody had said so', async () => {
    const dying = await start({ PLAZA_FAULT: 'tus.before-accept' });
    const bytes = randomBytes(100_000);
    const address = await tusOf(dying.url, mia).begin(bytes.length);
    await expect(tusOf(dying.url, mia).patch(address, 0, bytes)).rejects.toThrow();
    await dying.stopped;
    expect((await other.find(idOf(address))).state).toBe('receiving');
    expect(await tusOf(other.url, mia).offset(address)).toBe(bytes.length);
    expect(await other.until(idOf(address))).toMatchObject({ state: 'ready', sha256: sha256Of(bytes) });
  }, 30_000);
});

/** Passes so many bytes on, over all its connections, and holds the rest back. */
async function openGate(target: string, limit: number) {
  let passed = 0;
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(new URL(target).port), '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (passed >= limit) client.pause();
      else if (!upstream.write(chunk)) client.pause();
    });
    upstream.on('drain', () => {
      if (passed < limit) client.resume();
    });
    upstream.pipe(client);
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
