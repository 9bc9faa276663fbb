import { expect, it } from '@jest/globals';
import { RESERVATION_STATUSES } from '../parking.types.js';
import { eventStatus, isShown } from './calendar.rules.js';

const SINCE = new Date('2026-05-01T00:00:00Z');
const [BEFORE, AFTER] = [new Date(SINCE.getTime() - 1), new Date('2026-06-01T00:00:00Z')];

it('a calendar shows what somebody has, had, or had and gave back', () => {
  expect(RESERVATION_STATUSES.map((status) => [status, eventStatus(status)])).toEqual([
    ['held', 'TENTATIVE'], ['confirmed', 'CONFIRMED'], ['checked-in', 'CONFIRMED'], ['completed', 'CONFIRMED'],
    ['expired', undefined], ['cancelled', 'CANCELLED'], ['no-show', undefined],
  ]);
});

it.each([
  ['confirmed', AFTER, null, true],
  ['held', AFTER, null, true],
  ['completed', SINCE, null, true],
  ['completed', BEFORE, null, false],
  ['cancelled', BEFORE, SINCE, true],
  ['cancelled', AFTER, BEFORE, false],
  ['expired', AFTER, null, false],
  ['no-show', AFTER, null, false],
] as const)('%s, ending %s, cancelled %s: shown %s', (status, endsAt, cancelledAt, shown) => {
  expect(isShown({ status, endsAt, cancelledAt }, SINCE)).toBe(shown);
});
