import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FileIntake } from '../../src/features/uploads/file-intake.service.js';
import { FileReception, type Delivery } from '../../src/features/uploads/file-reception.service.js';
import { FileTransitions } from '../../src/features/uploads/file-transitions.service.js';
import { FileRepository } from '../../src/features/uploads/file.repository.js';
import { LiveFiles } from '../../src/features/uploads/live-files.service.js';
import { UploadQuotaRepository } from '../../src/features/uploads/upload-quota.repository.js';
import { bodyKeyOf, HEAD_BYTES, MAX_UNFINISHED, MIB, RESERVE_STEP } from '../../src/features/uploads/uploads.rules.js';
import type { Arrival } from '../../src/features/uploads/uploads.types.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type TestApp } from '../support/app.js';
import { uploadViolations } from '../support/uploads-invariants.js';

const QUOTA = 20 * MIB;
const GENERIC: Arrival = { name: 'a.bin', purpose: 'generic', door: 'raw' };
const SHA = 'a'.repeat(64);

describe('the intake of files', () => {
  let plaza: TestApp;
  let intake: FileIntake;
  let reception: FileReception;
  let transactions: Transactions;
  let database: Database;
  let storage: Storage;

  beforeAll(async () => {
    plaza = await createTestApp({ UPLOAD_QUOTA_MIB: String(QUOTA / MIB), UPLOAD_WORKERS: '0' });
    intake = plaza.app.get(FileIntake, { strict: false });
    reception = plaza.app.get(FileReception, { strict: false });
    transactions = plaza.app.get(Transactions);
    database = plaza.app.get(Database);
    storage = plaza.app.get(Storage);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    expect(await uploadViolations((sql) => database.rows(sql))).toEqual([]);
  });
  afterAll(() => plaza.close());

  const member = async () => (await plaza.given.member()).id;
  const quota = (memberId: string) => plaza.app.get(UploadQuotaRepository, { strict: false }).get(database, memberId);
  const file = (id: string) => plaza.app.get(FileRepository, { strict: false }).find(database, id);
  const receive = (memberId: string, bytes: Buffer | Readable, delivery: Partial<Delivery> = {}) =>
    reception.receive(memberId, { ...GENERIC, ...delivery }, bytes instanceof Readable ? bytes : Readable.from([bytes]));
  const accept = (id: string, size: number) => transactions.run((tx) => intake.accept(tx, id, { size, sha256: SHA, mime: 'text/plain' }));
  const nothingKept = async (memberId: string) => {
    expect(await quota(memberId)).toEqual({ used: 0, reserved: 0, max: QUOTA, unfinished: 0 });
    expect(await database.rows('SELECT id FROM file WHERE owner_id = ?', [memberId])).toEqual([]);
    const objects: string[] = [];
    for await (const { key } of storage.list('uploads')) objects.push(key);
    const others = new Set((await database.rows<{ id: string }>("SELECT id FROM file WHERE state IN ('receiving', 'processing')")).map(({ id }) => bodyKeyOf(id)));
    expect(objects.filter((key) => !others.has(key))).toEqual([]);
  };

  it('sets bytes aside when a file begins, and gives them back when it is abandoned, once', async () => {
    const mia = await member();
    const { id } = await intake.open(mia, { ...GENERIC, size: 5 * MIB });
    expect(await quota(mia)).toEqual({ used: 0, reserved: 5 * MIB, max: QUOTA, unfinished: 1 });
    await Promise.all([intake.abandon(id), intake.abandon(id), intake.abandon(id)]);
    await nothingKept(mia);
  });

  it('sets no more aside than the quota, however many come at once', async () => {
    const mia = await member();
    const opened = await Promise.allSettled(Array.from({ length: 40 }, () => intake.open(mia, { ...GENERIC, size: MIB })));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(QUOTA / MIB);
    for (const outcome of opened) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'file.quota', kind: 'storage-full', details: { used: 0, reserved: QUOTA, max: QUOTA } });
    expect(await quota(mia)).toMatchObject({ reserved: QUOTA, unfinished: QUOTA / MIB });
  });

  it('takes exactly the quota and not one byte more', async () => {
    const mia = await member();
    await expect(intake.open(mia, { ...GENERIC, size: QUOTA + 1 })).rejects.toMatchObject({ code: 'file.quota' });
    await nothingKept(mia);
    await intake.open(mia, { ...GENERIC, size: QUOTA });
    await expect(intake.open(mia, { ...GENERIC, size: 1 })).rejects.toMatchObject({ code: 'file.quota' });
  });

  it('grows in steps, exactly where the quota is nearly full, and never past it', async () => {
    const mia = await member();
    const { id } = await intake.open(mia, GENERIC);
    expect(await intake.grow(id, 1)).toBe(RESERVE_STEP);
    expect(await intake.grow(id, RESERVE_STEP + 1)).toBe(2 * RESERVE_STEP);
    expect(await intake.grow(id, 2 * RESERVE_STEP + 1)).toBe(2 * RESERVE_STEP + 1);
    expect(await intake.grow(id, QUOTA)).toBe(QUOTA);
    await expect(intake.grow(id, QUOTA + 1)).rejects.toMatchObject({ code: 'file.quota' });
    await accept(id, 3);
    expect(await quota(mia)).toMatchObject({ reserved: 3, unfinished: 1 });
    expect(await file(id)).toMatchObject({ state: 'processing', size: 3, reserved: 3 });
  });

  it('bounds how many uploads a member has under way, and only those: one of them may grow', async () => {
    const mia = await member();
    const { id } = await intake.open(mia, GENERIC);
    await transactions.run((tx) => tx.write('UPDATE upload_quota SET unfinished = ? WHERE member_id = ?', [MAX_UNFINISHED, mia]));
    await expect(intake.open(mia, GENERIC)).rejects.toMatchObject({ code: 'file.too-many-unfinished', kind: 'too-many' });
    await expect(intake.grow(id, QUOTA + 1)).rejects.toMatchObject({ code: 'file.quota' });
    await transactions.run((tx) => tx.write('UPDATE upload_quota SET unfinished = 1 WHERE member_id = ?', [mia]));
  });

  it('accepts a file once, and none that is deleted or past its time', async () => {
    const mia = await member();
    const { id } = await intake.open(mia, { ...GENERIC, size: 3 });
    const twins = await Promise.allSettled([accept(id, 3), accept(id, 3)]);
    expect(twins.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);

    const deleted = await intake.open(mia, { ...GENERIC, size: 3 });
    await transactions.run(async (tx) => plaza.app.get(FileTransitions, { strict: false }).delete(tx, (await file(deleted.id))!));
    await expect(accept(deleted.id, 3)).rejects.toMatchObject({ code: 'file.deleted', kind: 'gone' });

    const late = await intake.open(mia, { ...GENERIC, size: 3 }, 60);
    await transactions.run((tx) => tx.write('UPDATE file SET expires_at = expires_at - INTERVAL 1 HOUR WHERE id = ?', [late.id]));
    await expect(accept(late.id, 3)).rejects.toMatchObject({ code: 'file.expired', kind: 'gone' });
    await expect(intake.extend(late.id, 60)).rejects.toMatchObject({ code: 'file.expired' });
    expect(await quota(mia)).toMatchObject({ reserved: 6, unfinished: 2 });
  });

  it('keeps alive what this process receives, and nothing else', async () => {
    const mia = await member();
    const timings = plaza.app.get(JobTimings);
    const left = async (id: string) => (await file(id))!.expiresAt!.getTime();
    const [mine, theirs] = [await intake.open(mia, GENERIC), await intake.open(mia, GENERIC, 60)];
    const before = [await left(mine.id), await left(theirs.id)];
    await transactions.run((tx) => tx.write('UPDATE file SET expires_at = expires_at - INTERVAL 30 SECOND WHERE owner_id = ?', [mia]));
    await (plaza.app.get(LiveFiles, { strict: false }) as unknown as { beat(): Promise<void> }).beat();
    expect(await left(mine.id)).toBeGreaterThanOrEqual(before[0]!);
    expect(await left(theirs.id)).toBe(before[1]! - 30_000);
    expect(timings.heartbeat * 3).toBeLessThan(timings.lease);
  });

  it('receives bytes into the storage, with their hash, size and type', async () => {
    const mia = await member();
    const received = await receive(mia, Readable.from([Buffer.from('hello '), Buffer.from('world')]));
    expect(received).toMatchObject({ name: 'a.bin', size: 11, sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9', mime: 'text/plain' });
    expect(await storage.find(bodyKeyOf(received.id))).toMatchObject({ bytes: 11 });
    expect(await quota(mia)).toMatchObject({ reserved: RESERVE_STEP });
    expect(await transactions.run((tx) => reception.accept(tx, received))).toMatchObject({ state: 'processing', size: 11, reserved: 11, mime: 'text/plain' });
  });

  const cut = () => {
    const body = new Readable({ read() { /* never more than it was given */ } });
    body.push('some');
    setImmediate(() => body.destroy());
    return body;
  };
  it.each<[string, string, () => Buffer | Readable, Partial<Delivery>]>([
    ['no byte', 'file.empty', () => Readable.from([]), {}],
    ['more than the door takes', 'file.too-large', () => Buffer.alloc(11), { maxBytes: 10 }],
    ['more announced than the door takes', 'file.too-large', () => Buffer.alloc(11), { maxBytes: 10, size: 11 }],
    ['more than announced', 'file.too-large', () => Buffer.alloc(11), { size: 10 }],
    ['fewer than announced', 'file.size-mismatch', () => Buffer.alloc(9), { size: 10 }],
    ['more than the quota', 'file.quota', () => Readable.from((function* () { for (let n = 0; n <= QUOTA; n += MIB) yield Buffer.alloc(MIB); })()), {}],
    ['a type that is not for this', 'file.type-not-allowed', () => Buffer.from('hello'), { purpose: 'avatar' }],
    ['a type that is not for this, seen in mid-stream', 'file.type-not-allowed', () => Buffer.alloc(HEAD_BYTES + 1, 'hello'), { purpose: 'avatar' }],
    ['a cut', 'file.incomplete', cut, {}],
    ['a hostile name', 'request.invalid', () => Buffer.from('x'), { name: '../x' }],
  ])('keeps nothing of %s: %s', async (_what, code, bytes, delivery) => {
    const mia = await member();
    await expect(receive(mia, bytes(), delivery)).rejects.toMatchObject({ code });
    await nothingKept(mia);
  });

  it('takes exactly as much as the door takes, and as was announced', async () => {
    const mia = await member();
    expect(await receive(mia, Buffer.alloc(10), { maxBytes: 10 })).toMatchObject({ size: 10 });
    expect(await receive(mia, Buffer.alloc(10), { size: 10 })).toMatchObject({ size: 10 });
  });

  it('leaves the body of a refused file to its owner', async () => {
    const mia = await member();
    const body = Readable.from((function* () { for (;;) yield Buffer.alloc(MIB); })());
    await expect(receive(mia, body, { maxBytes: MIB })).rejects.toMatchObject({ code: 'file.too-large' });
    expect(body.destroyed).toBe(false);
    body.destroy();
  });

  it('keeps nothing when the storage fails', async () => {
    const mia = await member();
    const failure = new Error('broken disk');
    jest.spyOn(storage, 'write').mockImplementation((_key, body) => {
      body.on('error', () => undefined).destroy(failure);
      return Promise.reject(failure);
    });
    await expect(receive(mia, Buffer.alloc(100))).rejects.toBe(failure);
    await nothingKept(mia);
  });
});
