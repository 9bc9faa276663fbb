import { randomInt, randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { unstored } from '../../../platform/database/group-commit.js';
import { isRefusedByServer } from '../../../platform/database/sql-errors.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { serverBusy } from '../../../platform/errors/house.errors.js';
import { Answer } from '../../../platform/http/answer.js';
import { Idempotency } from '../../../platform/http/idempotency.js';
import { idempotencyKeyReused } from '../../../platform/http/idempotency.errors.js';
import { linkHash } from '../chain.rules.js';
import { PollGuardRepository, type Guarded } from '../poll-guard.repository.js';
import { PollResults } from '../results/poll-results.service.js';
import { voterKeyOf, VoterRepository } from '../voter.repository.js';
import { faultPoint } from '../voting.faults.js';
import { alreadyVoted, ballotInvalid, pollNotOpen } from '../voting.errors.js';
import { BallotRepository } from './ballot.repository.js';
import type { BallotBox, Outcome, Vote } from './casting.types.js';
import { shuffled } from './shuffle.rules.js';
import { answerOf, castVoteOf } from './vote-answer.js';

/** A vote that may be the voter's first, and the name under which the voter is put on record. */
interface Claimant {
  readonly vote: Vote;
  readonly key: Buffer;
}

/** What has become of a batch so far. */
interface Attempt {
  /** It may have been stored already. */
  isRetry: boolean;
  /** The guard let it in: what fails now is about what is in it. */
  hasEntered: boolean;
}

/** Stores votes of one poll together: one transaction, one lock of its guard, and all of them or none. */
@Injectable()
export class BallotStore {
  private readonly logger = new Logger(BallotStore.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly guard: PollGuardRepository,
    private readonly voters: VoterRepository,
    private readonly ballots: BallotRepository,
    private readonly idempotency: Idempotency,
    private readonly results: PollResults,
  ) {}

  /**
   * Stores what may be stored, and says of each vote what became of it, in their order. When it answers, what is
   * stored is durable. A batch that the database refuses for what is in it is tried in halves, so that one vote
   * cannot keep the others out.
   */
  async store(box: BallotBox, votes: readonly Vote[], isRetry = false): Promise<Outcome[]> {
    const attempt: Attempt = { isRetry, hasEntered: false };
    try {
      const outcomes = await this.transactions.run((tx) => this.batch(tx, box, votes, attempt), { noticesNesting: false });
      faultPoint('votes.after-commit');
      this.results.outdate(box.poll.id);
      return votes.map((vote) => outcomes.get(vote)!);
    } catch (error) {
      if (error instanceof DomainError) return votes.map(() => error);
      if (!attempt.hasEntered || !isRefusedByServer(error)) {
        this.logger.error(error, `a batch of ${votes.length} votes failed`);
        // Whether it was committed is not known: a retry finds out, by the receipt or the key.
        return votes.map(() => unstored(error));
      }
      if (votes.length === 1) return [error as Error];
      this.logger.warn(error, `a batch of ${votes.length} votes is tried in halves`);
      const middle = votes.length >> 1;
      return [...(await this.store(box, votes.slice(0, middle), true)), ...(await this.store(box, votes.slice(middle), true))];
    }
  }

  private async batch(tx: Tx, box: BallotBox, votes: readonly Vote[], attempt: Attempt): Promise<Map<Vote, Outcome>> {
    const { isRetry } = attempt;
    attempt.isRetry = true;
    const guarded = await this.guard.enterToVote(tx, box.poll.id);
    attempt.hasEntered = guarded !== undefined;
    // Behind the guard, so that a twin in another process is either stored by now or waits for this batch.
    const outcomes = await this.replays(tx, box, votes, isRetry);
    const unanswered = votes.filter((vote) => !outcomes.has(vote));
    for (const vote of unanswered) {
      const refusal = refusalOf(vote, box, guarded);
      if (refusal !== undefined) outcomes.set(vote, refusal);
    }
    if (guarded === undefined || box.voterSecret === null) return outcomes;
    const { claimants, followers } = this.claimants(unanswered.filter((vote) => !outcomes.has(vote)), box.voterSecret, outcomes);
    if (claimants.length > 0) await this.admit(tx, box, guarded, claimants, outcomes);
    for (const [vote, first] of followers) outcomes.set(vote, outcomeOfFollower(vote, first, outcomes.get(first)!));
    faultPoint('votes.before-commit');
    return outcomes;
  }

  /** What is answered without a vote: requests that were stored before. */
  private async replays(tx: Tx, { poll, voterSecret }: BallotBox, votes: readonly Vote[], isRetry: boolean): Promise<Map<Vote, Outcome>> {
    const outcomes = new Map<Vote, Outcome>();
    const keyed = votes.filter(({ idempotency }) => idempotency !== undefined);
    const kept = await this.idempotency.kept(tx, keyed.map(({ idempotency }) => idempotency!));
    for (const vote of keyed) {
      const answer = kept.get(vote.idempotency!);
      if (answer !== undefined) outcomes.set(vote, answer instanceof Answer ? castVoteOf(answer) : answer);
    }
    if (poll.secrecy === 'named' && !isRetry) return outcomes;
    const times = await this.ballots.castTimes(tx, poll.id, votes.map(({ receipt }) => receipt));
    const known = votes.filter((vote) => !outcomes.has(vote) && times.has(vote.receipt));
    if (known.length === 0) return outcomes;
    const voted = voterSecret === null ? undefined : await this.voters.votersIn(tx, poll.id, known.map(({ voterId }) => voterId));
    for (const vote of known) {
      const castAt = times.get(vote.receipt);
      // Somebody else's receipt: who has not voted must not be told that they have.
      if (voted?.has(vote.voterId) === false) outcomes.set(vote, nonceTaken());
      else outcomes.set(vote, { receipt: vote.receipt, ...(castAt && { castAt }), replayed: true });
    }
    return outcomes;
  }

  /** The first vote of each voter in the batch. Whoever comes twice in it gets what the first comes to. */
  private claimants(votes: readonly Vote[], voterSecret: Buffer, outcomes: Map<Vote, Outcome>) {
    const firsts = new Map<string, Vote>();
    const followers = new Map<Vote, Vote>();
    const receipts = new Set<string>();
    for (const vote of votes) {
      const first = firsts.get(vote.voterId);
      if (first !== undefined) followers.set(vote, first);
      else if (receipts.has(vote.receipt)) outcomes.set(vote, nonceTaken());
      else {
        firsts.set(vote.voterId, vote);
        receipts.add(vote.receipt);
      }
    }
    return { claimants: [...firsts.values()].map((vote): Claimant => ({ vote, key: voterKeyOf(voterSecret, vote.voterId) })), followers };
  }

  /** Stores the votes of those who have not voted, and everything that follows from them. */
  private async admit(tx: Tx, { poll }: BallotBox, { at, linkSeq, linkHash: previous }: Guarded, claimants: readonly Claimant[], outcomes: Map<Vote, Outcome>): Promise<void> {
    const admitted = await this.ballots.claim(tx, poll.id, claimants.map(({ key }) => key));
    faultPoint('votes.after-claim');
    const winners: Vote[] = [];
    for (const { vote, key } of claimants) {
      if (admitted.has(key.toString('hex'))) winners.push(vote);
      else outcomes.set(vote, alreadyVoted());
    }
    if (winners.length === 0) return;
    const isSecret = poll.secrecy === 'secret';
    const castAt = isSecret ? null : at;
    // In a secret poll the order in which ballots are stored must not be that of their voters.
    const inOrder = () => (isSecret ? shuffled(winners, randomInt) : winners);
    const ballotOf = ({ receipt, choice, voterId }: Vote) => (isSecret ? { id: randomUUID(), choice, voterId: null, castAt } : { id: receipt, choice, voterId, castAt });
    await this.ballots.insert(tx, poll.id, inOrder().map(ballotOf));
    await this.ballots.addToTally(tx, poll.id, winners.map(({ choice }) => choice));
    await this.ballots.addToSecond(tx, poll.id, at, winners.length);
    const opinions = inOrder().filter(({ opinion }) => opinion !== undefined);
    await this.ballots.putOpinions(tx, poll.id, opinions.map(({ opinion, voterId }) => ({ id: randomUUID(), voterId: isSecret ? null : voterId, opinion: opinion! })));
    const receipts = winners.map(({ receipt }) => receipt);
    await this.guard.link(tx, poll.id, linkSeq + 1, linkHash(previous, receipts), [...receipts].sort());
    const answers = winners.map((vote) => [vote, { receipt: vote.receipt, ...(!isSecret && { castAt: at }), replayed: false }] as const);
    for (const [vote, outcome] of answers) outcomes.set(vote, outcome);
    await this.idempotency.keep(tx, answers.flatMap(([{ idempotency }, outcome]) => (idempotency === undefined ? [] : [[idempotency, answerOf(outcome)] as const])));
  }
}

/** What a vote that was not stored before is refused with; undefined when nothing is in its way but a vote of the same voter. */
function refusalOf({ edition, refusal }: Vote, { voterSecret }: BallotBox, guarded: Guarded | undefined): Error | undefined {
  if (guarded === undefined || voterSecret === null) return pollNotOpen();
  // It was checked against a draft that was edited and then opened. Sent again, it is checked against the poll.
  return guarded.edition === edition ? refusal : serverBusy({ retryAfterSeconds: 1 });
}

function outcomeOfFollower(vote: Vote, first: Vote, outcome: Outcome): Outcome {
  if (outcome instanceof Error) return outcome;
  if (vote.idempotency !== undefined && vote.idempotency.key === first.idempotency?.key) {
    return vote.idempotency.requestHash.equals(first.idempotency.requestHash) ? { ...outcome, replayed: true } : idempotencyKeyReused();
  }
  // The same nonce and choice by the same voter: the same vote, sent twice.
  return vote.receipt === first.receipt && vote.choice.json === first.choice.json ? { ...outcome, replayed: true } : alreadyVoted();
}

const nonceTaken = () => ballotInvalid({ path: 'nonce', reason: 'is that of another vote; make a new random one' });
