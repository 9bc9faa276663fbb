import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import mysql from 'mysql2';
import type { Pool } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { newId } from '../../src/platform/database/columns.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { startEmbeddedServer } from '../../src/platform/database/embedded/embedded-server.js';
import { runMigrations } from '../../src/platform/database/migrator.js';
import { pinConnections } from '../../src/platform/database/pools.js';
import type { Tx } from '../../src/platform/database/transactions.js';
import type { AccountOwner } from '../../src/features/credits/index.js';
import { wire, type CreditsHarness } from '../support/credits-harness.js';
import { openTestDatabase } from '../support/database.js';
import { median, type BenchRow } from './bench-table.js';
import { nightlySweep } from './credits-sweep.bench.js';

const CONNECTIONS = 16;
const ACCOUNTS = 512;
const ROUNDS = 5;
const SECONDS = 3;

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** The statements of one hold and one capture, as the service sent them for one owner. */
interface Recording {
  readonly transactions: readonly (readonly Statement[])[];
  readonly ownerId: string;
  readonly accountId: string;
  readonly holdId: string;
  readonly refId: string;
}

/**
 * Hold and capture, two transactions, through the service against the very same statements on raw mysql2:
 * 16 connections, spread accounts, a server with safe durability, rounds of either in turns.
 */
export async function creditsBench(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'plaza-bench-'));
  // Room for a million accounts, as whoever has so many gives their database; the same for both sides.
  const server = await startEmbeddedServer({ dataDir, durability: 'safe', extraArguments: ['--innodb-buffer-pool-size=2G'], report: () => undefined });
  try {
    await migrate(server.url);
    const db = await openTestDatabase([], server.url);
    const raw = pinConnections(
      mysql.createPool({ uri: server.url, connectionLimit: CONNECTIONS, charset: 'utf8mb4', timezone: 'Z', supportBigNumbers: true, dateStrings: ['DATE'] }),
      'READ COMMITTED',
    ).promise();
    try {
      const now = new Date().toISOString();
      return [await holdAndCapture(wire(db, { CREDITS_AT_SIGNUP: '1000000' }, now), raw), await nightlySweep(wire(db, {}, now), raw)];
    } finally {
      await raw.end();
      await db.close();
    }
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function holdAndCapture(h: CreditsHarness, raw: Pool): Promise<BenchRow> {
  const owners = await h.openMany(ACCOUNTS);
  const accountIds = await Promise.all(owners.map(async (owner) => (await h.account(owner)).id));
  const recording = await record(h, owners[0]!);

  const service = async (index: number): Promise<void> => {
    const hold = await h.run((tx) => h.credits.hold(tx, owners[index]!, { amount: 1, holdSeconds: 600, refType: 'bench', refId: newId() }));
    await h.run((tx) => h.credits.capture(tx, hold.id));
  };
  const baseline = async (index: number): Promise<void> => {
    const values = new Map<unknown, unknown>([
      [recording.ownerId, owners[index]!.id], [recording.accountId, accountIds[index]], [recording.holdId, newId()], [recording.refId, newId()],
    ]);
    for (const statements of recording.transactions) await replay(raw, statements, values);
  };

  await perSecond(service, 1);
  await perSecond(baseline, 1);
  const rounds: { plaza: number; baseline: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ plaza: await perSecond(service, SECONDS), baseline: await perSecond(baseline, SECONDS) });
    h.realtime.take();
  }
  const { violations } = await h.reconciliation.check();
  if (violations.length > 0) throw new Error(`the books are wrong after the bench: ${JSON.stringify(violations[0])}`);
  return {
    name: 'hold + capture through the service',
    unit: 'pairs/s',
    plaza: median(rounds.map(({ plaza }) => plaza)),
    baseline: median(rounds.map((round) => round.baseline)),
    against: 'the same statements on raw mysql2',
    aim: 0.7,
    note: `${recording.transactions.flat().length} statements in 2 transactions, ${CONNECTIONS} connections, safe durability`,
  };
}

/** Lets the service do it once and writes down what it sends, so that the two cannot drift apart. */
async function record(h: CreditsHarness, owner: AccountOwner): Promise<Recording> {
  const transactions: Statement[][] = [];
  const recorded = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    h.run((tx) => {
      const statements: Statement[] = [];
      transactions.push(statements);
      return work({
        ...tx,
        rows: (sql, parameters = []) => (statements.push({ sql, parameters }), tx.rows(sql, parameters)),
        write: (sql, parameters = []) => (statements.push({ sql, parameters }), tx.write(sql, parameters)),
      });
    });
  const refId = newId();
  const hold = await recorded((tx) => h.credits.hold(tx, owner, { amount: 1, holdSeconds: 600, refType: 'bench', refId }));
  await recorded((tx) => h.credits.capture(tx, hold.id));
  return { transactions, ownerId: owner.id, accountId: hold.accountId, holdId: hold.id, refId };
}

async function replay(pool: Pool, statements: readonly Statement[], values: ReadonlyMap<unknown, unknown>): Promise<void> {
  const connection = await pool.getConnection();
  try {
    await connection.query('START TRANSACTION');
    for (const { sql, parameters } of statements) await connection.query(sql, parameters.map((value) => values.get(value) ?? value));
    await connection.query('COMMIT');
  } finally {
    connection.release();
  }
}

/** Runs `work` on 16 lanes over the accounts for some seconds; answers how often a second it was done. */
async function perSecond(work: (index: number) => Promise<void>, seconds: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  const lane = async (first: number): Promise<void> => {
    for (let index = first; performance.now() < end; index = (index + CONNECTIONS) % ACCOUNTS) {
      await work(index);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, first) => lane(first)));
  return done / ((performance.now() - start) / 1000);
}

async function migrate(url: string): Promise<void> {
  const dataSource = await new DataSource({ ...dataSourceOptions(url, 1), migrations }).initialize();
  try {
    await runMigrations(dataSource, () => undefined);
  } finally {
    await dataSource.destroy();
  }
}
