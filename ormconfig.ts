import { DataSource } from 'typeorm';
import { migrations } from './migrations/index.js';
import { loadConfig } from './src/platform/config/config.js';
import { dataSourceOptions } from './src/platform/database/data-source.js';

/** The data source of the TypeORM command line: `npm run typeorm -- migration:show`. Wants DATABASE_URL. */
const config = loadConfig();
if (config.DATABASE_URL === undefined) throw new Error('Set DATABASE_URL: the TypeORM command line does not start the embedded database.');

export default new DataSource({
  ...dataSourceOptions(config.DATABASE_URL, 2),
  migrations,
});
