import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { exportViolations } from '../support/exports-harness.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

const POINTS = [
  'export.before-claim', 'export.after-claim', 'export.mid-page', 'export.before-fsync',
  'export.after-fsync', 'export.before-commit', 'export.after-commit',
];

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
  const customers: Customer[] = [];

  const start = (fault?: string) => startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, ...(fault && { PLAZA_FAULT: fault }) });
  const call = async <T>(method: string, route: string, headers: Record<string, string> = {}, body?: object): Promise<T> => {
    const response = await fetch(`${plaza.url}/api${route}`, { method, headers: { 'Content-Type': 'application/json', ...headers }, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const signUp = async (point: string): Promise<Customer> => {
    const email = `${point}@example.org`;
    const { member, accessToken } = await call<{ member: { id: string }; accessToken: string }>('POST', '/members', {}, { email, password: 'correct horse battery', displayName: point });
    return { point, id: member.id, auth: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' } };
  };

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-crash-'));
    for (const point of POINTS) {
      plaza = await start(point);
      const customer = await signUp(point);
      customers.push(customer);
      // The process may die before it can answer; what counts is what it has committed.
      await call('POST', '/exports', customer.auth, { source: 'credits', format: 'csv' }).catch(() => undefined);
      expect(await plaza.stopped).toBe('SIGKILL');
      // Kept from the next process, which is to die on its own customer's export.
      await db.dataSource.query("UPDATE export_queue SET run_at = '2999-01-01'");
    }
    // A minute goes by: the leases of the dead lapse.
    await db.dataSource.query('UPDATE export_queue SET run_at = UTC_TIMESTAMP(3), lease_until = LEAST(lease_until, UTC_TIMESTAMP(3) - INTERVAL 1 SECOND)');
    expect(await exportViolations((sql) => db.dataSource.query(sql))).toEqual([]);
    plaza = await start();
  }, 300_000);

  afterAll(async () => {
    plaza?.kill('SIGTERM');
    await plaza?.stopped;
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(POINTS)('killed at %s: the export ends, is paid for once, and its file is whole', async (point) => {
    const { id, auth } = customers.find((customer) => customer.point === point)!;
    const list = () => call<{ items: { id: string; state: string; attempt: number; sha256: string }[] }>('GET', '/exports', auth);
    const items = await eventually(async () => {
      const { items: found } = await list();
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

  it('contradicts none of the invariants', async () => {
    expect(await exportViolations((sql) => db.dataSource.query(sql))).toEqual([]);
  });
});
