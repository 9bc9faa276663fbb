import { describe, expect, it } from '@jest/globals';
import { stayStarted, wrongState } from '../parking.errors.js';
import type { CancellationTier, Reservation, ReservationStatus } from '../parking.types.js';
import { DEFAULT_TIERS } from '../pricing/refund.rules.js';
import { cancellationOf } from './cancellation.rules.js';

const STARTS = Date.parse('2026-02-10T10:00:00Z');
const before = (minutes: number) => new Date(STARTS - minutes * 60_000);
const stay = (status: ReservationStatus, paidMinor = 0, refundedMinor = 0) =>
  ({ status, startsAt: new Date(STARTS), paidMinor, refundedMinor, cancellation: DEFAULT_TIERS }) as unknown as Reservation;
const TIERS: CancellationTier[] = [{ minutesBefore: 1_440, refundPercent: 100 }, { minutesBefore: 60, refundPercent: 50 }];

describe('who cancels', () => {
  it.each<[string, Reservation, readonly CancellationTier[], number, boolean, number, Date | null]>([
    ['a hold', stay('held'), TIERS, 2_000, false, 0, null],
    ['a hold after the start', stay('held'), TIERS, -5, false, 0, null],
    ['a hold as an operator', stay('held'), TIERS, 2_000, true, 0, null],
    ['early', stay('confirmed', 401), TIERS, 2_000, false, 401, before(1_440)],
    ['a day before', stay('confirmed', 401), TIERS, 1_440, false, 401, before(1_440)],
    ['later', stay('confirmed', 401), TIERS, 1_439, false, 201, before(60)],
    ['too late', stay('confirmed', 401), TIERS, 59, false, 0, null],
    ['what was given back in part', stay('confirmed', 800, 400), TIERS, 120, false, 200, before(60)],
    ['what cost nothing', stay('confirmed'), TIERS, 2_000, false, 0, before(1_440)],
    ['in the last minute by default', stay('confirmed', 400), DEFAULT_TIERS, 1, false, 400, before(0)],
    ['without tiers', stay('confirmed', 400), [], 2_000, false, 0, null],
    ['as an operator, too late', stay('confirmed', 401), TIERS, 59, true, 401, null],
    ['as an operator after the start', stay('confirmed', 401, 1), TIERS, -30, true, 400, null],
  ])('%s', (_, reservation, tiers, minutes, byOperator, refundMinor, nextTierAt) => {
    expect(cancellationOf({ ...reservation, cancellation: tiers }, before(minutes), byOperator)).toEqual({ refundMinor, nextTierAt });
  });

  it.each<[ReservationStatus, number, boolean, { code: string }]>([
    ['confirmed', 0, false, stayStarted],
    ['confirmed', -1, false, stayStarted],
    ['checked-in', -1, false, stayStarted],
    ['checked-in', -1, true, stayStarted],
    ['completed', -500, true, stayStarted],
    ['no-show', -500, true, stayStarted],
    ['expired', 2_000, true, wrongState],
    ['cancelled', 2_000, true, wrongState],
  ])('what is %s, %i minutes before the start, by an operator: %s, is refused', (status, minutes, byOperator, { code }) => {
    expect(() => cancellationOf(stay(status, 400), before(minutes), byOperator)).toThrow(expect.objectContaining({ code }));
  });
});
