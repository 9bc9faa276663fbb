import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import mysql from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { startEmbeddedServer } from '../../src/platform/database/embedded/embedded-server.js';
import { runMigrations } from '../../src/platform/database/migrator.js';
import { temporaryFolder } from './temporary-folder.js';

const PREFIX = 'plaza-test-';

/**
 * Starts the server of one test run, migrates one database with the real migrations and copies it for each
 * worker. Its time zone is far from UTC, so that every test proves that sessions are pinned.
 */
export async function startTestServer(workers: number): Promise<{ stop(): Promise<void> }> {
  const parent = temporaryFolder();
  removeLeftovers(parent);
  const dataDir = mkdtempSync(path.join(parent, `${PREFIX}${process.pid}-`));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  const server = await startEmbeddedServer({
    dataDir,
    durability: 'fast',
    extraArguments: ['--default-time-zone=+09:00'],
    report: (text) => process.stderr.write(`${text}\n`),
  });
  // Workers are forked after this and inherit it.
  process.env['PLAZA_TEST_SERVER'] = server.url;
  await prepareDatabases(server.url, workers);
  return {
    stop: async () => {
      await server.stop();
      process.removeListener('exit', remove);
      remove();
    },
  };
}

async function prepareDatabases(url: string, workers: number): Promise<void> {
  const connection = await mysql.createConnection({ uri: url });
  try {
    await connection.query('CREATE DATABASE plaza_template CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci');
    await migrate(withDatabase(url, 'plaza_template'));
    for (let worker = 1; worker <= workers; worker += 1) await copyDatabase(connection, 'plaza_template', `plaza_test_${worker}`);
  } finally {
    await connection.end();
  }
}

async function migrate(url: string): Promise<void> {
  const dataSource = await new DataSource({ ...dataSourceOptions(url, 2), migrations }).initialize();
  try {
    await runMigrations(dataSource, () => undefined);
  } finally {
    await dataSource.destroy();
  }
}

/** Tables with their keys, and the rows that migrations wrote, without running the migrations again. */
async function copyDatabase(connection: mysql.Connection, from: string, to: string): Promise<void> {
  await connection.query(`CREATE DATABASE ${to} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  await connection.query(`USE ${to}`);
  await connection.query('SET FOREIGN_KEY_CHECKS = 0');
  const [tables] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'`,
    [from],
  );
  for (const { name } of tables) {
    const [[table]] = await connection.query<mysql.RowDataPacket[]>(`SHOW CREATE TABLE ${from}.\`${name}\``);
    await connection.query(table!['Create Table']);
    const [columns] = await connection.query<mysql.RowDataPacket[]>(
      `SELECT GROUP_CONCAT('\`', column_name, '\`') AS list FROM information_schema.columns
       WHERE table_schema = ? AND table_name = ? AND extra NOT LIKE '% GENERATED'`,
      [from, name],
    );
    await connection.query(`INSERT INTO \`${name}\` (${columns[0]!['list']}) SELECT ${columns[0]!['list']} FROM ${from}.\`${name}\``);
  }
  await connection.query('SET FOREIGN_KEY_CHECKS = 1');
}

function withDatabase(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

/** A run that was killed ends its server but cannot remove its folder: the next run does. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
