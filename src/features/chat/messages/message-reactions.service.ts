import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { checkEmoji, isReactionChanged } from './message-acts.rules.js';
import { MessageActs } from './message-acts.service.js';
import { MessageChangeRepository } from './message-change.repository.js';
import { SendAllowance } from './send-allowance.service.js';

/** Sets and takes back what members answer messages with. */
@Injectable()
export class MessageReactions {
  constructor(
    private readonly transactions: Transactions,
    private readonly acts: MessageActs,
    private readonly changes: MessageChangeRepository,
    private readonly allowance: SendAllowance,
  ) {}

  /**
   * Again changes nothing, and is told to nobody.
   *
   * @throws requestInvalid for what is not one emoji; rateLimited, counted with the messages that are sent; what {@link isReactionChanged} throws
   */
  async set(memberId: string, messageId: string, { emoji, on }: { emoji: string; on: boolean }): Promise<void> {
    checkEmoji(emoji);
    this.allowance.use(memberId);
    await this.transactions.run(async (tx) => {
      await this.acts.perform(tx, memberId, messageId, async (held) => {
        const isSet = await this.changes.hasReaction(tx, messageId, emoji, memberId);
        if (!isReactionChanged({ emoji, on, isSet }, held)) return undefined;
        if (on) await this.changes.insertReaction(tx, messageId, emoji, memberId, held.conversation.now);
        else await this.changes.deleteReaction(tx, messageId, emoji, memberId);
        return { type: on ? 'reaction.added' : 'reaction.removed', actorId: memberId, messageId, payload: { emoji, memberId } };
      });
    });
  }
}
