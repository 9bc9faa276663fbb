import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { startEmbeddedServer, type EmbeddedServer } from '../../src/platform/database/embedded/embedded-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const CHILD = path.resolve('test/support/embedded-server-child.mjs');

/** Another Plaza process, as far as the database goes. */
interface Other {
  process: ChildProcess;
  url: string;
  owned: boolean;
  serverPid: number;
}

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  for (const started = Date.now(); !condition(); await sleep(10)) if (Date.now() - started > withinMs) return false;
  return true;
}

async function query(url: string, sql: string): Promise<mysql.RowDataPacket[]> {
  const connection = await mysql.createConnection({ uri: url });
  try {
    return (await connection.query<mysql.RowDataPacket[]>(sql))[0];
  } finally {
    await connection.end();
  }
}

describe('the embedded server', () => {
  let dataDir: string;
  const started: EmbeddedServer[] = [];
  const others: Other[] = [];

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(temporaryFolder(), 'plaza-embedded-'));
  });

  afterEach(async () => {
    for (const server of started.splice(0)) await server.stop();
    for (const other of others.splice(0)) {
      other.process.kill('SIGKILL');
      // A server that outlives its owner fails its test; it must not outlive the test as well.
      if (!(await until(() => !isRunning(other.serverPid), 5_000))) process.kill(other.serverPid, 'SIGKILL');
    }
    rmSync(dataDir, { recursive: true, force: true });
  });

  const root = (): string => path.join(dataDir, 'database');
  const state = (): { server: { pid: number; started: string }; owner: { pid: number; started: string }; port: number } =>
    JSON.parse(readFileSync(path.join(root(), 'server.json'), 'utf8'));

  async function start(extraArguments: string[] = [], folder = dataDir, lines: string[] = []): Promise<EmbeddedServer> {
    const server = await startEmbeddedServer({ dataDir: folder, durability: 'fast', extraArguments, report: (line) => void lines.push(line) });
    started.push(server);
    return server;
  }

  async function startOther(searchFirst?: string): Promise<Other> {
    const PATH = [...(searchFirst === undefined ? [] : [searchFirst]), process.env['PATH']].join(path.delimiter);
    const child = spawn(process.execPath, [CHILD, dataDir], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PATH } });
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    const other = { process: child, ...(JSON.parse(line) as Omit<Other, 'process'>) };
    others.push(other);
    return other;
  }

  it('serves its own database over loopback, with a password, and stops when told', async () => {
    const server = await start();
    expect(server.owned).toBe(true);
    expect(await query(server.url, 'SELECT DATABASE() AS name, @@bind_address AS address')).toEqual([{ name: 'plaza', address: '127.0.0.1' }]);
    const { server: process } = state();
    await server.stop();
    expect(isRunning(process.pid)).toBe(false);
    expect(existsSync(path.join(root(), 'server.json'))).toBe(false);
    await expect(query(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets nobody in without the password, root included, and keeps the password to its owner', async () => {
    const server = await start();
    const { port } = new URL(server.url);
    for (const user of ['plaza', 'root']) {
      await expect(mysql.createConnection({ host: '127.0.0.1', port: Number(port), user })).rejects.toMatchObject({ errno: 1045 });
    }
    await expect(mysql.createConnection({ socketPath: path.join(root(), 'server.sock'), user: 'root' })).rejects.toMatchObject({ errno: 1045 });
    expect(statSync(path.join(root(), 'password')).mode & 0o777).toBe(0o600);
    expect(statSync(root()).mode & 0o777).toBe(0o700);
    expect(existsSync(path.join(root(), 'accounts.sql'))).toBe(false);
  });

  it('keeps its data over a restart', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS n');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('has safe durability unless told to be fast', async () => {
    const server = await startEmbeddedServer({ dataDir, durability: 'safe', report: () => undefined });
    started.push(server);
    const settings = await query(server.url, 'SELECT @@innodb_flush_log_at_trx_commit AS flush, @@innodb_doublewrite AS doublewrite');
    expect(settings).toMatchObject([{ flush: 1 }]);
    expect(String(settings[0]!['doublewrite'])).toMatch(/^(1|ON)$/);
  });

  it('bootstraps again over a folder that a crash left half-made', async () => {
    mkdirSync(path.join(root(), 'unfinished-1/mysql'), { recursive: true });
    writeFileSync(path.join(root(), 'unfinished-1/ibdata1'), 'half');
    const server = await start();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readdirSync(root()).filter((name) => name.startsWith('unfinished'))).toEqual([]);
  });

  it('is started once when three processes come at the same moment to a fresh folder', async () => {
    const [a, b, c] = await Promise.all([startOther(), startOther(), startOther()]);
    expect(new Set([a.url, b.url, c.url]).size).toBe(1);
    expect([a, b, c].filter(({ owned }) => owned)).toHaveLength(1);
    await query(a.url, 'CREATE TABLE t (n INT)');
    expect(await query(c.url, 'SELECT COUNT(*) AS n FROM t')).toEqual([{ n: 0 }]);
  });

  it('is attached to while its owner lives, and not stopped by who attached', async () => {
    const owner = await startOther();
    const guest = await start();
    expect({ url: guest.url, owned: guest.owned }).toEqual({ url: owner.url, owned: false });
    await guest.stop();
    expect(await query(owner.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('ends within two seconds of its owner being killed, and the folder serves the next start', async () => {
    const owner = await startOther();
    await query(owner.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    owner.process.kill('SIGKILL');
    expect(await until(() => !isRunning(owner.serverPid), 2_000)).toBe(true);
    const next = await start();
    expect(next.owned).toBe(true);
    expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('ends with its owner also where there is no setpriv', async () => {
    const bin = path.join(dataDir, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'setpriv'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const owner = await startOther(bin);
    expect(readFileSync(`/proc/${owner.serverPid}/stat`, 'utf8')).toMatch(/mariadbd|mysqld/);
    owner.process.kill('SIGKILL');
    expect(await until(() => !isRunning(owner.serverPid), 2_000)).toBe(true);
  });

  it('starts at once after its owner was killed, while the old server is still closing', async () => {
    const owner = await startOther();
    await query(owner.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    const gone = new Promise((resolve) => owner.process.once('exit', resolve));
    owner.process.kill('SIGKILL');
    // The signal is only sent: until the owner is gone, its server is one to attach to.
    await gone;
    const next = await start();
    expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('is seen out, not started twice, when its owner died and it did not', async () => {
    await start();
    const before = state();
    // Nobody has this start time: the owner under this number is gone, whoever has the number now.
    writeFileSync(path.join(root(), 'server.json'), JSON.stringify({ ...before, owner: { pid: process.pid, started: '0' } }));
    const second = await start();
    expect(isRunning(before.server.pid)).toBe(false);
    expect(second.owned).toBe(true);
    await query(second.url, 'SELECT 1');
  });

  it('ignores the state of a server whose number another process has now', async () => {
    const first = await start();
    const before = state();
    await first.stop();
    writeFileSync(path.join(root(), 'server.json'), JSON.stringify({ ...before, server: { pid: process.pid, started: '0' }, owner: { pid: process.pid, started: '0' } }));
    const second = await start();
    expect(second.owned).toBe(true);
    await query(second.url, 'SELECT 1');
  });

  it('starts over a lock whose holder died', async () => {
    mkdirSync(root(), { recursive: true });
    writeFileSync(path.join(root(), 'lock'), JSON.stringify({ pid: process.pid, started: '0', token: 'x' }));
    const server = await start();
    expect(server.owned).toBe(true);
  });

  it('starts in a folder deeper than a socket path may be long', async () => {
    const deep = path.join(dataDir, 'x'.repeat(60), 'y'.repeat(60));
    const server = await start([], deep);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const [{ socket }] = (await query(server.url, 'SELECT @@socket AS socket')) as [{ socket: string }];
    expect(Buffer.byteLength(socket)).toBeLessThan(104);
    await server.stop();
    expect(existsSync(path.dirname(socket))).toBe(false);
  });

  it('says with the server\'s own words why it does not start, and leaves nothing running', async () => {
    await expect(start(['--no-such-option'])).rejects.toThrow(/did not start[\s\S]*no-such-option/);
    expect(existsSync(path.join(root(), 'server.json'))).toBe(false);
  });

  it('gives up, and says so, when every port it tries is taken', async () => {
    const squatter: Server = createServer();
    await new Promise<void>((resolve) => void squatter.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = squatter.address() as { port: number };
      await expect(start([`--port=${port}`])).rejects.toThrow(/address already in use/i);
    } finally {
      await new Promise((resolve) => void squatter.close(resolve));
    }
  });

  it('is in a process group of its own, so that Ctrl-C reaches Plaza alone', async () => {
    const owner = await startOther();
    const group = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[2]!;
    expect(group(owner.serverPid)).not.toBe(group(owner.process.pid!));
  });
});
