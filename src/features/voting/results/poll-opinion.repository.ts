import { Injectable } from '@nestjs/common';
import { Conditions } from '../../../platform/database/sql-text.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import type { OpinionStatus, PollOpinion } from '../entities/poll-opinion.js';

const COLUMNS = 'poll_id AS pollId, id, voter_id AS voterId, opinion, status';

/** What voters had to say. It is written with their votes, and hidden here. */
@Injectable()
export class PollOpinionRepository {
  /** By id, which says nothing of when. */
  list(reader: Reader, pollId: string, { withHidden, afterId, limit }: { withHidden: boolean; afterId?: string; limit: number }): Promise<PollOpinion[]> {
    const where = new Conditions().and('poll_id = ?', pollId);
    if (!withHidden) where.and("status = 'visible'");
    if (afterId !== undefined) where.and('id > ?', afterId);
    return reader.rows<PollOpinion>(`SELECT ${COLUMNS} FROM poll_opinion ${where.sql} ORDER BY id LIMIT ${limit}`, where.values);
  }

  async find(reader: Reader, pollId: string, id: string): Promise<PollOpinion | undefined> {
    const [opinion] = await reader.rows<PollOpinion>(`SELECT ${COLUMNS} FROM poll_opinion WHERE poll_id = ? AND id = ?`, [pollId, id]);
    return opinion;
  }

  /** @returns false when it has this status already, or is gone */
  async setStatus(tx: Tx, pollId: string, id: string, status: OpinionStatus): Promise<boolean> {
    return (await tx.write('UPDATE poll_opinion SET status = ? WHERE poll_id = ? AND id = ? AND status <> ?', [status, pollId, id, status])) > 0;
  }
}
