import { Injectable } from '@nestjs/common';
import type { Reader } from '../../platform/database/transactions.js';
import { EntitlementRepository } from './entitlement.repository.js';
import { rightsOf, type Rights } from './entitlements.rules.js';
import type { Member } from './entities/member.js';

/** The one place that says what a member may do now: what comes with the role, and what entitlements add. */
@Injectable()
export class MemberRights {
  constructor(private readonly entitlements: EntitlementRepository) {}

  /**
   * @param member as read before this call and not after: what is taken away in between then raises the
   * permission version past the one that was read, and a token that has both is refused
   */
  async of(reader: Reader, { id, role }: Pick<Member, 'id' | 'role'>): Promise<Rights> {
    const askedAt = new Date();
    return rightsOf(role, await this.entitlements.listLive(reader, [id]), askedAt);
  }
}
