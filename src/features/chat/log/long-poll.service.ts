import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { rateLimited } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import { withDeadline } from '../../../platform/jobs/deadline.js';
import type { ChatEvent } from '../chat.types.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { ConversationFeed } from './conversation-feed.service.js';
import { EventRepository, textRoom } from './event.repository.js';
import { PollCursor } from './poll-cursor.rules.js';

const LIST = 'chat.poll';
const EVENTS_PER_ANSWER = 200;
/** Of one member at once: as many as sockets. */
const MOST_WAITING = 30;

export interface Polled {
  readonly events: ChatEvent[];
  /** What to ask for next. */
  readonly next: string;
}

/** Waits for events in all conversations of a member: for clients that have nothing but HTTP. */
@Injectable()
export class LongPoll {
  /** How many requests of each member wait. */
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly conversations: ConversationRepository,
    private readonly events: EventRepository,
    private readonly feed: ConversationFeed,
    private readonly cursors: Cursors,
  ) {}

  /**
   * The events since an answer's `next`, as soon as there are any; none when `timeoutMs` are over. Asked again with the
   * same `since` it answers the same again.
   *
   * @throws requestInvalid for a `since` that is none; rateLimited when the member waits too often at once
   */
  async poll(memberId: string, since: string | undefined, timeoutMs: number, gone: AbortSignal): Promise<Polled> {
    if ((this.waiting.get(memberId) ?? 0) >= MOST_WAITING) throw rateLimited({ retryAfterSeconds: 1 }, `A member waits at most ${MOST_WAITING} times at once.`);
    this.waiting.set(memberId, (this.waiting.get(memberId) ?? 0) + 1);
    try {
      return await withDeadline(timeoutMs, gone, (until) => this.pollUntil(memberId, since, until));
    } finally {
      const left = this.waiting.get(memberId)! - 1;
      if (left === 0) this.waiting.delete(memberId);
      else this.waiting.set(memberId, left);
    }
  }

  private async pollUntil(memberId: string, since: string | undefined, until: AbortSignal): Promise<Polled> {
    const [text] = this.cursors.decode<[string]>(LIST, since, 'since') ?? [];
    let cursor = text === undefined ? undefined : PollCursor.from(text);
    for (;;) {
      const { joinings } = this.feed;
      const heads = await this.conversations.listHeadsOf(this.database, memberId);
      const had = new Map(heads.map((head) => [head.conversationId, cursor?.seqOf(head) ?? head.seq]));
      const events: ChatEvent[] = [];
      const room = textRoom();
      for (const head of heads) {
        const seq = had.get(head.conversationId)!;
        if (seq === head.seq) continue;
        const found = await this.events.list(this.database, head, seq, EVENTS_PER_ANSWER - events.length, room);
        events.push(...found);
        had.set(head.conversationId, found.at(-1)?.seq ?? seq);
      }
      cursor = PollCursor.of(heads, had);
      if (events.length > 0 || until.aborted || this.feed.isStopped) return { events, next: this.cursors.encode(LIST, [cursor.text]) };
      await this.feed.awaitNews(memberId, heads, joinings, until);
    }
  }
}

