import { Injectable } from '@nestjs/common';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { IdentityRepository } from './identity.repository.js';
import { MemberRepository } from '../member.repository.js';
import { credentialsInvalid, emailTaken, emailUnverified, identityLinked, linkRequired, linkTokenInvalid, signInCodeInvalid } from '../members.errors.js';
import { MembersService } from '../members.service.js';
import { SessionsService, type Device, type SignedIn } from '../sessions.service.js';
import { SignInCodes } from './sign-in-codes.service.js';

/** Makes of a provider's word a session: of a member it belongs to, of a new one, or of one who links it by password. */
@Injectable()
export class OidcSignIn {
  constructor(
    private readonly transactions: Transactions,
    private readonly codes: SignInCodes,
    private readonly identities: IdentityRepository,
    private readonly members: MemberRepository,
    private readonly membersService: MembersService,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Swaps the code that a browser brought back for tokens. Who is new here becomes a member, whose address
   * counts as verified and who has no password.
   *
   * @throws signInCodeInvalid, emailUnverified, linkRequired when the address has a member already
   * @throws credentialsInvalid when the member is locked out
   */
  async exchange(code: string, device: Device): Promise<SignedIn> {
    try {
      return await this.enter(code, device, 'unknown');
    } catch (error) {
      // A key refused the new member, and with them everything above, the use of the code included.
      if (!emailTaken.matches(error) && !identityLinked.matches(error)) throw error;
      return this.enter(code, device, 'known');
    }
  }

  /**
   * Links another provider's account to the member with its address, who proves by password to be its owner.
   * A wrong password leaves the linkToken as it is, and is slowed down like any other.
   *
   * @throws linkTokenInvalid, credentialsInvalid, identityLinked, rateLimited
   */
  async link({ linkToken, password }: { linkToken: string; password: string }, device: Device): Promise<SignedIn> {
    const vouched = await this.codes.find('link', linkToken);
    if (vouched === undefined) throw linkTokenInvalid();
    return this.sessions.signIn({ email: vouched.email!, password }, device, async (tx, memberId) => {
      if ((await this.codes.use(tx, 'link', linkToken)) === undefined) throw linkTokenInvalid();
      await this.identities.insert(tx, vouched, memberId);
      await this.members.verifyEmail(tx, memberId);
    });
  }

  /** @param address whether it has a member: only the unique key knows, so `unknown` tries and is refused */
  private async enter(code: string, device: Device, address: 'known' | 'unknown'): Promise<SignedIn> {
    const outcome = await this.transactions.run(async (tx) => {
      const vouched = await this.codes.use(tx, 'sign-in', code);
      if (vouched === undefined) return signInCodeInvalid();
      const memberId = await this.identities.findMemberId(tx, vouched);
      if (memberId !== undefined) return this.open(tx, memberId, device);
      const { email, displayName } = vouched;
      if (email === null) return emailUnverified();
      if (address === 'known') return linkRequired({ linkToken: await this.codes.issue(tx, 'link', vouched) });
      const id = await this.membersService.create(tx, { email, emailVerified: true, displayName, passwordHash: null, role: 'member' });
      await this.identities.insert(tx, vouched, id);
      return this.open(tx, id, device);
    });
    // Returned and not thrown in there: a refusal uses the code up, and the linkToken stays.
    if (outcome instanceof DomainError) throw outcome;
    return outcome;
  }

  private async open(tx: Tx, memberId: string, device: Device): Promise<SignedIn | DomainError> {
    if (!(await this.members.confirmActive(tx, memberId))) return credentialsInvalid();
    const member = await this.members.get(tx, memberId);
    return { member, ...(await this.sessions.open(tx, member, device)) };
  }
}
