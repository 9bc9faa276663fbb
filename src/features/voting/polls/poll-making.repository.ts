import { Injectable } from '@nestjs/common';
import { newId } from '../../../platform/database/columns.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { NEVER } from '../poll.rules.js';
import type { PollSettings } from './polls.types.js';

/** What a poll is given at random, and where its audit chain begins. */
interface PollOrigin {
  readonly id: string;
  readonly createdBy: string;
  readonly seed: string;
  readonly seedCommitment: string;
  readonly voterSecret: Buffer;
  readonly genesis: string;
}

const COLUMNS = ['title', 'description', 'method', 'electorate', 'allow_change', 'secrecy', 'results', 'max_score', 'quorum_min', 'quorum_percent'] as const;

/** Writes polls; once one is there, only for who has its guard. */
@Injectable()
export class PollMakingRepository {
  async now(reader: Reader): Promise<Date> {
    const [clock] = await reader.rows<{ now: Date }>('SELECT UTC_TIMESTAMP(3) AS now');
    return clock!.now;
  }

  async insert(tx: Tx, { id, createdBy, seed, seedCommitment, voterSecret, genesis }: PollOrigin, settings: PollSettings): Promise<void> {
    await tx.write(`INSERT INTO poll (id, ${COLUMNS.join(', ')}, seed_commitment, created_by, created_at) VALUES (?, ${COLUMNS.map(() => '?').join(', ')}, ?, ?, UTC_TIMESTAMP(3))`, [
      id, ...valuesOf(settings), seedCommitment, createdBy,
    ]);
    await tx.write('INSERT INTO poll_secret (poll_id, voter_secret, seed) VALUES (?, ?, ?)', [id, voterSecret, seed]);
    await tx.write('INSERT INTO poll_guard (poll_id, open, opens_at, closes_at, version, edition, link_seq, link_hash) VALUES (?, ?, ?, ?, 1, 1, 0, ?)', [id, ...timesOf(settings), genesis]);
    await this.insertCandidates(tx, id, settings);
    await this.insertElectors(tx, id, settings);
  }

  /** Writes a draft anew. @returns false when it has opened meanwhile */
  async rewrite(tx: Tx, id: string, settings: PollSettings, { withCandidates, withElectors }: { withCandidates: boolean; withElectors: boolean }): Promise<boolean> {
    await tx.write(`UPDATE poll SET ${COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`, [...valuesOf(settings), id]);
    if (withCandidates) {
      await tx.write('DELETE FROM poll_candidate WHERE poll_id = ?', [id]);
      await this.insertCandidates(tx, id, settings);
    }
    if (withElectors) {
      await tx.write('DELETE FROM poll_elector WHERE poll_id = ?', [id]);
      await this.insertElectors(tx, id, settings);
    }
    // Last, so that next to no time is left in which it could open.
    const isDraft = await tx.write('UPDATE poll_guard SET edition = edition + 1, open = ?, opens_at = ?, closes_at = ? WHERE poll_id = ? AND (opens_at IS NULL OR UTC_TIMESTAMP(3) < opens_at)', [...timesOf(settings), id]);
    return isDraft === 1;
  }

  async updateDescription(tx: Tx, id: string, description: string | null): Promise<void> {
    await tx.write('UPDATE poll SET description = ? WHERE id = ?', [description, id]);
  }

  /** @returns false when it has closed meanwhile */
  async updateClosesAt(tx: Tx, id: string, closesAt: Date): Promise<boolean> {
    return (await tx.write('UPDATE poll_guard SET closes_at = ? WHERE poll_id = ? AND UTC_TIMESTAMP(3) < closes_at', [closesAt, id])) === 1;
  }

  /** @returns false when its closing time is past */
  async open(tx: Tx, id: string): Promise<boolean> {
    return (await tx.write('UPDATE poll_guard SET open = 1, opens_at = UTC_TIMESTAMP(3) WHERE poll_id = ? AND UTC_TIMESTAMP(3) < closes_at', [id])) === 1;
  }

  async withdraw(tx: Tx, id: string, candidateId: string): Promise<void> {
    await tx.write('UPDATE poll_candidate SET withdrawn = 1 WHERE poll_id = ? AND id = ?', [id, candidateId]);
  }

  /** Keeps the result. @param result as JSON */
  async certify(tx: Tx, id: string, result: string): Promise<void> {
    await tx.write("UPDATE poll SET ended = 'certified', result = ? WHERE id = ?", [result, id]);
  }

  /** Forgets under which names voters were kept: nobody can find out any more who has voted. */
  async forgetVoters(tx: Tx, id: string): Promise<void> {
    await tx.write('UPDATE poll_secret SET voter_secret = NULL WHERE poll_id = ?', [id]);
  }

  private async insertCandidates(tx: Tx, id: string, { candidates }: PollSettings): Promise<void> {
    await tx.write('INSERT INTO poll_candidate (poll_id, id, position, name, description, withdrawn) VALUES ?', [
      candidates.map(({ name, description = null }, position) => [id, newId(), position, name, description, 0]),
    ]);
  }

  private async insertElectors(tx: Tx, id: string, { memberIds }: PollSettings): Promise<void> {
    if (memberIds !== undefined) await tx.write('INSERT INTO poll_elector (poll_id, member_id) VALUES ?', [[...memberIds].sort().map((memberId) => [id, memberId])]);
  }
}

function valuesOf({ title, description = null, method, electorate, allowChange, secrecy, results, maxScore, quorum }: PollSettings): unknown[] {
  return [title, description, method, electorate, allowChange ? 1 : 0, secrecy, results, maxScore, quorum?.min ?? null, quorum?.percent ?? null];
}

/** open, opens_at, closes_at */
function timesOf({ opensAt = null, closesAt = null }: PollSettings): unknown[] {
  return [opensAt === null ? 0 : 1, opensAt, closesAt ?? NEVER];
}
