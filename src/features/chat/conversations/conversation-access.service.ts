import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Reader } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { refusalToRead } from '../chat.rules.js';
import { MembershipRepository, type Membership } from './membership.repository.js';

/** Who may read a conversation. */
@Injectable()
export class ConversationAccess {
  constructor(
    private readonly database: Database,
    private readonly members: MembershipRepository,
  ) {}

  /** Somebody's part in a conversation that they may read. @throws notFound for who is not in it; chatBanned */
  async read(memberId: string, conversationId: string, reader: Reader = this.database): Promise<Membership> {
    const membership = await this.members.find(reader, { conversationId, memberId });
    if (membership === undefined) throw notFound();
    const refusal = refusalToRead(membership, membership.now);
    if (refusal !== undefined) throw refusal;
    return membership;
  }
}
