import { Injectable } from '@nestjs/common';
import { newId } from '../../../platform/database/columns.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { MembersService } from '../../members/index.js';
import { dmKeyOf } from '../chat.rules.js';
import { ChatLog } from '../log/chat-log.service.js';
import { ConversationRepository } from './conversation.repository.js';
import type { Conversation, ConversationDraft } from './conversations.types.js';
import { Inbox } from './inbox.service.js';
import { MembershipRepository } from './membership.repository.js';

/** A conversation, and whether it was made just now. */
export interface Made {
  readonly conversation: Conversation;
  readonly isNew: boolean;
}

/** Makes conversations. */
@Injectable()
export class ConversationMaking {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly conversations: ConversationRepository,
    private readonly memberships: MembershipRepository,
    private readonly members: MembersService,
    private readonly log: ChatLog,
    private readonly inbox: Inbox,
  ) {}

  /**
   * A new conversation, owned by its maker; or the dm that the two have already.
   *
   * @throws requestInvalid for a dm that is not of two
   * @throws notFound when somebody is no member of the community
   */
  make(makerId: string, draft: ConversationDraft, request: IdempotencyRequest, answer: (made: Made) => Answer): Promise<Answer> {
    return this.idempotency.run(request, (tx) => this.insert(tx, makerId, draft), answer);
  }

  private async insert(tx: Tx, makerId: string, { kind, memberIds, title }: ConversationDraft): Promise<Made> {
    const others = [...new Set(memberIds)].filter((id) => id !== makerId);
    if (kind === 'dm' && others.length !== 1) throw requestInvalid({ errors: [{ path: 'memberIds', message: 'a dm is with one other member' }] });
    const unknown = await this.members.unknownAmong(tx, others);
    if (unknown.length > 0) throw notFound({ path: 'memberIds' }, `There is no member ${unknown[0]}; see memberIds.`);
    const id = newId();
    const dmKey = kind === 'dm' ? dmKeyOf(makerId, others[0]!) : null;
    if (!(await this.conversations.insert(tx, { id, kind, title: kind === 'dm' ? null : (title ?? null), dmKey, createdBy: makerId }))) {
      return { conversation: await this.inbox.get(tx, makerId, (await this.conversations.findDm(tx, dmKey!))!), isNew: false };
    }
    const everybody = [makerId, ...others];
    await this.log.append(tx, id, everybody.length, async ({ lastSeq, lastNo }) => {
      const roleOf = (memberId: string) => (memberId === makerId && kind !== 'dm' ? 'owner' : 'member');
      await this.memberships.join(tx, everybody.map((memberId, i) => ({ conversationId: id, memberId, role: roleOf(memberId), seq: lastSeq + 1 + i, readNo: lastNo })));
      return everybody.map((memberId) => ({ type: 'member.joined', actorId: makerId, payload: { memberId, role: roleOf(memberId) } }));
    });
    return { conversation: await this.inbox.get(tx, makerId, id), isNew: true };
  }
}
