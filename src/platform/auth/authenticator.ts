import { Injectable } from '@nestjs/common';
import { accessTokenExpired, accessTokenInvalid, apiTokenInvalid, requestInvalid } from '../errors/house.errors.js';
import { AccessTokens, type AccessClaims } from './access-tokens.js';
import type { Actor } from './actor.js';
import { ActorSource, type SessionState } from './actor-source.js';
import { goOn } from './at-once.js';
import { PermissionSet } from './permission-set.js';

/** How every API token begins, so that a bearer token of either sort can be told apart. */
export const API_TOKEN_PREFIX = 'plz_';

export interface Credentials {
  /** The Authorization header: `Bearer <access token>` or `Bearer plz_…`. */
  authorization?: string;
  /** The X-Token header: an API token. */
  apiToken?: string;
}

/** Finds out who is calling, the same way for HTTP and for sockets. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly source: ActorSource,
  ) {}

  /**
   * @throws authRequired, accessTokenInvalid, accessTokenExpired, apiTokenInvalid
   * @throws requestInvalid when two different credentials are sent at once: which one counts must not be a guess
   */
  authenticate({ authorization, apiToken }: Credentials): Actor | Promise<Actor> {
    if (apiToken !== undefined && authorization !== undefined) {
      throw requestInvalid({ errors: [{ path: 'X-Token', message: 'send either X-Token or Authorization, not both' }] });
    }
    const secret = apiToken ?? apiTokenOf(authorization);
    if (secret !== undefined) return goOn(this.source.apiToken(secret), knownToken);
    return goOn(this.tokens.verify(authorization), (claims) =>
      goOn(this.source.session(claims.sid), (session) => {
        checkSession(session, claims.pv);
        return actorOf(claims);
      }),
    );
  }

  /** Checks again that a socket's actor may go on: its token was checked once, its session or rights may have ended since. */
  async renew(actor: Actor): Promise<Actor> {
    if (actor.permissionsUntil !== undefined && actor.permissionsUntil.getTime() <= Date.now()) throw accessTokenExpired();
    if (actor.sessionId !== undefined) checkSession(await this.source.session(actor.sessionId), actor.permissionVersion);
    return actor;
  }
}

function knownToken(actor: Actor | undefined): Actor {
  if (actor === undefined) throw apiTokenInvalid();
  return actor;
}

function checkSession(session: SessionState, permissionVersion: number): void {
  if (!session.alive) throw accessTokenInvalid();
  // The rights in the token are out of date: refreshing the session gives a token with today's.
  if (session.permissionVersion !== permissionVersion) throw accessTokenExpired();
}

function actorOf(claims: AccessClaims): Actor {
  return {
    memberId: claims.sub,
    sessionId: claims.sid,
    role: claims.role,
    permissions: PermissionSet.decode(claims.perms),
    permissionVersion: claims.pv,
    ...(claims.permsUntil !== undefined && { permissionsUntil: new Date(claims.permsUntil * 1000) }),
  };
}

function apiTokenOf(authorization: string | undefined): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return bearer?.startsWith(API_TOKEN_PREFIX) ? bearer : undefined;
}
