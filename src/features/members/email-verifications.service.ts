import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { SignedLinks } from '../../platform/http/signed-links.js';
import { VERIFICATION_MINUTES } from './account-mails.rules.js';
import { AccountMails } from './account-mails.service.js';
import type { Member } from './entities/member.js';
import { MemberRepository } from './member.repository.js';
import { emailVerificationInvalid } from './members.errors.js';

/** Member id, and what is signed. Nothing else is looked up: some of it no column of ids could be compared with. */
const TOKEN = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d+)\.(\w+)\.(\w+)$/;

/** The proof that an address belongs to its member: a signed token in a mail to it. Nothing is stored until it comes back. */
@Injectable()
export class EmailVerifications {
  constructor(
    private readonly transactions: Transactions,
    private readonly members: MemberRepository,
    private readonly links: SignedLinks,
    private readonly mails: AccountMails,
  ) {}

  /** Sends a token to a new member. */
  async send(tx: Tx, member: Pick<Member, 'id' | 'email'>): Promise<void> {
    const { expires, key, signature } = this.links.sign(subjectOf(member), VERIFICATION_MINUTES * 60);
    await this.mails.verification(tx, member.email, [member.id, expires, key, signature].join('.'));
  }

  /**
   * Sends another token, unless there is nothing left to prove or the address has had enough mails.
   *
   * @returns for how many minutes it can be used, if there is one
   */
  async request(memberId: string): Promise<number> {
    const member = await this.members.find(memberId);
    if (member?.emailVerifiedAt === null && this.mails.mayAsk('verification', member.email)) await this.transactions.run((tx) => this.send(tx, member));
    return VERIFICATION_MINUTES;
  }

  /**
   * Marks the address as verified; again is no error.
   *
   * @throws emailVerificationInvalid for a token that is not ours, has expired, or is for another address than the member's
   */
  async confirm(token: string): Promise<void> {
    const [, id, expires, key, signature] = TOKEN.exec(token) ?? [];
    const member = id === undefined ? undefined : await this.members.find(id);
    if (member === undefined || this.links.check(subjectOf(member), { expires, key, signature }) !== 'valid') throw emailVerificationInvalid();
    await this.transactions.run((tx) => this.members.verifyEmail(tx, member.id));
  }
}

/** With the address in it, a token proves that one alone. */
function subjectOf({ id, email }: Pick<Member, 'id' | 'email'>): string[] {
  return ['email-verification', id, email];
}
