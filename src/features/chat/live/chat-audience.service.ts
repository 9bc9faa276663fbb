import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Database } from '../../../platform/database/database.js';
import { forbidden, rateLimited } from '../../../platform/errors/house.errors.js';
import type { RoomSocket } from '../../../platform/realtime/realtime.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { ConversationFeed } from '../log/conversation-feed.service.js';
import { ChatSockets } from '../log/chat-sockets.js';
import { PresenceRoster } from './presence-roster.service.js';

const MOST_SOCKETS = 30;
/** One is outdated when others began to listen meanwhile: again and again only out of a backup, and then a later sync lets the socket in. */
const MOST_READINGS = 5;

/** Lets sockets hear the conversations of their members. */
@Injectable()
export class ChatAudience {
  constructor(
    private readonly database: Database,
    private readonly conversations: ConversationRepository,
    private readonly feed: ConversationFeed,
    private readonly sockets: ChatSockets,
    private readonly roster: PresenceRoster,
  ) {}

  /**
   * A new socket hears all conversations of its member, before it is told that it is connected.
   *
   * @throws forbidden; rateLimited for a member's 31st socket
   */
  async enter(socket: RoomSocket, { memberId, permissions }: Actor): Promise<void> {
    if (!permissions.has(Permission.ChatRead)) throw forbidden();
    const countedRoom = `counted:${memberId}`;
    if (this.sockets.countIn(countedRoom) + this.roster.countElsewhere(memberId) >= MOST_SOCKETS) throw rateLimited({ retryAfterSeconds: 60 }, `A member has at most ${MOST_SOCKETS} sockets. Close one.`);
    // Counted and joined at once, or those that come together would all be too many. Who is not let in, or goes, is in no room.
    void socket.join(countedRoom);
    await this.listen(socket, memberId);
  }

  /** Also those that the member may read again, e.g. since a ban ran out. */
  async listen(socket: RoomSocket, memberId: string): Promise<void> {
    for (let tries = 1; tries <= MOST_READINGS; tries += 1) {
      const heads = await this.conversations.listHeadsOf(this.database, memberId);
      const outdated = heads.filter((head) => !this.feed.follow(socket, memberId, head));
      if (outdated.length === 0) return;
    }
  }
}
