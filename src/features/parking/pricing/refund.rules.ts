import type { CancellationTier } from '../parking.types.js';
import type { Fault } from './tariff.rules.js';

/** Whoever cancels before the start has all back. */
export const DEFAULT_TIERS: readonly CancellationTier[] = [{ minutesBefore: 0, refundPercent: 100 }];

const MINUTE_MS = 60_000;

/** So much money in credits, rounded up. @param creditValueMinor minor units a credit */
export function creditsOf(minor: number, creditValueMinor: number): number {
  const rest = minor % creditValueMinor;
  return (minor - rest) / creditValueMinor + (rest > 0 ? 1 : 0);
}

/** What comes back of what was paid, in minor units, half up. */
export function refundOf(paidMinor: number, percent: number): number {
  const hundredfold = paidMinor * percent + 50;
  return (hundredfold - (hundredfold % 100)) / 100;
}

/**
 * What part comes back to who cancels now, and the last moment at which it still does; null when it never falls.
 * Of the tiers whose time before the start is not over, the earliest in time holds; when all are over, nothing comes back.
 *
 * @param tiers without a fault, in any order
 */
export function tierAt(tiers: readonly CancellationTier[], startsAt: Date, now: Date): { refundPercent: number; nextTierAt: Date | null } {
  const lastMomentOf = ({ minutesBefore }: CancellationTier) => startsAt.getTime() - minutesBefore * MINUTE_MS;
  const open = tiers.filter((tier) => now.getTime() <= lastMomentOf(tier)).sort((a, b) => b.minutesBefore - a.minutesBefore);
  const refundPercent = open[0]?.refundPercent ?? 0;
  const lastOfPercent = refundPercent === 0 ? undefined : open.findLast((tier) => tier.refundPercent === refundPercent);
  return { refundPercent, nextTierAt: lastOfPercent ? new Date(lastMomentOf(lastOfPercent)) : null };
}

/** The first thing that is wrong with tiers: numbers out of range, two for one time, or less for who cancels earlier. */
export function faultOfTiers(tiers: readonly CancellationTier[]): Fault | undefined {
  for (const [index, { minutesBefore, refundPercent }] of tiers.entries()) {
    const path = `cancellation.${index}`;
    if (!Number.isSafeInteger(minutesBefore) || minutesBefore < 0) return { path: `${path}.minutesBefore`, reason: 'must be a whole number of minutes, 0 or more' };
    if (!Number.isInteger(refundPercent) || refundPercent < 0 || refundPercent > 100) return { path: `${path}.refundPercent`, reason: 'must be a whole number from 0 to 100' };
    for (const other of tiers.slice(0, index)) {
      if (other.minutesBefore === minutesBefore) return { path: `${path}.minutesBefore`, reason: 'must not be that of another tier' };
      const [early, late] = other.minutesBefore > minutesBefore ? [other.refundPercent, refundPercent] : [refundPercent, other.refundPercent];
      if (early < late) return { path: `${path}.refundPercent`, reason: 'must not be less for more time before the start' };
    }
  }
  return undefined;
}
