import type { Actor } from './actor.js';

/** What the guard must know about a session beyond its token. */
export interface SessionState {
  /** False once the session was revoked or expired, or its member disabled. */
  readonly alive: boolean;
  /** Grows when the member's role or rights change; a token with an older one must be refreshed. */
  readonly permissionVersion: number;
}

/**
 * Port to whoever keeps members: the guard asks it, the members feature provides it. Answers are cached
 * for up to 30 s by the provider, so a request costs no database read; what it remembers it answers at once.
 */
export abstract class ActorSource {
  abstract session(sessionId: string): SessionState | Promise<SessionState>;
  /** The actor behind an API token's secret; undefined when unknown, expired or revoked. */
  abstract apiToken(secret: string): Actor | undefined | Promise<Actor | undefined>;
  /** The id and the owner of the API token with this secret or id; undefined when there is none, or it was revoked. */
  abstract apiTokenOwner(secretOrId: string): Promise<{ readonly id: string; readonly memberId: string } | undefined>;
  /** The ids of a member's API tokens that can be used; undefined when there is no such member. */
  abstract apiTokensOf(memberId: string): Promise<string[] | undefined>;
  /** Whether there is such a member, and they are not locked out; read from the database each time. */
  abstract isActive(memberId: string): Promise<boolean>;
  /** Of these sessions, those that have ended, read from the database: for sockets in other processes. */
  abstract endedSessions(sessionIds: readonly string[]): Promise<string[]>;
  /** Told when a session ends in this process. */
  abstract onSessionEnded(listener: (sessionId: string) => void): void;
}
