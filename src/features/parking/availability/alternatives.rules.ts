import { QUARTER_MS } from '../guard/day-masks.rules.js';
import type { Span } from '../parking.types.js';
import type { SpotTime } from './free-time.rules.js';

const DAY_MS = 86_400_000;
/** How much later than wished a time is still offered. */
export const LOOKED_AHEAD_MS = 14 * DAY_MS;

/**
 * The earliest time after the one wished for at which one of the spots is free for as long; undefined when there is none.
 *
 * @param times of spots that fit, up to 14 days after the wish
 */
export function nextFreeOf(times: readonly SpotTime[], { startsAt, endsAt }: Span, maxAdvanceDays: number, now: Date): Span | undefined {
  const lengthMs = endsAt.getTime() - startsAt.getTime();
  const from = new Date(startsAt.getTime() + QUARTER_MS);
  const starts = times.flatMap(({ timeline }) => timeline.firstFree(from, lengthMs / QUARTER_MS)?.getTime() ?? []);
  const first = starts.reduce((one, other) => Math.min(one, other), Infinity);
  if (first > Math.min(startsAt.getTime() + LOOKED_AHEAD_MS, now.getTime() + maxAdvanceDays * DAY_MS)) return undefined;
  return { startsAt: new Date(first), endsAt: new Date(first + lengthMs) };
}
