import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { goOn } from '../../../platform/auth/at-once.js';
import { authRequired } from '../../../platform/errors/house.errors.js';
import type { AnonymousIdempotencyRequest } from '../../../platform/http/idempotency.js';
import { secretReceipt } from '../chain.rules.js';
import { isEligible, seesPoll, voterIdOf, type Viewer } from '../visibility.rules.js';
import { notEligible } from '../voting.errors.js';
import { BallotBoxes } from './ballot-boxes.service.js';
import { ballotOf, sealed } from './ballot.rules.js';
import type { BallotBox, CastVote } from './casting.types.js';
import { VoteIntake } from './vote-intake.service.js';

/** Takes votes: checks each by what is in memory, and hands it on to be stored. */
@Injectable()
export class Votes {
  constructor(
    private readonly boxes: BallotBoxes,
    private readonly intake: VoteIntake,
  ) {}

  /**
   * Casts a vote; answers when it is durable.
   *
   * @throws notFound, authRequired, notEligible, requestInvalid, unknownCandidate, ballotInvalid
   * @throws pollNotOpen, alreadyVoted, idempotencyKeyReused, serverBusy
   */
  cast(viewer: Viewer, pollId: string, body: Readonly<Record<string, unknown>>, request: AnonymousIdempotencyRequest): Promise<CastVote> {
    // Checked in this order everywhere: whether there is such a poll, who may vote in it, and only then the ballot.
    return Promise.resolve(goOn(this.boxes.get(pollId), (box) => this.intake.cast(box, this.voteOf(viewer, box, body, request))));
  }

  private voteOf(viewer: Viewer, { poll }: BallotBox, body: Readonly<Record<string, unknown>>, request: AnonymousIdempotencyRequest) {
    const voterId = voterOf(viewer, { poll });
    const { choice, opinion, nonce } = ballotOf(poll, body);
    return {
      voterId,
      choice: sealed(choice),
      opinion,
      receipt: nonce === undefined ? randomUUID() : secretReceipt(poll.id, nonce),
      // What is kept under a key says who sent it and when: in a secret poll the nonce serves instead.
      ...(request !== undefined && poll.secrecy === 'named' && { idempotency: { ...request, actorId: voterId } }),
    };
  }
}

/** Under which this viewer votes here. @throws notFound, authRequired, notEligible */
export function voterOf(viewer: Viewer, { poll }: Pick<BallotBox, 'poll'>): string {
  const voterId = voterIdOf(viewer);
  if (voterId === undefined) throw authRequired({}, 'Sign in to vote, or send the X-Device-Token of this poll if it is a public one.');
  if (poll.state !== 'draft' && !seesPoll(viewer, poll)) throw authRequired();
  if (!isEligible(viewer, poll)) throw notEligible();
  return voterId;
}
