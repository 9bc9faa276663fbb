import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createEmptyDatabase } from '../support/database.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

const README = path.resolve(import.meta.dirname, '../../README.md');

let folder: string;
let database: { url: string; drop(): Promise<void> };
let plaza: PlazaProcess;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-readme-'));
  database = await createEmptyDatabase();
  plaza = await startProcess({ NODE_ENV: 'development', DEMO: 'true', DATABASE_URL: database.url, DATA_DIR: folder });
});
afterAll(async () => {
  plaza.kill('SIGTERM');
  await plaza.stopped;
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('the tour of the README', () => {
  it('goes from sign-up to a downloaded file, as it is pasted', async () => {
    const tour = /<!-- tour -->\n```sh\n([\s\S]*?)```\n<!-- \/tour -->/.exec(await readFile(README, 'utf8'))![1]!;
    const script = tour.replace('PLAZA=http://127.0.0.1:3000', `PLAZA=${plaza.url}`);
    expect(script).toContain(plaza.url);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder });
    expect(stdout).toContain('"available":5');
    expect(stdout).toContain('"kind":"capture","amount":-1');
    const lines = (await readFile(path.join(folder, 'memes.csv'), 'utf8')).trimEnd().split('\r\n');
    expect(lines.length).toBeGreaterThan(20);
    expect(lines[0]).toContain('caption');
  });
});
