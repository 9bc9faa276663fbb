import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inBitOrder, PERMISSION_BITS, PERMISSIONS_BY_ROLE, ROLES, type PermissionName } from '../../platform/auth/permissions.js';
import { GRANTABLE, isGrantable, rightsOf } from './entitlements.rules.js';

const NOW = new Date('2026-11-22T10:00:00.000Z');
const inMs = (ms: number) => new Date(NOW.getTime() + ms);
const lent = (permission: string, remainingMs: number) => ({ permission: permission as PermissionName, remainingMs });

describe('what a member may do', () => {
  it.each(ROLES)('is what the role of %s includes, for ever, while nothing is lent', (role) => {
    expect(rightsOf(role, [], NOW)).toEqual({ permissions: PERMISSIONS_BY_ROLE[role] });
  });

  it('is more by what is lent, until the first of it ends', () => {
    expect(rightsOf('member', [lent('memes.ai', 90_000), lent('polls.manage', 60_000)], NOW)).toEqual({
      permissions: inBitOrder([...PERMISSIONS_BY_ROLE.member, 'memes.ai', 'polls.manage']), until: inMs(60_000),
    });
  });

  it('does not end where the role includes what was lent as well', () => {
    expect(rightsOf('moderator', [lent('polls.manage', 60_000)], NOW)).toEqual({ permissions: PERMISSIONS_BY_ROLE.moderator });
    expect(rightsOf('moderator', [lent('polls.manage', 5_000), lent('memes.ai', 60_000)], NOW).until).toEqual(inMs(60_000));
  });

  it.each([
    ['what has ended', lent('memes.ai', 0)],
    ['what ends within the second that a token cannot tell', lent('memes.ai', 1_000)],
    ['what a later version gave', lent('moon.land', 60_000)],
    ['what an inherited name would give', lent('constructor', 60_000)],
    ['the right to give rights', lent('members.admin', 60_000)],
  ])('does not include %s', (_, entitlement) => {
    expect(rightsOf('member', [entitlement], NOW)).toEqual({ permissions: PERMISSIONS_BY_ROLE.member });
  });

  it('always includes the role, nothing twice, and lasts no longer than anything lent', () => {
    const names = Object.keys(PERMISSION_BITS) as PermissionName[];
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), fc.subarray(names), fc.infiniteStream(fc.integer({ min: -5_000, max: 10 ** 9 })), (role, given, ends) => {
        const entitlements = given.map((permission) => lent(permission, ends.next().value));
        const { permissions, until } = rightsOf(role, entitlements, NOW);
        expect(permissions).toEqual(expect.arrayContaining([...PERMISSIONS_BY_ROLE[role]]));
        expect(new Set(permissions).size).toBe(permissions.length);
        for (const name of permissions.filter((name) => !PERMISSIONS_BY_ROLE[role].includes(name))) {
          expect(until!.getTime()).toBeLessThanOrEqual(inMs(entitlements.find(({ permission }) => permission === name)!.remainingMs).getTime());
        }
      }),
    );
  });
});

it('what gives rights, and what everybody has, cannot be lent', () => {
  for (const name of ['members.admin', 'account.manage', 'constructor', '__proto__', '', 'memes']) expect(isGrantable(name)).toBe(false);
  for (const name of ['memes.ai', 'polls.manage', 'credits.admin', 'audit.read']) expect(isGrantable(name)).toBe(true);
  expect(GRANTABLE.every(isGrantable)).toBe(true);
});
