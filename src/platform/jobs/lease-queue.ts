import { randomUUID } from 'node:crypto';
import type { Pools } from '../database/pools.js';
import type { Reader, Tx } from '../database/transactions.js';
import type { ResultSetHeader } from 'mysql2';

/** The right to work on one item. Whoever holds another token for it is late and changes nothing. */
export interface Lease {
  readonly id: string;
  readonly token: string;
}

export interface LeaseQueueOptions {
  /** A narrow table with columns `<idColumn>` (primary key), run_at, lease_token and lease_until. */
  readonly table: string;
  readonly idColumn: string;
  /** How long a silent worker is believed to be alive. */
  readonly leaseSeconds: number;
}

/**
 * A job queue in a table. An item is in it until it is done for good; a lease says who works on it now.
 * Every question that matters is answered by the matched rows of a conditional write, never by a lock
 * that writes nothing, and all times are the database's.
 */
export class LeaseQueue {
  private readonly table: string;
  private readonly id: string;
  private readonly seconds: number;

  constructor(
    private readonly pools: Pools,
    options: LeaseQueueOptions,
  ) {
    for (const name of [options.table, options.idColumn]) {
      if (!/^[a-z_]+$/.test(name)) throw new Error(`${name} is no table or column name`);
    }
    this.table = options.table;
    this.id = options.idColumn;
    this.seconds = options.leaseSeconds;
  }

  /** Puts an item in, ready to be claimed now. */
  async enqueue(tx: Tx, id: string): Promise<void> {
    await tx.write(`INSERT INTO ${this.table} (${this.id}, run_at) VALUES (?, UTC_TIMESTAMP(3))`, [id]);
  }

  /** Whether an item may be waiting: a plain read, so that idle workers do not write. */
  async hasDue(reader: Reader): Promise<boolean> {
    const found = await reader.rows(
      `SELECT 1 FROM ${this.table}
       WHERE run_at <= UTC_TIMESTAMP(3) AND (lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3)) LIMIT 1`,
    );
    return found.length > 0;
  }

  /** Takes the item that has waited longest and is free or abandoned; undefined when there is none. */
  async claim(tx: Tx): Promise<Lease | undefined> {
    const token = randomUUID();
    const claimed = await tx.write(
      `UPDATE ${this.table}
       SET lease_token = ?, lease_until = UTC_TIMESTAMP(3) + INTERVAL ? SECOND
       WHERE run_at <= UTC_TIMESTAMP(3) AND (lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3))
       ORDER BY run_at, ${this.id} LIMIT 1`,
      [token, this.seconds],
    );
    if (claimed === 0) return undefined;
    const [row] = await tx.rows<{ id: string }>(`SELECT ${this.id} AS id FROM ${this.table} WHERE lease_token = ?`, [token]);
    return { id: row!.id, token };
  }

  /**
   * The heartbeat, on a connection of its own so that it never waits behind work. A lapsed lease that
   * nobody took is taken back: slow is not dead.
   *
   * @returns false when the lease is lost or the item is done
   */
  async renew(lease: Lease): Promise<boolean> {
    const [result] = await this.pools.heartbeats.query<ResultSetHeader>(this.renewal, [this.seconds, lease.id, lease.token]);
    return result.affectedRows === 1;
  }

  /**
   * The same write inside a transaction: it goes before whatever else the holder of the lease writes
   * there, and its row lock keeps the lease with the holder until the commit.
   *
   * @returns false when the lease is lost: the caller must write nothing
   */
  async fence(tx: Tx, lease: Lease): Promise<boolean> {
    return (await tx.write(this.renewal, [this.seconds, lease.id, lease.token])) === 1;
  }

  /** Whether the lease is still with its holder, by a plain read: cheap enough to ask often, and no guard of a write. */
  async isHeld(reader: Reader, lease: Lease): Promise<boolean> {
    return (await reader.rows(`SELECT 1 FROM ${this.table} WHERE ${this.id} = ? AND lease_token = ?`, [lease.id, lease.token])).length === 1;
  }

  /** Takes the item out, being its worker. False when the lease is lost: somebody else decides. */
  async finish(tx: Tx, lease: Lease): Promise<boolean> {
    return (await tx.write(`DELETE FROM ${this.table} WHERE ${this.id} = ? AND lease_token = ?`, [lease.id, lease.token])) === 1;
  }

  /** Takes the item out whoever works on it, e.g. to cancel. False when it was out already. */
  async remove(tx: Tx, id: string): Promise<boolean> {
    return (await tx.write(`DELETE FROM ${this.table} WHERE ${this.id} = ?`, [id])) === 1;
  }

  /** Gives the lease back for another worker to take after `delaySeconds`. False when it is lost. */
  async giveBack(tx: Tx, lease: Lease, delaySeconds = 0): Promise<boolean> {
    const given = await tx.write(
      `UPDATE ${this.table}
       SET lease_token = NULL, lease_until = NULL, run_at = UTC_TIMESTAMP(3) + INTERVAL ? SECOND
       WHERE ${this.id} = ? AND lease_token = ?`,
      [delaySeconds, lease.id, lease.token],
    );
    return given === 1;
  }

  private get renewal(): string {
    return `UPDATE ${this.table} SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ? SECOND WHERE ${this.id} = ? AND lease_token = ?`;
  }
}
