import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';
import type { Hour } from '../../../platform/statistics/hour.js';
import type { Choice, PollEnd, TallyRow } from '../poll.types.js';
import type { PollResult, Tally } from './results.types.js';

/**
 * The last so many seconds are that many rows, the second that is not over yet among them: a vote is in it for at
 * least so long less one second, and never longer.
 */
const WITHIN = 'second > UTC_TIMESTAMP() - INTERVAL ? SECOND';
const LAST_SECONDS = 600;

interface PollPart {
  part: 'poll';
  number: number;
  text: PollEnd | null;
  seed: string;
  size: number | null;
  at: Date;
}
type Part = PollPart | { part: 'recent'; number: number } | { part: 'withdrawn'; text: string } | { part: 'choice'; number: number; text: string };

/** Reads what votes add up to. */
@Injectable()
export class PollTallyRepository {
  /**
   * All that the result of a poll is made of. In one statement, which on every engine sees one moment: the version is
   * that of these very rows, however fast votes come, and no connection is held for it.
   */
  async get(reader: Reader, pollId: string): Promise<Tally> {
    const parts = await reader.rows<Part>(
      `SELECT 'poll' AS part, g.version AS number, p.ended AS text, s.seed, p.electorate_size AS size, UTC_TIMESTAMP(3) AS at
         FROM poll p JOIN poll_guard g ON g.poll_id = p.id JOIN poll_secret s ON s.poll_id = p.id WHERE p.id = ?
       UNION ALL SELECT 'recent', CAST(COALESCE(SUM(votes), 0) AS SIGNED), NULL, NULL, NULL, NULL FROM poll_second WHERE poll_id = ? AND ${WITHIN}
       UNION ALL SELECT 'withdrawn', 1, id, NULL, NULL, NULL FROM poll_candidate WHERE poll_id = ? AND withdrawn = 1
       UNION ALL SELECT 'choice', votes, CAST(choice AS CHAR), NULL, NULL, NULL FROM poll_tally WHERE poll_id = ? AND votes > 0`,
      [pollId, pollId, LAST_SECONDS, pollId, pollId],
    );
    const withdrawn = new Set<string>();
    const rows: TallyRow[] = [];
    let poll: PollPart | undefined;
    let votesLast10Minutes = 0;
    for (const part of parts) {
      if (part.part === 'choice') rows.push({ choice: JSON.parse(part.text) as Choice, votes: part.number });
      else if (part.part === 'withdrawn') withdrawn.add(part.text);
      else if (part.part === 'recent') votesLast10Minutes = part.number;
      else poll = part;
    }
    const { number: version, text: ended, seed, size: electorateSize, at } = poll!;
    return { version, ended, seed, electorateSize, at, votesLast10Minutes, withdrawn, rows };
  }

  /** Votes of the last so many seconds, by the database's clock. */
  async recent(reader: Reader, pollId: string, seconds = LAST_SECONDS): Promise<{ readonly votes: number; readonly at: Date }> {
    const [row] = await reader.rows<{ votes: number; at: Date }>(
      `SELECT CAST(COALESCE(SUM(votes), 0) AS SIGNED) AS votes, UTC_TIMESTAMP(3) AS at FROM poll_second WHERE poll_id = ? AND ${WITHIN}`,
      [pollId, seconds],
    );
    return row!;
  }

  /** How many have voted, and how many might have, where that was written down at the end. */
  async turnout(reader: Reader, pollId: string): Promise<{ readonly voters: number; readonly electorateSize: number | null }> {
    const [row] = await reader.rows<{ voters: number; electorateSize: number | null }>(
      `SELECT (SELECT CAST(COALESCE(SUM(votes), 0) AS SIGNED) FROM poll_second WHERE poll_id = p.id) AS voters, p.electorate_size AS electorateSize FROM poll p WHERE p.id = ?`,
      [pollId],
    );
    return row!;
  }

  async firstSecond(reader: Reader): Promise<Date | null> {
    const [row] = await reader.rows<{ first: Date | null }>('SELECT MIN(second) AS first FROM poll_second');
    return row!.first;
  }

  /** Votes of an hour in all polls, less those taken back since. */
  async sumCast(reader: Reader, { from, to }: Hour): Promise<number> {
    const [row] = await reader.rows<{ votes: number }>('SELECT CAST(COALESCE(SUM(votes), 0) AS SIGNED) AS votes FROM poll_second WHERE second >= ? AND second < ?', [from, to]);
    return row!.votes;
  }

  /** The result as it was certified; undefined before. */
  async findCertified(reader: Reader, pollId: string): Promise<PollResult | undefined> {
    const [row] = await reader.rows<{ result: string | null }>('SELECT CAST(result AS CHAR) AS result FROM poll WHERE id = ?', [pollId]);
    return row?.result == null ? undefined : (JSON.parse(row.result) as PollResult);
  }
}
