/**
 * Every permission and its bit in the access token's bitmap. Append only: a bit is never reused, since
 * tokens and API tokens that carry it outlive a deployment.
 */
export const PERMISSION_BITS = {
  'profile.read': 0,
  'profile.edit': 1,
  'account.manage': 2,
  'members.directory': 3,
  'credits.read': 4,
  'credits.transfer': 5,
  'exports.order': 6,
  'memes.read': 7,
  'memes.ai': 8,
  'memes.moderate': 9,
  'polls.manage': 10,
  'chat.moderate': 11,
  'parking.operate': 12,
  'credits.admin': 13,
  'members.admin': 14,
  'statistics.read': 15,
  'audit.read': 16,
  'files.read': 17,
  'files.write': 18,
  'memes.write': 19,
  'polls.read': 20,
  'polls.vote': 21,
  'chat.read': 22,
  'chat.write': 23,
  'parking.read': 24,
  'parking.book': 25,
  'parking.accessible': 26,
} as const;

export type PermissionName = keyof typeof PERMISSION_BITS;

/** The permissions by identifier, for decorators: `@RequirePermission(Permission.CreditsRead)`. */
export const Permission = {
  ProfileRead: 'profile.read',
  ProfileEdit: 'profile.edit',
  /** Sessions, password, API tokens, identities: the keys of the house. No API token can hold it. */
  AccountManage: 'account.manage',
  MembersDirectory: 'members.directory',
  CreditsRead: 'credits.read',
  CreditsTransfer: 'credits.transfer',
  ExportsOrder: 'exports.order',
  MemesRead: 'memes.read',
  /** Given by an entitlement, never by a role. */
  MemesAi: 'memes.ai',
  MemesModerate: 'memes.moderate',
  PollsManage: 'polls.manage',
  ChatModerate: 'chat.moderate',
  ParkingOperate: 'parking.operate',
  CreditsAdmin: 'credits.admin',
  MembersAdmin: 'members.admin',
  StatisticsRead: 'statistics.read',
  AuditRead: 'audit.read',
  FilesRead: 'files.read',
  FilesWrite: 'files.write',
  MemesWrite: 'memes.write',
  PollsRead: 'polls.read',
  PollsVote: 'polls.vote',
  ChatRead: 'chat.read',
  ChatWrite: 'chat.write',
  ParkingRead: 'parking.read',
  ParkingBook: 'parking.book',
  /** Accessible spots; given by an entitlement, never by a role. */
  ParkingAccessible: 'parking.accessible',
} as const satisfies Record<string, PermissionName>;

export type Role = 'member' | 'moderator' | 'operator' | 'admin';
export const ROLES: readonly Role[] = ['member', 'moderator', 'operator', 'admin'];

const MEMBER: PermissionName[] = [
  'profile.read', 'profile.edit', 'account.manage', 'members.directory', 'credits.read', 'credits.transfer', 'exports.order', 'memes.read',
  'files.read', 'files.write', 'memes.write', 'polls.read', 'polls.vote', 'chat.read', 'chat.write',
  'parking.read', 'parking.book',
];
const MODERATOR: PermissionName[] = [...MEMBER, 'memes.moderate', 'polls.manage', 'chat.moderate', 'statistics.read'];
const OPERATOR: PermissionName[] = [...MEMBER, 'parking.operate'];

/** The same permissions, each once, in the order of their bits: the order in which they are shown everywhere. */
export function inBitOrder(names: Iterable<PermissionName>): PermissionName[] {
  return [...new Set(names)].sort((a, b) => PERMISSION_BITS[a] - PERMISSION_BITS[b]);
}

/** Roles include each other: admin ⊃ operator, moderator ⊃ member. */
export const PERMISSIONS_BY_ROLE: Readonly<Record<Role, readonly PermissionName[]>> = {
  member: inBitOrder(MEMBER),
  moderator: inBitOrder(MODERATOR),
  operator: inBitOrder(OPERATOR),
  admin: inBitOrder([...MODERATOR, ...OPERATOR, 'credits.admin', 'members.admin', 'audit.read']),
};

/** Held only by a person's session, whatever an API token asks for. */
export const SESSION_ONLY: ReadonlySet<PermissionName> = new Set(['account.manage']);

/** What an API token has when its owner names nothing: the owner's permissions without these. */
export const ADMIN_ONLY: ReadonlySet<PermissionName> = new Set(['credits.admin', 'members.admin', 'audit.read']);

export function isPermissionName(name: string): name is PermissionName {
  return Object.hasOwn(PERMISSION_BITS, name);
}
