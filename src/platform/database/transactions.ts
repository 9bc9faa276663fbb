import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { PoolConnection, RowDataPacket } from 'mysql2/promise';
import { serverBusy } from '../errors/house.errors.js';
import { Pools } from './pools.js';
import { transactionRetries } from './database.metrics.js';
import { errnoOf } from './sql-errors.js';

/** Anything that can answer a plain read: the pool, an open transaction, or a pinned snapshot. */
export interface Reader {
  /** Rows of a SELECT; column names come back as the SQL names them. */
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** An open READ COMMITTED transaction. Required by every write and every locking read. */
export interface Tx extends Reader {
  readonly manager: EntityManager;
  /** Runs a statement that changes rows and answers how many its WHERE matched. */
  write(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Registers work for after the commit: sockets, files, events. Never runs when the transaction rolls back. */
  afterCommit(effect: () => void | Promise<void>): void;
}

/** A frozen view of the database: reads across statements and pages agree. It cannot write. */
export interface Snapshot extends Reader {
  /** By the database's clock: everything committed before this instant is in the view. */
  readonly at: Date;
}

/**
 * Errors after which the engine has thrown the transaction away, so that only the whole closure can be
 * tried again: deadlock 1213, lock wait 1205, record changed 1020 (MariaDB), and the same from Galera
 * (1047) and TiDB (8002, 8022, 9007).
 */
const RETRYABLE = new Set([1213, 1205, 1020, 1047, 8002, 8022, 9007]);
const ATTEMPTS = 5;
/** Two lock waits of 5 s: after that the caller has been, or soon will be, told that the server is busy. */
const RETRY_WITHIN_MS = 9_000;
const ROWS_IN_A_PART = 1_000;

/** Opens transactions and snapshots: the only way to write. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);
  private readonly inside = new AsyncLocalStorage<true>();
  private active = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly pools: Pools,
  ) {}

  /**
   * Runs `work` in one transaction and commits. The whole closure may run up to 5 times, so it touches
   * only the database; everything else goes into `tx.afterCommit`.
   *
   * @param noticesNesting false where transactions are open all the time: what notices a `run` in here slows every
   *   promise of the process meanwhile, see {@link marked}
   * @throws serverBusy when the database refused five times; an Error when called inside another `run`
   */
  async run<T>(work: (tx: Tx) => Promise<T>, { noticesNesting = true } = {}): Promise<T> {
    if (this.inside.getStore()) throw new Error('transactions.run inside transactions.run: pass tx on instead');
    const started = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      const effects: (() => void | Promise<void>)[] = [];
      try {
        const result = await (noticesNesting ? this.marked(() => this.once(work, effects)) : this.once(work, effects));
        await this.settle(effects);
        return result;
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === undefined || !RETRYABLE.has(errno)) throw error;
        transactionRetries.inc({ errno: String(errno) });
        if (attempt === ATTEMPTS || performance.now() - started > RETRY_WITHIN_MS) {
          this.logger.warn(error, 'a transaction was given up after its last attempt');
          throw serverBusy({ retryAfterSeconds: 1 });
        }
        await sleep(Math.random() * 2 ** attempt * 5);
      }
    }
  }

  /**
   * Runs `work` again and again, in a transaction each, until there is nothing left of it: for tidying, where
   * one transaction over all rows would hold their locks, and keep the undo log, for as long as it takes.
   *
   * @param work takes at most `limit` rows and answers how many it took
   */
  async runInParts(work: (tx: Tx, limit: number) => Promise<number>): Promise<void> {
    while ((await this.run((tx) => work(tx, ROWS_IN_A_PART))) === ROWS_IN_A_PART);
  }

  /**
   * Runs `read` inside one consistent snapshot on a connection of its own (REPEATABLE READ, read only).
   */
  async snapshot<T>(read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const connection = await this.pools.snapshots.getConnection();
    let usable = false;
    try {
      const result = await read(await openSnapshot(connection));
      await connection.query('COMMIT');
      usable = true;
      return result;
    } finally {
      // A snapshot that ended in an error may still hold its view open: closing the connection is certain.
      if (usable) connection.release();
      else connection.destroy();
    }
  }

  /**
   * Runs `work` so that a `run` anywhere inside it is noticed. The storage is switched off while no
   * transaction is open: on Node 20 it slows every promise of the process, a third of a small request.
   */
  private async marked<T>(work: () => Promise<T>): Promise<T> {
    this.active += 1;
    try {
      return await this.inside.run(true, work);
    } finally {
      this.active -= 1;
      if (this.active === 0) this.inside.disable();
    }
  }

  private async once<T>(work: (tx: Tx) => Promise<T>, effects: (() => void | Promise<void>)[]): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      let open = true;
      // A branch of the closure that nobody awaited would otherwise write after the rollback, in autocommit.
      const checked = (): EntityManager => {
        if (!open) throw new Error('this transaction has ended: await everything inside transactions.run');
        return manager;
      };
      try {
        return await work({
          get manager() {
            return checked();
          },
          rows: async (sql, parameters) => checked().query(sql, parameters as unknown[]),
          write: async (sql, parameters) => (await checked().query<{ affectedRows: number }>(sql, parameters as unknown[])).affectedRows,
          afterCommit: (effect) => {
            checked();
            effects.push(effect);
          },
        });
      } finally {
        open = false;
      }
    });
  }

  /** The commit stands whatever happens here: an effect that fails is logged, never thrown. */
  private async settle(effects: (() => void | Promise<void>)[]): Promise<void> {
    for (const effect of effects) {
      try {
        await effect();
      } catch (error) {
        this.logger.error(error, 'an effect after commit failed');
      }
    }
  }
}

async function openSnapshot(connection: PoolConnection): Promise<Snapshot> {
  const rows = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
    const [found] = await connection.query<RowDataPacket[]>(sql, [...parameters]);
    return found as Row[];
  };
  // The clock is read first: whatever was committed before `at` is then in the view.
  const [clock] = await rows<{ at: Date }>('SELECT UTC_TIMESTAMP(3) AS at');
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  return { at: clock!.at, rows };
}
