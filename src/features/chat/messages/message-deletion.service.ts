import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { ReportRepository } from '../moderation/report.repository.js';
import { checkDeletion } from './message-acts.rules.js';
import { MessageActs } from './message-acts.service.js';
import { MessageTexts } from './message-texts.service.js';

/** Deletes messages: that there was one stays known, with its number, and nothing of what it said. */
@Injectable()
export class MessageDeletion {
  constructor(
    private readonly transactions: Transactions,
    private readonly acts: MessageActs,
    private readonly texts: MessageTexts,
    private readonly reports: ReportRepository,
    private readonly audit: Audit,
  ) {}

  /** Again changes nothing. @throws notFound, forbidden, chatBanned: see {@link checkDeletion} */
  async delete({ memberId, permissions }: Pick<Actor, 'memberId' | 'permissions'>, messageId: string): Promise<void> {
    const isModerator = permissions.has(Permission.ChatModerate);
    await this.transactions.run(async (tx) => {
      const deleted = await this.acts.perform(tx, memberId, messageId, async (held) => {
        checkDeletion({ memberId, isModerator, isReported: isModerator && (await this.reports.isReported(tx, messageId)) }, held);
        if (held.message.deleted) return undefined;
        await this.texts.erase(tx, held.message, held.conversation.now);
        return { type: 'message.deleted', actorId: memberId, messageId };
      });
      if (deleted === undefined || deleted.senderId === memberId) return;
      const { conversationId, senderId } = deleted;
      await this.audit.record(tx, { actorId: memberId, action: 'chat.message-deleted', subjectType: 'chat-message', subjectId: messageId, details: { conversationId, senderId } });
    });
  }
}
