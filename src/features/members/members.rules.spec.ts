import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PERMISSION_BITS, PERMISSIONS_BY_ROLE, ROLES, type PermissionName } from '../../platform/auth/permissions.js';
import { defaultTokenPermissions, effectiveTokenPermissions, isWeakPassword, normaliseEmail, signInWaitSeconds } from './members.rules.js';

const NAMES = Object.keys(PERMISSION_BITS) as PermissionName[];

describe('an address', () => {
  it.each([[' Ada@Example.ORG ', 'ada@example.org'], ['ÄDA@example.org', 'äda@example.org'], ['a@b.c', 'a@b.c']])('%j is kept as %s', (given, kept) => {
    expect(normaliseEmail(given)).toBe(kept);
  });

  it('is normal once it was made so', () => {
    fc.assert(fc.property(fc.emailAddress(), (email) => expect(normaliseEmail(normaliseEmail(email))).toBe(normaliseEmail(email))));
  });
});

describe('a password', () => {
  it.each([
    ['', true], ['xk29fp7', true], ['xk29fp7!', false], ['x7'.repeat(64), false], [`${'x7'.repeat(64)}y`, true],
    ['password', true], ['Password', true], ['12345678', true], ['qwertyuiop', true], ['a quiet corner desk', false], ['plaza demo 2026', false], ['🦉'.repeat(7), true], ['🦉🐝🦊🐢🦆🐙🦔🐌', false],
  ])('%j is weak: %s', (password, weak) => expect(isWeakPassword(password)).toBe(weak));
});

describe('an API token', () => {
  it('never may more than its owner, nor manage the account', () => {
    fc.assert(
      fc.property(fc.subarray(NAMES), fc.subarray(NAMES), (given, owner) => {
        const effective = effectiveTokenPermissions(given, owner);
        for (const name of effective) expect(owner.includes(name) && given.includes(name) && name !== 'account.manage').toBe(true);
      }),
    );
  });

  it.each(ROLES)('of a %s has no admin rights unless they are named', (role) => {
    const granted = defaultTokenPermissions(PERMISSIONS_BY_ROLE[role]);
    expect(granted).toEqual(PERMISSIONS_BY_ROLE[role].filter((name) => !['account.manage', 'credits.admin', 'members.admin', 'audit.read'].includes(name)));
    expect(effectiveTokenPermissions(granted, PERMISSIONS_BY_ROLE[role])).toEqual(granted);
  });
});

describe('after failed sign-ins', () => {
  it.each([[0, 0], [4, 0], [5, 1], [6, 2], [7, 4], [10, 32], [13, 256], [14, 300], [60, 300], [5_000, 300]])('%d in a row one waits %d s', (failures, seconds) => {
    expect(signInWaitSeconds(failures, 300)).toBe(seconds);
  });
});
