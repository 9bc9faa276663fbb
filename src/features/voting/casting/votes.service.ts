import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { goOn } from '../../../platform/auth/at-once.js';
import { authRequired, notFound } from '../../../platform/errors/house.errors.js';
import type { AnonymousIdempotencyRequest } from '../../../platform/http/idempotency.js';
import { secretReceipt } from '../chain.rules.js';
import { isEligible, voterIdOf, type Viewer } from '../visibility.rules.js';
import { notEligible } from '../voting.errors.js';
import { BallotBoxes } from './ballot-boxes.service.js';
import { ballotOf, sealed } from './ballot.rules.js';
import type { BallotBox, CastVote, Vote } from './casting.types.js';
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
    return Promise.resolve(goOn(this.boxes.get(pollId), (box) => this.intake.cast(...this.checked(viewer, box, body, request))));
  }

  private checked(viewer: Viewer, found: BallotBox | undefined, body: Readonly<Record<string, unknown>>, request: AnonymousIdempotencyRequest): [BallotBox, Vote] {
    const [box, voterId] = admitVoter(viewer, found);
    const { poll } = box;
    const { choice, opinion, nonce, refusal } = ballotOf(poll, body);
    const vote = {
      voterId,
      edition: poll.edition,
      choice: sealed(choice),
      opinion,
      refusal,
      receipt: nonce === undefined ? randomUUID() : secretReceipt(poll.id, nonce),
      // What is kept under a key says who sent it and when: in a secret poll the nonce serves instead.
      ...(request !== undefined && poll.secrecy === 'named' && { idempotency: { ...request, actorId: voterId } }),
    };
    return [box, vote];
  }
}

/** The poll, and under which name this viewer votes in it. @throws notFound, authRequired, notEligible */
export function admitVoter(viewer: Viewer, box: BallotBox | undefined): [BallotBox, string] {
  const voterId = voterIdOf(viewer);
  // To whoever is not signed in, a poll of the members and none at all are the same.
  if (voterId === undefined || (viewer.memberId === undefined && box?.poll.electorate !== 'public')) throw authRequired({}, 'Sign in to vote, or send the X-Device-Token of this poll if it is a public one.');
  if (box === undefined) throw notFound();
  if (!isEligible(viewer, box.poll, box.electors.has(voterId))) throw notEligible();
  return [box, voterId];
}
