import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { SealedChoice } from './ballot.rules.js';

/** A ballot to store. Its voter and time are null in secret polls. */
interface NewBallot {
  readonly id: string;
  readonly choice: SealedChoice;
  readonly voterId: string | null;
  readonly castAt: Date | null;
}

/** Somebody's ballot in a named poll. */
export interface NamedBallot {
  readonly id: string;
  readonly choiceHash: Buffer;
  readonly castAt: Date;
}

/** The box itself: voters, ballots, what they add up to. Written only by who has the poll's guard. */
@Injectable()
export class BallotRepository {
  /**
   * Puts voters on record and answers which of them were not there before: those whose random claim is read back,
   * since the number of affected rows is the same either way.
   */
  async claim(tx: Tx, pollId: string, voterKeys: readonly Buffer[]): Promise<Set<string>> {
    const random = randomBytes(16 * voterKeys.length);
    const claims = voterKeys.map((key, i) => ({ key, claim: random.subarray(16 * i, 16 * (i + 1)) })).sort((one, other) => one.key.compare(other.key));
    await tx.write('INSERT INTO poll_voter (poll_id, voter_key, claim) VALUES ? ON DUPLICATE KEY UPDATE poll_id = poll_id', [claims.map(({ key, claim }) => [pollId, key, claim])]);
    const rows = await tx.rows<{ voterKey: Buffer; claim: Buffer }>('SELECT voter_key AS voterKey, claim FROM poll_voter WHERE poll_id = ? AND voter_key IN (?)', [pollId, voterKeys]);
    const read = new Map(rows.map(({ voterKey, claim }) => [voterKey.toString('hex'), claim]));
    return new Set(claims.filter(({ key, claim }) => read.get(key.toString('hex'))?.equals(claim)).map(({ key }) => key.toString('hex')));
  }

  async insert(tx: Tx, pollId: string, ballots: readonly NewBallot[]): Promise<void> {
    await tx.write('INSERT INTO poll_ballot (poll_id, id, choice_hash, voter_id, cast_at) VALUES ?', [
      ballots.map(({ id, choice, voterId, castAt }) => [pollId, id, choice.hash, voterId, castAt]),
    ]);
  }

  /** Adds ballots to what is counted; in the order of the hashes, as every batch does. */
  async addToTally(tx: Tx, pollId: string, choices: readonly SealedChoice[]): Promise<void> {
    const groups = new Map<string, { choice: SealedChoice; votes: number }>();
    for (const choice of choices) {
      const group = groups.get(choice.json);
      if (group === undefined) groups.set(choice.json, { choice, votes: 1 });
      else group.votes += 1;
    }
    const rows = [...groups.values()].sort((one, other) => one.choice.hash.compare(other.choice.hash));
    await tx.write('INSERT INTO poll_tally (poll_id, choice_hash, choice, votes) VALUES ? ON DUPLICATE KEY UPDATE votes = votes + VALUES(votes)', [
      rows.map(({ choice, votes }) => [pollId, choice.hash, choice.json, votes]),
    ]);
  }

  async takeFromTally(tx: Tx, pollId: string, choiceHash: Buffer): Promise<void> {
    await tx.write('UPDATE poll_tally SET votes = votes - 1 WHERE poll_id = ? AND choice_hash = ?', [pollId, choiceHash]);
  }

  /** @param votes may be negative: a vote of that second was taken back */
  async addToSecond(tx: Tx, pollId: string, at: Date, votes: number): Promise<void> {
    const second = new Date(Math.floor(at.getTime() / 1000) * 1000);
    await tx.write('INSERT INTO poll_second (poll_id, second, votes) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE votes = votes + VALUES(votes)', [pollId, second, votes]);
  }

  /** Where there is one of the voter's already, it gets these words; what a moderator has hidden stays so. */
  async putOpinions(tx: Tx, pollId: string, opinions: readonly { id: string; voterId: string | null; opinion: string }[]): Promise<void> {
    if (opinions.length === 0) return;
    await tx.write('INSERT INTO poll_opinion (poll_id, id, voter_id, opinion, status) VALUES ? ON DUPLICATE KEY UPDATE opinion = VALUES(opinion)', [
      opinions.map(({ id, voterId, opinion }) => [pollId, id, voterId, opinion, 'visible']),
    ]);
  }

  /** One that a moderator has hidden is kept, hidden: or else it would be back with the next vote. */
  async deleteOpinion(tx: Tx, pollId: string, voterId: string): Promise<void> {
    await tx.write("DELETE FROM poll_opinion WHERE poll_id = ? AND voter_id = ? AND status = 'visible'", [pollId, voterId]);
  }

  async find(reader: Reader, pollId: string, voterId: string): Promise<NamedBallot | undefined> {
    const [ballot] = await reader.rows<NamedBallot>('SELECT id, choice_hash AS choiceHash, cast_at AS castAt FROM poll_ballot WHERE poll_id = ? AND voter_id = ?', [pollId, voterId]);
    return ballot;
  }

  /** Another ballot in the place of somebody's; cast when that was. */
  async replace(tx: Tx, pollId: string, voterId: string, { id, choice }: Pick<NewBallot, 'id' | 'choice'>): Promise<void> {
    await tx.write('UPDATE poll_ballot SET id = ?, choice_hash = ? WHERE poll_id = ? AND voter_id = ?', [id, choice.hash, pollId, voterId]);
  }

  async delete(tx: Tx, pollId: string, voterId: string, voterKey: Buffer): Promise<void> {
    await tx.write('DELETE FROM poll_ballot WHERE poll_id = ? AND voter_id = ?', [pollId, voterId]);
    await tx.write('DELETE FROM poll_voter WHERE poll_id = ? AND voter_key = ?', [pollId, voterKey]);
  }

  /** When the votes with these receipts were cast, by receipt; null in secret polls. */
  async castTimes(reader: Reader, pollId: string, receipts: readonly string[]): Promise<Map<string, Date | null>> {
    if (receipts.length === 0) return new Map();
    const rows = await reader.rows<{ receipt: string; castAt: Date | null }>(
      `SELECT r.receipt, b.cast_at AS castAt FROM poll_receipt r LEFT JOIN poll_ballot b ON b.poll_id = r.poll_id AND b.id = r.receipt WHERE r.poll_id = ? AND r.receipt IN (?)`,
      [pollId, receipts],
    );
    return new Map(rows.map(({ receipt, castAt }) => [receipt, castAt]));
  }
}
