import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { runMigrations } from '../../src/platform/database/migrator.js';
import { createEmptyDatabase } from '../support/database.js';

const FOLDER = path.resolve('migrations');
const KEPT = ['migration_lease', 'migrations'];

describe('migrations', () => {
  let url: string;
  let drop: () => Promise<void>;
  const opened: DataSource[] = [];

  beforeEach(async () => ({ url, drop } = await createEmptyDatabase()));

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((dataSource) => dataSource.destroy()));
    await drop();
  });

  async function open(list: (new () => MigrationInterface)[] = [...migrations]): Promise<DataSource> {
    const dataSource = await new DataSource({ ...dataSourceOptions(url, 4), migrations: list }).initialize();
    opened.push(dataSource);
    return dataSource;
  }

  async function tables(dataSource: DataSource): Promise<string[]> {
    const rows: { name: string }[] = await dataSource.query('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1');
    return rows.map(({ name }) => name).filter((name) => !KEPT.includes(name));
  }

  async function schema(dataSource: DataSource): Promise<string[]> {
    const made: string[] = [];
    for (const table of await tables(dataSource)) {
      const [row]: Record<string, string>[] = await dataSource.query(`SHOW CREATE TABLE \`${table}\``);
      made.push(row!['Create Table']!);
    }
    return made;
  }

  it('go up, down to nothing, and up again to the same schema', async () => {
    const dataSource = await open();
    expect(await runMigrations(dataSource, () => undefined)).toBe(migrations.length);
    const first = await schema(dataSource);
    expect(first.length).toBeGreaterThan(0);
    for (let left = migrations.length; left > 0; left -= 1) await dataSource.undoLastMigration({ transaction: 'none' });
    expect(await tables(dataSource)).toEqual([]);
    expect(await runMigrations(dataSource, () => undefined)).toBe(migrations.length);
    expect(await schema(dataSource)).toEqual(first);
  });

  it('run once: a second start finds nothing to do', async () => {
    const lines: string[] = [];
    const dataSource = await open();
    await runMigrations(dataSource, (line) => void lines.push(line));
    expect(await runMigrations(dataSource, (line) => void lines.push(line))).toBe(0);
    expect(lines).toEqual([`${migrations.length} migrations run.`]);
  });

  it('run once when four processes boot at the same moment', async () => {
    const sources = await Promise.all([open(), open(), open(), open()]);
    const ran = await Promise.all(sources.map((dataSource) => runMigrations(dataSource, () => undefined)));
    expect(ran.sort((a, b) => b - a)).toEqual([migrations.length, 0, 0, 0]);
  });

  it('wait for the lease of a living process, say so, and give up in time', async () => {
    const dataSource = await open([]);
    await runMigrations(dataSource, () => undefined);
    await dataSource.query(`UPDATE migration_lease SET token = 'another', lease_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR`);
    const lines: string[] = [];
    await expect(runMigrations(dataSource, (line) => void lines.push(line), 300)).rejects.toThrow('Another process has been migrating');
    expect(lines).toEqual(['Waiting for another process to finish its migrations …']);
    expect(await dataSource.query('SELECT token FROM migration_lease')).toEqual([{ token: 'another' }]);
  });

  it('take over the lease of a process that died', async () => {
    const dataSource = await open();
    await runMigrations(await open([]), () => undefined);
    await dataSource.query(`UPDATE migration_lease SET token = 'dead', lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND`);
    expect(await runMigrations(dataSource, () => undefined)).toBe(migrations.length);
  });

  it('release the lease when one fails, and go on after it was mended', async () => {
    let broken = true;
    class MendMe1795349999000 implements MigrationInterface {
      readonly name = 'MendMe1795349999000';
      async up(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query(broken ? 'CREATE TABEL mended (n INT)' : 'CREATE TABLE mended (n INT)');
      }
      async down(): Promise<void> {}
    }
    // TypeORM prints the failure as well; it is expected here.
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const dataSource = await open([MendMe1795349999000]);
    await expect(runMigrations(dataSource, () => undefined)).rejects.toMatchObject({ errno: 1064 });
    log.mockRestore();
    broken = false;
    expect(await runMigrations(dataSource, () => undefined, 300)).toBe(1);
    expect(await tables(dataSource)).toEqual(['mended']);
  });

  describe('the list', () => {
    const files = readdirSync(FOLDER).filter((file) => file !== 'index.ts').sort();
    const classOf = (file: string): string => {
      const [, timestamp, words] = /^(\d{13})-([a-z0-9-]+)\.ts$/.exec(file)!;
      return `${words!.split('-').map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}${timestamp}`;
    };

    it('holds every file of the folder, in the order of their timestamps', () => {
      for (const file of files) expect(file).toMatch(/^\d{13}-[a-z0-9-]+\.ts$/);
      expect(migrations.map((migration) => migration.name)).toEqual(files.map(classOf));
      expect(new Set(files.map((file) => file.slice(0, 13))).size).toBe(files.length);
    });

    it('records every migration under the name of its class', () => {
      for (const Migration of migrations) expect((new Migration() as MigrationInterface).name ?? Migration.name).toBe(Migration.name);
    });

    it.each(files)('%s has no entity, names its constraints, and says what a deleted parent does', (file) => {
      const source = readFileSync(path.join(FOLDER, file), 'utf8');
      expect(source).not.toMatch(/from '\.\.\/src/);
      for (const key of source.match(/^.*FOREIGN KEY.*$/gm) ?? []) expect(key).toMatch(/CONSTRAINT fk_\w+ FOREIGN KEY .*ON DELETE (RESTRICT|CASCADE|SET NULL)/);
      for (const check of source.match(/^.*\bCHECK \(.*$/gm) ?? []) expect(check).toMatch(/CONSTRAINT ck_\w+ CHECK/);
      expect(source).not.toMatch(/CURRENT_TIMESTAMP|\bNOW\(\)/i);
    });
  });
});
