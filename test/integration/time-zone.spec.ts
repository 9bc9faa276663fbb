import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import mysql from 'mysql2/promise';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { checkServer } from '../../src/platform/database/server-check.js';
import { createEmptyDatabase, openTestDatabase, type TestDatabase } from '../support/database.js';

interface Session {
  id: number;
  timeZone: string;
  isolation: string;
  sqlMode: string;
  lockWait: number;
}

/** `transaction_isolation` is MySQL's name and MariaDB's from 11.1, `tx_isolation` the older one. */
const SESSION = (isolation: string): string =>
  `SELECT CONNECTION_ID() AS id, @@SESSION.time_zone AS timeZone, @@SESSION.${isolation} AS isolation,
     @@SESSION.sql_mode AS sqlMode, @@SESSION.innodb_lock_wait_timeout AS lockWait, SLEEP(0.05)`;

describe('every session is pinned, on a server that lives nine hours east of UTC', () => {
  let db: TestDatabase;
  let drop: () => Promise<void>;
  let session: string;

  beforeAll(async () => {
    const empty = await createEmptyDatabase();
    drop = empty.drop;
    db = await openTestDatabase([], empty.url);
    const [variable] = await db.database.rows<{ Variable_name: string }>(`SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')`);
    session = SESSION(variable!.Variable_name);
  });

  afterAll(async () => {
    await db.close();
    await drop();
  });

  it('has a server whose own time zone is wrong for us, or these tests would prove nothing', async () => {
    const [row] = await db.database.rows('SELECT @@GLOBAL.time_zone AS timeZone');
    expect(row).toEqual({ timeZone: '+09:00' });
  });

  it('pins the very first query of a data source', async () => {
    const dataSource = await new DataSource(dataSourceOptions(db.url, 1)).initialize();
    try {
      expect(await dataSource.query(session)).toMatchObject([{ timeZone: '+00:00', isolation: 'READ-COMMITTED', lockWait: 5 }]);
      await checkServer(dataSource);
    } finally {
      await dataSource.destroy();
    }
  });

  it('pins each of the sixteen connections of the request pool', async () => {
    const sessions = (await Promise.all(Array.from({ length: 16 }, () => db.database.rows<Session>(session)))).flat();
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(16);
    for (const { timeZone, isolation, sqlMode, lockWait } of sessions) {
      expect({ timeZone, isolation, lockWait }).toEqual({ timeZone: '+00:00', isolation: 'READ-COMMITTED', lockWait: 5 });
      expect(sqlMode).toContain('STRICT_TRANS_TABLES');
    }
  });

  it('pins transactions, snapshots and heartbeats, each to its isolation', async () => {
    const [inTransaction] = await db.transactions.run((tx) => tx.rows<Session>(session));
    expect(inTransaction).toMatchObject({ timeZone: '+00:00', isolation: 'READ-COMMITTED' });
    const [inSnapshot] = await db.transactions.snapshot((snapshot) => snapshot.rows<Session>(session));
    expect(inSnapshot).toMatchObject({ timeZone: '+00:00', isolation: 'REPEATABLE-READ' });
    const [[heartbeat]] = await db.pools.heartbeats.query<mysql.RowDataPacket[]>(session);
    expect(heartbeat).toMatchObject({ timeZone: '+00:00', isolation: 'READ-COMMITTED' });
  });

  it('writes and reads an instant unchanged, and agrees with this process on what time it is', async () => {
    await db.dataSource.query('CREATE TABLE moment (id INT PRIMARY KEY, at DATETIME(3) NOT NULL)');
    const instant = new Date('2025-03-30T01:30:00.123Z');
    await db.transactions.run((tx) => tx.write('INSERT INTO moment VALUES (1, ?), (2, UTC_TIMESTAMP(3))', [instant]));
    const rows = await db.database.rows<{ at: Date; text: string }>(`SELECT at, DATE_FORMAT(at, '%Y-%m-%d %H:%i') AS text FROM moment ORDER BY id`);
    expect(rows[0]).toEqual({ at: instant, text: '2025-03-30 01:30' });
    expect(Math.abs(rows[1]!.at.getTime() - Date.now())).toBeLessThan(5_000);
  });

  it('refuses a value that is too long instead of cutting it', async () => {
    await db.dataSource.query('CREATE TABLE short (word VARCHAR(3) NOT NULL)');
    await expect(db.transactions.run((tx) => tx.write(`INSERT INTO short VALUES ('long')`))).rejects.toMatchObject({ errno: 1406 });
  });

  it('tells an operator whose sessions cannot be pinned', async () => {
    const { driver: _pinning, ...unpinned } = dataSourceOptions(db.url, 1) as { driver: unknown } & ReturnType<typeof dataSourceOptions>;
    const dataSource = await new DataSource(unpinned as ReturnType<typeof dataSourceOptions>).initialize();
    try {
      await expect(checkServer(dataSource)).rejects.toThrow('time zone is +09:00 although Plaza sets +00:00');
    } finally {
      await dataSource.destroy();
    }
  });
});
