import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Reader } from '../../platform/database/transactions.js';

/** The name under which a poll keeps that somebody has voted: without the poll's secret it leads to nobody. */
export function voterKeyOf(voterSecret: Buffer, voterId: string): Buffer {
  return createHmac('sha256', voterSecret).update(voterId).digest();
}

/** Who has voted, as long as a poll can tell. */
@Injectable()
export class VoterRepository {
  /** Of these polls, those in which somebody has voted. */
  async votedIn(reader: Reader, voterId: string, pollIds: readonly string[]): Promise<Set<string>> {
    return new Set((await this.votes(reader, pollIds, [voterId])).map(({ pollId }) => pollId));
  }

  /** Of these members and devices, those who have voted in a poll. */
  async votersIn(reader: Reader, pollId: string, voterIds: readonly string[]): Promise<Set<string>> {
    return new Set((await this.votes(reader, [pollId], voterIds)).map(({ voterId }) => voterId));
  }

  private async votes(reader: Reader, pollIds: readonly string[], voterIds: readonly string[]): Promise<{ pollId: string; voterId: string }[]> {
    if (pollIds.length === 0 || voterIds.length === 0) return [];
    const secrets = await reader.rows<{ pollId: string; voterSecret: Buffer }>(
      'SELECT poll_id AS pollId, voter_secret AS voterSecret FROM poll_secret WHERE poll_id IN (?) AND voter_secret IS NOT NULL', [pollIds],
    );
    const asked = secrets.flatMap(({ pollId, voterSecret }) => voterIds.map((voterId) => ({ pollId, voterId, key: voterKeyOf(voterSecret, voterId) })));
    if (asked.length === 0) return [];
    const found = await reader.rows<{ voterKey: Buffer }>('SELECT voter_key AS voterKey FROM poll_voter WHERE (poll_id, voter_key) IN (?)', [asked.map(({ pollId, key }) => [pollId, key])]);
    const keys = new Set(found.map(({ voterKey }) => voterKey.toString('hex')));
    return asked.filter(({ key }) => keys.has(key.toString('hex')));
  }
}
