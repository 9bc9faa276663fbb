import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { ChatMessage } from '../chat.types.js';
import { ConversationAccess } from '../conversations/conversation-access.service.js';
import { MessageRepository } from './message.repository.js';

/** Which messages are wanted, by their numbers; the last ones where no number is given. */
export interface HistoryPlace {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
}

/** Messages in their order, and where there are more: what `before` or `after` is to be asked for next, or null. */
export interface History {
  readonly items: ChatMessage[];
  readonly nextBefore: number | null;
  readonly nextAfter: number | null;
}

/** Pages through the messages of a conversation, by their numbers, which nothing moves. */
@Injectable()
export class MessageHistory {
  constructor(
    private readonly database: Database,
    private readonly access: ConversationAccess,
    private readonly messages: MessageRepository,
  ) {}

  /** @throws notFound, chatBanned */
  async list(memberId: string, conversationId: string, { before, after, around }: HistoryPlace, limit: number): Promise<History> {
    await this.access.read(memberId, conversationId);
    if (after !== undefined) return this.page([], await this.messages.list(this.database, conversationId, { after }, limit + 1), 0, limit);
    if (around === undefined) return this.page(await this.messages.list(this.database, conversationId, { before: before ?? Number.MAX_SAFE_INTEGER }, limit + 1), [], limit, 0);
    // The one itself counts as newer.
    const older = limit >> 1;
    return this.page(
      await this.messages.list(this.database, conversationId, { before: around }, older + 1),
      await this.messages.list(this.database, conversationId, { after: around - 1 }, limit - older + 1), older, limit - older,
    );
  }

  /** @param falling with one more than is shown, like `rising`: that one tells whether there are others */
  private page(falling: readonly ChatMessage[], rising: readonly ChatMessage[], older: number, newer: number): History {
    const items = [...falling.slice(0, older).reverse(), ...rising.slice(0, newer)];
    return {
      items,
      nextBefore: falling.length > older && older > 0 ? items[0]!.no : null,
      nextAfter: rising.length > newer && newer > 0 ? items.at(-1)!.no : null,
    };
  }
}
