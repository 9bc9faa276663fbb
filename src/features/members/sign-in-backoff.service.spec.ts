import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Config } from '../../platform/config/config.js';
import { rateLimited } from '../../platform/errors/house.errors.js';
import { SignInBackoff } from './sign-in-backoff.service.js';

let backoff: SignInBackoff;
beforeEach(() => {
  jest.useFakeTimers();
  backoff = new SignInBackoff({ RATE_LIMIT_SCALE: 1 } as Config);
});
afterEach(() => void jest.useRealTimers());

/** Seconds to wait; 0 when the attempt is let through. */
function attempt(email: string, address = '192.0.2.1'): number {
  try {
    backoff.attempt(email, address);
    return 0;
  } catch (error) {
    if (!rateLimited.matches(error)) throw error;
    return error.details['retryAfterSeconds'] as number;
  }
}

describe('the backoff', () => {
  it('lets five failures of an account pass, then makes it wait 1, 2, 4 … s', () => {
    for (let failures = 0; failures < 5; failures += 1) expect(attempt('a')).toBe(0);
    for (const seconds of [1, 2, 4, 8]) {
      expect(attempt('a')).toBe(seconds);
      jest.advanceTimersByTime(seconds * 1_000 - 1);
      expect(attempt('a')).toBe(1);
      jest.advanceTimersByTime(1);
      expect(attempt('a')).toBe(0);
    }
  });

  it('forgets an account\'s failures with a success', () => {
    for (let failures = 0; failures < 5; failures += 1) attempt('a');
    jest.advanceTimersByTime(1_000);
    expect(attempt('a')).toBe(0);
    backoff.succeeded('a', '192.0.2.1');
    for (let failures = 0; failures < 5; failures += 1) expect(attempt('a')).toBe(0);
    expect(attempt('a')).toBeGreaterThan(0);
  });

  it('makes an address wait that tries many accounts, and nobody elsewhere', () => {
    for (let account = 0; account < 20; account += 1) expect(attempt(`a${account}`)).toBe(0);
    expect(attempt('another')).toBe(1);
    expect(attempt('another', '192.0.2.2')).toBe(0);
  });

  it('counts no successes against an address', () => {
    for (let account = 0; account < 100; account += 1) {
      expect(attempt(`a${account}`)).toBe(0);
      backoff.succeeded(`a${account}`, '192.0.2.1');
    }
  });

  it('of five minutes is the longest', () => {
    for (let failures = 0; failures < 40; failures += 1) {
      jest.advanceTimersByTime(300_000);
      expect(attempt('a')).toBe(0);
    }
    expect(attempt('a')).toBe(300);
  });

  it('does not let a stranger lock a member out: from elsewhere a quarter of a minute is the longest', () => {
    for (let failures = 0; failures < 40; failures += 1) {
      jest.advanceTimersByTime(300_000);
      attempt('a');
    }
    expect(attempt('a')).toBe(300);
    expect(attempt('a', '192.0.2.2')).toBe(15);
  });
});
