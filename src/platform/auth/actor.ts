import type { PermissionSet } from './permission-set.js';
import type { Role } from './permissions.js';

/** Who is calling: a member through a session, through one of their API tokens, or through a door that knows neither. */
export interface Actor {
  readonly memberId: string;
  readonly role: Role;
  readonly permissions: PermissionSet;
  /** The member's permission version when their rights were read. */
  readonly permissionVersion: number;
  /** When the first of the permissions ends; absent when none does. */
  readonly permissionsUntil?: Date;
  /** Set when a person signed in over HTTP. */
  readonly sessionId?: string;
  /** Set when an API token is calling. */
  readonly apiTokenId?: string;
}
