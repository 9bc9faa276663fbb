import { Injectable } from '@nestjs/common';
import { changedMeanwhile } from '../../../platform/database/sql-errors.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { mentionsIn } from '../chat.rules.js';
import type { ChatMessage } from '../chat.types.js';
import { MessageIndex } from '../search/message-index.service.js';
import { MessageChangeRepository } from './message-change.repository.js';
import { MessageRepository } from './message.repository.js';

/**
 * Changes what stored messages say. Every change of a text comes through here, while the conversation is held:
 * whatever else is made of texts follows them in {@link follow}, in the same transaction.
 */
@Injectable()
export class MessageTexts {
  constructor(
    private readonly changes: MessageChangeRepository,
    private readonly messages: MessageRepository,
    private readonly index: MessageIndex,
  ) {}

  /** @param message as it was read since the conversation is held */
  async replace(tx: Tx, message: ChatMessage, text: string | null, at: Date): Promise<void> {
    if (!(await this.changes.updateText(tx, message, text, at))) throw changedMeanwhile(`message ${message.id} is another version by now`);
    await this.follow(tx, message, text);
  }

  /** Leaves a message without a text, files, mentions and reactions. */
  async erase(tx: Tx, message: ChatMessage, at: Date): Promise<void> {
    if (!(await this.changes.erase(tx, message, at))) throw changedMeanwhile(`message ${message.id} is deleted by now`);
    await this.follow(tx, message, null);
  }

  /** @param message as it was before it had this text */
  private async follow(tx: Tx, message: ChatMessage, text: string | null): Promise<void> {
    await this.changes.deleteMentions(tx, message);
    await this.messages.insertMentions(tx, [{ ...message, mentions: mentionsIn(text) }]);
    await this.index.replace(tx, message, text);
  }
}
