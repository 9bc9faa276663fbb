import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../platform/database/transactions.js';
import type { PollEnd } from './poll.types.js';

/** What a transaction learns that has the guard: nobody else changes anything of the poll until it commits. */
export interface Guarded {
  /** The database's clock when the guard was asked for. */
  readonly at: Date;
  readonly edition: number;
  readonly linkSeq: number;
  readonly linkHash: string;
}

/** The poll takes votes. */
const OPEN = 'open = 1 AND UTC_TIMESTAMP(3) >= opens_at AND UTC_TIMESTAMP(3) < closes_at';
/** It does no more, and nobody has written that down. */
const DUE = 'open = 1 AND UTC_TIMESTAMP(3) >= opens_at AND UTC_TIMESTAMP(3) >= closes_at';

/**
 * The guard of a poll, written by whoever changes what counts. Two of them conflict on its row on any engine, and one
 * goes first. Everything about a poll is written after its guard, so that nobody waits in a circle.
 */
@Injectable()
export class PollGuardRepository {
  /** Enters to vote. @returns undefined when the poll takes no votes */
  async enterToVote(tx: Tx, pollId: string): Promise<Guarded | undefined> {
    return (await this.write(tx, pollId, OPEN)) ? this.read(tx, pollId) : undefined;
  }

  /** Enters to manage the poll, whatever its state. @returns undefined when there is no such poll */
  async enter(tx: Tx, pollId: string): Promise<Guarded | undefined> {
    return (await this.write(tx, pollId)) ? this.read(tx, pollId) : undefined;
  }

  /** Enters to write down that the time for votes is over. @returns false when it is not, or somebody has done that */
  enterDue(tx: Tx, pollId: string): Promise<boolean> {
    return this.write(tx, pollId, DUE);
  }

  /**
   * From the commit on nothing is accepted, in any process. Called behind the guard, so that the clock is read after every
   * accepted batch; the closing time is a millisecond later, as the last batch may be of the same one.
   *
   * @param electorateSize how many might have voted, where that is known and matters
   */
  async shut(tx: Tx, pollId: string, end: PollEnd, electorateSize: number | null = null): Promise<void> {
    await tx.write('UPDATE poll_guard SET open = 0, closes_at = LEAST(closes_at, UTC_TIMESTAMP(3) + INTERVAL 1000 MICROSECOND) WHERE poll_id = ?', [pollId]);
    await tx.write('UPDATE poll SET ended = ?, electorate_size = ? WHERE id = ?', [end, electorateSize, pollId]);
  }

  /** Polls whose time for votes is over without anybody having written that down. */
  async listDue(reader: Reader): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(`SELECT poll_id AS id FROM poll_guard WHERE ${DUE} ORDER BY closes_at LIMIT 1000`);
    return rows.map(({ id }) => id);
  }

  /** Adds a link to the chain. @param receipts that it covers */
  async link(tx: Tx, pollId: string, seq: number, hash: string, receipts: readonly string[]): Promise<void> {
    await tx.write('INSERT INTO poll_link (poll_id, seq, hash) VALUES (?, ?, ?)', [pollId, seq, hash]);
    if (receipts.length > 0) await tx.write('INSERT INTO poll_receipt (poll_id, receipt, link_seq) VALUES ?', [receipts.map((receipt) => [pollId, receipt, seq])]);
    await tx.write('UPDATE poll_guard SET link_seq = ?, link_hash = ? WHERE poll_id = ?', [seq, hash, pollId]);
  }

  /** The write that makes it a guard. @param condition under which alone it is written */
  private async write(tx: Tx, pollId: string, condition = 'TRUE'): Promise<boolean> {
    return (await tx.write(`UPDATE poll_guard SET version = version + 1, cast_at = UTC_TIMESTAMP(3) WHERE poll_id = ? AND ${condition}`, [pollId])) > 0;
  }

  private async read(tx: Tx, pollId: string): Promise<Guarded> {
    const [row] = await tx.rows<Guarded>('SELECT cast_at AS at, edition, link_seq AS linkSeq, link_hash AS linkHash FROM poll_guard WHERE poll_id = ?', [pollId]);
    return row!;
  }
}
