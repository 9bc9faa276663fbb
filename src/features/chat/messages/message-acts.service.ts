import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { ChatMessage, EventDraft } from '../chat.types.js';
import { MembershipRepository } from '../conversations/membership.repository.js';
import { ChatLog } from '../log/chat-log.service.js';
import type { HeldMessage } from './message-acts.types.js';
import { MessageRepository } from './message.repository.js';

/** Lets members act on messages, one after the other in each conversation. */
@Injectable()
export class MessageActs {
  constructor(
    private readonly messages: MessageRepository,
    private readonly members: MembershipRepository,
    private readonly log: ChatLog,
  ) {}

  /**
   * Takes the conversation of a message, lets `act` decide and do its work, and adds the event that it answers to the log.
   *
   * @param act answers undefined when nothing has changed; whether the member may see the message is for it to check
   * @returns the message as it was before it was changed; undefined when it was not
   * @throws notFound when there is no such message; whatever `act` throws
   */
  async perform(tx: Tx, memberId: string, messageId: string, act: (held: HeldMessage) => Promise<EventDraft | undefined>): Promise<ChatMessage | undefined> {
    const conversationId = (await this.messages.listConversations(tx, [messageId])).get(messageId);
    if (conversationId === undefined) throw notFound();
    const changed: ChatMessage[] = [];
    await this.log.append(tx, conversationId, 1, async (conversation) => {
      const message = await this.messages.find(tx, messageId);
      if (message === undefined) throw notFound();
      const standing = await this.members.find(tx, { conversationId, memberId });
      const isBlocked = await this.members.isBlockedDm(tx, conversation);
      const event = await act({ message, conversation, standing, isBlocked });
      if (event === undefined) return [];
      changed.push(message);
      return [event];
    });
    return changed[0];
  }
}
