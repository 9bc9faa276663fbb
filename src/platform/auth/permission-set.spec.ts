import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PermissionSet } from './permission-set.js';
import { ADMIN_ONLY, isPermissionName, Permission, PERMISSION_BITS, PERMISSIONS_BY_ROLE, SESSION_ONLY, type PermissionName } from './permissions.js';

const NAMES = Object.keys(PERMISSION_BITS) as PermissionName[];
const bitsOf = (set: PermissionSet) => Array.from({ length: 300 }, (_, bit) => bit).filter((bit) => set.hasBit(bit));

describe('a permission set', () => {
  it('goes through its text and back for any of the bits 0 to 255', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 255 })), (bits) => {
        expect(bitsOf(PermissionSet.decode(PermissionSet.ofBits(bits).encode()))).toEqual([...bits].sort((a, b) => a - b));
      }),
    );
  });

  it('has bit i at bytes[i >> 3] >> (i & 7) & 1, as base64url', () => {
    expect(PermissionSet.ofBits([0]).encode()).toBe(Buffer.from([1]).toString('base64url'));
    expect(PermissionSet.ofBits([7, 8, 53, 255]).encode()).toBe(Buffer.from([0x80, 1, 0, 0, 0, 0, 0x20, ...Array<number>(24).fill(0), 0x80]).toString('base64url'));
    expect(PermissionSet.none.encode()).toBe('');
    expect(PermissionSet.ofBits([4, 5, 6, 7, 2, 3, 1, 0, 9, 10, 11, 12, 13, 14, 15]).encode()).toMatch(/^[\w-]+$/);
  });

  it('ignores bits of unknown meaning and carries them on', () => {
    const set = PermissionSet.ofBits([PERMISSION_BITS['memes.read'], 31, 200]);
    expect(set.names()).toEqual(['memes.read']);
    expect(bitsOf(PermissionSet.decode(set.encode()))).toEqual([7, 31, 200]);
  });

  it('goes through names and back', () => {
    fc.assert(fc.property(fc.subarray(NAMES), (names) => expect(PermissionSet.decode(PermissionSet.of(names).encode()).names()).toEqual(names)));
  });

  it('never grants by a damaged text', () => {
    for (const text of ['', '!', '====', 'é']) expect(PermissionSet.decode(text).names()).toEqual([]);
  });
});

describe('permissions', () => {
  it('keep their bits: tokens that carry them outlive a deployment', () => {
    expect(PERMISSION_BITS).toMatchObject({
      'profile.read': 0, 'profile.edit': 1, 'account.manage': 2, 'members.directory': 3, 'credits.read': 4, 'credits.transfer': 5, 'exports.order': 6, 'memes.read': 7,
      'memes.ai': 8, 'memes.moderate': 9, 'polls.manage': 10, 'chat.moderate': 11, 'parking.operate': 12, 'credits.admin': 13, 'members.admin': 14, 'statistics.read': 15, 'audit.read': 16,
    });
    const bits = Object.values(PERMISSION_BITS);
    expect(new Set(bits).size).toBe(bits.length);
    expect(Object.values(Permission).sort()).toEqual([...NAMES].sort());
  });

  it('of a role include those of the roles below', () => {
    const { member, moderator, operator, admin } = PERMISSIONS_BY_ROLE;
    for (const above of [moderator, operator, admin]) expect(above).toEqual(expect.arrayContaining([...member]));
    for (const below of [moderator, operator]) expect(admin).toEqual(expect.arrayContaining([...below]));
    expect(new Set(admin).size).toBe(admin.length);
    for (const name of ADMIN_ONLY) for (const role of [member, moderator, operator]) expect(role).not.toContain(name);
    for (const name of SESSION_ONLY) expect(member).toContain(name);
  });

  it('are known by name, and inherited names are none', () => {
    expect(isPermissionName('memes.read')).toBe(true);
    for (const name of ['constructor', '__proto__', 'toString', 'memes', '']) expect(isPermissionName(name)).toBe(false);
  });
});
