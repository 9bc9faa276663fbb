import { inBitOrder, isPermissionName, PERMISSION_BITS, PERMISSIONS_BY_ROLE, type PermissionName, type Role } from '../../platform/auth/permissions.js';

/**
 * Never given by an entitlement: `account.manage` is everybody's own, and whoever held `members.admin`
 * could move the end of it.
 */
const BY_ROLE_ONLY: ReadonlySet<PermissionName> = new Set(['account.manage', 'members.admin']);

export const GRANTABLE = (Object.keys(PERMISSION_BITS) as PermissionName[]).filter((name) => !BY_ROLE_ONLY.has(name));

export function isGrantable(name: string): name is PermissionName {
  return isPermissionName(name) && !BY_ROLE_ONLY.has(name);
}

/** What a member may do. */
export interface Rights {
  readonly permissions: readonly PermissionName[];
  /** Until then, at least and in this process's time; never when undefined: all of them come with the role. */
  readonly until?: Date;
}

/** Access tokens count whole seconds: what lasts no longer than one is over already. */
const LEAST_MS = 1_000;

/**
 * What a member of this role may do who has these entitlements.
 *
 * @param askedAt when it was asked how long they last; the answer came later, so they end no earlier than this says
 */
export function rightsOf(role: Role, entitlements: readonly { permission: PermissionName; remainingMs: number }[], askedAt: Date): Rights {
  const own = PERMISSIONS_BY_ROLE[role];
  // What a newer version gave is unknown here; what the role includes ends with no date.
  const lent = entitlements.filter(({ permission, remainingMs }) => isGrantable(permission) && !own.includes(permission) && remainingMs > LEAST_MS);
  if (lent.length === 0) return { permissions: own };
  return {
    permissions: inBitOrder([...own, ...lent.map(({ permission }) => permission)]),
    until: new Date(askedAt.getTime() + Math.min(...lent.map(({ remainingMs }) => remainingMs))),
  };
}
