/** A like counts half after this many hours. */
const HALF_LIFE_HOURS = 48;
const EPOCH = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/**
 * A like at a time t weighs 2^(t / 48 h), in place of losing weight as time passes: every like loses at the same
 * rate, so the order of memes is the same, and it changes only with a like. The weights outgrow any number, so
 * their logarithms (base 2) are kept.
 */
const weightOf = (at: Date): number => (at.getTime() - EPOCH) / HOUR_MS / HALF_LIFE_HOURS;

/** The logarithm of the weight of all likes; null without any. @param times when each was given */
export function trendOf(times: readonly Date[]): number | null {
  const weights = times.map(weightOf);
  const heaviest = weights.reduce((most, weight) => Math.max(most, weight), -Infinity);
  if (heaviest === -Infinity) return null;
  return heaviest + Math.log2(weights.reduce((sum, weight) => sum + 2 ** (weight - heaviest), 0));
}

/** What one more like makes of it. Taking one away is no inverse of this, as what the others weigh may be lost in it: see {@link trendOf}. */
export function withLike(trend: number | null, at: Date): number {
  const weight = weightOf(at);
  if (trend === null) return weight;
  const heaviest = Math.max(trend, weight);
  return heaviest + Math.log2(2 ** (trend - heaviest) + 2 ** (weight - heaviest));
}
