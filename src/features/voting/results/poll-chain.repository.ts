import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';

export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** A link and what it covers, sorted. */
export interface ChainLink extends ChainHead {
  readonly receipts: readonly string[];
}

/** Reads the audit chains of polls. */
@Injectable()
export class PollChainRepository {
  async head(reader: Reader, pollId: string): Promise<ChainHead> {
    const [row] = await reader.rows<ChainHead>('SELECT link_seq AS seq, link_hash AS hash FROM poll_guard WHERE poll_id = ?', [pollId]);
    return row!;
  }

  /** The next links, oldest first. @param afterSeq 0 for the first */
  async list(reader: Reader, pollId: string, afterSeq: number, limit: number): Promise<ChainLink[]> {
    const links = await reader.rows<ChainHead>(`SELECT seq, hash FROM poll_link WHERE poll_id = ? AND seq > ? ORDER BY seq LIMIT ${limit}`, [pollId, afterSeq]);
    if (links.length === 0) return [];
    const rows = await reader.rows<{ receipt: string; seq: number }>(
      'SELECT receipt, link_seq AS seq FROM poll_receipt WHERE poll_id = ? AND link_seq BETWEEN ? AND ? ORDER BY link_seq, receipt',
      [pollId, links[0]!.seq, links.at(-1)!.seq],
    );
    const receipts = new Map<number, string[]>(links.map(({ seq }) => [seq, []]));
    for (const { seq, receipt } of rows) receipts.get(seq)?.push(receipt);
    return links.map((link) => ({ ...link, receipts: receipts.get(link.seq)! }));
  }

  /** The links that cover these, by receipt. */
  async linksOf(reader: Reader, pollId: string, receipts: readonly string[]): Promise<Map<string, number>> {
    const rows = await reader.rows<{ receipt: string; seq: number }>('SELECT receipt, link_seq AS seq FROM poll_receipt WHERE poll_id = ? AND receipt IN (?)', [pollId, receipts]);
    return new Map(rows.map(({ receipt, seq }) => [receipt, seq]));
  }
}
