import { Injectable } from '@nestjs/common';
import { Audit } from '../../platform/audit/audit.js';
import type { Tx } from '../../platform/database/transactions.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { IdentityRepository } from './oidc/identity.repository.js';
import { MemberActors } from './member-actors.service.js';
import { PasswordResetRepository } from './password-reset.repository.js';
import { SessionsService } from './sessions.service.js';

/** What a new password brings with it, however it was set. */
@Injectable()
export class PasswordChanges {
  constructor(
    private readonly apiTokens: ApiTokenRepository,
    private readonly sessions: SessionsService,
    private readonly resets: PasswordResetRepository,
    private readonly identities: IdentityRepository,
    private readonly actors: MemberActors,
    private readonly audit: Audit,
  ) {}

  /**
   * Ends every session, API token and reset token of the member: whoever knew the old password is out. A
   * reset unlinks accounts elsewhere too, for whoever held the mailbox a while may have linked one.
   * Comes last in a transaction that has written the new one, for it ends with the audit log.
   */
  async complete(tx: Tx, memberId: string, action: 'password.changed' | 'password.reset'): Promise<void> {
    await this.apiTokens.revokeAll(tx, memberId);
    await this.resets.useAll(tx, memberId);
    await this.sessions.revokeAll(tx, memberId);
    if (action === 'password.reset') await this.identities.delete(tx, memberId);
    tx.afterCommit(() => this.actors.rightsChanged(memberId));
    await this.audit.record(tx, { actorId: memberId, action, subjectType: 'member', subjectId: memberId });
  }
}
