import { Injectable } from '@nestjs/common';
import { accessTokenExpired, accessTokenInvalid, apiTokenInvalid, requestInvalid } from '../errors/house.errors.js';
import { AccessTokens } from './access-tokens.js';
import type { Actor } from './actor.js';
import { ActorSource } from './actor-source.js';
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
  async authenticate({ authorization, apiToken }: Credentials): Promise<Actor> {
    if (apiToken !== undefined && authorization !== undefined) {
      throw requestInvalid({ errors: [{ path: 'X-Token', message: 'send either X-Token or Authorization, not both' }] });
    }
    const secret = apiToken ?? apiTokenOf(authorization);
    if (secret !== undefined) {
      const actor = await this.source.apiToken(secret);
      if (actor === undefined) throw apiTokenInvalid();
      return actor;
    }
    const claims = await this.tokens.verify(authorization);
    await this.checkSession(claims.sid, claims.pv);
    return {
      memberId: claims.sub,
      sessionId: claims.sid,
      role: claims.role,
      permissions: PermissionSet.decode(claims.perms),
      permissionVersion: claims.pv,
      ...(claims.permsUntil !== undefined && { permissionsUntil: new Date(claims.permsUntil * 1000) }),
    };
  }

  /** Checks again that a socket's actor may go on: its token was checked once, its session or rights may have ended since. */
  async renew(actor: Actor): Promise<Actor> {
    if (actor.permissionsUntil !== undefined && actor.permissionsUntil.getTime() <= Date.now()) throw accessTokenExpired();
    if (actor.sessionId !== undefined) await this.checkSession(actor.sessionId, actor.permissionVersion);
    return actor;
  }

  private async checkSession(sessionId: string, permissionVersion: number): Promise<void> {
    const session = await this.source.session(sessionId);
    if (!session.alive) throw accessTokenInvalid();
    // The rights in the token are out of date: refreshing the session gives a token with today's.
    if (session.permissionVersion !== permissionVersion) throw accessTokenExpired();
  }
}

function apiTokenOf(authorization: string | undefined): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return bearer?.startsWith(API_TOKEN_PREFIX) ? bearer : undefined;
}
