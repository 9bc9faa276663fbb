import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { forbidden, notFound } from '../../../platform/errors/house.errors.js';
import { MembersService } from '../../members/index.js';
import { chatBanned, chatFull } from '../chat.errors.js';
import { MOST_MEMBERS, refusalToRead } from '../chat.rules.js';
import type { EventDraft } from '../chat.types.js';
import { ChatLog } from '../log/chat-log.service.js';
import { ConversationAccess } from './conversation-access.service.js';
import type { HeldConversation } from './conversation.repository.js';
import type { ConversationMembers } from './conversations.types.js';
import { MembershipRepository } from './membership.repository.js';
import { manages } from './membership.rules.js';
import { RosterRepository } from './roster.repository.js';
import { Roster } from './roster.service.js';

/** Puts members into conversations. */
@Injectable()
export class ConversationJoining {
  constructor(
    private readonly transactions: Transactions,
    private readonly access: ConversationAccess,
    private readonly members: MembersService,
    private readonly memberships: MembershipRepository,
    private readonly rosterRepository: RosterRepository,
    private readonly roster: Roster,
    private readonly log: ChatLog,
  ) {}

  /**
   * Owner and moderators of a group or channel may. Who is in it already stays as they are. All are put in, or nobody.
   *
   * @returns those that were named, as they are now
   * @throws notFound for who is not in it, and when somebody is no member of the community
   * @throws forbidden; chatBanned, also for bringing back who is banned; chatFull
   */
  add(actorId: string, conversationId: string, memberIds: readonly string[]): Promise<ConversationMembers> {
    return this.transactions.run(async (tx) => {
      await this.log.append(tx, conversationId, memberIds.length, async (held) => {
        const { role } = await this.access.read(actorId, conversationId, tx);
        if (!manages(held.kind, role)) throw forbidden();
        return this.put(tx, held, actorId, memberIds);
      });
      return this.roster.some(tx, conversationId, memberIds);
    });
  }

  private async put(tx: Tx, { id, lastSeq, lastNo, now }: HeldConversation, actorId: string, memberIds: readonly string[]): Promise<EventDraft[]> {
    const unknown = await this.members.unknownAmong(tx, memberIds);
    if (unknown.length > 0) throw notFound({ path: 'memberIds' }, `There is no member ${unknown[0]}; see memberIds.`);
    const known = await this.rosterRepository.listByIds(tx, id, memberIds);
    const within = new Set(known.filter(({ leftSeq }) => leftSeq === null).map(({ memberId }) => memberId));
    const newcomers = memberIds.filter((memberId) => !within.has(memberId));
    if (newcomers.length === 0) return [];
    const banned = known.find((part) => !within.has(part.memberId) && refusalToRead(part, now) !== undefined);
    if (banned !== undefined) throw chatBanned({ until: banned.bannedUntil!.toISOString() }, `Member ${banned.memberId} is banned from this conversation; see until. Lift that first.`);
    if ((await this.rosterRepository.count(tx, id)) + newcomers.length > MOST_MEMBERS) throw chatFull({ most: MOST_MEMBERS });
    await this.memberships.join(tx, newcomers.map((memberId, i) => ({ conversationId: id, memberId, role: 'member', seq: lastSeq + 1 + i, readNo: lastNo })));
    return newcomers.map((memberId) => ({ type: 'member.joined', actorId, payload: { memberId, role: 'member' } }));
  }
}
