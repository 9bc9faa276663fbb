import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import { hourOf } from '../../src/platform/statistics/hour.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

const HOUR_MS = 3_600_000;
const HOURS = 60;

describe('a process that is killed in the middle of a roll-up', () => {
  let db: TestDatabase;
  let dataDir: string;
  const running: PlazaProcess[] = [];

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-statistics-'));
  });
  afterAll(async () => {
    for (const plaza of running) plaza.kill('SIGTERM');
    await Promise.all(running.map(({ stopped }) => stopped));
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const now = Date.now();
  const start = (fault?: string) =>
    startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, APP_SECRET: 'shared by the processes of this test', PLAZA_TEST_CLOCK: new Date(now).toISOString(), ...(fault && { PLAZA_FAULT: fault }) });
  const written = () => db.database.rows<{ hour: Date; value: number }>("SELECT hour, value FROM statistic WHERE metric = 'members.joined' ORDER BY hour");

  it('has counted no hour by half; after the restart, of two processes at once, each is there and right', async () => {
    // One member for each of the last 60 hours, in its middle; two in the first.
    const first = hourOf(new Date(now - HOURS * HOUR_MS)).getTime();
    const joined = [0, ...Array.from({ length: HOURS }, (_, hour) => hour)].map((hour) => new Date(first + (hour + 0.5) * HOUR_MS));
    await db.transactions.run((tx) =>
      tx.write('INSERT INTO member (id, email, display_name, role, permission_version, created_at) VALUES ?', [
        joined.map((at) => { const id = newId(); return [id, `${id}@example.org`, 'Somebody', 'member', 1, at]; }),
      ]),
    );
    // It may die before it listens, or after.
    const end = await start('statistics.rollup@2').then(({ stopped }) => stopped, (error: Error) => error.message);
    expect(String(end)).toContain('SIGKILL');
    const half = await written();
    expect(half).toHaveLength(24);

    running.push(...(await Promise.all([start(), start()])));
    const expected = Array.from({ length: HOURS - 1 }, (_, hour) => ({ hour: new Date(first + hour * HOUR_MS), value: hour === 0 ? 2 : 1 }));
    await eventually(async () => expect((await written()).slice(0, HOURS - 1)).toEqual(expected), 20_000);
  }, 120_000);
});
