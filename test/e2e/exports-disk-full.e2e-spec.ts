import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

/** Root may mount a disk that only its process sees; others may where the kernel lets them be root of a namespace. */
const namespace = [['-m'], ['-U', '-r', '-m']].find((flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0);

/** Where a process finds room for a file of 8 KiB in `folder` and for no more; `root` is what it takes for `/`. */
const SMALL_DISKS = [
  { name: 'a limit on the size of files', inside: (_folder: string) => ['sh', '-c', 'ulimit -f 16 && exec "$@"', 'sh'], root: (_pid: number) => '' },
];
if (namespace) {
  SMALL_DISKS.push({
    name: 'a disk that is full',
    inside: (folder) => ['unshare', ...namespace, 'sh', '-c', `mount -t tmpfs -o size=8k tmpfs '${folder}' && exec "$@"`, 'sh'],
    root: (pid) => `/proc/${pid}/root`,
  });
}

describe.each(SMALL_DISKS)('exports that meet $name', ({ inside, root }) => {
  let db: TestDatabase;
  let dataDir: string;
  let plaza: PlazaProcess;

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-small-disk-'));
    const files = path.join(dataDir, 'files');
    await mkdir(files);
    plaza = await startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, DEMO: 'true' }, inside(files));
  }, 120_000);
  afterAll(async () => {
    plaza?.kill('SIGTERM');
    await plaza?.stopped;
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('fail with export.disk-full, give the credit back, leave no file, and go on with what does fit', async () => {
    const call = async (route: string, headers: object, body?: object) => {
      const response = await fetch(`${plaza.url}/api${route}`, {
        method: body ? 'POST' : 'GET', headers: { 'Content-Type': 'application/json', ...headers }, body: body && JSON.stringify(body),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    const { accessToken } = await call('/members', {}, { email: 'mia@example.org', password: 'correct horse battery', displayName: 'Mia' });
    const auth = { Authorization: `Bearer ${String(accessToken)}` };
    const ended = async (source: string) => {
      const { id } = await call('/exports', auth, { source, format: 'csv' });
      return eventually(async () => {
        const found = await call(`/exports/${String(id)}`, auth);
        expect(found['state']).not.toMatch(/queued|running/);
        return found;
      }, 20_000);
    };
    const onDisk = async () =>
      (await readdir(`${root(plaza.pid)}${dataDir}/files`, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(await ended('memes')).toMatchObject({ state: 'failed', errorCode: 'export.disk-full', attempt: 1 });
    // The file goes after the commit that says so.
    await eventually(async () => expect(await onDisk()).toEqual([]));
    expect(await call('/credits', auth)).toMatchObject({ posted: 5, held: 0, available: 5 });
    expect(await ended('credits')).toMatchObject({ state: 'succeeded' });
    expect(await onDisk()).toHaveLength(1);
    expect(await call('/credits', auth)).toMatchObject({ posted: 4, held: 0, available: 4 });
  });
});
