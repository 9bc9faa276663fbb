import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';
import type { Choice } from '../poll.types.js';

/** All ballots that say the same: what the tally has of them, and how many there are. */
export interface CheckedTally {
  readonly hash: Buffer;
  readonly choice: Choice;
  readonly votes: number;
  readonly ballots: number;
}

/** How many there are of what must be equally many. */
export interface CheckedNumbers {
  readonly voters: number;
  readonly ballots: number;
  /** Receipts that count: those that were given, less those of votes changed or taken back. */
  readonly receipts: number;
  /** Ballots of a named poll whose receipt is not in the chain. */
  readonly strays: number;
}

export interface CheckedLink {
  readonly seq: number;
  readonly hash: string;
}

/** Reads a poll's ballots and chain to hold them against what was made of them. */
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

  /** Links of the chain in their order. */
  links(reader: Reader, pollId: string, afterSeq: number, limit: number): Promise<CheckedLink[]> {
    return reader.rows<CheckedLink>('SELECT seq, hash FROM poll_link WHERE poll_id = ? AND seq > ? ORDER BY seq LIMIT ?', [pollId, afterSeq, limit]);
  }

  /** What these links cover, by link. */
  async receipts(reader: Reader, pollId: string, fromSeq: number, toSeq: number): Promise<Map<number, string[]>> {
    const rows = await reader.rows<{ receipt: string; seq: number }>('SELECT receipt, link_seq AS seq FROM poll_receipt WHERE poll_id = ? AND link_seq BETWEEN ? AND ?', [pollId, fromSeq, toSeq]);
    const bySeq = new Map<number, string[]>();
    for (const { receipt, seq } of rows) {
      const receipts = bySeq.get(seq);
      if (receipts === undefined) bySeq.set(seq, [receipt]);
      else receipts.push(receipt);
    }
    return bySeq;
  }
}
