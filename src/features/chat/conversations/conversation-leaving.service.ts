import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { forbidden, notFound } from '../../../platform/errors/house.errors.js';
import { MembersService } from '../../members/index.js';
import { moderates } from '../chat.rules.js';
import type { EventDraft } from '../chat.types.js';
import { ChatLog } from '../log/chat-log.service.js';
import { ConversationAccess } from './conversation-access.service.js';
import type { HeldConversation } from './conversation.repository.js';
import { mayRemove } from './membership.rules.js';
import { RosterRepository, type RosterRow } from './roster.repository.js';

/** That somebody left, and who takes over. */
const MOST_EVENTS = 2;
/** So many are looked at for one who can take over. */
const MOST_CANDIDATES = 100;

/** Takes members out of conversations. */
@Injectable()
export class ConversationLeaving {
  constructor(
    private readonly transactions: Transactions,
    private readonly access: ConversationAccess,
    private readonly roster: RosterRepository,
    private readonly members: MembersService,
    private readonly log: ChatLog,
    private readonly audit: Audit,
  ) {}

  /**
   * Everybody may go, also who is banned; an owner may take anybody out, a moderator lower ranks. Again it
   * changes nothing. When the last owner goes another member becomes one, unless there is none who can sign in.
   *
   * @throws notFound for who is not in it, and for somebody who never was; chatBanned
   * @throws forbidden for others, and in a dm
   */
  remove(actorId: string, conversationId: string, memberId: string): Promise<void> {
    return this.transactions.run(async (tx) => {
      let wasIn = false;
      await this.log.append(tx, conversationId, MOST_EVENTS, async (conversation) => {
        const target = await this.removable(tx, conversation, actorId, memberId);
        wasIn = target.leftSeq === null;
        return wasIn ? this.leave(tx, conversation, target, actorId) : [];
      });
      if (!wasIn || actorId === memberId) return;
      await this.audit.record(tx, { actorId, action: 'conversation.member-removed', subjectType: 'conversation', subjectId: conversationId, details: { memberId } });
    });
  }

  private async removable(tx: Tx, { id, kind }: HeldConversation, actorId: string, memberId: string): Promise<RosterRow> {
    const { role } = actorId === memberId ? { role: undefined } : await this.access.read(actorId, id, tx);
    if (role !== undefined && !moderates(role)) throw forbidden();
    const [target] = await this.roster.listByIds(tx, id, [memberId]);
    if (target === undefined) throw notFound();
    if (kind === 'dm' || (role !== undefined && !mayRemove(role, target.role))) throw forbidden();
    return target;
  }

  private async leave(tx: Tx, { id, lastSeq }: HeldConversation, { memberId, role }: RosterRow, actorId: string): Promise<EventDraft[]> {
    await this.roster.leave(tx, { conversationId: id, memberId }, lastSeq + 1);
    const left: EventDraft = { type: 'member.left', actorId, payload: { memberId } };
    if (role !== 'owner' || (await this.roster.countInRole(tx, id, 'owner')) > 0) return [left];
    const heirId = await this.findHeir(tx, id);
    if (heirId === undefined) return [left];
    const rank = { role: 'owner', mutedUntil: null, bannedUntil: null } as const;
    await this.roster.updateRank(tx, { conversationId: id, memberId: heirId }, rank);
    return [left, { type: 'member.changed', actorId, payload: { memberId: heirId, ...rank } }];
  }

  private async findHeir(tx: Tx, conversationId: string): Promise<string | undefined> {
    const candidates = await this.roster.listHeirs(tx, conversationId, MOST_CANDIDATES);
    const active = await this.members.activeAmong(tx, candidates);
    return candidates.find((id) => active.has(id));
  }
}
