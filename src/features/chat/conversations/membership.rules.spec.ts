import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { requestInvalid } from '../../../platform/errors/house.errors.js';
import { CONVERSATION_ROLES, NOTIFY } from '../chat.types.js';
import { changedRank, differenceOf, manages, mayChange, mayRemove, outranks, type Rank } from './membership.rules.js';

const role = fc.constantFrom(...CONVERSATION_ROLES);
const until = fc.option(fc.date({ noInvalidDate: true }));
const rank = fc.record({ role, mutedUntil: until, bannedUntil: until });
const change = fc.record({ role, mutedUntil: until, bannedUntil: until, notify: fc.constantFrom(...NOTIFY) }, { requiredKeys: [] });

it.each([
  ['owner', 'owner', false, true], ['owner', 'moderator', true, true], ['owner', 'member', true, true],
  ['moderator', 'owner', false, false], ['moderator', 'moderator', false, false], ['moderator', 'member', true, true],
  ['member', 'owner', false, false], ['member', 'moderator', false, false], ['member', 'member', false, false],
] as const)('%s and %s: keeps order over %p, may remove %p', (one, other, isAbove, removes) => {
  expect([outranks(one, other), mayRemove(one, other)]).toEqual([isAbove, removes]);
});

it.each(CONVERSATION_ROLES)('%s of a dm manages nothing', (one) => expect(manages('dm', one)).toBe(false));

it.each([['owner', true], ['moderator', true], ['member', false]] as const)('%s of a group or channel manages it: %p', (one, expected) => {
  expect([manages('group', one), manages('channel', one)]).toEqual([expected, expected]);
});

describe('changing a part', () => {
  it('is for those above, besides what is everybody\'s own', () => {
    fc.assert(
      fc.property(role, role, change, fc.boolean(), (actorRole, targetRole, asked, isOneself) => {
        const actor = { memberId: 'a', role: actorRole };
        const target = isOneself ? actor : { memberId: 'b', role: targetRole };
        const keepsOrder = asked.mutedUntil !== undefined || asked.bannedUntil !== undefined;
        const isRefused = (asked.role !== undefined && actorRole !== 'owner') || (asked.notify !== undefined && !isOneself) || (keepsOrder && !outranks(actorRole, target.role));
        expect(mayChange(actor, target, asked)).toBe(!isRefused);
      }),
    );
  });

  it('leaves what is not named, and no owner muted or banned', () => {
    fc.assert(
      fc.property(rank, change, (before, asked) => {
        let after: Rank;
        try {
          after = changedRank(before, asked);
        } catch (error) {
          expect(requestInvalid.matches(error)).toBe(true);
          expect([asked.role ?? before.role, Boolean(asked.mutedUntil ?? asked.bannedUntil)]).toEqual(['owner', true]);
          return;
        }
        expect(after.role).toBe(asked.role ?? before.role);
        if (after.role === 'owner') expect([after.mutedUntil, after.bannedUntil]).toEqual([null, null]);
        else for (const field of ['mutedUntil', 'bannedUntil'] as const) expect(after[field]).toBe(asked[field] === undefined ? before[field] : asked[field]);
        expect(changedRank(after, asked)).toEqual(after);
      }),
    );
  });

  it('is different where a time is another, not where it is another object', () => {
    const at = new Date(5);
    const before: Rank = { role: 'member', mutedUntil: at, bannedUntil: null };
    expect(differenceOf(before, { ...before, mutedUntil: new Date(5) })).toEqual([]);
    expect(differenceOf(before, { role: 'owner', mutedUntil: new Date(6), bannedUntil: at })).toEqual(['role', 'mutedUntil', 'bannedUntil']);
  });
});
