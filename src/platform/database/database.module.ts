import { Global, Inject, Injectable, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Config } from '../config/config.js';
import { Database } from './database.js';
import { dataSourceOptions } from './data-source.js';
import { startEmbeddedServer, type EmbeddedServer } from './embedded/embedded-server.js';
import { runMigrations } from './migrator.js';
import { DATABASE_URL, Pools } from './pools.js';
import { checkServer, connect } from './server-check.js';
import { Transactions } from './transactions.js';

/** What the application brings: platform knows no feature, so entities and migrations are passed in. */
export interface DatabaseModuleOptions {
  readonly entities: NonNullable<DataSourceOptions['entities']>;
  readonly migrations: NonNullable<DataSourceOptions['migrations']>;
}

/** Where the database is, and the embedded server when Plaza runs one. */
interface DatabaseLocation {
  readonly url: string;
  readonly server?: EmbeddedServer;
}

const DATABASE_LOCATION = Symbol('DATABASE_LOCATION');

/** Closes in one order: queries end before their connections, connections before the server. */
@Injectable()
class DatabaseShutdown implements OnApplicationShutdown {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pools: Pools,
    @Inject(DATABASE_LOCATION) private readonly location: DatabaseLocation,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    try {
      await this.dataSource.destroy();
      await this.pools.end();
    } finally {
      await this.location.server?.stop();
    }
  }
}

/**
 * The one database: given by DATABASE_URL or embedded, migrated before anything else is made. Boot fails
 * with a DatabaseBootError that says what to do.
 */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot({ entities, migrations }: DatabaseModuleOptions): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: DATABASE_LOCATION, inject: [Config], useFactory: locate },
        { provide: DATABASE_URL, inject: [DATABASE_LOCATION], useFactory: ({ url }: DatabaseLocation) => url },
        {
          provide: DataSource,
          inject: [Config, DATABASE_LOCATION],
          useFactory: (config: Config, location: DatabaseLocation) => open(config, location, { entities, migrations }),
        },
        Transactions,
        Database,
        {
          provide: Pools,
          inject: [Config, DATABASE_URL],
          // One for each export at work, and two for reports that must not wait behind them.
          useFactory: (config: Config, url: string) => new Pools(url, config.EXPORT_WORKERS + 2),
        },
        DatabaseShutdown,
      ],
      exports: [DATABASE_URL, DataSource, Transactions, Database, Pools],
    };
  }
}

async function locate(config: Config): Promise<DatabaseLocation> {
  if (config.DATABASE_URL !== undefined) return { url: config.DATABASE_URL };
  const server = await startEmbeddedServer({ dataDir: config.DATA_DIR, durability: 'safe', report: reporter(config) });
  return { url: server.url, server };
}

async function open(config: Config, { url, server }: DatabaseLocation, options: DatabaseModuleOptions): Promise<DataSource> {
  const dataSource = new DataSource({ ...dataSourceOptions(url, config.DATABASE_POOL_SIZE), ...options });
  try {
    await connect(dataSource, url);
    await checkServer(dataSource);
    await runMigrations(dataSource, reporter(config));
    return dataSource;
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    await server?.stop();
    throw error;
  }
}

/** Progress of the boot is for the person in front of the terminal, before there is a log. */
function reporter(config: Config): (text: string) => void {
  return (text) => void (config.LOG_LEVEL === 'silent' || process.stdout.write(`${text}\n`));
}
