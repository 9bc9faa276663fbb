import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DatabaseBootError } from '../database-boot.error.js';
import { showProgress } from './progress.js';
import type { ServerBinary } from './server-binary.js';
import { lastLines, writeWhole, type ServerFolder } from './server-folder.js';

const run = promisify(execFile);

/** The name of the database, and of the account that Plaza uses. */
export const ACCOUNT = 'plaza';
const UNFINISHED = 'unfinished-';

export interface EmbeddedServerOptions {
  /** The server's files go into `<dataDir>/database`. */
  readonly dataDir: string;
  /** `safe`: an acknowledged commit survives a power cut. `fast`: for tests, nothing is flushed. */
  readonly durability: 'safe' | 'fast';
  /** Added to the server's command line, after everything else. */
  readonly extraArguments?: readonly string[];
  /** Progress, one line at a time. */
  readonly report: (text: string) => void;
}

/**
 * Fills the data folder. It is built under another name and renamed when complete, so a folder that is
 * there is whole, and one left half-made by a crash is thrown away.
 */
export async function bootstrap(folder: ServerFolder, binary: ServerBinary, report: (text: string) => void): Promise<void> {
  if (!existsSync(folder.password)) await writeWhole(folder.password, randomBytes(24).toString('base64url'));
  await mkdir(folder.temporary, { recursive: true, mode: 0o700 });
  if (existsSync(folder.data)) return;
  for (const name of await readdir(folder.root)) if (name.startsWith(UNFINISHED)) await rm(path.join(folder.root, name), { recursive: true, force: true });
  // A name of its own: the bootstrap of a killed Plaza may still be writing into the last one.
  const draft = path.join(folder.root, `${UNFINISHED}${randomUUID()}`);
  const common = ['--no-defaults', `--datadir=${draft}`, ...asRoot()];
  const mariadb = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve', `--tmpdir=${folder.temporary}`];
  const slow = showProgress(report, 'Preparing the database folder');
  try {
    if (binary.flavour === 'mysql') await run(binary.server, [...common, '--initialize-insecure']);
    else await run(binary.installer ?? 'mariadb-install-db', [...common, ...mariadb], { maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new DatabaseBootError(`The database folder ${folder.data} could not be made:\n${lastLines(`${stdout}\n${stderr}`)}`, { cause: error });
  } finally {
    slow.end();
  }
  await rename(draft, folder.data);
}

/** The command line; the caller's own arguments come last, where they win. */
export function serverArguments(folder: ServerFolder, binary: ServerBinary, port: number, options: EmbeddedServerOptions): string[] {
  const flushed = ['--innodb-flush-log-at-trx-commit=1', '--innodb-doublewrite=1'];
  const unflushed = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--innodb-flush-method=nosync'];
  const mysqlOnly = ['--mysqlx=OFF', '--secure-file-priv=NULL', '--collation-server=utf8mb4_0900_ai_ci'];
  return [
    '--no-defaults',
    `--datadir=${folder.data}`,
    `--tmpdir=${folder.temporary}`,
    `--socket=${folder.socket}`,
    `--pid-file=${folder.pidFile}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    `--init-file=${folder.accounts}`,
    '--character-set-server=utf8mb4',
    '--default-time-zone=+00:00',
    '--max-connections=400',
    '--skip-log-bin',
    ...(binary.flavour === 'mysql' ? mysqlOnly : ['--collation-server=utf8mb4_unicode_ci']),
    ...(options.durability === 'safe' ? flushed : unflushed),
    ...asRoot(),
    ...(options.extraArguments ?? []),
  ];
}

/**
 * Run by the server at every start, before it listens: so there is no moment at which root has no
 * password, and a lost account comes back. One statement a line, as --init-file wants it.
 */
export function accountsSql(password: string): string {
  return [
    `CREATE DATABASE IF NOT EXISTS ${ACCOUNT} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;`,
    `CREATE USER IF NOT EXISTS '${ACCOUNT}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `ALTER USER '${ACCOUNT}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON \`${ACCOUNT}\`.* TO '${ACCOUNT}'@'127.0.0.1';`,
    // Databases beside the first, for tests and for trying out a restored backup.
    `GRANT ALL PRIVILEGES ON \`${ACCOUNT}\\_%\`.* TO '${ACCOUNT}'@'127.0.0.1';`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    `DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';`,
    '',
  ].join('\n');
}

/** The servers refuse to run as root unless told to. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
