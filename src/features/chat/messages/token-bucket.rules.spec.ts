import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { take, type Allowance, type Bucket } from './token-bucket.rules.js';

/** Numbers are added up in floating point. */
const ROUNDING = 1e-6;
const allowances = fc.record({ burst: fc.integer({ min: 1, max: 30 }), perSecond: fc.double({ min: 0.05, max: 500, noNaN: true }) });
const gaps = fc.double({ min: 0, max: 3_000, noNaN: true });
/** Waits between one and the next: of bursts, and of those who send all the time. */
const waits = fc.array(fc.oneof(fc.constant(0), gaps, fc.double({ min: 0, max: 20, noNaN: true })), { minLength: 1, maxLength: 80 });

/** Takes at each time; those that were given. */
function givenAt(times: readonly number[], allowance: Allowance): { given: number[]; buckets: Bucket[] } {
  const [given, buckets]: [number[], Bucket[]] = [[], []];
  for (const now of times) {
    const taken = take(buckets.at(-1), now, allowance);
    if ('retryAfterMs' in taken) continue;
    given.push(now);
    buckets.push(taken);
  }
  return { given, buckets };
}

function timesOf(steps: readonly number[]): number[] {
  let at = 0;
  return steps.map((step) => (at += step));
}

it('a burst is given at once, and then one whenever there is one again', () => {
  const times = [0, 0, 0, 0, 199, 200, 200, 399, 400, 1_000, 1_000, 1_000, 1_000, 9_000, 9_000, 9_000, 9_000];
  expect(givenAt(times, { burst: 3, perSecond: 5 }).given).toEqual([0, 0, 0, 200, 400, 1_000, 1_000, 1_000, 9_000, 9_000, 9_000]);
});

it('no window holds more than a burst and what has come back meanwhile', () => {
  fc.assert(fc.property(allowances, waits, (allowance, steps) => {
    const { given } = givenAt(timesOf(steps), allowance);
    given.forEach((from, i) => given.slice(i).forEach((to, more) => {
      expect(more + 1).toBeLessThanOrEqual(allowance.burst + (allowance.perSecond * (to - from)) / 1_000 + ROUNDING);
    }));
  }));
});

it('who waits as long as is said is given one, and who waits a millisecond less is not', () => {
  fc.assert(fc.property(allowances, waits, gaps, (allowance, steps, later) => {
    const bucket = givenAt(timesOf(steps), allowance).buckets.at(-1)!;
    const now = bucket.at + later;
    const refused = take(bucket, now, allowance);
    fc.pre('retryAfterMs' in refused);
    const { retryAfterMs } = refused as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(Number.isInteger(retryAfterMs)).toBe(true);
    expect(take(bucket, now + retryAfterMs + ROUNDING, allowance)).toHaveProperty('tokens');
    expect(take(bucket, now + retryAfterMs - 1 - ROUNDING, allowance)).toHaveProperty('retryAfterMs');
  }));
});

it('a clock that goes back gives nothing and takes nothing', () => {
  const allowance = { burst: 2, perSecond: 1 };
  expect(take({ tokens: 1.5, at: 10_000 }, 4_000, allowance)).toEqual({ tokens: 0.5, at: 4_000 });
  expect(take({ tokens: 0.5, at: 10_000 }, 4_000, allowance)).toEqual({ retryAfterMs: 500 });
  const steps = fc.array(fc.integer({ min: -3_000, max: 3_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(fc.property(allowances, steps, (some, moves) => {
    const { given, buckets } = givenAt(timesOf(moves), some);
    const forwardMs = moves.reduce((sum, move) => sum + Math.max(0, move), 0);
    expect(given.length).toBeLessThanOrEqual(some.burst + (some.perSecond * forwardMs) / 1_000 + ROUNDING);
    for (const { tokens } of buckets) expect(tokens >= 0 && tokens <= some.burst - 1).toBe(true);
  }));
});
