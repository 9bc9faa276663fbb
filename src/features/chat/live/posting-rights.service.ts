import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { refusalToSend } from '../chat.rules.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { keyOfPart, MembershipRepository, type Part } from '../conversations/membership.repository.js';
import { ConversationFeed } from '../log/conversation-feed.service.js';

const MOST_KNOWN = 50_000;
const KNOWN_FOR_MS = 10_000;

/** Who may send where, as it was within the last 10 s: for what members say so often that it cannot be asked each time. */
@Injectable()
export class PostingRights {
  /** Answers that are still awaited as well, so that many questions at once are one. */
  private readonly known = new LRUCache<string, Promise<Error | undefined>>({ max: MOST_KNOWN, ttl: KNOWN_FOR_MS });

  constructor(
    private readonly database: Database,
    private readonly members: MembershipRepository,
    private readonly conversations: ConversationRepository,
    feed: ConversationFeed,
  ) {
    // Who has just come, or is muted no more, does not wait.
    feed.onEvent(({ type, conversationId, data }) => {
      if (type.startsWith('member.') && 'memberId' in data) this.known.delete(keyOfPart({ conversationId, memberId: data.memberId }));
    });
  }

  /** @throws what a message would be refused with, apart from slow mode */
  async check(part: Part): Promise<void> {
    const key = keyOfPart(part);
    const known = this.known.get(key);
    const asked = known ?? this.refusal(part);
    if (known === undefined) {
      this.known.set(key, asked);
      asked.catch(() => this.known.delete(key));
    }
    const refusal = await asked;
    if (refusal !== undefined) throw refusal;
  }

  private async refusal(part: Part): Promise<Error | undefined> {
    const [membership, conversation] = [await this.members.find(this.database, part), await this.conversations.settings(this.database, part.conversationId)];
    if (membership === undefined || conversation === undefined) return notFound();
    const isBlocked = await this.members.isBlockedDm(this.database, conversation);
    const archivedAt = conversation.archivedAt === null ? null : new Date(conversation.archivedAt);
    return refusalToSend({ ...membership, lastSentAt: null }, { posting: conversation.posting, slowModeSeconds: 0, archivedAt, isBlocked }, membership.now);
  }
}
