import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { lockFile } from './folder-lock.js';
import { isAlive, myself, type ProcessIdentity } from './process-identity.js';
import { showProgress } from './progress.js';
import { provideServerBinary, type ServerBinary } from './server-binary.js';
import { readState, ServerFolder, writeState, writeWhole } from './server-folder.js';
import { didNotStart, end, freePort, signalIfThere, spawnServer, watch } from './server-process.js';
import { ACCOUNT, accountsSql, bootstrap, serverArguments, type EmbeddedServerOptions } from './server-setup.js';

/** Crash recovery of a large folder takes its time; a server that cannot start ends long before. */
const READY_PATIENCE_MS = 120_000;
const PORT_ATTEMPTS = 5;

export interface EmbeddedServer {
  /** `mysql://plaza:…@127.0.0.1:PORT/plaza` */
  readonly url: string;
  /** False when another Plaza process started the server and stops it. */
  readonly owned: boolean;
  /** Ends an owned server: asks, waits up to 4 s, then kills. Does nothing to another's. */
  stop(): Promise<void>;
}

/**
 * Starts the private database server of a data folder, or joins the one that already runs there. The first
 * start fills the folder; where no server is installed one is provided (see server-binary.ts).
 *
 * The server listens on loopback only, ends with this process even when that is killed, and is not in the
 * terminal's process group: Ctrl-C reaches Plaza, which stops the server last.
 *
 * @throws DatabaseBootError: no server to be had, or one that does not start, with the end of its log
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const folder = new ServerFolder(options.dataDir);
  await mkdir(folder.root, { recursive: true, mode: 0o700 });
  const release = await lockFile(folder.lock, READY_PATIENCE_MS, () => options.report('Waiting for another Plaza process to start the database …'));
  try {
    const running = await joinRunning(folder, options.report);
    if (running !== undefined) return running;
    const binary = await provideServerBinary(options.report);
    await bootstrap(folder, binary, options.report);
    return await launch(folder, binary, options);
  } finally {
    await release();
  }
}

/**
 * The server that already runs on this folder, while its owner lives. One that was left behind is on its
 * way out, sooner or later: it is seen out, and whoever comes starts anew.
 */
async function joinRunning(folder: ServerFolder, report: (text: string) => void): Promise<EmbeddedServer | undefined> {
  const state = await readState(folder);
  if (state === undefined || !(await isAlive(state.server))) return undefined;
  if (await isAlive(state.owner)) {
    const url = urlOf(await readFile(folder.password, 'utf8'), state.port);
    await untilReady(url, state.server, folder, report);
    return { url, owned: false, stop: async () => undefined };
  }
  await end(state.server);
  return undefined;
}

/** Starts the server, on another port when the chosen one was taken in between. */
async function launch(folder: ServerFolder, binary: ServerBinary, options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const password = await readFile(folder.password, 'utf8');
  await writeWhole(folder.accounts, accountsSql(password));
  await mkdir(path.dirname(folder.socket), { recursive: true, mode: 0o700 });
  try {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const url = urlOf(password, port);
      const child = await spawnServer(folder, [binary.server, ...serverArguments(folder, binary, port, options)]);
      const watchdog = child.diesWithParent ? undefined : watch(child.identity.pid);
      try {
        await writeState(folder, { server: child.identity, owner: await myself(), port, socket: folder.socket });
        await untilReady(url, child.identity, folder, options.report);
        return owned(folder, child.identity, url, watchdog);
      } catch (error) {
        const portTaken = /address already in use/i.test(await readFile(folder.log, 'utf8').catch(() => ''));
        await end(child.identity);
        watchdog?.kill();
        await rm(folder.state, { force: true });
        if (!portTaken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  } finally {
    await rm(folder.accounts, { force: true });
  }
}

function owned(folder: ServerFolder, server: ProcessIdentity, url: string, watchdog?: ChildProcess): EmbeddedServer {
  const lastResort = (): void => signalIfThere(server.pid, 'SIGTERM');
  process.once('exit', lastResort);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    process.removeListener('exit', lastResort);
    // Under the lock: whoever starts meanwhile waits, instead of joining a server that is closing.
    const release = await lockFile(folder.lock, 1_000).catch(() => async () => undefined);
    try {
      watchdog?.kill();
      await end(server);
      await rm(folder.state, { force: true });
      if (path.dirname(folder.socket) !== folder.root) await rm(path.dirname(folder.socket), { recursive: true, force: true });
    } finally {
      await release();
    }
  };
  return { url, owned: true, stop: () => (stopping ??= stop()) };
}

/** Waits until the server takes Plaza's account. Any answer but that one while it lives is "not yet". */
async function untilReady(url: string, server: ProcessIdentity, folder: ServerFolder, report: (text: string) => void): Promise<void> {
  const slow = showProgress(report, 'Starting the database');
  const started = Date.now();
  try {
    for (;;) {
      try {
        await (await mysql.createConnection({ uri: url, connectTimeout: 5_000 })).end();
        return;
      } catch (error) {
        if (!(await isAlive(server))) throw await didNotStart(folder, error);
        if (Date.now() - started > READY_PATIENCE_MS) throw await didNotStart(folder, error);
        await sleep(25);
      }
    }
  } finally {
    slow.end();
  }
}

function urlOf(password: string, port: number): string {
  return `mysql://${ACCOUNT}:${password}@127.0.0.1:${port}/${ACCOUNT}`;
}

