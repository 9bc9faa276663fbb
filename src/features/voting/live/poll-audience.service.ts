import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Authenticator } from '../../../platform/auth/authenticator.js';
import { Database } from '../../../platform/database/database.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { accessTokenExpired } from '../../../platform/errors/house.errors.js';
import { Realtime, type RoomSocket } from '../../../platform/realtime/realtime.js';
import type { Poll } from '../poll.types.js';
import { dependsOnVote, seesResults, voterIdOf, type Viewer } from '../visibility.rules.js';
import { VoterRepository } from '../voter.repository.js';
import { pollRoom, resultsRoom } from './poll-rooms.rules.js';

/** Who of those that watch a poll is told its counts. */
@Injectable()
export class PollAudience {
  constructor(
    private readonly database: Database,
    private readonly realtime: Realtime,
    private readonly authenticator: Authenticator,
    private readonly voters: VoterRepository,
  ) {}

  /**
   * Lets the sockets of this process that watch a poll into the room of its counts, or shows them out, as the policy
   * has it now. Done each time before counts are sent: what let somebody in may hold no longer.
   *
   * @returns whether anybody is in there
   */
  async settle(poll: Poll): Promise<boolean> {
    const [room, results] = [pollRoom(poll.id), resultsRoom(poll.id)];
    const listeners = await Promise.all(this.realtime.inRoom(room).map(async ({ socket, actor }) => ({ socket, viewer: await this.viewerOf(actor) })));
    const voters = dependsOnVote(poll) ? await this.votersAmong(poll, listeners) : new Set();
    let isAnybodyIn = false;
    for (const { socket, viewer } of listeners) {
      // Whoever has left meanwhile is not called back.
      if (socket.rooms.has(room) && seesResults(viewer, poll, voters.has(voterIdOf(viewer)))) {
        void socket.join(results);
        isAnybodyIn = true;
      } else {
        void socket.leave(results);
      }
    }
    return isAnybodyIn;
  }

  /** Who has voted. Those who are in the room of the counts have; where a vote is final they are not asked about again. */
  private async votersAmong({ id, allowChange }: Poll, listeners: readonly { socket: RoomSocket; viewer: Viewer }[]): Promise<ReadonlySet<string | undefined>> {
    const known = new Set<string>();
    const asked = new Set<string>();
    for (const { socket, viewer } of listeners) {
      const voterId = voterIdOf(viewer);
      if (voterId === undefined) continue;
      if (!allowChange && socket.rooms.has(resultsRoom(id))) known.add(voterId);
      else asked.add(voterId);
    }
    return new Set([...known, ...(await this.voters.votersIn(this.database, id, [...asked]))]);
  }

  /**
   * As whom a socket looks. Where rights have changed since it connected, it has those that every member has until it
   * connects with a new token; where the session has ended it is about to be disconnected.
   */
  private async viewerOf(actor: Actor): Promise<Viewer> {
    try {
      return await this.authenticator.renew(actor);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return error.code === accessTokenExpired.code ? { memberId: actor.memberId } : {};
    }
  }
}
