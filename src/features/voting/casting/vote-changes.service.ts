import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { linkHash, revoked } from '../chain.rules.js';
import { PollGuardRepository, type Guarded } from '../poll-guard.repository.js';
import { PollResults } from '../results/poll-results.service.js';
import type { Viewer } from '../visibility.rules.js';
import { voterKeyOf } from '../voter.repository.js';
import { changeNotAllowed, pollNotOpen } from '../voting.errors.js';
import { BallotBoxes } from './ballot-boxes.service.js';
import { BallotRepository, type NamedBallot } from './ballot.repository.js';
import { ballotOf, sealed } from './ballot.rules.js';
import type { BallotBox, CastVote } from './casting.types.js';
import { admitVoter } from './votes.service.js';

/** Changes a vote, or takes it back, in the polls that allow it: named ones, as nobody knows whose a secret one is. */
@Injectable()
export class VoteChanges {
  constructor(
    private readonly transactions: Transactions,
    private readonly boxes: BallotBoxes,
    private readonly guard: PollGuardRepository,
    private readonly ballots: BallotRepository,
    private readonly results: PollResults,
  ) {}

  /**
   * Puts another ballot in the place of the voter's. It was cast when the first was, and counts once; the same ballot
   * again changes nothing.
   *
   * @throws as {@link Votes.cast}; changeNotAllowed; notFound for somebody who has not voted
   */
  async change(viewer: Viewer, pollId: string, body: Readonly<Record<string, unknown>>): Promise<CastVote> {
    const [box, voterId] = admitChanger(viewer, await this.boxes.get(pollId));
    const { choice, opinion, refusal } = ballotOf(box.poll, body);
    if (refusal !== undefined) throw refusal;
    const sealedChoice = sealed(choice);
    return this.underGuard(box, voterId, async (tx, guarded, before) => {
      if (opinion === undefined) await this.ballots.deleteOpinion(tx, pollId, voterId);
      else await this.ballots.putOpinions(tx, pollId, [{ id: randomUUID(), voterId, opinion }]);
      if (sealedChoice.hash.equals(before.choiceHash)) return { receipt: before.id, castAt: before.castAt, replayed: false };
      const receipt = randomUUID();
      await this.ballots.replace(tx, pollId, voterId, { id: receipt, choice: sealedChoice });
      await this.ballots.takeFromTally(tx, pollId, before.choiceHash);
      await this.ballots.addToTally(tx, pollId, [sealedChoice]);
      await this.link(tx, pollId, guarded, [revoked(before.id), receipt]);
      return { receipt, castAt: before.castAt, replayed: false };
    });
  }

  /** Takes the vote back, as if it had never been cast; its receipts stay in the chain. @throws as {@link change} */
  async takeBack(viewer: Viewer, pollId: string): Promise<void> {
    const [box, voterId] = admitChanger(viewer, await this.boxes.get(pollId));
    await this.underGuard(box, voterId, async (tx, guarded, before) => {
      await this.ballots.deleteOpinion(tx, pollId, voterId);
      await this.ballots.delete(tx, pollId, voterId, voterKeyOf(box.voterSecret!, voterId));
      await this.ballots.takeFromTally(tx, pollId, before.choiceHash);
      await this.ballots.addToSecond(tx, pollId, before.castAt, -1);
      await this.link(tx, pollId, guarded, [revoked(before.id)]);
    });
  }

  private underGuard<T>({ poll, voterSecret }: BallotBox, voterId: string, work: (tx: Tx, guarded: Guarded, before: NamedBallot) => Promise<T>): Promise<T> {
    return this.transactions.run(async (tx) => {
      tx.afterCommit(() => this.results.outdate(poll.id));
      const guarded = await this.guard.enterToVote(tx, poll.id);
      if (guarded?.edition !== poll.edition || voterSecret === null) throw pollNotOpen();
      const before = await this.ballots.find(tx, poll.id, voterId);
      if (before === undefined) throw notFound({}, 'You have not voted in this poll: POST a vote first.');
      return work(tx, guarded, before);
    });
  }

  private link(tx: Tx, pollId: string, { linkSeq, linkHash: previous }: Guarded, receipts: string[]): Promise<void> {
    return this.guard.link(tx, pollId, linkSeq + 1, linkHash(previous, receipts), receipts);
  }
}

/** The poll and the voter, where votes may be changed. @throws as admitVoter; changeNotAllowed */
function admitChanger(viewer: Viewer, found: BallotBox | undefined): [BallotBox, string] {
  const [box, voterId] = admitVoter(viewer, found);
  if (!box.poll.allowChange) throw changeNotAllowed();
  return [box, voterId];
}
