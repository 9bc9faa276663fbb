import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { FileSweep } from '../../src/features/uploads/file-sweep.service.js';
import '../../src/features/uploads/uploads.faults.js';
import { knownFaultPoints } from '../../src/platform/config/fault-point.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess, type PlazaProcess } from '../support/process.js';
import { restingUploadViolations, uploadViolations } from '../support/uploads-invariants.js';

/** All there are on the way of a file from its door to its end: one that is added is tested from then on. */
const POINTS = knownFaultPoints().filter((point) => point.startsWith('uploads.') && point !== 'uploads.before-removal');
const MIB = 2 ** 20;

interface FileBody {
  id: string;
  state: string;
  sha256: string;
  variants: object[];
}

/** `kill -9` on the way of a file, then a restart on the same data. */
describe('uploads to a process that is killed', () => {
  let db: TestDatabase;
  let dataDir: string;
  /** The process after the one that was killed, with its sweeps within reach. */
  let next: TestApp;
  let plaza: PlazaProcess;
  let mia: GivenMember;

  const start = (fault?: string) => startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, APP_SECRET: next.secret, ...(fault ? { PLAZA_FAULT: fault } : { UPLOAD_WORKERS: '0' }) });
  const query = (sql: string) => db.database.rows(sql);
  const files = async (): Promise<FileBody[]> => ((await (await fetch(`${next.url}/api/files`, { headers: mia.auth })).json()) as { items: FileBody[] }).items;
  const quota = async (): Promise<object> => (await (await fetch(`${next.url}/api/files/quota`, { headers: mia.auth })).json()) as object;
  /** What the tasks of the next minutes and hours do. */
  const sweep = async (): Promise<void> => {
    const sweeps = next.app.get(FileSweep, { strict: false });
    await sweeps.expireDue();
    await sweeps.removeUnreferenced();
    await sweeps.removeStrays();
  };
  /** No one takes the lease of a dead process before its time: here that time is over at once. */
  const letTimePass = () => db.transactions.run(async (tx) => {
    await tx.write('UPDATE file_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND, run_at = UTC_TIMESTAMP(3)');
    await tx.write('UPDATE file SET expires_at = expires_at - INTERVAL 1 HOUR WHERE expires_at IS NOT NULL');
  });

  beforeAll(async () => {
    db = await openTestDatabase();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-crash-'));
    next = await createTestApp({ DATA_DIR: dataDir });
    mia = await next.given.member();
  });
  afterAll(async () => {
    plaza.kill('SIGKILL');
    await plaza.stopped;
    await next.close();
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(POINTS)('ends a file that was killed at %s as if nothing had been', async (point) => {
    // The other process would be faster than the one that is to die.
    await next.close();
    plaza = await start(point);
    const { sha256, data } = await picture();
    // The process may die before it can answer; what counts is what it has committed.
    const answer = await fetch(`${plaza.url}/api/files/base64`, {
      method: 'POST', headers: { ...mia.auth, 'Content-Type': 'application/json' }, body: JSON.stringify({ name: `${point}.png`, data: data.toString('base64') }),
    }).catch(() => undefined);
    if (answer) expect(answer.status).toBe(201);
    expect(await plaza.stopped).toBe('SIGKILL');
    expect(await uploadViolations(query)).toEqual([]);

    await letTimePass();
    next = await createTestApp({ DATA_DIR: dataDir, APP_SECRET: next.secret });
    await eventually(async () => expect(await files()).toContainEqual(expect.objectContaining({ sha256, state: 'ready' })));
    await sweep();
    expect(await restingUploadViolations(query, next.app.get(Storage))).toEqual([]);
    const file = (await files()).find((item) => item.sha256 === sha256)!;
    expect(file.variants).toHaveLength(3);
    const served = await fetch(`${next.url}/api/files/${file.id}/content`, { headers: mia.auth });
    expect(served.headers.get('etag')).toBe(`"${createHash('sha256').update(Buffer.from(await served.arrayBuffer())).digest('hex')}"`);
  });

  it('keeps nothing of a file whose process was killed while it came, and returns what was set aside', async () => {
    const before = await quota();
    const listed = await files();
    plaza = await start();
    const request = http.request(`${plaza.url}/api/files/raw?name=big.bin`, { method: 'PUT', headers: { ...mia.auth, 'Transfer-Encoding': 'chunked' } });
    request.on('error', () => undefined);
    request.write(randomBytes(12 * MIB));
    await eventually(async () => expect(((await quota()) as { reserved: number }).reserved).toBeGreaterThanOrEqual(12 * MIB));
    plaza.kill('SIGKILL');
    await plaza.stopped;
    request.destroy();
    expect(await uploadViolations(query)).toEqual([]);

    await letTimePass();
    await sweep();
    expect(await quota()).toEqual(before);
    expect(await files()).toEqual(listed);
    expect(await restingUploadViolations(query, next.app.get(Storage))).toEqual([]);
  });
});

/** A picture like no other. */
async function picture(): Promise<{ data: Buffer; sha256: string }> {
  const data = await sharp(randomBytes(64 * 64 * 3), { raw: { width: 64, height: 64, channels: 3 } }).png().toBuffer();
  return { data, sha256: createHash('sha256').update(data).digest('hex') };
}
