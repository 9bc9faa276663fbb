import { Injectable } from '@nestjs/common';
import { Audit } from '../../../platform/audit/audit.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { forbidden, notFound } from '../../../platform/errors/house.errors.js';
import type { EventDraft } from '../chat.types.js';
import { ChatLog } from '../log/chat-log.service.js';
import { ConversationAccess } from './conversation-access.service.js';
import type { ConversationMember, PartChange } from './conversations.types.js';
import type { Part } from './membership.repository.js';
import { changedRank, differenceOf, mayChange, type Rank } from './membership.rules.js';
import { RosterRepository, type RosterRow } from './roster.repository.js';
import { Roster } from './roster.service.js';

const ACTIONS: Readonly<Record<keyof Rank, string>> = { role: 'conversation.role-changed', mutedUntil: 'conversation.mute-changed', bannedUntil: 'conversation.ban-changed' };

/** Changes what members may do in conversations. */
@Injectable()
export class MemberStanding {
  constructor(
    private readonly transactions: Transactions,
    private readonly access: ConversationAccess,
    private readonly rosterRepository: RosterRepository,
    private readonly roster: Roster,
    private readonly log: ChatLog,
    private readonly audit: Audit,
  ) {}

  /**
   * Owners give roles, as long as one of them stays; owner and moderators mute and ban lower ranks; `notify` is
   * everybody's own. Whoever has left can be banned, so that nobody brings them back, and be pardoned: that is told nobody.
   *
   * @throws notFound for who is not in it, and for somebody who never was; chatBanned; forbidden; requestInvalid
   */
  change(actorId: string, part: Part, change: PartChange): Promise<ConversationMember> {
    return this.transactions.run(async (tx) => {
      let before: RosterRow | undefined;
      let after: Rank | undefined;
      await this.log.append(tx, part.conversationId, 1, async () => {
        before = await this.changeable(tx, actorId, part, change);
        after = await this.apply(tx, part, before, change);
        // Who has left is no part of the log: a change of theirs would let their sockets in.
        return before.leftSeq === null && differenceOf(before, after).length > 0 ? [changeEvent(actorId, part.memberId, after)] : [];
      });
      for (const field of differenceOf(before!, after!)) {
        const details = { memberId: part.memberId, before: before![field], after: after![field] };
        await this.audit.record(tx, { actorId, action: ACTIONS[field], subjectType: 'conversation', subjectId: part.conversationId, details });
      }
      return this.roster.one(tx, part);
    });
  }

  private async changeable(tx: Tx, actorId: string, { conversationId, memberId }: Part, change: PartChange): Promise<RosterRow> {
    const actor = await this.access.read(actorId, conversationId, tx);
    const [target] = await this.rosterRepository.listByIds(tx, conversationId, [memberId]);
    const needsToBeIn = change.role !== undefined || change.notify !== undefined;
    if (target === undefined || (target.leftSeq !== null && needsToBeIn)) throw notFound();
    if (!mayChange(actor, target, change)) throw forbidden();
    return target;
  }

  private async apply(tx: Tx, part: Part, before: RosterRow, change: PartChange): Promise<Rank> {
    const after = changedRank(before, change);
    if (before.role === 'owner' && after.role !== 'owner' && (await this.rosterRepository.countInRole(tx, part.conversationId, 'owner')) === 1) {
      throw forbidden(undefined, 'A conversation has an owner. Make somebody else one first.');
    }
    if (differenceOf(before, after).length > 0) await this.rosterRepository.updateRank(tx, part, after);
    if (change.notify !== undefined) await this.rosterRepository.updateNotify(tx, part, change.notify);
    return after;
  }
}

function changeEvent(actorId: string, memberId: string, { role, mutedUntil, bannedUntil }: Rank): EventDraft {
  return { type: 'member.changed', actorId, payload: { memberId, role, mutedUntil: mutedUntil?.toISOString() ?? null, bannedUntil: bannedUntil?.toISOString() ?? null } };
}
