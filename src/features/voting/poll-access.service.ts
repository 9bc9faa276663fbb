import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { authRequired, notFound } from '../../platform/errors/house.errors.js';
import { PollClosing } from './poll-closing.service.js';
import { PollRepository } from './poll.repository.js';
import { isToBeClosed } from './poll.rules.js';
import type { Poll } from './poll.types.js';
import { dependsOnVote, seesPoll, seesResults, voterIdOf, type Viewer } from './visibility.rules.js';
import { VoterRepository } from './voter.repository.js';
import { resultsHidden } from './voting.errors.js';

/** The way to a poll, for everybody who wants to see it: what they must not see does not exist, or is refused, here. */
@Injectable()
export class PollAccess {
  constructor(
    private readonly database: Database,
    private readonly polls: PollRepository,
    private readonly closing: PollClosing,
    private readonly voters: VoterRepository,
  ) {}

  /**
   * The poll as it is now. The first to look after its closing time writes down that it is closed.
   *
   * @throws notFound; authRequired for one that only members may see
   */
  async get(viewer: Viewer, id: string): Promise<Poll> {
    return this.admit(viewer, await this.find(id));
  }

  /** The poll that somebody has found, if there is one for this viewer. @throws as {@link get} */
  admit(viewer: Viewer, poll: Poll | undefined): Poll {
    if (viewer.memberId === undefined && poll?.electorate !== 'public') throw authRequired();
    if (poll === undefined || !seesPoll(viewer, poll)) throw notFound();
    return poll;
  }

  /** The same, of a poll whose counts this viewer may see. @throws as {@link get}; resultsHidden */
  async getCounted(viewer: Viewer, id: string): Promise<Poll> {
    return this.admitCounted(viewer, await this.find(id));
  }

  /** As {@link admit}, to a poll whose counts this viewer may see. @throws as {@link getCounted} */
  async admitCounted(viewer: Viewer, found: Poll | undefined): Promise<Poll> {
    const poll = this.admit(viewer, found);
    if (!(await this.seesResults(viewer, poll))) throw resultsHidden();
    return poll;
  }

  async seesResults(viewer: Viewer, poll: Poll): Promise<boolean> {
    return seesResults(viewer, poll, dependsOnVote(poll) && (await this.hasVoted(viewer, poll.id)));
  }

  /** False also for whoever cannot have voted, and once the poll is certified, since nobody can tell any more. */
  async hasVoted(viewer: Viewer, pollId: string): Promise<boolean> {
    const voterId = voterIdOf(viewer);
    return voterId !== undefined && (await this.voters.votedIn(this.database, voterId, [pollId])).has(pollId);
  }

  /** The poll, whoever asks; closed if it is time. */
  async find(id: string): Promise<Poll | undefined> {
    const poll = await this.polls.find(this.database, id);
    if (poll === undefined || !isToBeClosed(poll)) return poll;
    await this.closing.closeDue(id);
    return this.polls.find(this.database, id);
  }
}
