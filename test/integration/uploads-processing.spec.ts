import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import sharp from 'sharp';
import { FileChecks } from '../../src/features/uploads/processing/file-checks.service.js';
import { FileClaims } from '../../src/features/uploads/processing/file-claims.service.js';
import { bodyKeyOf } from '../../src/features/uploads/uploads.rules.js';
import type { GivenMember } from '../support/app.js';
import { finding, startClamd, type ClamdStream } from '../support/clamd.js';
import { eventually } from '../support/eventually.js';
import { connectSocket, nextEvent } from '../support/sockets.js';
import { openUploads, type UploadsHarness } from '../support/uploads-harness.js';

const HELLO = Buffer.from('hello, clean world');

Logger.overrideLogger(false);

const picture = () => sharp(randomBytes(64 * 64 * 3), { raw: { width: 64, height: 64, channels: 3 } }).png().toBuffer();

describe('the checking of files', () => {
  let plaza: UploadsHarness;
  let mia: GivenMember;
  let dataDir: string;
  const ends: (() => Promise<void>)[] = [];

  async function open(environment: NodeJS.ProcessEnv = {}): Promise<UploadsHarness> {
    plaza = await openUploads({ DATA_DIR: dataDir, ...environment });
    mia = await plaza.given.member();
    ends.push(() => plaza.close());
    return plaza;
  }
  /** A clamd that answers when it is told to. */
  async function heldClamd() {
    let answer!: (text: string) => void;
    const answered = new Promise<string>((resolve) => (answer = resolve));
    const clamd = await startClamd(async ({ socket, whole }: ClamdStream) => {
      await whole;
      socket.end(await answered);
    });
    ends.push(() => clamd.stop());
    return { url: clamd.url, answer, asked: () => eventually(() => expect(clamd.connections()).toBeGreaterThan(0)) };
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-uploads-'));
  });
  afterEach(async () => {
    const violations = [await plaza.violations(), await plaza.resting()];
    for (const { id } of await plaza.database.rows<{ id: string }>("SELECT id FROM file WHERE state = 'ready'")) await plaza.remove(id);
    violations.push(await plaza.resting(), await plaza.objects());
    for (const end of ends.splice(0).reverse()) await end();
    expect(violations).toEqual([[], [], [], []]);
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it('ends in ready, moves the quota and tells the owner what GET would', async () => {
    await open();
    const socket = await connectSocket(plaza.url, mia.accessToken);
    ends.push(async () => void socket.disconnect());
    const told = nextEvent<{ id: string; state: string }>(socket, 'file.ready');
    const sent = await plaza.send(mia, HELLO);
    expect(sent).toMatchObject({ state: 'processing', reserved: HELLO.length });
    const ready = await plaza.until(sent.id);
    expect(ready).toMatchObject({ state: 'ready', reserved: 0, attempt: 1, mime: 'text/plain' });
    expect(await plaza.quota(mia)).toMatchObject({ used: HELLO.length, reserved: 0, unfinished: 0 });
    expect(await plaza.objects()).toEqual([bodyKeyOf(sent.id)]);
    const { body } = await plaza.http.get(`/api/files/${sent.id}`).set(mia.auth).expect(200);
    expect(await told).toEqual(body);
  });

  it('tells the owner that a file was rejected, and why', async () => {
    await open();
    const socket = await connectSocket(plaza.url, mia.accessToken);
    ends.push(async () => void socket.disconnect());
    const told = nextEvent<object>(socket, 'file.rejected');
    const { id } = await plaza.send(mia, Buffer.from('GIF89a\0\0\0'), { purpose: 'meme' });
    expect(await told).toMatchObject({ id, state: 'rejected', rejectCode: 'file.image-corrupt' });
  });

  it('stores equal bytes once, whoever sent them, until nobody has them any more', async () => {
    await open();
    const zoe = await plaza.given.member();
    const bytes = await picture();
    const files = await Promise.all([mia, zoe, mia].map(async (member) => plaza.until((await plaza.send(member, bytes)).id)));
    expect(new Set(files.map(({ blobId }) => blobId)).size).toBe(1);
    // The cleaned picture and three variants, of which those that are no smaller may be equal too.
    const kept = new Set(files.flatMap(({ blobId, variants }) => [blobId, ...variants.map((variant) => variant.blobId)])).size;
    await eventually(async () => expect(await plaza.objects()).toHaveLength(kept));
    for (const { id } of files.slice(0, 2)) await plaza.remove(id);
    await plaza.sweep();
    expect(await plaza.objects()).toHaveLength(kept);
    expect((await plaza.served(files[2]!)).length).toBeGreaterThan(0);
    await plaza.remove(files[2]!.id);
    await plaza.sweep();
    expect(await plaza.objects()).toEqual([]);
  });

  it('waits for a scanner that is away: neither ready nor rejected, and no attempt is counted', async () => {
    const away = await startClamd(() => undefined);
    await away.stop();
    await open({ CLAMD_URL: away.url });
    const { id } = await plaza.send(mia, HELLO);
    for (let tries = 0; tries < 4; tries += 1) {
      await eventually(async () => expect(await plaza.queued(id)).toEqual({ waits: 1, leaseToken: null }));
      expect(await plaza.find(id)).toMatchObject({ state: 'processing', attempt: 0 });
      await plaza.letTimePass();
    }
    const port = Number(new URL(away.url).port);
    const back = await startClamd(finding('needle'), port);
    ends.push(() => back.stop());
    await eventually(async () => {
      await plaza.letTimePass();
      expect(await plaza.find(id)).toMatchObject({ state: 'ready', attempt: 1 });
    });
  });

  it('does what the scanner says', async () => {
    const clamd = await startClamd(finding('needle'));
    ends.push(() => clamd.stop());
    await open({ CLAMD_URL: clamd.url });
    expect(await plaza.until((await plaza.send(mia, HELLO)).id)).toMatchObject({ state: 'ready' });
    expect(await plaza.until((await plaza.send(mia, Buffer.from('hay needle hay'))).id)).toMatchObject({ rejectCode: 'file.infected' });
  });

  it('rejects what the scanner will not look at whole', async () => {
    const clamd = await startClamd(({ socket }) => void socket.end('INSTREAM size limit exceeded. ERROR\0'));
    ends.push(() => clamd.stop());
    await open({ CLAMD_URL: clamd.url });
    expect(await plaza.until((await plaza.send(mia, HELLO)).id)).toMatchObject({ rejectCode: 'file.unscannable' });
  });

  it('of a file that is deleted meanwhile leaves nothing, and nothing of what was made of it', async () => {
    const clamd = await heldClamd();
    await open({ CLAMD_URL: clamd.url });
    const { id } = await plaza.send(mia, await picture());
    await clamd.asked();
    await plaza.remove(id);
    clamd.answer('stream: OK\0');
    await eventually(() => expect(plaza.worker.busy).toBe(0));
    expect(await plaza.find(id)).toMatchObject({ state: 'deleted', blobId: null });
    expect(await plaza.objects()).toEqual([]);
    expect(await plaza.quota(mia)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
  });

  it('of a file that is deleted when its pictures are made already removes them', async () => {
    await open();
    const checks = plaza.app.get(FileChecks, { strict: false });
    const check = checks.check.bind(checks);
    const made: string[] = [];
    jest.spyOn(checks, 'check').mockImplementationOnce(async (record, signal) => {
      const product = await check(record, signal);
      await plaza.remove(record.id);
      // As if they were made only now.
      for (const { storageKey } of [product.served, ...product.variants]) {
        await plaza.storage.write(storageKey, Readable.from(['late']));
        made.push(storageKey);
      }
      return product;
    });
    const { id } = await plaza.send(mia, await picture());
    await eventually(() => expect(made).toHaveLength(4));
    await eventually(() => expect(plaza.worker.busy).toBe(0));
    expect(await plaza.find(id)).toMatchObject({ state: 'deleted' });
    expect(await plaza.objects()).toEqual([]);
  });

  it('by a worker that comes back late changes nothing, and leaves nothing behind', async () => {
    const clamd = await heldClamd();
    await open({ CLAMD_URL: clamd.url });
    const { id } = await plaza.send(mia, await picture());
    await clamd.asked();
    // Another process believes this one dead, and has not been heard of since either.
    await plaza.transactions.run((tx) => tx.write('UPDATE file_queue SET lease_token = UUID(), lease_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE file_id = ?', [id]));
    clamd.answer('stream: OK\0');
    await eventually(() => expect(plaza.worker.busy).toBe(0));
    expect(await plaza.find(id)).toMatchObject({ state: 'processing' });
    await plaza.transactions.run((tx) => tx.write('UPDATE file_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE file_id = ?', [id]));
    plaza.worker.wake();
    expect(await plaza.until(id)).toMatchObject({ state: 'ready', attempt: 2 });
  });

  it('is taken up by another process when this one stops, without an attempt counted', async () => {
    const clamd = await heldClamd();
    const first = await openUploads({ CLAMD_URL: clamd.url, DATA_DIR: dataDir });
    const { id } = await first.send(await first.given.member(), HELLO);
    await clamd.asked();
    await first.close();
    await open();
    expect(await plaza.until(id)).toMatchObject({ state: 'ready', attempt: 1 });
  });

  it('is given up when the bytes cannot be read three times', async () => {
    const clamd = await heldClamd();
    await open({ CLAMD_URL: clamd.url });
    const { id } = await plaza.send(mia, HELLO);
    await clamd.asked();
    await plaza.storage.delete(bodyKeyOf(id));
    clamd.answer('stream: OK\0');
    for (const attempt of [1, 2]) {
      await eventually(async () => expect(await plaza.queued(id)).toEqual({ waits: 1, leaseToken: null }));
      expect(await plaza.find(id)).toMatchObject({ state: 'processing', attempt });
      await plaza.letTimePass();
    }
    expect(await plaza.until(id)).toMatchObject({ state: 'rejected', rejectCode: 'file.processing-failed' });
    expect(await plaza.quota(mia)).toMatchObject({ used: 0, reserved: 0, unfinished: 0 });
  });

  it('is given up when three workers were lost on it', async () => {
    await open({ UPLOAD_WORKERS: '0' });
    const claims = plaza.app.get(FileClaims, { strict: false });
    const { id } = await plaza.send(mia, HELLO);
    for (const attempt of [1, 2, 3]) {
      expect((await claims.next())?.record).toMatchObject({ id, attempt });
      await plaza.transactions.run((tx) => tx.write('UPDATE file_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND'));
    }
    expect(await claims.next()).toBeUndefined();
    expect(await plaza.find(id)).toMatchObject({ state: 'rejected', rejectCode: 'file.processing-failed' });
    expect(await plaza.objects()).toEqual([]);
  });
});
