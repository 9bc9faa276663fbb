/** What is left of an allowance, and when that was known; times in ms. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** An allowance that is used up by bursts and fills again. */
export interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

/** Takes one token. @returns the bucket afterwards; or how long it takes until there is one, in ms */
export function take(bucket: Bucket | undefined, now: number, { burst, perSecond }: Allowance): Bucket | { readonly retryAfterMs: number } {
  const tokens = bucket === undefined ? burst : Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
  if (tokens < 1) return { retryAfterMs: Math.ceil(((1 - tokens) / perSecond) * 1_000) };
  return { tokens: tokens - 1, at: now };
}
