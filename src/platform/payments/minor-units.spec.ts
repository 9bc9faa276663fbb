import { describe, expect, it } from '@jest/globals';
import { decimalsOf, moneyText } from './minor-units.js';

describe('an amount in minor units', () => {
  it.each([
    ['EUR', 1_250, '€12.50'], ['EUR', 5, '€0.05'], ['USD', 123_456_789, '$1,234,567.89'], ['JPY', 1_200, '¥1,200'],
    ['HUF', 1_045, 'HUF\u00a010.45'], ['LBP', 12_345, 'LBP\u00a0123.45'], ['ISK', 500, 'ISK\u00a0500'], ['KWD', 5_124, 'KWD\u00a05.124'], ['CLF', 12_345, 'CLF\u00a01.2345'],
  ])('%s %d reads %s', (currency, amountMinor, text) => expect(moneyText(amountMinor, currency)).toBe(text));

  it.each([['EUR', 2], ['HUF', 2], ['MGA', 2], ['JPY', 0], ['UGX', 0], ['TND', 3], ['UYW', 4]])('of %s has %d decimals', (currency, decimals) => {
    expect(decimalsOf(currency)).toBe(decimals);
  });
});
