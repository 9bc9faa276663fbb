import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { forbidden } from '../../../platform/errors/house.errors.js';
import type { ConversationSettings } from '../chat.types.js';
import { ChatLog } from '../log/chat-log.service.js';
import { ConversationAccess } from './conversation-access.service.js';
import { ConversationRepository } from './conversation.repository.js';
import type { Conversation, ConversationChange } from './conversations.types.js';
import { Inbox } from './inbox.service.js';
import { manages } from './membership.rules.js';

/** Changes how conversations are set up. */
@Injectable()
export class ConversationEdits {
  constructor(
    private readonly transactions: Transactions,
    private readonly access: ConversationAccess,
    private readonly conversations: ConversationRepository,
    private readonly log: ChatLog,
    private readonly inbox: Inbox,
  ) {}

  /**
   * Its owner and moderators may; also while it is archived. Everybody in it is told, unless it was like that already.
   *
   * @throws notFound for who is not in it; chatBanned; forbidden for others, and in a dm
   */
  edit(actorId: string, id: string, change: ConversationChange): Promise<Conversation> {
    return this.transactions.run(async (tx) => {
      await this.log.append(tx, id, 1, async ({ kind, now }) => {
        const { role } = await this.access.read(actorId, id, tx);
        if (!manages(kind, role)) throw forbidden();
        const before = (await this.conversations.settings(tx, id))!;
        const after = changed(before, change, now.toISOString());
        if (FIELDS.every((field) => before[field] === after[field])) return [];
        await this.conversations.update(tx, after);
        return [{ type: 'conversation.changed', actorId }];
      });
      return this.inbox.get(tx, actorId, id);
    });
  }
}

const FIELDS = ['title', 'slowModeSeconds', 'posting', 'archivedAt'] as const;

function changed(before: ConversationSettings, { title, slowModeSeconds, posting, archived }: ConversationChange, now: string): ConversationSettings {
  const isArchived = archived ?? before.archivedAt !== null;
  return {
    ...before,
    title: title === undefined ? before.title : title,
    slowModeSeconds: slowModeSeconds ?? before.slowModeSeconds,
    posting: posting ?? before.posting,
    archivedAt: isArchived ? (before.archivedAt ?? now) : null,
  };
}
