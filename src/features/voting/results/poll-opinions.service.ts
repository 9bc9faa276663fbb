import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Audit } from '../../../platform/audit/audit.js';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { OpinionStatus, PollOpinion } from '../entities/poll-opinion.js';
import { PollAccess } from '../poll-access.service.js';
import { managesPolls, type Viewer } from '../visibility.rules.js';
import { PollOpinionRepository } from './poll-opinion.repository.js';

/** What a viewer is shown of an opinion: its status where they may change it. */
export type ShownOpinion = Pick<PollOpinion, 'id' | 'opinion' | 'voterId'> & { readonly status?: OpinionStatus };

/** What voters had to say: shown to whom the counts are shown, since an opinion gives a vote away. */
@Injectable()
export class PollOpinions {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly access: PollAccess,
    private readonly opinions: PollOpinionRepository,
    private readonly audit: Audit,
    private readonly cursors: Cursors,
  ) {}

  /** In no order that says anything. @throws notFound, authRequired, resultsHidden; requestInvalid for a cursor of another list */
  async list(viewer: Viewer, pollId: string, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<ShownOpinion>> {
    await this.access.getCounted(viewer, pollId);
    const list = `polls.opinions ${pollId}`;
    const [afterId] = this.cursors.decode<[string]>(list, cursor) ?? [];
    const withHidden = managesPolls(viewer);
    const found = await this.opinions.list(this.database, pollId, { withHidden, afterId, limit: limit + 1 });
    const page = this.cursors.page(list, found, limit, ({ id }) => [id]);
    return { ...page, items: page.items.map(({ status, ...opinion }) => (withHidden ? { ...opinion, status } : opinion)) };
  }

  /**
   * Hides an opinion or shows it again; the vote counts either way. It touches one row and nothing that is counted, so
   * it goes without the poll's guard.
   *
   * @throws notFound; resultsHidden for a moderator who may not read opinions yet
   */
  async moderate(actor: Actor, pollId: string, id: string, status: OpinionStatus): Promise<ShownOpinion> {
    await this.access.getCounted(actor, pollId);
    return this.transactions.run(async (tx) => {
      const isChanged = await this.opinions.setStatus(tx, pollId, id, status);
      const opinion = await this.opinions.find(tx, pollId, id);
      if (opinion === undefined) throw notFound();
      if (isChanged) await this.audit.record(tx, { actorId: actor.memberId, action: `poll.opinion-${status === 'hidden' ? 'hidden' : 'shown'}`, subjectType: 'poll', subjectId: pollId, details: { opinionId: id } });
      return opinion;
    });
  }
}
