import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import '../../src/features/exports/exports.faults.js';
import { loadConfig } from '../../src/platform/config/config.js';
import { knownFaultPoints } from '../../src/platform/config/fault-point.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import { DiskStorage } from '../../src/platform/storage/disk-storage.js';
import { wire } from '../support/credits-harness.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { wireExports } from '../support/exports-harness.js';
import { exportViolations } from '../support/exports-invariants.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

Logger.overrideLogger(false);

/** All there are: one that is added is tested from then on. */
const POINTS = knownFaultPoints().filter((point) => point.startsWith('export.'));
const REMOVAL = 'export.before-removal';
const MAKING = POINTS.filter((point) => point !== REMOVAL);
/** Its customer loses patience: killed with the file written, then cancelled. */
const IMPATIENT = 'export.after-fsync@1';

interface ExportBody {
  id: string;
  state: string;
  attempt: number;
  sha256: string;
}

interface Customer {
  point: string;
  id: string;
  auth: { Authorization: string; 'Content-Type': string };
}

/** `kill -9` at each point of an export's life, then a restart on the same data. */
describe('exports of a process that is killed', () => {
  let db: TestDatabase;
  let dataDir: string;
  let plaza: PlazaProcess;
  let storage: DiskStorage;
  const customers: Customer[] = [];

  const start = (fault?: string) => startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, ...(fault && { PLAZA_FAULT: fault }) });
  const call = async <T>(method: string, route: string, headers: Record<string, string> = {}, body?: object): Promise<T> => {
    const response = await fetch(`${plaza.url}/api${route}`, { method, headers: { 'Content-Type': 'application/json', ...headers }, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const customerOf = (point: string): Customer => customers.find((customer) => customer.point === point)!;
  const exportsOf = async (point: string): Promise<ExportBody[]> => (await call<{ items: ExportBody[] }>('GET', '/exports', customerOf(point).auth)).items;
  const violations = () => exportViolations((sql) => db.dataSource.query(sql), storage);
  /** What the hourly task does. */
  const sweep = async (): Promise<void> => {
    const exports = wireExports(wire(db, settings(), new Date().toISOString()), new Datasets(), storage, loadConfig(settings()), new JobTimings());
    await exports.sweep.removeUnreferenced();
    await exports.close();
  };
  const settings = () => ({ NODE_ENV: 'test', APP_SECRET: 'a secret of the tests, longer than 32 bytes', DATA_DIR: dataDir });
  const strays = async (): Promise<string[]> => {
    const named = await db.database.rows<{ key: string }>('SELECT storage_key AS `key` FROM export WHERE storage_key IS NOT NULL');
    const found: string[] = [];
    for await (const { key } of storage.list('exports')) if (!named.some((file) => file.key === key)) found.push(key);
    return found;
  };
  const signUp = async (point: string): Promise<Customer> => {
    const email = `${point.replace('@', '.')}@example.org`;
    const { member, accessToken } = await call<{ member: { id: string }; accessToken: string }>('POST', '/members', {}, { email, password: 'correct horse battery', displayName: point });
    return { point, id: member.id, auth: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' } };
  };

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-crash-'));
    storage = new DiskStorage(loadConfig(settings()));
    for (const point of [...MAKING, IMPATIENT]) {
      plaza = await start(point);
      const customer = await signUp(point);
      customers.push(customer);
      // The process may die before it can answer; what counts is what it has committed.
      await call('POST', '/exports', customer.auth, { source: 'credits', format: 'csv' }).catch(() => undefined);
      expect(await plaza.stopped).toBe('SIGKILL');
      // Kept from the next process, which is to die on its own customer's export.
      await db.dataSource.query("UPDATE export_queue SET run_at = '2999-01-01'");
    }
    // A minute goes by: the leases of the dead lapse, but for the one whose customer does not wait.
    await db.dataSource.query(
      `UPDATE export_queue q JOIN export e ON e.id = q.export_id
       SET run_at = UTC_TIMESTAMP(3), lease_until = IF(e.member_id = ?, UTC_TIMESTAMP(3) + INTERVAL 1 HOUR, LEAST(lease_until, UTC_TIMESTAMP(3) - INTERVAL 1 SECOND))`,
      [customerOf(IMPATIENT).id],
    );
    expect(await violations()).toEqual([]);
    plaza = await start();
  }, 300_000);

  afterAll(async () => {
    plaza?.kill('SIGTERM');
    await plaza?.stopped;
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(MAKING)('killed at %s: the export ends, is paid for once, and its file is whole', async (point) => {
    const { id, auth } = customerOf(point);
    const items = await eventually(async () => {
      const found = await exportsOf(point);
      for (const { state } of found) expect(state).not.toMatch(/queued|running/);
      return found;
    }, 30_000);
    const unclaimed = point === 'export.before-claim';
    const committed = point === 'export.after-commit';
    expect(items).toMatchObject([{ state: 'succeeded', attempt: unclaimed || committed ? 1 : 2 }]);
    expect(await call('GET', '/credits', auth)).toMatchObject({ posted: 4, held: 0, available: 4 });
    const file = await fetch(`${plaza.url}/api/exports/${items[0]!.id}/download`, { headers: auth });
    expect(createHash('sha256').update(Buffer.from(await file.arrayBuffer())).digest('hex')).toBe(items[0]!.sha256);
    const captures = await db.database.rows('SELECT 1 FROM credit_entry e JOIN credit_account a ON a.id = e.account_id WHERE a.owner_id = ? AND e.kind = \'capture\'', [id]);
    expect(captures).toHaveLength(1);
  });

  it('cancelled while nobody has noticed that its worker was killed: the credit is back', async () => {
    const { auth } = customerOf(IMPATIENT);
    const [left] = await exportsOf(IMPATIENT);
    expect(left).toMatchObject({ state: 'running', attempt: 1 });
    expect(await call('POST', `/exports/${left!.id}/cancel`, auth)).toMatchObject({ state: 'cancelled' });
    expect(await call('GET', '/credits', auth)).toMatchObject({ posted: 5, held: 0, available: 5 });
  });

  it('leaves files that only the sweep can know of, and none after it', async () => {
    expect(await strays()).not.toEqual([]);
    await sweep();
    expect(await strays()).toEqual([]);
    expect(await violations()).toEqual([]);
  });

  it(`killed at ${REMOVAL}: the file is gone for its member at once, and from the disk with the sweep`, async () => {
    const { auth } = customerOf('export.after-commit');
    const [{ id } = { id: '' }] = await exportsOf('export.after-commit');
    const dying = await start(REMOVAL);
    await fetch(`${dying.url}/api/exports/${id}`, { method: 'DELETE', headers: { Authorization: auth.Authorization } }).catch(() => undefined);
    expect(await dying.stopped).toBe('SIGKILL');
    expect(await call('GET', `/exports/${id}`, auth)).toMatchObject({ state: 'expired' });
    expect((await fetch(`${plaza.url}/api/exports/${id}/download`, { headers: auth })).status).toBe(410);
    expect(await strays()).toHaveLength(1);
    await sweep();
    expect(await strays()).toEqual([]);
    expect(await violations()).toEqual([]);
  });
});
