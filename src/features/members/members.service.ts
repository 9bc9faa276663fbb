import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { newId } from '../../platform/database/columns.js';
import { Transactions, type Reader, type Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { CreditsService, type CreditBalance } from '../credits/index.js';
import { EmailVerifications } from './email-verifications.service.js';
import type { Member } from './entities/member.js';
import { MemberRepository, type NewMember } from './member.repository.js';
import { passwordWeak, passwordWrong } from './members.errors.js';
import { isWeakPassword, normaliseEmail } from './members.rules.js';
import { PasswordChanges } from './password-changes.service.js';
import { Passwords } from './passwords.service.js';
import { SessionsService, type Device, type SignedIn } from './sessions.service.js';
import { SignInBackoff } from './sign-in-backoff.service.js';

export interface Registration {
  email: string;
  password: string;
  displayName: string;
}

export interface Profile {
  member: Member;
  credits: CreditBalance;
}

/** Who belongs to the community, and what they may do. */
@Injectable()
export class MembersService {
  /**
   * Reads asked for within one turn of the event loop share a statement: under load this is most of them.
   * Not all in one, though: answers that leave in one burst leave the server idle until the next (measured).
   */
  private readonly profiles = new DataLoader<string, Profile | undefined>((ids) => this.loadProfiles(ids), {
    cache: false,
    maxBatchSize: 16,
    batchScheduleFn: (dispatch) => setImmediate(dispatch),
  });

  constructor(
    private readonly transactions: Transactions,
    private readonly members: MemberRepository,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
    private readonly passwordChanges: PasswordChanges,
    private readonly verifications: EmailVerifications,
    private readonly credits: CreditsService,
    private readonly cursors: Cursors,
    private readonly backoff: SignInBackoff,
  ) {}

  /**
   * Signs a new member up and in; the credit account opens and a mail asks for a proof of the address, all
   * in one transaction.
   *
   * @throws passwordWeak, emailTaken
   */
  async register(registration: Registration, device: Device): Promise<SignedIn> {
    const passwordHash = await this.hashNew(registration.password);
    return this.transactions.run(async (tx) => {
      const id = await this.create(tx, { ...registration, passwordHash, role: 'member' });
      const member = await this.members.get(tx, id);
      await this.verifications.send(tx, member);
      return { member, ...(await this.sessions.open(tx, { id, role: 'member', permissionVersion: 1 }, device)) };
    });
  }

  /** Adds a member with an open credit account. @returns the new id @throws emailTaken */
  async create(tx: Tx, { email, ...member }: Omit<NewMember, 'id'>): Promise<string> {
    const id = newId();
    await this.members.insert(tx, { id, email: normaliseEmail(email), ...member });
    await this.credits.open(tx, { kind: 'member', id });
    return id;
  }

  /** @throws passwordWeak */
  hashNew(password: string): Promise<string> {
    if (isWeakPassword(password)) throw passwordWeak();
    return this.passwords.hash(password);
  }

  /** How many members can sign in. */
  count(reader: Reader): Promise<number> {
    return this.members.countActive(reader);
  }

  /** Those of the ids that are no member's. */
  async unknownAmong(reader: Reader, ids: readonly string[]): Promise<string[]> {
    const known = await this.members.listKnownIds(reader, ids);
    return ids.filter((id) => !known.has(id));
  }

  /** Those of the ids whose members can sign in. */
  activeAmong(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
    return this.members.listActiveIds(reader, ids);
  }

  isEmpty(): Promise<boolean> {
    return this.members.isEmpty();
  }

  /** @throws notFound */
  async profile(memberId: string): Promise<Profile> {
    const profile = await this.profiles.load(memberId);
    if (profile === undefined) throw notFound();
    return profile;
  }

  async edit(memberId: string, { displayName }: { displayName?: string }): Promise<Profile> {
    if (displayName !== undefined) await this.transactions.run((tx) => this.members.updateDisplayName(tx, memberId, displayName));
    return this.profile(memberId);
  }

  /**
   * Changes the password and ends every session and API token of the member: whoever knew the old one is out.
   *
   * @param ip of the caller: guessing is slowed down as at sign-in, for a stolen session must not find out the password
   * @throws passwordWrong, passwordWeak
   * @throws rateLimited after repeated failures
   */
  async changePassword(memberId: string, { current, next }: { current: string; next: string }, ip: string): Promise<void> {
    const member = await this.members.find(memberId);
    if (member === undefined) throw passwordWrong();
    const { email, passwordHash } = member;
    this.backoff.attempt(email, ip);
    if (passwordHash === null || !(await this.passwords.verify(passwordHash, current))) throw passwordWrong();
    this.backoff.succeeded(email, ip);
    const nextHash = await this.hashNew(next);
    await this.transactions.run(async (tx) => {
      // Between the check above and here it may have been changed by somebody else who knew it.
      if (!(await this.members.updatePassword(tx, memberId, passwordHash, nextHash))) throw passwordWrong();
      await this.passwordChanges.complete(tx, memberId, 'password.changed');
    });
  }

  /** Members by name, for other members: no addresses. */
  async directory({ query, cursor, limit }: { query?: string; cursor?: string; limit: number }): Promise<Page<Member>> {
    const [displayName, id] = this.cursors.decode<[string, string]>('members.directory', cursor) ?? [];
    const after = displayName === undefined || id === undefined ? undefined : { displayName, id };
    const found = await this.members.listDirectory(query, after, limit + 1);
    return this.cursors.page('members.directory', found, limit, (last) => [last.displayName, last.id]);
  }

  private async loadProfiles(ids: readonly string[]): Promise<(Profile | undefined)[]> {
    const distinct = [...new Set(ids)];
    const [members, balances] = await Promise.all([this.members.listByIds(distinct), this.credits.balances(distinct)]);
    const byId = new Map(members.map((member) => [member.id, member]));
    return ids.map((id) => {
      const [member, credits] = [byId.get(id), balances.get(id)];
      return member && credits && { member, credits };
    });
  }
}
