import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { linkHash, withdrawn } from '../chain.rules.js';
import { PollGuardRepository, type Guarded } from '../poll-guard.repository.js';
import type { Viewer } from '../visibility.rules.js';
import { voterKeyOf } from '../voter.repository.js';
import { changeNotAllowed, pollNotOpen } from '../voting.errors.js';
import { BallotBoxes } from './ballot-boxes.service.js';
import { BallotRepository, type NamedBallot } from './ballot.repository.js';
import { ballotOf, sealed } from './ballot.rules.js';
import type { BallotBox, CastVote } from './casting.types.js';
import { voterOf } from './votes.service.js';

/** Changes a vote, or takes it back, in the polls that allow it: named ones, as nobody knows whose a secret one is. */
@Injectable()
export class VoteChanges {
  constructor(
    private readonly transactions: Transactions,
    private readonly boxes: BallotBoxes,
    private readonly guard: PollGuardRepository,
    private readonly ballots: BallotRepository,
  ) {}

  /**
   * Puts another ballot in the place of the voter's. It was cast when the first was, and counts once; the same ballot
   * again changes nothing.
   *
   * @throws as {@link Votes.cast}; changeNotAllowed; notFound for somebody who has not voted
   */
  async change(viewer: Viewer, pollId: string, body: Readonly<Record<string, unknown>>): Promise<CastVote> {
    const box = await this.boxes.get(pollId);
    const voterId = changerOf(viewer, box);
    const { choice, opinion } = ballotOf(box.poll, body);
    const sealedChoice = sealed(choice);
    return this.underGuard(box, voterId, async (tx, guarded, before) => {
      await this.ballots.deleteOpinion(tx, pollId, voterId);
      await this.ballots.insertOpinions(tx, pollId, opinion === undefined ? [] : [{ id: randomUUID(), voterId, opinion }]);
      if (sealedChoice.hash.equals(before.choiceHash)) return { receipt: before.id, castAt: before.castAt, replayed: false };
      const receipt = randomUUID();
      await this.ballots.replace(tx, pollId, voterId, { id: receipt, choice: sealedChoice });
      await this.ballots.takeFromTally(tx, pollId, before.choiceHash);
      await this.ballots.addToTally(tx, pollId, [sealedChoice]);
      await this.link(tx, pollId, guarded, [withdrawn(before.id), receipt]);
      return { receipt, castAt: before.castAt, replayed: false };
    });
  }

  /** Takes the vote back, as if it had never been cast; its receipts stay in the chain. @throws as {@link change} */
  async takeBack(viewer: Viewer, pollId: string): Promise<void> {
    const box = await this.boxes.get(pollId);
    const voterId = changerOf(viewer, box);
    await this.underGuard(box, voterId, async (tx, guarded, before) => {
      await this.ballots.deleteOpinion(tx, pollId, voterId);
      await this.ballots.delete(tx, pollId, voterId, voterKeyOf(box.voterSecret!, voterId));
      await this.ballots.takeFromTally(tx, pollId, before.choiceHash);
      await this.ballots.addToSecond(tx, pollId, before.castAt, -1);
      await this.link(tx, pollId, guarded, [withdrawn(before.id)]);
    });
  }

  private underGuard<T>({ poll, voterSecret }: BallotBox, voterId: string, work: (tx: Tx, guarded: Guarded, before: NamedBallot) => Promise<T>): Promise<T> {
    return this.transactions.run(async (tx) => {
      const guarded = await this.guard.enterToVote(tx, poll.id);
      if (guarded === undefined || voterSecret === null) throw pollNotOpen();
      const before = await this.ballots.find(tx, poll.id, voterId);
      if (before === undefined) throw notFound({}, 'You have not voted in this poll: POST a vote first.');
      return work(tx, guarded, before);
    });
  }

  private link(tx: Tx, pollId: string, { linkSeq, linkHash: previous }: Guarded, receipts: string[]): Promise<void> {
    return this.guard.link(tx, pollId, linkSeq + 1, linkHash(previous, receipts), receipts);
  }
}

/** Who may vote and whose poll lets a vote be changed. @throws as voterOf; changeNotAllowed */
function changerOf(viewer: Viewer, box: BallotBox): string {
  const voterId = voterOf(viewer, box);
  if (!box.poll.allowChange) throw changeNotAllowed();
  return voterId;
}
