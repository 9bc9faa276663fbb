import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { Actor } from './actor.js';
import { actorOf } from './actor-context.js';
import { SESSION_ONLY, type PermissionName } from './permissions.js';

/** Metadata keys, read by the guard and by the test that fails on a handler with neither. */
export const PUBLIC = 'plaza:public';
export const REQUIRED_PERMISSION = 'plaza:required-permission';

/** Opens a route or socket event to callers who are not signed in. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Lets in actors that hold `permission`; everyone else gets 401 or 403. */
export const RequirePermission = (permission: PermissionName) =>
  applyDecorators(
    SetMetadata(REQUIRED_PERMISSION, permission),
    ApiBearerAuth(),
    ...(SESSION_ONLY.has(permission) ? [] : [ApiSecurity('apiToken')]),
  );

/** Opens a route to callers who are not signed in. Whoever sends credentials is signed in by them, and needs `permission`. */
export const PublicOr = (permission: PermissionName) => applyDecorators(RequirePermission(permission), Public());

/** The actor that the guard let in, or undefined for somebody who is not signed in. */
export const MaybeActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor | undefined => actorOf(context));

/** The actor that the guard let in. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const actor = actorOf(context);
  if (actor === undefined) throw new Error('@CurrentActor() on a public handler');
  return actor;
});
