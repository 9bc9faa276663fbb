import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys } from '../../platform/config/secret-keys.js';
import { newId } from '../../platform/database/columns.js';
import { Database } from '../../platform/database/database.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { AccessGrants, type AccessGrant } from './access-grants.service.js';
import type { Member } from './entities/member.js';
import type { Session } from './entities/session.js';
import { MemberActors } from './member-actors.service.js';
import { MemberRepository } from './member.repository.js';
import { credentialsInvalid, refreshInvalid } from './members.errors.js';
import { normaliseEmail } from './members.rules.js';
import { Passwords } from './passwords.service.js';
import { firstRefreshToken, hashOf, isAncestor, nextRefreshToken, sessionIdOf } from './refresh-tokens.rules.js';
import { SessionRepository, type SessionStanding } from './session.repository.js';
import { SignInBackoff } from './sign-in-backoff.service.js';

/** Where a sign-in comes from, as the member sees it in their list of sessions. */
export interface Device {
  userAgent: string;
  ip: string;
}

/** What a client holds after signing in. */
export interface SessionTokens extends AccessGrant {
  refreshToken: string;
}

export interface SignedIn extends SessionTokens {
  member: Member;
}

const LIST = 'sessions';
const MOST_SESSIONS = 100;

/** Sign-in, rotation of refresh tokens with detection of stolen ones, and signing out. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: SessionRepository,
    private readonly members: MemberRepository,
    private readonly actors: MemberActors,
    private readonly passwords: Passwords,
    private readonly grants: AccessGrants,
    private readonly database: Database,
    private readonly keys: SecretKeys,
    private readonly backoff: SignInBackoff,
    private readonly cursors: Cursors,
  ) {}

  /**
   * @param alongside what is done in the same transaction, for the member who has proved to be the one
   * @throws credentialsInvalid for an unknown address, a wrong password and a disabled member alike, in equal time
   * @throws rateLimited after repeated failures
   */
  async signIn(credentials: { email: string; password: string }, device: Device, alongside?: (tx: Tx, memberId: string) => Promise<void>): Promise<SignedIn> {
    const email = normaliseEmail(credentials.email);
    this.backoff.attempt(email, device.ip);
    const member = await this.members.findByEmail(email);
    const verified = await this.passwords.verify(member?.passwordHash, credentials.password);
    if (!verified || member === undefined || member.disabledAt !== null) throw credentialsInvalid();
    this.backoff.succeeded(email, device.ip);
    const current = member.passwordHash!;
    const upgraded = this.passwords.isOutdated(current) ? await this.passwords.hash(credentials.password) : undefined;
    return this.transactions.run(async (tx) => {
      // Between the check above and here the password may have been changed, or the member locked out.
      if (!(await this.members.confirmSignIn(tx, member.id, current, upgraded ?? current))) throw credentialsInvalid();
      await alongside?.(tx, member.id);
      return { member, ...(await this.open(tx, member, device)) };
    });
  }

  /**
   * Opens a session for a member whose identity is already proved. Beyond 100, those that were not
   * refreshed for longest end.
   *
   * @param member as read before the identity was confirmed, see MemberRights
   */
  async open(tx: Tx, member: Pick<Member, 'id' | 'role' | 'permissionVersion'>, device: Device): Promise<SessionTokens> {
    const id = newId();
    const refreshToken = firstRefreshToken(id, randomBytes(32));
    await this.sessions.insert(tx, { id, memberId: member.id, refreshHash: hashOf(refreshToken), ...device });
    const ended = await this.sessions.revokeAllBut(tx, member.id, MOST_SESSIONS);
    tx.afterCommit(() => this.actors.sessionsEnded(ended));
    return { ...(await this.grants.issue(tx, id, member)), refreshToken };
  }

  /**
   * Swaps a refresh token for its successor. The same token sent again within 10 s, as after a lost
   * answer or from parallel tabs, gets the same successor; any older one means that somebody else has it,
   * and ends the session.
   *
   * @throws refreshInvalid
   */
  async refresh(refreshToken: string, device: Device): Promise<SignedIn> {
    const standing = await this.standingOf(refreshToken);
    const successor = nextRefreshToken(refreshToken, this.keys.current('refresh').key);
    const hash = hashOf(refreshToken);
    const rotated =
      standing.refreshHash.equals(hash) &&
      (await this.transactions.run((tx) => this.sessions.rotate(tx, standing.id, hash, hashOf(successor), device)));
    if (rotated) return this.signedIn(standing, successor);
    return this.retryOrReuse(refreshToken);
  }

  /** The member's open sessions, newest first. */
  async list(memberId: string, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<Session>> {
    const [afterId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    const found = await this.sessions.listOpen(memberId, afterId, limit + 1);
    return this.cursors.page(LIST, found, limit, ({ id }) => [id]);
  }

  /** @throws notFound */
  async revoke(memberId: string, sessionId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!(await this.sessions.revoke(tx, memberId, sessionId))) throw notFound();
      tx.afterCommit(() => this.actors.sessionsEnded([sessionId]));
    });
  }

  /** Ends every session of a member, sockets included. */
  async revokeAll(tx: Tx, memberId: string): Promise<void> {
    const ended = await this.sessions.revokeAll(tx, memberId);
    tx.afterCommit(() => this.actors.sessionsEnded(ended));
  }

  /** Tidies sessions that ended long ago. */
  async deleteEnded(): Promise<void> {
    const perTransaction = 1_000;
    while ((await this.transactions.run((tx) => this.sessions.deleteEnded(tx, perTransaction))) === perTransaction);
  }

  private async retryOrReuse(refreshToken: string): Promise<SignedIn> {
    const standing = await this.standingOf(refreshToken);
    for (const { key } of this.keys.live('refresh')) {
      const successor = nextRefreshToken(refreshToken, key);
      if (standing.justRotated && hashOf(successor).equals(standing.refreshHash)) return this.signedIn(standing, successor);
    }
    const stolen = this.keys.live('refresh').some(({ key }) => isAncestor(refreshToken, standing.refreshHash, standing.generation, key));
    if (stolen) await this.revoke(standing.memberId, standing.id);
    throw refreshInvalid();
  }

  private async standingOf(refreshToken: string): Promise<SessionStanding> {
    const id = sessionIdOf(refreshToken);
    const standing = id === undefined ? undefined : await this.sessions.findStanding(id);
    if (standing === undefined || !standing.alive) throw refreshInvalid();
    return standing;
  }

  private async signedIn(standing: SessionStanding, refreshToken: string): Promise<SignedIn> {
    const member = await this.members.find(standing.memberId);
    if (member === undefined) throw refreshInvalid();
    return { member, ...(await this.grants.issue(this.database, standing.id, member)), refreshToken };
  }
}
