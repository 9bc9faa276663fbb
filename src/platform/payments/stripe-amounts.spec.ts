import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromStripeAmount, toStripeAmount } from './stripe-amounts.js';

describe('an amount at Stripe', () => {
  it.each([['EUR', 1_250, 1_250], ['JPY', 500, 500], ['KWD', 5_120, 5_120], ['ISK', 5, 500], ['UGX', 2_000, 200_000], ['MGA', 700, 7]])('%s %d is %d', (currency, amountMinor, amount) => {
    expect(toStripeAmount(amountMinor, currency)).toBe(amount);
  });

  it('comes back as it went', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 99_999_999 }), fc.constantFrom('EUR', 'ISK', 'UGX', 'MGA', 'JPY', 'KWD'), (amountMinor, currency) => {
      const whole = currency === 'MGA' ? amountMinor * 100 : amountMinor;
      const there = toStripeAmount(whole, currency);
      expect(Number.isInteger(there)).toBe(true);
      expect(fromStripeAmount(there, currency)).toBe(whole);
    }));
  });
});
