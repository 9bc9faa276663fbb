import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { GroupCommit } from '../../../platform/database/group-commit.js';
import { BallotStore } from './ballot-store.service.js';
import type { BallotBox, CastVote, Vote } from './casting.types.js';

/** Votes that one process keeps waiting. */
export const MOST_WAITING = 10_000;
const MOST_IN_A_BATCH = 256;
/** How long a vote waits for others to be stored with. */
const WAIT_MS = 5;
/** In a secret poll it waits for so many, or so long: alone it would be told by its moment. */
const SECRET_COMPANY = 16;
const SECRET_WAIT_MS = 2_000;

/** A vote that waits, and the poll as it was when it came. */
interface Posted {
  readonly box: BallotBox;
  readonly vote: Vote;
}

/** Takes votes in: those of one poll that come at the same time are stored together. */
@Injectable()
export class VoteIntake implements BeforeApplicationShutdown {
  private readonly commits: GroupCommit<string, Posted, CastVote>;

  constructor(private readonly store: BallotStore) {
    this.commits = new GroupCommit({
      mostWaiting: MOST_WAITING,
      mostInABatch: MOST_IN_A_BATCH,
      patienceMs,
      arranged: (waiting) => (isSecret(waiting) ? eachVoterFirst(waiting) : waiting),
      store: (_, batch) => this.store.store(batch.at(-1)!.box, batch.map(({ vote }) => vote)),
    });
  }

  /** @throws serverBusy when too many wait; whatever the vote is refused with */
  cast(box: BallotBox, vote: Vote): Promise<CastVote> {
    return this.commits.add(box.poll.id, { box, vote });
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.commits.drain();
  }
}

function patienceMs(waiting: readonly Posted[]): number {
  if (!isSecret(waiting)) return waiting.length >= MOST_IN_A_BATCH ? 0 : WAIT_MS;
  // Voters are counted there, not votes, as nobody can be their own company.
  return new Set(waiting.map(({ vote }) => vote.voterId)).size >= SECRET_COMPANY ? 0 : SECRET_WAIT_MS;
}

const isSecret = (waiting: readonly Posted[]): boolean => waiting.at(-1)!.box.poll.secrecy === 'secret';

/** One vote of each voter before the second of any: so that those who were counted as company are in the batch. */
function eachVoterFirst(waiting: readonly Posted[]): Posted[] {
  const seen = new Set<string>();
  const [firsts, repeats]: [Posted[], Posted[]] = [[], []];
  for (const one of waiting) {
    (seen.has(one.vote.voterId) ? repeats : firsts).push(one);
    seen.add(one.vote.voterId);
  }
  return [...firsts, ...repeats];
}
