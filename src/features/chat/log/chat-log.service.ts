import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { EventDraft } from '../chat.types.js';
import { ConversationRepository, type HeldConversation } from '../conversations/conversation.repository.js';
import { ConversationFeed } from './conversation-feed.service.js';
import { EventRepository } from './event.repository.js';

/** What is written down, once it is known how the conversation stands. */
export type Drafts = (held: HeldConversation) => Promise<readonly EventDraft[]> | readonly EventDraft[];

/** Writes down what happens in conversations, and has it told after the commit. Messages come in by `MessageStore`. */
@Injectable()
export class ChatLog {
  constructor(
    private readonly conversations: ConversationRepository,
    private readonly events: EventRepository,
    private readonly feed: ConversationFeed,
  ) {}

  /**
   * Takes the conversation, so that nothing else is added to it until the commit, lets `drafts` do its work, and adds
   * what that answers to the log. The events get the numbers after `held.lastSeq`, in their order.
   *
   * @param most how many events there may be
   * @throws notFound when there is no such conversation; whatever `drafts` throws
   */
  async append(tx: Tx, conversationId: string, most: number, drafts: Drafts): Promise<void> {
    const held = (await this.conversations.advance(tx, new Map([[conversationId, { events: most, messages: 0 }]]))).get(conversationId);
    if (held === undefined) throw notFound();
    const events = (await drafts(held)).map((draft, i) => ({ ...draft, conversationId, seq: held.lastSeq + 1 + i, at: held.now }));
    if (events.length > most) throw new Error(`${events.length} events where ${most} were announced`);
    const lastSeq = held.lastSeq + events.length;
    if (events.length < most) await this.conversations.settle(tx, { id: conversationId, lastSeq, lastNo: held.lastNo });
    if (events.length > 0) {
      await this.events.insert(tx, events);
      const joined = events.flatMap(({ type, payload }) => (type === 'member.joined' ? [payload!.memberId!] : []));
      const left = events.flatMap(({ type, payload }) => (type === 'member.left' || (payload?.bannedUntil ?? null) !== null ? [payload!.memberId!] : []));
      tx.afterCommit(() => this.feed.move({ conversationId, seq: lastSeq, joined, left }));
    }
  }
}
