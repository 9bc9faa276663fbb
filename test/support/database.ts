import { randomUUID } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Database } from '../../src/platform/database/database.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Pools } from '../../src/platform/database/pools.js';
import { Transactions } from '../../src/platform/database/transactions.js';

/** A real database, opened as the application opens it. */
export interface TestDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  readonly transactions: Transactions;
  readonly database: Database;
  readonly pools: Pools;
  /** Empties every table but the record of migrations. */
  truncate(): Promise<void>;
  /** Without it the Jest worker does not end. */
  close(): Promise<void>;
}

const KEPT = new Set(['migrations', 'migration_lease']);

/** The URL of this Jest worker's migrated database. Spec files of one worker run one after the other and share it. */
export function testDatabaseUrl(): string {
  return urlOf(`plaza_test_${process.env['JEST_WORKER_ID'] ?? '1'}`);
}

/**
 * Opens a database on the application's own data source options.
 *
 * @param entities entity classes, for tests that use TypeORM repositories
 */
export async function openTestDatabase(entities: DataSourceOptions['entities'] = [], url = testDatabaseUrl()): Promise<TestDatabase> {
  const dataSource = await new DataSource({ ...dataSourceOptions(url, 16), entities }).initialize();
  const pools = new Pools(url);
  return {
    url,
    dataSource,
    pools,
    transactions: new Transactions(dataSource, pools),
    database: new Database(dataSource),
    truncate: () => truncate(dataSource),
    close: async () => {
      await dataSource.destroy();
      await pools.end();
    },
  };
}

/** A database of its own without any table, for tests of migrations and of booting. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `plaza_empty_${randomUUID().replaceAll('-', '')}`;
  await once(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  return { url: urlOf(name), drop: () => once(`DROP DATABASE ${name}`) };
}

async function truncate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    const tables: { name: string }[] = await runner.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`,
    );
    await runner.query('SET FOREIGN_KEY_CHECKS = 0');
    // DELETE and not TRUNCATE: many times faster on tables with a few rows, and it takes no metadata lock.
    for (const { name } of tables) if (!KEPT.has(name)) await runner.query(`DELETE FROM \`${name}\``);
    await runner.query('SET FOREIGN_KEY_CHECKS = 1');
  } finally {
    await runner.release();
  }
}

async function once(sql: string): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions(serverUrl(), 1)).initialize();
  try {
    await dataSource.query(sql);
  } finally {
    await dataSource.destroy();
  }
}

function urlOf(database: string): string {
  return Object.assign(new URL(serverUrl()), { pathname: `/${database}` }).href;
}

function serverUrl(): string {
  const url = process.env['PLAZA_TEST_SERVER'];
  if (url === undefined) throw new Error('PLAZA_TEST_SERVER is missing: tests that use a database run under Jest, whose global setup starts it.');
  return url;
}
