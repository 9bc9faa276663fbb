import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { serverBusy } from '../../../platform/errors/house.errors.js';
import { BallotStore } from './ballot-store.service.js';
import type { BallotBox, CastVote, Outcome, Vote } from './casting.types.js';

/** Votes that one process keeps waiting. */
export const MOST_WAITING = 10_000;
const MOST_IN_A_BATCH = 256;
/** How long a vote waits for others to be stored with. */
const WAIT_MS = 5;
/** In a secret poll it waits for so many, or so long: alone it would be told by its moment. */
const SECRET_COMPANY = 16;
const SECRET_WAIT_MS = 2_000;

interface Waiting {
  readonly vote: Vote;
  readonly since: number;
  readonly settle: (outcome: Outcome) => void;
}

/** The votes of one poll that wait. One batch is stored at a time, since two would wait for the same guard. */
interface Lane {
  box: BallotBox;
  waiting: Waiting[];
  /** In secret polls, whose votes they are: voters are counted there, not votes, as nobody can be their own company. */
  voters: Set<string>;
  timer: NodeJS.Timeout | undefined;
  /** The batch that is being stored. */
  storing: Promise<void> | undefined;
}

/**
 * Takes votes in, and stores those that come at the same time together (group commit): each is answered only when
 * it is durable, and a spike costs a transaction for hundreds of votes. The queue is bounded: beyond that, votes are
 * refused at once, which loses nothing.
 */
@Injectable()
export class VoteIntake implements BeforeApplicationShutdown {
  private readonly lanes = new Map<string, Lane>();
  private waiting = 0;
  private isDraining = false;

  constructor(private readonly store: BallotStore) {}

  /** @throws serverBusy when too many wait; whatever the vote is refused with */
  cast(box: BallotBox, vote: Vote): Promise<CastVote> {
    if (this.waiting >= MOST_WAITING) throw serverBusy({ retryAfterSeconds: 1 });
    this.waiting += 1;
    const lane = this.laneOf(box);
    return new Promise((resolve, reject) => {
      lane.waiting.push({
        vote,
        since: performance.now(),
        settle: (outcome) => {
          this.waiting -= 1;
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      });
      if (isSecret(lane)) lane.voters.add(vote.voterId);
      this.schedule(lane);
    });
  }

  /** Nothing waits for company any more: what was taken in is stored before the process ends. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isDraining = true;
    const signalled = performance.now();
    for (const lane of this.lanes.values()) this.schedule(lane);
    // What still comes is stored at once, and waited for with its request: in a spike there would be no end to it here.
    const isOwed = ({ waiting, storing }: Lane) => storing !== undefined && waiting.some(({ since }) => since < signalled);
    while ([...this.lanes.values()].some(isOwed)) await this.stored();
    await this.stored();
  }

  /** Once the batches are stored that are being stored now. */
  private async stored(): Promise<void> {
    await Promise.all([...this.lanes.values()].flatMap(({ storing }) => storing ?? []));
  }

  private laneOf(box: BallotBox): Lane {
    const known = this.lanes.get(box.poll.id);
    if (known !== undefined) {
      known.box = box;
      return known;
    }
    const lane: Lane = { box, waiting: [], voters: new Set(), timer: undefined, storing: undefined };
    this.lanes.set(box.poll.id, lane);
    return lane;
  }

  private schedule(lane: Lane): void {
    if (lane.storing !== undefined || lane.waiting.length === 0) return;
    const hasCompany = isSecret(lane) ? lane.voters.size >= SECRET_COMPANY : lane.waiting.length >= MOST_IN_A_BATCH;
    const waitMs = isSecret(lane) ? SECRET_WAIT_MS : WAIT_MS;
    const leftMs = waitMs - (performance.now() - lane.waiting[0]!.since);
    if (this.isDraining || hasCompany || leftMs <= 0) {
      clearTimeout(lane.timer);
      lane.timer = undefined;
      lane.storing = this.flush(lane);
    } else {
      lane.timer ??= setTimeout(() => {
        lane.timer = undefined;
        this.schedule(lane);
      }, Math.ceil(leftMs));
    }
  }

  private async flush(lane: Lane): Promise<void> {
    if (isSecret(lane)) lane.waiting = eachVoterFirst(lane.waiting);
    const batch = lane.waiting.splice(0, MOST_IN_A_BATCH);
    if (isSecret(lane)) lane.voters = new Set(lane.waiting.map(({ vote }) => vote.voterId));
    const outcomes = await this.store.store(lane.box, batch.map(({ vote }) => vote));
    batch.forEach(({ settle }, i) => settle(outcomes[i]!));
    lane.storing = undefined;
    if (lane.waiting.length > 0) this.schedule(lane);
    else this.lanes.delete(lane.box.poll.id);
  }
}

const isSecret = ({ box }: Lane): boolean => box.poll.secrecy === 'secret';

/** One vote of each voter before the second of any: so that those who were counted as company are in the batch. */
function eachVoterFirst(waiting: readonly Waiting[]): Waiting[] {
  const seen = new Set<string>();
  const [firsts, repeats]: [Waiting[], Waiting[]] = [[], []];
  for (const one of waiting) {
    (seen.has(one.vote.voterId) ? repeats : firsts).push(one);
    seen.add(one.vote.voterId);
  }
  return [...firsts, ...repeats];
}
