import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/database/embedded/server-process.js';

const run = promisify(execFile);

const PATIENCE_MS = 10_000;
const ATTEMPTS = 5;
const INSTALL = ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', 'redis-tools'];

export interface TestRedis {
  readonly url: string;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again, empty, where it was. */
  restart(): Promise<void>;
  /** Ends it and leaves nothing behind. */
  stop(): Promise<void>;
}

/**
 * A Redis server of its own for a spec file, on loopback and on a free port. It keeps nothing on disk.
 *
 * @throws Error with the command that installs one, where there is none and it may not be installed
 */
export async function startRedis(): Promise<TestRedis> {
  const command = await provideRedis();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plaza-redis-'));
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const ended = child;
    child = undefined;
    if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
    const exited = once(ended, 'exit');
    ended.kill('SIGKILL');
    await exited;
  };
  const removed = () => child?.kill('SIGKILL');
  process.once('exit', removed);
  let port = 0;
  for (let attempt = 1; child === undefined; attempt += 1) {
    port = await freePort();
    // Another process may have taken the port in between.
    child = await spawnRedis(command, port, folder).catch((error: unknown) => {
      if (attempt === ATTEMPTS) throw error;
      return undefined;
    });
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    restart: async () => {
      await kill();
      child = await spawnRedis(command, port, folder);
    },
    stop: async () => {
      await kill();
      process.removeListener('exit', removed);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function spawnRedis(command: string, port: number, folder: string): Promise<ChildProcess> {
  // Debian's tools are the server too: it goes by the name that it is called by.
  const child = spawn(command, ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', folder], { argv0: 'redis-server', stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const listening = new Promise<void>((resolve) => child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('Ready to accept connections')) resolve();
  }));
  const failed = Promise.race([once(child, 'exit'), once(child, 'error')]).then(() => Promise.reject(new Error(`Redis did not start:\n${output}`)));
  failed.catch(() => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  try {
    await Promise.race([listening, failed]);
  } finally {
    clearTimeout(timer);
  }
  return child;
}

/** The program of a Redis server. Debian's tools hold it, and come without a service that would be started. */
async function provideRedis(): Promise<string> {
  const found = await locate();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && (await isDebian())) {
    process.stderr.write('No Redis server was found: installing redis-tools with apt-get (no service is started).\n');
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', INSTALL, { env: environment }).catch(async () => {
      await run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update'], { env: environment });
      await run('apt-get', INSTALL, { env: environment });
    });
    const installed = await locate();
    if (installed !== undefined) return installed;
  }
  throw new Error('No Redis server was found. Run: sudo apt-get install -y redis-tools (Debian, Ubuntu), brew install redis (macOS), or install a redis-server of any kind on the PATH.');
}

async function locate(): Promise<string | undefined> {
  for (const name of ['redis-server', 'redis-check-rdb', 'valkey-server']) {
    try {
      const { stdout } = await run('/bin/sh', ['-c', 'PATH="$PATH:/usr/sbin:/usr/local/bin:/opt/homebrew/bin"; command -v "$1"', 'sh', name]);
      if (path.isAbsolute(stdout.trim())) return stdout.trim();
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

async function isDebian(): Promise<boolean> {
  return access('/etc/debian_version').then(
    () => true,
    () => false,
  );
}
