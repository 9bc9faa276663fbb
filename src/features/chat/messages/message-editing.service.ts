import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import type { ChatMessage } from '../chat.types.js';
import { isChangedBy } from './message-acts.rules.js';
import { MessageActs } from './message-acts.service.js';
import type { MessageEdit } from './message-acts.types.js';
import { MessageTexts } from './message-texts.service.js';
import { MessageRepository } from './message.repository.js';
import { SendAllowance } from './send-allowance.service.js';

/** Edits messages. */
@Injectable()
export class MessageEditing {
  constructor(
    private readonly transactions: Transactions,
    private readonly acts: MessageActs,
    private readonly texts: MessageTexts,
    private readonly messages: MessageRepository,
    private readonly allowance: SendAllowance,
  ) {}

  /**
   * The message as it reads now. Of edits that have seen the same version one wins; asked for again, it is answered alike.
   *
   * @throws rateLimited, counted with the messages that are sent; what {@link isChangedBy} throws
   */
  async edit(memberId: string, messageId: string, edit: MessageEdit): Promise<ChatMessage> {
    this.allowance.use(memberId);
    return this.transactions.run(async (tx) => {
      await this.acts.perform(tx, memberId, messageId, async (held) => {
        if (!isChangedBy(memberId, edit, held)) return undefined;
        await this.texts.replace(tx, held.message, edit.text, held.conversation.now);
        return { type: 'message.edited', actorId: memberId, messageId };
      });
      return (await this.messages.find(tx, messageId))!;
    });
  }
}
