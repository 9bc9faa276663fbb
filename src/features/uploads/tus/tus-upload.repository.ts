import type { ResultSetHeader, RowDataPacket } from 'mysql2';
import { Injectable } from '@nestjs/common';
import { Pools } from '../../../platform/database/pools.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { tusLocked } from './tus.errors.js';
import type { Turn, TusWords } from './tus.types.js';

/** How long a silent holder of a lease is believed to be alive. */
export const LEASE_SECONDS = 5;

/** The only SQL on `tus_upload`. All times are the database's; matched rows say who won. */
@Injectable()
export class TusUploadRepository {
  constructor(private readonly pools: Pools) {}

  async insert(tx: Tx, id: string, { metadata, concat }: TusWords): Promise<void> {
    await tx.write('INSERT INTO tus_upload (file_id, metadata, concat, turn, writes, wanted) VALUES (?, ?, ?, 0, 0, FALSE)', [id, metadata, concat]);
  }

  async find(reader: Reader, id: string): Promise<(TusWords & { writes: number }) | undefined> {
    return (await reader.rows<TusWords & { writes: number }>('SELECT metadata, concat, writes FROM tus_upload WHERE file_id = ?', [id]))[0];
  }

  /** Takes the lease when it is free or its holder has been silent for too long; undefined when it is neither, or there is no upload. */
  async take(tx: Tx, id: string): Promise<Turn | undefined> {
    const taken = await tx.write(
      `UPDATE tus_upload SET turn = turn + 1, wanted = FALSE, lease_until = UTC_TIMESTAMP(3) + INTERVAL ? SECOND
       WHERE file_id = ? AND (lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3))`,
      [LEASE_SECONDS, id],
    );
    if (taken === 0) return undefined;
    // The row is locked since the UPDATE: this is the turn that it began.
    const [row] = await tx.rows<{ turn: number }>('SELECT turn FROM tus_upload WHERE file_id = ?', [id]);
    return { id, turn: row!.turn };
  }

  /** Asks the holder of the lease to come to an end. False when there is no such upload. */
  async want(tx: Tx, id: string): Promise<boolean> {
    return (await tx.write('UPDATE tus_upload SET wanted = TRUE WHERE file_id = ?', [id])) === 1;
  }

  /**
   * The heartbeat, on a connection of its own so that it never waits behind work. A lapsed lease that nobody
   * took is taken back: slow is not dead.
   *
   * @returns those that are still held, by id, and whether somebody waits for them
   */
  async renew(turns: readonly Turn[]): Promise<Map<string, { turn: number; wanted: boolean }>> {
    const ids = turns.map(({ id }) => id);
    const pairs = turns.map(({ id, turn }) => [id, turn]);
    const held = 'file_id IN (?) AND (file_id, turn) IN (?) AND lease_until IS NOT NULL';
    await this.pools.heartbeats.query<ResultSetHeader>(`UPDATE tus_upload SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ? SECOND WHERE ${held}`, [LEASE_SECONDS, ids, pairs]);
    const [rows] = await this.pools.heartbeats.query<RowDataPacket[]>(`SELECT file_id AS id, turn, wanted FROM tus_upload WHERE ${held}`, [ids, pairs]);
    return new Map((rows as { id: string; turn: number; wanted: number }[]).map(({ id, turn, wanted }) => [id, { turn, wanted: wanted === 1 }]));
  }

  /**
   * Renews the lease before anything else is written in the transaction, whose lock on the row keeps it with its
   * holder until the commit.
   *
   * @throws tusLocked when the lease is lost
   */
  async fence(tx: Tx, { id, turn }: Turn): Promise<void> {
    const held = await tx.write(
      'UPDATE tus_upload SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ? SECOND WHERE file_id = ? AND turn = ? AND lease_until IS NOT NULL', [LEASE_SECONDS, id, turn],
    );
    if (held === 0) throw tusLocked({ retryAfterSeconds: 1 });
  }

  /** Counts one more who is about to write. @returns the count @throws tusLocked when the lease is lost */
  async countWrite(tx: Tx, turn: Turn): Promise<number> {
    await this.fence(tx, turn);
    await tx.write('UPDATE tus_upload SET writes = writes + 1 WHERE file_id = ?', [turn.id]);
    const [row] = await tx.rows<{ writes: number }>('SELECT writes FROM tus_upload WHERE file_id = ?', [turn.id]);
    return row!.writes;
  }

  /** Gives the lease back. Nothing happens when it is lost. */
  async release(tx: Tx, { id, turn }: Turn): Promise<void> {
    await tx.write('UPDATE tus_upload SET lease_until = NULL WHERE file_id = ? AND turn = ?', [id, turn]);
  }
}
