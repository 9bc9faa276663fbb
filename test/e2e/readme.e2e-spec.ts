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
    const stdout = await pasted(tourOf(await readFile(README, 'utf8')));
    expect(stdout).toContain('"available":5');
    expect(stdout).toContain('"kind":"capture","amount":-1');
    const lines = (await readFile(path.join(folder, 'memes.csv'), 'utf8')).trimEnd().split('\r\n');
    expect(lines.length).toBeGreaterThan(20);
    expect(lines[0]).toContain('caption');
  });

  it('goes on with chat, by curl and by a client with sockets', async () => {
    const readme = await readFile(README, 'utf8');
    const chat = readme.slice(readme.indexOf('\n**Chat.**'), readme.indexOf('\n**Parking.**'));
    const blocks = [...chat.matchAll(/```sh\n([\s\S]*?)```\n/g)].map(([, block]) => block);
    expect(blocks).toHaveLength(2);
    const lines = (await pasted([tourOf(readme), `cd '${path.dirname(README)}'`, ...blocks].join('\n'))).trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('"duplicate":')).map((line) => line.endsWith('"duplicate":true}'))).toEqual([false, true]);
    expect(lines.filter((line) => line.startsWith('{"events":[{'))).toHaveLength(2);
    expect(lines.filter((line) => /^[01]$/.test(line))).toEqual(['1', '0']);
    expect(lines.slice(-4)).toEqual(['1 member.joined ', '2 member.joined ', expect.stringMatching(/^3 message.created Who has the key/), '4 message.created It hangs behind the bar.']);
  });

  it('goes on with parking: reserved once, paid with credits, cancelled', async () => {
    const readme = await readFile(README, 'utf8');
    const parking = readme.slice(readme.indexOf('\n**Parking.**'), readme.indexOf('\n**Exports.**'));
    const blocks = [...parking.matchAll(/```sh\n([\s\S]*?)```\n/g)].map(([, block]) => block);
    const lines = (await pasted([tourOf(readme), ...blocks].join('\n'))).trimEnd().split('\n');
    const [first, second] = lines.filter((line) => /^[0-9a-f-]{36}$/.test(line));
    expect(second).toBe(first);
    expect(lines.filter((line) => line.includes('"status":"succeeded"') && line.includes('"credits":2'))).toHaveLength(1);
    expect(lines).toContain('confirmed');
    expect(lines.filter((line) => line.includes('"free":{"compact":0,"regular":1,"large":0}'))).toHaveLength(1);
    expect(await readFile(path.join(folder, 'pass.svg'), 'utf8')).toContain('</svg>');
    expect(lines.slice(-2)).toEqual(['200', '4']);
  });
});

function tourOf(readme: string): string {
  return /<!-- tour -->\n```sh\n([\s\S]*?)```\n<!-- \/tour -->/.exec(readme)![1]!;
}

/** What a shell says to this, with the address of the server under test. */
async function pasted(blocks: string): Promise<string> {
  const script = blocks.replace('PLAZA=http://127.0.0.1:3000', `PLAZA=${plaza.url}`);
  expect(script).toContain(plaza.url);
  return (await promisify(execFile)('bash', ['-c', script], { cwd: folder })).stdout;
}
