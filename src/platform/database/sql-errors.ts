/** MySQL's error number of a driver or TypeORM error; undefined for anything else. */
export function errnoOf(error: unknown): number | undefined {
  const errno = (error as { errno?: unknown } | null)?.errno;
  return typeof errno === 'number' ? errno : undefined;
}

/**
 * For a transaction that finds by matched rows that what it read has changed: thrown inside
 * `Transactions.run` it runs the closure again, as the server's own ER_CHECKREAD (1020) does.
 */
export function changedMeanwhile(message: string): Error {
  return Object.assign(new Error(message), { errno: 1020 });
}

/**
 * True when `error` is a duplicate key (1062) on the key named `key`. The servers name it `key` or
 * `table.key`, so the end decides.
 */
export function isDuplicate(error: unknown, key: string): boolean {
  if (errnoOf(error) !== 1062) return false;
  // Anchored: the duplicate value stands before the key's name in the message and is a member's text.
  const name = /for key '([^']+)'$/.exec((error as Error).message)?.[1];
  return name === key || name?.endsWith(`.${key}`) === true;
}

const LOST = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR', 'POOL_CLOSED']);

/** About the server, whatever the statement: disk or table full (1021, 1114), read only (1036, 1290, 1792, 1836), too many at once or shutting down (1040, 1041, 1053, 1203). */
const OUT_OF_ORDER = new Set([1021, 1036, 1040, 1041, 1053, 1114, 1203, 1290, 1792, 1836]);

/** True for an answer of the server's about the statement itself: its numbers are positive, those of the system are not, and a fatal one is about the connection. */
export function isRefusedByServer(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno !== undefined && errno > 0 && !OUT_OF_ORDER.has(errno) && (error as { fatal?: unknown }).fatal !== true;
}

/** True when the database could not be reached, as against having answered with an error. */
export function isDatabaseUnreachable(error: unknown): boolean {
  const { code, syscall, fatal } = (error ?? {}) as { code?: unknown; syscall?: unknown; fatal?: unknown };
  // Without a code: mysql2 refusing a command on a connection that it knows to be closed.
  if (code === undefined) return fatal === true;
  if (typeof code !== 'string' || !LOST.has(code)) return false;
  return code === 'ENOENT' ? syscall === 'connect' : fatal === true || code.startsWith('ER_') || syscall === 'connect' || code === 'POOL_CLOSED' || code === 'PROTOCOL_CONNECTION_LOST';
}
