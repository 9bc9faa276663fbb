import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Permission } from '../../../platform/auth/permissions.js';
import { Database } from '../../../platform/database/database.js';
import { ConversationAccess } from '../conversations/conversation-access.service.js';
import { ReportRepository } from './report.repository.js';

/** Who may read one message: whoever may read its conversation, and moderators of the community once it was reported to them. */
@Injectable()
export class MessageReaders {
  constructor(
    private readonly database: Database,
    private readonly access: ConversationAccess,
    private readonly reports: ReportRepository,
  ) {}

  /** @throws notFound, chatBanned */
  async check({ memberId, permissions }: Pick<Actor, 'memberId' | 'permissions'>, { messageId, conversationId }: { messageId: string; conversationId: string }): Promise<void> {
    if (permissions.has(Permission.ChatModerate) && (await this.reports.isReported(this.database, messageId))) return;
    await this.access.read(memberId, conversationId);
  }
}
