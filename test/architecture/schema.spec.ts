import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { entities } from '../../src/app.entities.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

/** Tables that only SQL touches, each with its reason. Whoever adds a table gives it an entity or a line here. */
const WITHOUT_ENTITY: Record<string, string> = {
  migrations: 'the record of the migrations, kept by TypeORM',
  migration_lease: 'claimed before the migrations run, by database/migrator.ts',
  idempotency: 'written and read by two statements in http/idempotency.ts',
};

interface Column {
  table: string;
  column: string;
  type: string;
  nullable: boolean;
}

/** The server's word for a column type, without what carries no meaning: display widths of integers. */
function normal(type: string): string {
  const plain = type.toLowerCase().replace(/\b(tinyint|smallint|mediumint|int|bigint)\(\d+\)/, '$1').replace('integer', 'int');
  return plain === 'json' ? 'longtext' : plain;
}

/** MySQL gives a BOOLEAN as tinyint(1), MariaDB a JSON as longtext: both sides are brought to one word. */
function declaredType(column: ColumnMetadata, db: TestDatabase): string {
  const driver = db.dataSource.driver;
  const name = driver.normalizeType(column);
  const withSize = (size: string): string => (size === '' ? name : `${name}(${size})`);
  if (name === 'datetime') return withSize(column.precision ? String(column.precision) : '');
  if (name === 'decimal') return `decimal(${column.precision},${column.scale ?? 0})`;
  if (name === 'enum') return `enum(${column.enum!.map((value) => `'${value}'`).join(',')})`;
  if (['char', 'varchar', 'binary', 'varbinary'].includes(name)) return withSize(driver.getColumnLength(column));
  return `${normal(name)}${column.unsigned ? ' unsigned' : ''}`;
}

describe('schema and entities', () => {
  let db: TestDatabase;
  let inDatabase: Column[];
  let inEntities: Column[];

  beforeAll(async () => {
    db = await openTestDatabase(entities);
    const rows = await db.database.rows<{ table: string; column: string; type: string; nullable: string }>(
      `SELECT c.table_name AS \`table\`, c.column_name AS \`column\`, c.column_type AS type, c.is_nullable AS nullable
       FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
       WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'`,
    );
    inDatabase = rows.map(({ nullable, type, ...rest }) => ({ ...rest, type: normal(type), nullable: nullable === 'YES' }));
    inEntities = db.dataSource.entityMetadatas.flatMap((entity) =>
      entity.columns.map((column) => ({ table: entity.tableName, column: column.databaseName, type: declaredType(column, db), nullable: column.isNullable })),
    );
  });

  afterAll(() => db.close());

  const sorted = (columns: Column[]): string[] =>
    columns.map(({ table, column, type, nullable }) => `${table}.${column} ${type}${nullable ? '' : ' not null'}`).sort();

  it('gives every table an entity, or a reason to have none', () => {
    const tables = new Set(inDatabase.map(({ table }) => table));
    const covered = new Set([...inEntities.map(({ table }) => table), ...Object.keys(WITHOUT_ENTITY)]);
    expect([...tables].filter((table) => !covered.has(table))).toEqual([]);
    expect([...covered].filter((table) => !tables.has(table))).toEqual([]);
  });

  it('declares each column as it is in the database: name, type, length, nullability, in both directions', () => {
    const mapped = inDatabase.filter(({ table }) => !(table in WITHOUT_ENTITY));
    expect(sorted(inEntities)).toEqual(sorted(mapped));
  });

  it('declares the primary keys of the database', async () => {
    const rows = await db.database.rows<{ name: string; columns: string }>(
      `SELECT table_name AS name, GROUP_CONCAT(column_name ORDER BY column_name) AS columns FROM information_schema.key_column_usage
       WHERE table_schema = DATABASE() AND constraint_name = 'PRIMARY' GROUP BY table_name`,
    );
    const keys = new Map(rows.map(({ name, columns }) => [name, columns]));
    for (const entity of db.dataSource.entityMetadatas) {
      const declared = entity.primaryColumns.map((column) => column.databaseName).sort().join(',');
      expect(`${entity.tableName}: ${declared}`).toBe(`${entity.tableName}: ${keys.get(entity.tableName)}`);
    }
  });

  it('lets no column default to the server\'s local time', async () => {
    const rows = await db.database.rows(
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_schema = DATABASE() AND table_name <> 'migrations' AND (column_default LIKE '%current_timestamp%' OR extra LIKE '%current_timestamp%' OR data_type = 'timestamp')`,
    );
    expect(rows).toEqual([]);
  });
});
