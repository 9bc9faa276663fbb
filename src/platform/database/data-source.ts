import mysql from 'mysql2';
import type { DataSourceOptions } from 'typeorm';
import { SnakeNaming } from './naming.js';
import { pinConnections } from './pools.js';

/**
 * The options of the one data source, shared by the application and the TypeORM command line.
 * Entities and migrations are passed by the caller: globs are loaded by a dynamic import that the
 * application does not need and the test runner does not like.
 */
export function dataSourceOptions(url: string, poolSize: number): DataSourceOptions {
  return {
    type: 'mysql',
    url,
    poolSize,
    charset: 'utf8mb4',
    timezone: 'Z',
    supportBigNumbers: true,
    // As in the other pools: BIGINT, so also COUNT(*), is a number. TypeORM would make it a string.
    bigNumberStrings: false,
    dateStrings: ['DATE'],
    namingStrategy: new SnakeNaming(),
    synchronize: false,
    migrationsTransactionMode: 'none',
    // TypeORM opens connections while it initialises, before a listener could be added to its pool:
    // a driver that pins at creation is the only way to have no connection unpinned.
    driver: {
      ...mysql,
      createPool: (options: mysql.PoolOptions) => pinConnections(mysql.createPool(options), 'READ COMMITTED'),
    },
  };
}
