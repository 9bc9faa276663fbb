import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { ConversationAccess } from '../conversations/conversation-access.service.js';
import { ChatSockets, conversationRoom } from '../log/chat-sockets.js';
import { AudienceRepository } from './audience.repository.js';
import { ChatTimings } from './chat-timings.js';
import { ConversationSizes } from './conversation-sizes.service.js';
import { PresenceRoster } from './presence-roster.service.js';
import type { MemberPresence } from './presence.types.js';

/** In a larger conversation comings and goings are not told: when all come back at once, that grows by its square. */
const MOST_MEMBERS = 200;
const MEMBERS_PER_QUERY = 500;

/**
 * Tells members who of those with whom they share a conversation is there. Each process tells its own sockets what it
 * knows of all processes. Best effort: `list` says how it is.
 */
@Injectable()
export class Presence implements OnModuleDestroy {
  private readonly logger = new Logger(Presence.name);
  /** Who is online; with the timer of their grace, where they have no socket any more. */
  private readonly online = new Map<string, NodeJS.Timeout | undefined>();
  /** Who has come or gone, and nobody was told yet. */
  private readonly untold = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly audience: AudienceRepository,
    private readonly access: ConversationAccess,
    private readonly sizes: ConversationSizes,
    private readonly roster: PresenceRoster,
    private readonly sockets: ChatSockets,
    private readonly timings: ChatTimings,
  ) {
    roster.onChange((memberId, isSudden) => this.settle(memberId, isSudden));
  }

  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    for (const grace of this.online.values()) clearTimeout(grace);
    await this.telling;
  }

  /**
   * A socket looks at a conversation from now on, or at none.
   *
   * @throws notFound for who is not in it; chatBanned
   */
  async focus(memberId: string, socketId: string, conversationId: string | null): Promise<void> {
    if (conversationId !== null) await this.access.read(memberId, conversationId);
    this.roster.focus(memberId, socketId, conversationId);
  }

  /** How it is with these members, without those who share no conversation with the caller. */
  async list(callerId: string, memberIds: readonly string[]): Promise<MemberPresence[]> {
    const sharing = await this.audience.listSharing(this.database, callerId, memberIds);
    return memberIds.filter((id) => sharing.has(id)).map((id) => this.of(id));
  }

  private of(memberId: string): MemberPresence {
    return { memberId, state: this.online.has(memberId) ? 'online' : 'offline', lastActiveAt: this.roster.lastActiveAt(memberId)?.toISOString() ?? null };
  }

  /** Who has just lost the last socket is online still, and nobody hears of a reconnect. */
  private settle(memberId: string, isSudden: boolean): void {
    const [isKnown, grace] = [this.online.has(memberId), this.online.get(memberId)];
    if (this.roster.isConnected(memberId)) {
      clearTimeout(grace);
      this.online.set(memberId, undefined);
      if (!isKnown) this.tell(memberId);
    } else if (isKnown && isSudden) this.end(memberId);
    else if (isKnown && grace === undefined) this.online.set(memberId, setTimeout(() => this.end(memberId), this.timings.presenceGrace).unref());
  }

  private end(memberId: string): void {
    clearTimeout(this.online.get(memberId));
    this.online.delete(memberId);
    this.tell(memberId);
  }

  private tell(memberId: string): void {
    this.untold.add(memberId);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.telling = this.telling.then(() => this.tellAll());
    }, this.timings.presenceTogether).unref();
  }

  private async tellAll(): Promise<void> {
    const memberIds = [...this.untold];
    this.untold.clear();
    try {
      for (let first = 0; first < memberIds.length && this.roster.isWatched; first += MEMBERS_PER_QUERY) {
        await this.tellOf(memberIds.slice(first, first + MEMBERS_PER_QUERY));
      }
    } catch (error) {
      this.logger.warn(error, 'nobody was told who came and went');
    }
  }

  /** To each socket once, in how many conversations they may meet. */
  private async tellOf(memberIds: readonly string[]): Promise<void> {
    const parts = (await this.audience.listParts(this.database, memberIds)).filter(({ conversationId }) => this.sockets.countIn(conversationRoom(conversationId)) > 0);
    const told = await this.sizes.upTo(MOST_MEMBERS, parts.map(({ conversationId }) => conversationId));
    const rooms = new Map<string, string[]>();
    for (const { memberId, conversationId } of parts) {
      if (told.has(conversationId)) rooms.set(memberId, [...(rooms.get(memberId) ?? []), conversationRoom(conversationId)]);
    }
    for (const [memberId, ofMember] of rooms) this.sockets.toOthers(ofMember, memberId, 'presence', this.of(memberId));
  }
}
