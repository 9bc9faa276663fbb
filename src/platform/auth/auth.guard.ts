import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { authRequired, forbidden } from '../errors/house.errors.js';
import type { Actor } from './actor.js';
import { actorOf, setRequestActor } from './actor-context.js';
import { goOn } from './at-once.js';
import { Authenticator } from './authenticator.js';
import { PUBLIC, REQUIRED_PERMISSION } from './decorators.js';
import type { PermissionName } from './permissions.js';

/**
 * Denies by default, for HTTP and sockets alike: a handler is reached only when it says `@Public()`, or
 * when the caller holds the permission that it requires.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { isPublic, permission } = this.admission(context);
    if (isPublic && (permission === undefined || !hasCredentials(context))) return true;
    return goOn(this.actor(context), (actor) => {
      if (permission === undefined || !actor.permissions.has(permission)) throw forbidden();
      return true;
    });
  }

  /** What the handler says, or else its class: a handler of a public class that requires a permission is not public. */
  private admission(context: ExecutionContext): { isPublic: boolean; permission?: PermissionName } {
    for (const place of [context.getHandler(), context.getClass()]) {
      const permission = this.reflector.get<PermissionName | undefined>(REQUIRED_PERMISSION, place);
      const isPublic = this.reflector.get<boolean | undefined>(PUBLIC, place) === true;
      if (permission !== undefined || isPublic) return { isPublic, permission };
    }
    return { isPublic: false };
  }

  private actor(context: ExecutionContext): Actor | Promise<Actor> {
    if (context.getType() === 'ws') {
      const actor = actorOf(context);
      if (actor === undefined) throw authRequired();
      return this.authenticator.renew(actor);
    }
    const request = context.getArgByIndex<FastifyRequest>(0);
    const apiToken = request.headers['x-token'];
    const found = this.authenticator.authenticate({
      authorization: request.headers.authorization,
      apiToken: typeof apiToken === 'string' ? apiToken : undefined,
    });
    return goOn(found, (actor) => {
      setRequestActor(request, actor);
      return actor;
    });
  }
}

/** Whether somebody who need not sign in does so all the same. Sockets always have. */
function hasCredentials(context: ExecutionContext): boolean {
  if (context.getType() === 'ws') return true;
  const { authorization, 'x-token': apiToken } = context.getArgByIndex<FastifyRequest>(0).headers;
  return (authorization ?? apiToken) !== undefined;
}
