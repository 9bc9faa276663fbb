import type { DataSource } from 'typeorm';
import { DatabaseBootError } from './database-boot.error.js';
import { errnoOf } from './sql-errors.js';

const LEAST = { MySQL: [8, 0], MariaDB: [10, 6] } as const;

/**
 * Connects, and turns the driver's error into one that says what is wrong with DATABASE_URL.
 *
 * @throws DatabaseBootError; never with the password in its text
 */
export async function connect(dataSource: DataSource, url: string): Promise<DataSource> {
  try {
    return await dataSource.initialize();
  } catch (error) {
    throw new DatabaseBootError(`DATABASE_URL (${withoutPassword(url)}): ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Checks that the server is one that Plaza's SQL and locking were written for, and that sessions are pinned.
 *
 * @throws DatabaseBootError
 */
export async function checkServer(dataSource: DataSource): Promise<void> {
  const [session]: { version: string; sqlMode: string; timeZone: string }[] = await dataSource.query(
    'SELECT VERSION() AS version, @@SESSION.sql_mode AS sqlMode, @@SESSION.time_zone AS timeZone',
  );
  const { version, sqlMode, timeZone } = session!;
  const unfit = unfitVersion(version);
  if (unfit !== undefined) throw new DatabaseBootError(unfit);
  // Behind a proxy that drops SET statements, values would be cut short and times read in another zone.
  if (!sqlMode.includes('STRICT_TRANS_TABLES')) throw new DatabaseBootError('The database session is not in strict mode although Plaza sets it. Is there a proxy in between?');
  if (timeZone !== '+00:00') throw new DatabaseBootError(`The database session's time zone is ${timeZone} although Plaza sets +00:00. Is there a proxy in between?`);
}

/** Why a server of this version will not do; undefined when it will. MariaDB's own number may follow a "5.5.5-" for old clients. */
export function unfitVersion(version: string): string | undefined {
  const product = /mariadb/i.test(version) ? 'MariaDB' : 'MySQL';
  const [major = 0, minor = 0] = version.replace(/^5\.5\.5-/, '').split('.').map((part) => Number.parseInt(part, 10));
  const [leastMajor, leastMinor] = LEAST[product];
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `The database server is ${version}: Plaza needs ${product} ${leastMajor}.${leastMinor} or newer.`;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there. Is the server running, and are host and port right?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is not known.';
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'the host does not answer.';
  switch (errnoOf(error)) {
    case 1045:
    case 1698:
      return 'the server refuses this user and password.';
    case 1044:
      return 'this user may not use this database.';
    case 1049:
      return 'the server has no database of this name. Create it: CREATE DATABASE … CHARACTER SET utf8mb4;';
    default:
      return message;
  }
}

function withoutPassword(url: string): string {
  try {
    const { username, host, pathname } = new URL(url);
    return `mysql://${username}@${host}${pathname}`;
  } catch {
    return 'not a URL';
  }
}
