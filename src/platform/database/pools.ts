import mysql, { type Pool as CallbackPool } from 'mysql2';
import type { Pool } from 'mysql2/promise';

/** Injection token: the URL of the database in use, given or embedded. */
export const DATABASE_URL = Symbol('DATABASE_URL');

/**
 * Fixes what a session's meaning depends on, whatever the server's defaults are: isolation, UTC, how
 * long a lock is waited for, and strict mode. Queued on the new connection before anyone gets it.
 */
export function pinConnections(pool: CallbackPool, isolation: 'READ COMMITTED' | 'REPEATABLE READ'): CallbackPool {
  pool.on('connection', (connection) => {
    const pin = (sql: string) =>
      connection.query(sql, (error) => {
        // An unpinned connection must never serve: it would read another isolation or another time zone.
        if (error) connection.destroy();
      });
    pin(`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation}`);
    pin(`SET time_zone = '+00:00', innodb_lock_wait_timeout = 5, sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'`);
  });
  return pool;
}

/** Connections apart from the request pool: for snapshots, which hold theirs for minutes, and for heartbeats, which must never queue behind anything. */
export class Pools {
  readonly snapshots: Pool;
  readonly heartbeats: Pool;

  /** @param snapshots how many snapshots may be open at once */
  constructor(url: string, snapshots = 4) {
    this.snapshots = pool(url, snapshots, 'REPEATABLE READ');
    this.heartbeats = pool(url, 1, 'READ COMMITTED');
  }

  /** Called by the database module, which closes everything in one order. */
  async end(): Promise<void> {
    await Promise.all([this.snapshots.end(), this.heartbeats.end()]);
  }
}

function pool(url: string, connectionLimit: number, isolation: 'READ COMMITTED' | 'REPEATABLE READ'): Pool {
  return pinConnections(
    mysql.createPool({ uri: url, connectionLimit, charset: 'utf8mb4', timezone: 'Z', supportBigNumbers: true, dateStrings: ['DATE'] }),
    isolation,
  ).promise();
}
