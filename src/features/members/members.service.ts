import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import type { Actor } from '../../platform/auth/actor.js';
import type { Role } from '../../platform/auth/permissions.js';
import { newId } from '../../platform/database/columns.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { forbidden, notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { CreditsService, type CreditBalance } from '../credits/index.js';
import { ApiTokenRepository } from './api-token.repository.js';
import type { Member } from './entities/member.js';
import { MemberActors } from './member-actors.service.js';
import { MemberRepository } from './member.repository.js';
import { ownAccount, passwordWeak, passwordWrong } from './members.errors.js';
import { isWeakPassword, normaliseEmail } from './members.rules.js';
import { Passwords } from './passwords.service.js';
import { SessionsService, type Device, type SignedIn } from './sessions.service.js';

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
    private readonly apiTokens: ApiTokenRepository,
    private readonly sessions: SessionsService,
    private readonly actors: MemberActors,
    private readonly passwords: Passwords,
    private readonly credits: CreditsService,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Signs a new member up and in; the credit account opens in the same transaction.
   *
   * @throws passwordWeak, emailTaken
   */
  async register(registration: Registration, device: Device): Promise<SignedIn> {
    const passwordHash = await this.hashNew(registration.password);
    return this.transactions.run(async (tx) => {
      const id = await this.create(tx, { ...registration, passwordHash, role: 'member' });
      return { member: await this.members.get(tx, id), ...(await this.sessions.open(tx, { id, role: 'member', permissionVersion: 1 }, device)) };
    });
  }

  /** Adds a member with an open credit account. @returns the new id @throws emailTaken */
  async create(tx: Tx, { email, displayName, passwordHash, role }: { email: string; displayName: string; passwordHash: string; role: Role }): Promise<string> {
    const id = newId();
    await this.members.insert(tx, { id, email: normaliseEmail(email), displayName, passwordHash, role });
    await this.credits.open(tx, { kind: 'member', id });
    return id;
  }

  /** @throws passwordWeak */
  hashNew(password: string): Promise<string> {
    if (isWeakPassword(password)) throw passwordWeak();
    return this.passwords.hash(password);
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
   * @throws passwordWrong, passwordWeak
   */
  async changePassword(memberId: string, { current, next }: { current: string; next: string }): Promise<void> {
    const passwordHash = (await this.members.find(memberId))?.passwordHash ?? null;
    if (passwordHash === null || !(await this.passwords.verify(passwordHash, current))) throw passwordWrong();
    const nextHash = await this.hashNew(next);
    await this.transactions.run(async (tx) => {
      // Between the check above and here it may have been changed by somebody else who knew it.
      if (!(await this.members.updatePassword(tx, memberId, passwordHash, nextHash))) throw passwordWrong();
      await this.apiTokens.revokeAll(tx, memberId);
      await this.sessions.revokeAll(tx, memberId);
      tx.afterCommit(() => this.actors.rightsChanged(memberId));
    });
  }

  /** Members by name, for other members: no addresses. */
  async directory({ query, cursor, limit }: { query?: string; cursor?: string; limit: number }): Promise<Page<Member>> {
    const [displayName, id] = this.cursors.decode<[string, string]>('members.directory', cursor) ?? [];
    const after = displayName === undefined || id === undefined ? undefined : { displayName, id };
    const found = await this.members.listDirectory(query, after, limit + 1);
    return this.cursors.page('members.directory', found, limit, (last) => [last.displayName, last.id]);
  }

  /** Every member, newest first, for admins. */
  async list({ query, cursor, limit }: { query?: string; cursor?: string; limit: number }): Promise<Page<Member>> {
    const [afterId] = this.cursors.decode<[string]>('members', cursor) ?? [];
    const found = await this.members.list(query, afterId, limit + 1);
    return this.cursors.page('members', found, limit, (last) => [last.id]);
  }

  /**
   * Changes a member's role, or locks them out and lets them in again. Takes effect with their next request.
   *
   * @throws ownAccount, notFound
   */
  async changeRights(actor: Actor, memberId: string, change: { role?: Role; disabled?: boolean }): Promise<Member> {
    if (actor.memberId === memberId) throw ownAccount();
    return this.transactions.run(async (tx) => {
      if (!(await this.members.confirmAdmin(tx, actor.memberId))) throw forbidden();
      // Nothing to change must not make the member's tokens stale.
      if (change.role === undefined && change.disabled === undefined) return this.members.get(tx, memberId);
      await this.members.updateRights(tx, memberId, change);
      if (change.disabled === true) await this.sessions.revokeAll(tx, memberId);
      tx.afterCommit(() => this.actors.rightsChanged(memberId));
      return this.members.get(tx, memberId);
    });
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
