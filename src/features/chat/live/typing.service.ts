import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { notFound } from '../../../platform/errors/house.errors.js';
import { ProcessBus } from '../../../platform/realtime/process-bus.js';
import type { RoomSocket } from '../../../platform/realtime/realtime.js';
import { keyOfPart, type Part } from '../conversations/membership.repository.js';
import { ChatSockets, conversationRoom } from '../log/chat-sockets.js';
import { ConversationFeed } from '../log/conversation-feed.service.js';
import { ChatTimings } from './chat-timings.js';
import { PostingRights } from './posting-rights.service.js';

const TOPIC = 'chat.typing';
/** Where more than so many sockets listen at one process nobody is told: somebody is always typing there. */
const MOST_SOCKETS = 500;

/** Somebody who is typing. */
interface Typist {
  toldAt: number;
  /** Ends it. */
  readonly end: NodeJS.Timeout;
}

/** Tells who is typing. Nothing of it is kept, and what is lost is lost. */
@Injectable()
export class Typing implements OnModuleDestroy {
  private readonly typists = new Map<string, Typist>();

  constructor(
    private readonly sockets: ChatSockets,
    private readonly bus: ProcessBus,
    private readonly timings: ChatTimings,
    private readonly rights: PostingRights,
    feed: ConversationFeed,
  ) {
    bus.on<Part & { typing: boolean }>(TOPIC, ({ typing, ...part }) => (typing ? this.hear(part) : this.stop(part)));
    // Each process hears of what was sent by the feed, wherever it was.
    feed.onEvent(({ type, conversationId, actorId, data }) => {
      if (type === 'message.created' && actorId !== null) this.stop({ conversationId, memberId: actorId });
      else if (type === 'member.left' && 'memberId' in data) this.stop({ conversationId, memberId: data.memberId });
    });
  }

  onModuleDestroy(): void {
    for (const { end } of this.typists.values()) clearTimeout(end);
  }

  /**
   * Whoever could send nothing tells nobody that they are about to.
   *
   * @throws notFound when the socket does not hear this conversation; what a message would be refused with, apart from slow mode
   */
  async note(socket: RoomSocket, part: Part): Promise<void> {
    await this.rights.check(part);
    if (!socket.rooms.has(conversationRoom(part.conversationId))) throw notFound();
    const isTold = this.start(part, this.timings.typing, () => this.bus.publish(TOPIC, { ...part, typing: false }));
    if (isTold) this.bus.publish(TOPIC, { ...part, typing: true });
  }

  /** Another process tells of its typists less often than it hears of them. It says when they have stopped, if it lives. */
  private hear(part: Part): void {
    this.start(part, this.timings.typing + this.timings.typingEvery);
  }

  /** @returns whether the others were told */
  private start(part: Part, forMs: number, ended: () => void = () => undefined): boolean {
    const now = performance.now();
    const known = this.typists.get(keyOfPart(part));
    clearTimeout(known?.end);
    const isTold = known === undefined || now - known.toldAt >= this.timings.typingEvery;
    const end = setTimeout(() => {
      this.stop(part);
      ended();
    }, forMs).unref();
    this.typists.set(keyOfPart(part), { toldAt: isTold ? now : known.toldAt, end });
    if (isTold) this.tell(part, true);
    return isTold;
  }

  private stop(part: Part): void {
    const known = this.typists.get(keyOfPart(part));
    if (known === undefined) return;
    clearTimeout(known.end);
    this.typists.delete(keyOfPart(part));
    this.tell(part, false);
  }

  /** The end is not fleeting: it comes right after a message, when a socket can take nothing more at once. */
  private tell({ conversationId, memberId }: Part, typing: boolean): void {
    const room = conversationRoom(conversationId);
    if (this.sockets.countIn(room) <= MOST_SOCKETS) this.sockets.toOthers(room, memberId, 'typing', { conversationId, memberId, typing }, { isFleeting: typing });
  }
}
