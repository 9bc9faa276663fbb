import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ProcessIdentity } from './process-identity.js';

/** Unix sockets have room for 108 bytes of path on Linux and 104 on macOS, one of them the closing zero. */
const SOCKET_PATH_BYTES = 100;
const LOG_LINES = 12;

/** What a later process needs to know about the server of a folder. */
export interface ServerState {
  readonly server: ProcessIdentity;
  readonly owner: ProcessIdentity;
  readonly port: number;
  readonly socket: string;
}

/** The files of one embedded server. */
export class ServerFolder {
  readonly root: string;
  readonly data: string;
  readonly temporary: string;
  readonly lock: string;
  readonly state: string;
  readonly password: string;
  readonly accounts: string;
  readonly log: string;
  readonly pidFile: string;
  readonly socket: string;

  constructor(dataDir: string) {
    this.root = path.resolve(dataDir, 'database');
    const inside = (name: string): string => path.join(this.root, name);
    this.data = inside('data');
    this.temporary = inside('tmp');
    this.lock = inside('lock');
    this.state = inside('server.json');
    this.password = inside('password');
    this.accounts = inside('accounts.sql');
    this.log = inside('server.log');
    this.pidFile = inside('server.pid');
    const socket = inside('server.sock');
    const short = path.join(os.tmpdir(), `plaza-${createHash('sha256').update(this.root).digest('hex').slice(0, 16)}`, 'server.sock');
    this.socket = Buffer.byteLength(socket) <= SOCKET_PATH_BYTES ? socket : short;
  }
}

/** The server last started on this folder; whether it lives is another question. */
export async function readState(folder: ServerFolder): Promise<ServerState | undefined> {
  try {
    return JSON.parse(await readFile(folder.state, 'utf8')) as ServerState;
  } catch {
    return undefined;
  }
}

export async function writeState(folder: ServerFolder, state: ServerState): Promise<void> {
  await writeWhole(folder.state, JSON.stringify(state));
}

/** Written aside and renamed: a reader sees all of it or nothing, also after a crash. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, file);
}

/** The end of what the server or its bootstrap wrote, for an error message. */
export function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
