import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { serverBusy } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { ChatMessage } from '../chat.types.js';
import { ConversationAccess } from '../conversations/conversation-access.service.js';
import { ConversationRepository } from '../conversations/conversation.repository.js';
import { MessageRepository } from '../messages/message.repository.js';
import { MessageIndex } from './message-index.service.js';
import { WordRepository, type Found } from './word.repository.js';
import type { WordQuery } from './word.rules.js';

const LIST = 'chat.search';
/** How long a search waits for the index: longer than one minute's messages take, which is what the task leaves. */
const PATIENCE_MS = 8_000;
const CONVERSATIONS_PER_QUERY = 100;

export interface SearchFor {
  readonly query: WordQuery;
  /** Only in this conversation. */
  readonly conversationId?: string;
  readonly senderId?: string;
  /** Only what was sent before. */
  readonly before?: Date;
}

/** Finds messages by their words, in what somebody may read. */
@Injectable()
export class MessageSearch {
  constructor(
    private readonly database: Database,
    private readonly access: ConversationAccess,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly index: MessageIndex,
    private readonly words: WordRepository,
    private readonly cursors: Cursors,
  ) {}

  /**
   * The newest first. Whatever was sent before is found: what is not indexed yet is indexed now.
   *
   * @throws notFound, chatBanned for a conversation that they may not read; requestInvalid for a cursor of another list
   * @throws serverBusy when there is too much to be indexed: the next try goes on from there
   */
  async search(memberId: string, { query, conversationId, senderId, before }: SearchFor, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<ChatMessage>> {
    const [createdAt, ofConversation, no] = this.cursors.decode<[string, string, number]>(LIST, cursor) ?? [];
    const after = createdAt === undefined ? undefined : { createdAt: new Date(createdAt), conversationId: ofConversation!, no: no! };
    if (conversationId !== undefined) await this.access.read(memberId, conversationId);
    await this.catchUp(memberId, conversationId);
    // Asked only now: who was shown out meanwhile sees nothing.
    const readable = (await this.conversations.listHeadsOf(this.database, memberId)).map((head) => head.conversationId);
    const places = conversationId === undefined ? readable : readable.filter((id) => id === conversationId);
    const found: Found[] = [];
    for (let first = 0; first < places.length; first += CONVERSATIONS_PER_QUERY) {
      found.push(...(await this.words.find(this.database, places.slice(first, first + CONVERSATIONS_PER_QUERY), query, { senderId, before, after }, limit + 1)));
    }
    const { items, nextCursor } = this.cursors.page(LIST, found.sort(newestFirst), limit, (one) => [one.createdAt.toISOString(), one.conversationId, one.no]);
    return { items: await this.shown(items), nextCursor };
  }

  private async catchUp(memberId: string, conversationId: string | undefined): Promise<void> {
    const started = performance.now();
    await this.index.catchUp({ memberId, conversationId }, () => {
      if (performance.now() - started > PATIENCE_MS) throw serverBusy({ retryAfterSeconds: 5 });
    });
  }

  /** Without those that were deleted since they were found. */
  private async shown(found: readonly Found[]): Promise<ChatMessage[]> {
    const messages = new Map((await this.messages.listByIds(this.database, found.map(({ id }) => id))).map((message) => [message.id, message]));
    return found.map(({ id }) => messages.get(id)).filter((message) => message !== undefined).filter(({ deleted }) => !deleted);
  }
}

function newestFirst(a: Found, b: Found): number {
  if (a.createdAt.getTime() !== b.createdAt.getTime()) return b.createdAt.getTime() - a.createdAt.getTime();
  if (a.conversationId !== b.conversationId) return a.conversationId < b.conversationId ? 1 : -1;
  return b.no - a.no;
}
