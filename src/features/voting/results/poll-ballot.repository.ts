import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';

/** A ballot that counts, as it is shown. */
export interface ShownBallot {
  readonly id: string;
  /** As JSON. */
  readonly choice: string;
  /** Null in secret polls, and so is the time. */
  readonly voterId: string | null;
  readonly castAt: Date | null;
}

/** Somebody's own ballot, in a named poll. */
export interface OwnBallot extends Omit<ShownBallot, 'voterId'> {
  readonly pollId: string;
  readonly pollTitle: string;
}

type Stored<Row> = Omit<Row, 'choice'> & { choice: unknown };

/** Reads ballots out of the box, once who asks may see them. */
@Injectable()
export class PollBallotRepository {
  /** By id, which says nothing of who or when. */
  async listAfter(reader: Reader, pollId: string, { afterId, limit }: { afterId?: string; limit: number }): Promise<ShownBallot[]> {
    const rows = await reader.rows<Stored<ShownBallot>>(
      `SELECT b.id, t.choice, b.voter_id AS voterId, b.cast_at AS castAt
         FROM poll_ballot b JOIN poll_tally t ON t.poll_id = b.poll_id AND t.choice_hash = b.choice_hash
        WHERE b.poll_id = ? ${afterId === undefined ? '' : 'AND b.id > ?'} ORDER BY b.id LIMIT ${limit}`,
      afterId === undefined ? [pollId] : [pollId, afterId],
    );
    return rows.map((row) => ({ ...row, choice: json(row.choice) }));
  }

  async count(reader: Reader, pollIds: readonly string[]): Promise<number> {
    if (pollIds.length === 0) return 0;
    const [row] = await reader.rows<{ n: number }>('SELECT COUNT(*) AS n FROM poll_ballot WHERE poll_id IN (?)', [pollIds]);
    return row!.n;
  }

  /** In the order of the polls, of which each has one at most. */
  async listOwn(reader: Reader, memberId: string, { after, limit }: { after?: string; limit: number }): Promise<OwnBallot[]> {
    const rows = await reader.rows<Stored<OwnBallot>>(
      `SELECT p.id AS pollId, p.title AS pollTitle, b.id, t.choice, b.cast_at AS castAt
         FROM poll p JOIN poll_ballot b ON b.poll_id = p.id AND b.voter_id = ?
         JOIN poll_tally t ON t.poll_id = b.poll_id AND t.choice_hash = b.choice_hash
        ${after === undefined ? '' : 'WHERE p.id > ?'} ORDER BY p.id LIMIT ${limit}`,
      after === undefined ? [memberId] : [memberId, after],
    );
    return rows.map((row) => ({ ...row, choice: json(row.choice) }));
  }
}

/** Servers and drivers differ in whether a JSON column comes parsed. */
function json(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
