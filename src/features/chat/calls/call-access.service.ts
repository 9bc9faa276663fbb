import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { refusalToAct, refusalToSend } from '../chat.rules.js';
import { ConversationAccess } from '../conversations/conversation-access.service.js';
import { MembershipRepository } from '../conversations/membership.repository.js';
import { CallRepository } from './call.repository.js';
import type { FoundCall } from './calls.types.js';

/** Who may take part in calls: members of the conversation, as far as they may send there. */
@Injectable()
export class CallAccess {
  constructor(
    private readonly calls: CallRepository,
    private readonly members: MembershipRepository,
    private readonly access: ConversationAccess,
  ) {}

  /** The conversation of a call, over or not. @throws notFound, chatBanned for who may not read it */
  async conversationOf(reader: Reader, memberId: string, callId: string): Promise<string> {
    const conversationId = await this.calls.findConversation(reader, callId);
    if (conversationId === undefined) throw notFound();
    await this.access.read(memberId, conversationId, reader);
    return conversationId;
  }

  /** @throws what a message would be refused with, apart from slow mode */
  async checkBegin(reader: Reader, memberId: string, call: FoundCall): Promise<void> {
    const standing = await this.access.read(memberId, call.conversationId, reader);
    const refusal = refusalToSend({ ...standing, lastSentAt: null }, { ...call, slowModeSeconds: 0, isBlocked: await this.isBlocked(reader, call) }, call.now);
    if (refusal !== undefined) throw refusal;
  }

  /** @throws what a reaction would be refused with */
  async checkAct(reader: Reader, memberId: string, call: FoundCall): Promise<void> {
    const standing = await this.access.read(memberId, call.conversationId, reader);
    const refusal = refusalToAct(standing, { ...call, isBlocked: await this.isBlocked(reader, call) }, call.now);
    if (refusal !== undefined) throw refusal;
  }

  private isBlocked(reader: Reader, { kind, conversationId }: FoundCall): Promise<boolean> {
    return this.members.isBlockedDm(reader, { id: conversationId, kind });
  }
}
