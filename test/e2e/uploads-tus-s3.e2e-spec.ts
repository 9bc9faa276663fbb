import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Upload } from 'tus-js-client';
import type { GivenMember } from '../support/app.js';
import { testDatabaseUrl } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess } from '../support/process.js';
import { startS3Server, type S3Server } from '../support/s3-server.js';
import { idOf, TUS, tusOf } from '../support/tus.js';
import { sha256Of } from '../support/uploads-files.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';

const MIB = 1024 * 1024;

/** Two processes that share a database and a bucket, and no disk. */
describe('the tus door on S3', () => {
  let server: S3Server;
  let here: UploadsHarness;
  let there: UploadsHarness;
  let member: GivenMember;
  let tus: ReturnType<typeof tusOf>;
  let elsewhere: ReturnType<typeof tusOf>;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-tus-s3-'));
    server = await startS3Server();
    here = await openUploads(server.environment);
    there = await openUploads({ ...server.environment, APP_SECRET: here.secret });
  });
  beforeEach(async () => {
    member = await here.given.member();
    [tus, elsewhere] = [tusOf(here.url, member), tusOf(there.url, member)];
  });
  afterEach(async () => expect(await here.violations()).toEqual([]));
  afterAll(async () => {
    await there.close();
    await here.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const expectFile = async (address: string, bytes: Buffer) => {
    const file = await here.until(idOf(address), 15_000);
    expect(file).toMatchObject({ state: 'ready', size: bytes.length, sha256: sha256Of(bytes) });
    expect(sha256Of(await here.served(file))).toBe(sha256Of(bytes));
    // Side files and rests are tidied with it.
    await eventually(async () => expect((await here.objects()).filter((key) => key.includes(file.id))).toEqual([`uploads/${file.id}/body`]));
  };

  it('takes the pieces of an upload in any process, whatever their size', async () => {
    const bytes = randomBytes(14 * MIB + 5);
    const address = await tus.begin(bytes.length);
    let offset = 0;
    // Below a part of S3, above one, exactly one, one byte.
    for (const [n, length] of [1000, 3 * MIB, 6 * MIB, 2 * MIB, 1, bytes.length].entries()) {
      const end = Math.min(bytes.length, offset + length);
      const reply = await (n % 2 ? elsewhere : tus).patch(address, offset, bytes.subarray(offset, end));
      expect([reply.status, reply.header('upload-offset')]).toEqual([204, String(end)]);
      offset = end;
      expect(await (n % 2 ? tus : elsewhere).offset(address)).toBe(end);
    }
    await expectFile(address, bytes);
  });

  it('learns the length later', async () => {
    const bytes = randomBytes(6 * MIB);
    const address = await tus.begin(undefined);
    await tus.patch(address, 0, bytes.subarray(0, 5_500_000));
    expect((await elsewhere.patch(address, 5_500_000, bytes.subarray(5_500_000), { 'Upload-Length': String(bytes.length) })).status).toBe(204);
    await expectFile(address, bytes);
  });

  it('goes on from a connection that broke, in another process', async () => {
    const bytes = randomBytes(9 * MIB);
    const address = await tus.begin(bytes.length);
    const lease = async () => (await here.database.rows<{ turn: number; held: number }>('SELECT turn, lease_until IS NOT NULL AS held FROM tus_upload WHERE file_id = ?', [idOf(address)]))[0]!;
    const { turn } = await lease();
    const { socket, closed } = tus.connect(address, 0, bytes.length);
    // Less than a part, of which only what waits in between may be lost.
    await new Promise((resolve) => socket.write(bytes.subarray(0, 4 * MIB), resolve));
    socket.destroy();
    await closed;
    // Whoever asks earlier ends the request before it has taken what has come.
    await eventually(async () => expect(await lease()).toEqual({ turn: turn + 1, held: 0 }), 15_000);
    // Again where the other process was still putting away what had come, and there is more by now.
    await eventually(async () => {
      const offset = await elsewhere.offset(address);
      expect(offset).toBeGreaterThan(2 * MIB);
      expect((await elsewhere.patch(address, offset, bytes.subarray(offset))).status).toBe(204);
    });
    await expectFile(address, bytes);
  });

  it('pauses and goes on with tus-js-client, and joins its parts', async () => {
    const bytes = randomBytes(7 * MIB);
    const send = (source: Buffer, options: object): Promise<string> => new Promise((resolve, reject) => {
      const upload = new Upload(source, { endpoint: `${there.url}${TUS}`, headers: member.auth, retryDelays: null, onSuccess: () => resolve(upload.url!), onError: reject, ...options });
      upload.start();
    });
    const address = await new Promise<string>((resolve, reject) => {
      const upload = new Upload(bytes, {
        endpoint: `${here.url}${TUS}`, headers: member.auth, chunkSize: 2 * MIB, retryDelays: null, onError: reject,
        onChunkComplete: () => void upload.abort().then(() => resolve(new URL(upload.url!).pathname)),
      });
      upload.start();
    });
    await send(bytes, { uploadUrl: `${there.url}${address}` });
    await expectFile(address, bytes);
    const others = randomBytes(7 * MIB);
    await expectFile(await send(others, { parallelUploads: 3 }), others);
  });

  it('keeps what it has acknowledged when the process is killed between one part and the next', async () => {
    const bytes = randomBytes(11 * MIB);
    const dying = await startProcess({ ...server.environment, DATABASE_URL: testDatabaseUrl(), DATA_DIR: dataDir, APP_SECRET: here.secret, PLAZA_FAULT: 'tus.after-rest', UPLOAD_WORKERS: '0' });
    const address = await tus.begin(bytes.length);
    await tus.patch(address, 0, bytes.subarray(0, 6 * MIB));
    await tus.patch(address, 6 * MIB, bytes.subarray(6 * MIB, 7 * MIB));
    await expect(tusOf(dying.url, member).patch(address, 7 * MIB, bytes.subarray(7 * MIB))).rejects.toThrow();
    await dying.stopped;
    expect(await tus.offset(address)).toBe(7 * MIB);
    expect((await elsewhere.patch(address, 7 * MIB, bytes.subarray(7 * MIB))).status).toBe(204);
    await expectFile(address, bytes);
  }, 30_000);

  it('leaves nothing of what is ended or refused', async () => {
    const address = await tus.begin(9 * MIB);
    await tus.patch(address, 0, randomBytes(6 * MIB));
    await tus.patch(address, 6 * MIB, randomBytes(MIB));
    expect((await elsewhere.delete(address)).status).toBe(204);
    const avatar = await tus.send('POST', `${TUS}?purpose=avatar`, { 'Upload-Length': '4' });
    expect((await tus.patch(avatar.header('location')!, 0, 'text')).code).toBe('file.type-not-allowed');
    const part = await tus.begin(4, { 'Upload-Concat': 'partial', 'Upload-Checksum': `sha1 ${createHash('sha1').digest('base64')}` });
    await tus.delete(part);
    expect(await here.quota(member)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
    await eventually(async () => expect(await here.resting()).toEqual([]));
  });
});
