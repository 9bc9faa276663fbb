import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { RESET_MINUTES } from './account-mails.rules.js';
import { AccountMails } from './account-mails.service.js';
import { MemberRepository } from './member.repository.js';
import { passwordResetInvalid } from './members.errors.js';
import { MembersService } from './members.service.js';
import { PasswordChanges } from './password-changes.service.js';
import { PasswordResetRepository } from './password-reset.repository.js';
import { hashOf } from './secrets.rules.js';
import { SignInBackoff } from './sign-in-backoff.service.js';

/** A new password for who has forgotten theirs, proved by a mail to their address. */
@Injectable()
export class PasswordResets {
  constructor(
    private readonly transactions: Transactions,
    private readonly resets: PasswordResetRepository,
    private readonly memberRepository: MemberRepository,
    private readonly members: MembersService,
    private readonly changes: PasswordChanges,
    private readonly mails: AccountMails,
    private readonly backoff: SignInBackoff,
  ) {}

  /**
   * Sends a token to the member of this address. For an address that nobody has, and for one that is locked
   * out, the same statements run and the same answer is given; an address that has had enough mails, whoever
   * has it, gets the answer alone.
   *
   * @param email normalised
   * @returns for how many minutes the token can be used, if there is one
   */
  async request(email: string): Promise<number> {
    if (this.mails.mayAsk('reset', email)) {
      const token = randomBytes(32).toString('base64url');
      await this.transactions.run(async (tx) => this.mails.reset(tx, email, token, await this.resets.insert(tx, hashOf(token), email)));
    }
    return RESET_MINUTES;
  }

  /**
   * Sets a new password, also for a member who had none. The mail has proved the address as well. Linked
   * accounts elsewhere are unlinked: with the new password their owner links them again.
   *
   * @param ip of the caller, who need not wait any more for earlier failures to sign in
   * @throws passwordResetInvalid for a token that is unknown, expired or used
   * @throws passwordWeak, which does not use the token up
   */
  async confirm({ token, password }: { token: string; password: string }, ip: string): Promise<void> {
    const tokenHash = hashOf(token);
    const member = await this.resets.findMember(tokenHash);
    if (member === undefined) throw passwordResetInvalid();
    const passwordHash = await this.members.hashNew(password);
    await this.transactions.run(async (tx) => {
      // The member's row first: there all changes of a password meet, one after the other.
      const allowed = await this.memberRepository.resetPassword(tx, member.id, passwordHash);
      if (!allowed || !(await this.resets.use(tx, tokenHash))) throw passwordResetInvalid();
      await this.memberRepository.verifyEmail(tx, member.id);
      tx.afterCommit(() => this.backoff.succeeded(member.email, ip));
      await this.changes.complete(tx, member.id, 'password.reset');
    });
  }

  /** Tidies tokens that expired long ago. */
  async deleteExpired(): Promise<void> {
    await this.transactions.runInParts((tx, limit) => this.resets.deleteExpired(tx, limit));
  }
}
