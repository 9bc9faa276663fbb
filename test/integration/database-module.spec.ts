import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { Config, loadConfig } from '../../src/platform/config/config.js';
import { Database } from '../../src/platform/database/database.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { Pools } from '../../src/platform/database/pools.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createEmptyDatabase, testDatabaseUrl } from '../support/database.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('the database module', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(temporaryFolder(), 'plaza-module-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  async function boot(settings: Record<string, string>): Promise<INestApplicationContext> {
    const config = loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: dataDir, ...settings });
    @Global()
    @Module({ providers: [{ provide: Config, useValue: config }], exports: [Config] })
    class TestConfigModule {}
    @Module({ imports: [TestConfigModule, DatabaseModule.forRoot({ entities: [], migrations: [...migrations] })] })
    class TestModule {}
    return NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  }

  const withUrl = (change: Partial<URL>): Promise<INestApplicationContext> => boot({ DATABASE_URL: Object.assign(new URL(testDatabaseUrl()), change).href });

  it('opens and migrates the database of DATABASE_URL, and closes every connection to it', async () => {
    const { url, drop } = await createEmptyDatabase();
    const app = await boot({ DATABASE_URL: url });
    const [row] = await app.get(Database).rows('SELECT COUNT(*) AS n FROM migrations');
    expect(row).toEqual({ n: migrations.length });
    await app.get(Transactions).snapshot((snapshot) => snapshot.rows('SELECT 1'));
    const [dataSource, pools] = [app.get(DataSource), app.get(Pools)];
    await app.close();
    expect(dataSource.isInitialized).toBe(false);
    await expect(pools.heartbeats.query('SELECT 1')).rejects.toThrow('Pool is closed');
    await drop();
  });

  it('runs a server of its own without DATABASE_URL, and stops it last', async () => {
    const app = await boot({});
    await app.get(Transactions).run((tx) => tx.write(`INSERT INTO migrations (timestamp, name) VALUES (1, 'mark')`));
    const { server } = JSON.parse(readFileSync(path.join(dataDir, 'database/server.json'), 'utf8')) as { server: { pid: number } };
    await app.close();
    expect(existsSync(`/proc/${server.pid}`)).toBe(false);
    // A server that is stopped in order writes no "Aborted connection": every pool had been closed before.
    expect(readFileSync(path.join(dataDir, 'database/server.log'), 'utf8')).not.toContain('Aborted connection');
  });

  it.each<[string, { port?: string; password?: string; pathname?: string; hostname?: string }, string]>([
    ['nothing listens', { port: '1' }, 'nothing listens there'],
    ['the password is wrong', { password: 'wrong-secret' }, 'refuses this user and password'],
    ['the database does not exist', { pathname: '/plaza_nowhere' }, 'no database of this name'],
    ['the user may not use it', { pathname: '/mysql' }, 'may not use this database'],
    ['the host is unknown', { hostname: 'nowhere.invalid' }, 'host name is not known'],
  ])('says so when %s, naming DATABASE_URL and never the password', async (_case, change, reason) => {
    const error: unknown = await withUrl(change).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DatabaseBootError' });
    const { message } = error as Error;
    expect(message).toContain('DATABASE_URL (mysql://plaza@');
    expect(message).toContain(reason);
    expect(message).not.toContain(change.password ?? new URL(testDatabaseUrl()).password);
  });
});
