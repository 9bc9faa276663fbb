import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { open, readFile, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DatabaseBootError } from '../database-boot.error.js';
import { isAlive, processIdentity, type ProcessIdentity } from './process-identity.js';
import { lastLines, type ServerFolder } from './server-folder.js';

const run = promisify(execFile);

const STOP_PATIENCE_MS = 4_000;

/** A server in a process group of its own, which ends when this process does, where util-linux can arrange that. */
export async function spawnServer(folder: ServerFolder, command: string[]): Promise<{ identity: ProcessIdentity; diesWithParent: boolean }> {
  await rename(folder.log, `${folder.log}.previous`).catch(() => undefined);
  const log = await open(folder.log, 'a', 0o600);
  const diesWithParent = await hasParentDeathSignal();
  const [file = '', ...parameters] = diesWithParent ? ['setpriv', '--pdeathsig', 'TERM', '--', ...command] : command;
  try {
    const child = spawn(file, parameters, { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: folder.root });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const identity = await processIdentity(child.pid!);
    if (identity === undefined) throw await didNotStart(folder);
    return { identity, diesWithParent };
  } finally {
    await log.close();
  }
}

async function hasParentDeathSignal(): Promise<boolean> {
  return run('setpriv', ['--pdeathsig', 'TERM', '--', 'true']).then(
    () => true,
    () => false,
  );
}

/** Where there is no setpriv: a shell that waits for this process's end of a pipe to close and then stops the server. */
export function watch(serverPid: number): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -TERM "$1"', 'sh', String(serverPid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return shell;
}

/** Asks a server to end, waits up to 4 s, then kills it. */
export async function end(server: ProcessIdentity): Promise<void> {
  for (const [signal, patienceMs] of [['SIGTERM', STOP_PATIENCE_MS], ['SIGKILL', STOP_PATIENCE_MS]] as const) {
    if (!(await isAlive(server))) return;
    signalIfThere(server.pid, signal);
    if (await gone(server, patienceMs)) return;
  }
}

/** Sends a signal to a process that may be gone. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in between, which is what was wanted.
  }
}

/** True once the process has ended; false when it is still there after `patienceMs`. */
export async function gone(server: ProcessIdentity, patienceMs: number): Promise<boolean> {
  for (const started = Date.now(); await isAlive(server); await sleep(10)) if (Date.now() - started > patienceMs) return false;
  return true;
}

/** What to throw for a server that does not come up: its own last words are the reason. */
export async function didNotStart(folder: ServerFolder, cause?: unknown): Promise<DatabaseBootError> {
  const log = await readFile(folder.log, 'utf8').catch(() => '');
  return new DatabaseBootError(`The embedded database did not start. The end of ${folder.log}:\n${lastLines(log)}`, { cause });
}

/** A port of loopback that is free now; another process may take it in the next moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
