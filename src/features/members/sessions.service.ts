import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId } from '../../platform/database/columns.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { Cursors } from '../../platform/http/cursor.js';
import type { Page } from '../../platform/http/page.dto.js';
import { AccessGrants, type AccessGrant } from './access-grants.service.js';
import { Credentials } from './credentials.service.js';
import type { Member } from './entities/member.js';
import type { Session } from './entities/session.js';
import { MemberActors } from './member-actors.service.js';
import { MemberRepository } from './member.repository.js';
import { credentialsInvalid } from './members.errors.js';
import { Passwords } from './passwords.service.js';
import { firstRefreshToken } from './refresh-tokens.rules.js';
import { hashOf } from './secrets.rules.js';
import { SessionRepository } from './session.repository.js';

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

/** Signing in, where a member is signed in, and signing out. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: SessionRepository,
    private readonly members: MemberRepository,
    private readonly actors: MemberActors,
    private readonly credentials: Credentials,
    private readonly passwords: Passwords,
    private readonly grants: AccessGrants,
    private readonly cursors: Cursors,
  ) {}

  /**
   * @param alongside what is done in the same transaction, for the member who has proved to be the one
   * @throws credentialsInvalid for an unknown address, a wrong password and a disabled member alike, in equal time
   * @throws rateLimited after repeated failures
   */
  async signIn(credentials: { email: string; password: string }, device: Device, alongside?: (tx: Tx, memberId: string) => Promise<void>): Promise<SignedIn> {
    const member = await this.credentials.check(credentials, device.ip);
    const current = member.passwordHash;
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

  /** The member's open sessions, newest first. */
  async list(memberId: string, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<Session>> {
    const [afterId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    const found = await this.sessions.listOpen(memberId, afterId, limit + 1);
    return this.cursors.page(LIST, found, limit, ({ id }) => [id]);
  }

  /** @throws notFound */
  async revoke(memberId: string, sessionId: string): Promise<void> {
    if (!(await this.end(memberId, sessionId))) throw notFound();
  }

  /** Ends a session, sockets included. @returns false when the member has no such session, or it has ended */
  end(memberId: string, sessionId: string): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      const ended = await this.sessions.revoke(tx, memberId, sessionId);
      if (ended) tx.afterCommit(() => this.actors.sessionsEnded([sessionId]));
      return ended;
    });
  }

  /** Ends every session of a member, sockets included. */
  async revokeAll(tx: Tx, memberId: string): Promise<void> {
    const ended = await this.sessions.revokeAll(tx, memberId);
    tx.afterCommit(() => this.actors.sessionsEnded(ended));
  }

  /** Tidies sessions that ended long ago. */
  async deleteEnded(): Promise<void> {
    await this.transactions.runInParts((tx, limit) => this.sessions.deleteEnded(tx, limit));
  }
}
