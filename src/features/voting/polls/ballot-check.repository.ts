import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';
import type { Choice } from '../poll.types.js';

/** All ballots that say the same: what the tally has of them, and how many there are. */
interface CheckedTally {
  readonly hash: Buffer;
  readonly choice: Choice;
  readonly votes: number;
  readonly ballots: number;
}

/** How many there are of what must be equally many. */
interface CheckedNumbers {
  readonly voters: number;
  readonly ballots: number;
  /** Receipts that count: those that were given, less those of votes changed or taken back. */
  readonly receipts: number;
  /** Ballots of a named poll whose receipt is not in the chain. */
  readonly strays: number;
}

/** Reads a poll's ballots to hold them against what was made of them. */
@Injectable()
export class BallotCheckRepository {
  async tally(reader: Reader, pollId: string): Promise<CheckedTally[]> {
    const rows = await reader.rows<Omit<CheckedTally, 'choice'> & { choice: string }>(
      `SELECT t.choice_hash AS hash, CAST(t.choice AS CHAR) AS choice, t.votes, COALESCE(b.ballots, 0) AS ballots
         FROM poll_tally t
         LEFT JOIN (SELECT choice_hash, COUNT(*) AS ballots FROM poll_ballot WHERE poll_id = ? GROUP BY choice_hash) b ON b.choice_hash = t.choice_hash
        WHERE t.poll_id = ?`,
      [pollId, pollId],
    );
    return rows.map((row) => ({ ...row, choice: JSON.parse(row.choice) as Choice }));
  }

  async numbers(reader: Reader, pollId: string): Promise<CheckedNumbers> {
    const [row] = await reader.rows<CheckedNumbers>(
      `SELECT (SELECT COUNT(*) FROM poll_voter WHERE poll_id = p.id) AS voters,
              (SELECT COUNT(*) FROM poll_ballot WHERE poll_id = p.id) AS ballots,
              (SELECT CAST(COALESCE(SUM(IF(receipt LIKE '-%', -1, 1)), 0) AS SIGNED) FROM poll_receipt WHERE poll_id = p.id) AS receipts,
              (SELECT COUNT(*) FROM poll_ballot b LEFT JOIN poll_receipt r ON r.poll_id = b.poll_id AND r.receipt = b.id
                WHERE b.poll_id = p.id AND p.secrecy = 'named' AND r.receipt IS NULL) AS strays
         FROM poll p WHERE p.id = ?`,
      [pollId],
    );
    return row!;
  }
}
