import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Actor } from '../../platform/auth/actor.js';
import { ActorSource, type SessionState } from '../../platform/auth/actor-source.js';
import { goOn } from '../../platform/auth/at-once.js';
import { API_TOKEN_PREFIX } from '../../platform/auth/authenticator.js';
import { PermissionSet } from '../../platform/auth/permission-set.js';
import { Database } from '../../platform/database/database.js';
import { Activity } from './activity.service.js';
import { ApiTokenRepository } from './api-token.repository.js';
import { MemberRights } from './member-rights.service.js';
import { MemberRepository } from './member.repository.js';
import { effectiveTokenPermissions } from './members.rules.js';
import { hashOf } from './secrets.rules.js';
import { SessionRepository } from './session.repository.js';

/** A change in another process is noticed after this long at the latest; in this one at once. */
const REMEMBER_MS = 30_000;
const REMEMBERED_SESSIONS = 50_000;
const REMEMBERED_TOKENS = 10_000;

const ENDED: SessionState & { memberId: string } = { alive: false, permissionVersion: 0, memberId: '' };

/** Answers the guards' questions from memory, so that a request costs no database read. */
@Injectable()
export class MemberActors extends ActorSource {
  private readonly sessions = new LRUCache<string, SessionState & { memberId: string }>({ max: REMEMBERED_SESSIONS, ttl: REMEMBER_MS });
  /** By the secret as it came: hashing it for every request was nearly a tenth of a small one when measured. So it is purged when its time is up. */
  private readonly tokens = new LRUCache<string, Actor>({ max: REMEMBERED_TOKENS, ttl: REMEMBER_MS, ttlAutopurge: true });
  /** Secrets that were no token: bounded, so that guessing fills neither the memory nor the database's time. */
  private readonly strangers = new LRUCache<string, true>({ max: REMEMBERED_TOKENS, ttl: REMEMBER_MS });
  private readonly listeners: ((sessionId: string) => void)[] = [];
  /** Grows when something is forgotten: an answer read before that is too old to be remembered. */
  private epoch = 0;

  constructor(
    private readonly sessionRepository: SessionRepository,
    private readonly apiTokenRepository: ApiTokenRepository,
    private readonly members: MemberRepository,
    private readonly rights: MemberRights,
    private readonly database: Database,
    private readonly activity: Activity,
  ) {
    super();
  }

  session(sessionId: string): SessionState | Promise<SessionState> {
    return goOn(this.sessions.get(sessionId) ?? this.readSession(sessionId), (state) => {
      if (state.alive) this.activity.memberSeen(state.memberId);
      return state;
    });
  }

  apiToken(secret: string): Actor | undefined | Promise<Actor | undefined> {
    return goOn(this.tokens.get(secret) ?? this.readToken(secret), (actor) => {
      if (actor !== undefined) this.activity.tokenSeen(actor.apiTokenId!, actor.memberId);
      return actor;
    });
  }

  apiTokenOwner(secretOrId: string): Promise<{ id: string; memberId: string } | undefined> {
    // A secret is in no statement: an error of the database would show it in the log.
    return this.apiTokenRepository.findOwner(secretOrId.startsWith(API_TOKEN_PREFIX) ? { secretHash: hashOf(secretOrId) } : { id: secretOrId });
  }

  apiTokensOf(memberId: string): Promise<string[] | undefined> {
    return this.apiTokenRepository.listUsableIds(memberId);
  }

  async isActive(memberId: string): Promise<boolean> {
    return (await this.members.listActiveIds(this.database, [memberId])).has(memberId);
  }

  endedSessions(sessionIds: readonly string[]): Promise<string[]> {
    return this.sessionRepository.listEnded(sessionIds);
  }

  onSessionEnded(listener: (sessionId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Called after the commit that ended these sessions. */
  sessionsEnded(sessionIds: readonly string[]): void {
    if (sessionIds.length === 0) return;
    this.epoch += 1;
    for (const id of sessionIds) {
      this.sessions.set(id, ENDED);
      for (const listener of this.listeners) listener(id);
    }
  }

  /** Called after a commit that changed what a member or one of their tokens may do. */
  rightsChanged(memberId: string): void {
    this.epoch += 1;
    for (const [id, state] of this.sessions.entries()) if (state.memberId === memberId) this.sessions.delete(id);
    // Rare, and tokens are quickly read again: no index by member is worth its upkeep.
    this.tokens.clear();
    this.strangers.clear();
  }

  private async readSession(sessionId: string): Promise<SessionState & { memberId: string }> {
    const epoch = this.epoch;
    const standing = await this.sessionRepository.findStanding(sessionId);
    const state = standing === undefined ? ENDED : { alive: standing.alive, permissionVersion: standing.permissionVersion, memberId: standing.memberId };
    if (epoch === this.epoch) this.sessions.set(sessionId, state);
    return state;
  }

  private async readToken(secret: string): Promise<Actor | undefined> {
    const hash = hashOf(secret);
    const key = hash.toString('base64');
    if (this.strangers.has(key)) return undefined;
    const epoch = this.epoch;
    const standing = await this.apiTokenRepository.findStanding(hash);
    if (standing === undefined) {
      if (epoch === this.epoch) this.strangers.set(key, true);
      return undefined;
    }
    const rights = await this.rights.of(this.database, { id: standing.memberId, role: standing.role });
    const permissions = effectiveTokenPermissions(PermissionSet.decode(standing.permissions).names(), rights.permissions);
    const actor: Actor = {
      memberId: standing.memberId,
      apiTokenId: standing.id,
      role: standing.role,
      permissionVersion: standing.permissionVersion,
      permissions: PermissionSet.of(permissions),
    };
    // Not longer than the token and its rights live: those ends are known, nothing has to be noticed.
    const ttl = Math.min(REMEMBER_MS, standing.remainingMs ?? REMEMBER_MS, rights.until === undefined ? REMEMBER_MS : rights.until.getTime() - Date.now());
    if (epoch === this.epoch && ttl > 0) this.tokens.set(secret, actor, { ttl });
    return actor;
  }
}
