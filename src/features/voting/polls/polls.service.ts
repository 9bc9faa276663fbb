import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Reader } from '../../../platform/database/transactions.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { PollAccess } from '../poll-access.service.js';
import { PollRepository } from '../poll.repository.js';
import type { Poll, PollState } from '../poll.types.js';
import { managesPolls, voterIdOf, type Viewer } from '../visibility.rules.js';
import { VoterRepository } from '../voter.repository.js';
import { rightsOf } from './polls.rules.js';
import type { ShownPoll } from './polls.types.js';

const LIST = 'polls';

/** Polls as they are shown. */
@Injectable()
export class PollsService {
  constructor(
    private readonly database: Database,
    private readonly access: PollAccess,
    private readonly polls: PollRepository,
    private readonly voters: VoterRepository,
    private readonly cursors: Cursors,
  ) {}

  /** @throws notFound; authRequired for one that only members may see */
  async get(viewer: Viewer, id: string): Promise<ShownPoll> {
    return this.showWhole(this.database, viewer, await this.access.get(viewer, id));
  }

  /** Those that exist for this viewer, newest first. @throws requestInvalid for a cursor that is not ours */
  async list(viewer: Viewer, { state, cursor, limit }: { state?: PollState; cursor?: string; limit: number }): Promise<Page<ShownPoll>> {
    const [beforeId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    const filter = { state, beforeId, withoutDrafts: !managesPolls(viewer), onlyPublic: viewer.memberId === undefined };
    const { items, nextCursor } = this.cursors.page(LIST, await this.polls.list(this.database, filter, limit + 1), limit, ({ id }) => [id]);
    return { items: await this.show(this.database, viewer, items), nextCursor };
  }

  /** A single poll, for managers with the list of its electors. */
  async showWhole(reader: Reader, viewer: Viewer, poll: Poll): Promise<ShownPoll> {
    const [shown] = await this.show(reader, viewer, [poll]);
    return { ...shown!, ...(poll.electorate === 'list' && managesPolls(viewer) && { memberIds: await this.polls.electors(reader, poll.id) }) };
  }

  private async show(reader: Reader, viewer: Viewer, polls: readonly Poll[]): Promise<ShownPoll[]> {
    const voterId = voterIdOf(viewer);
    const open = polls.filter(({ state }) => state === 'open').map(({ id }) => id);
    const nowhere = new Set<string>();
    const voted = voterId === undefined ? nowhere : await this.voters.votedIn(reader, voterId, open);
    const listed = viewer.memberId === undefined ? nowhere : await this.polls.listedIn(reader, viewer.memberId, open);
    return polls.map((poll) => ({ poll, can: rightsOf(viewer, poll, { hasVoted: voted.has(poll.id), isListed: listed.has(poll.id) }) }));
  }
}
