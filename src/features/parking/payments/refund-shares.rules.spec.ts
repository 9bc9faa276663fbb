import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { creditsOf } from '../pricing/refund.rules.js';
import { shares } from './refund-shares.rules.js';

const card = (amountMinor: number, refundedMinor = 0) => ({ method: 'card' as const, amountMinor, refundedMinor, credits: 0, refundedCredits: 0 });
const byCredits = (amountMinor: number, credits: number, refundedMinor = 0, refundedCredits = 0) => ({ method: 'credits' as const, amountMinor, refundedMinor, credits, refundedCredits });

describe('a refund', () => {
  it.each<[number, [amountMinor: number, refundedMinor: number][], [payment: number, amountMinor: number][]]>([
    [0, [[400, 0]], []],
    [400, [[400, 0]], [[0, 400]]],
    [1, [[400, 0]], [[0, 1]]],
    [350, [[350, 0], [400, 0]], [[0, 350]]],
    [500, [[350, 0], [400, 0]], [[0, 350], [1, 150]]],
    [750, [[350, 0], [400, 0]], [[0, 350], [1, 400]]],
    [100, [[350, 350], [400, 0]], [[1, 100]]],
    [500, [[350, 100], [0, 0], [400, 150]], [[0, 250], [2, 250]]],
    [0, [], []],
  ])('of %i is shared out among %j as %j', (amountMinor, given, expected) => {
    const payments = given.map(([amount, refunded]) => card(amount, refunded));
    expect(shares(payments, amountMinor, 100).map((share) => [payments.indexOf(share.payment), share.amountMinor])).toEqual(expected);
  });

  it.each<[number, [number, number][]]>([[1, []], [401, [[400, 0]]], [1, [[400, 400]]], [751, [[350, 0], [400, 0]]]])('of %i is refused for %j', (amountMinor, given) => {
    expect(() => shares(given.map(([amount, refunded]) => card(amount, refunded)), amountMinor, 100)).toThrow('more would be given back than was paid');
  });

  it('is shared out whole, and never more of a payment than is left', () => {
    const payments = fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)).map(([one, other]) => card(Math.max(one, other), Math.min(one, other))), { maxLength: 5 });
    fc.assert(fc.property(payments, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
      const amountMinor = Math.floor(part * given.reduce((sum, { amountMinor: amount, refundedMinor }) => sum + amount - refundedMinor, 0));
      const shared = shares(given, amountMinor, 100);
      expect(shared.reduce((sum, share) => sum + share.amountMinor, 0)).toBe(amountMinor);
      for (const share of shared) expect(share.amountMinor).toBeLessThanOrEqual(share.payment.amountMinor - share.payment.refundedMinor);
      expect(new Set(shared.map(({ payment }) => payment)).size).toBe(shared.length);
    }));
  });
});

describe('credits that come back', () => {
  it.each<[string, number, Parameters<typeof shares>[0], number[]]>([
    ['all with the whole', 400, [byCredits(400, 4)], [4]],
    ['all with the whole that was rounded up', 401, [byCredits(401, 5)], [5]],
    ['none of a card', 400, [card(400)], [0]],
    ['half', 200, [byCredits(400, 4)], [2]],
    ['half, rounded down', 201, [byCredits(401, 5)], [2]],
    ['less than a credit', 99, [byCredits(400, 4)], [0]],
    ['the rest with the rest', 200, [byCredits(401, 5, 201, 2)], [3]],
    ['never more than are left', 399, [byCredits(400, 3)], [3]],
    ['rounded down once for several payments', 240, [byCredits(150, 1), byCredits(150, 2)], [1, 1]],
    ['as much as of one payment', 153, [byCredits(150, 1), byCredits(150, 2), byCredits(150, 2)], [1, 0]],
    ['of the payments with credits alone', 500, [card(400), byCredits(300, 3)], [0, 1]],
    ['all of them, the card in part', 350, [byCredits(250, 3), card(400)], [3, 0]],
  ])('%s', (_, amountMinor, payments, credits) => {
    expect(shares(payments, amountMinor, 100).map((share) => share.credits)).toEqual(credits);
  });

  it('are as many as if all had been paid at once, in however many payments it was', () => {
    const amountsPaid = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(amountsPaid, fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), (amounts, value, part) => {
      let sum = 0;
      const payments = amounts.map((amount) => {
        const before = creditsOf(sum, value);
        sum += amount;
        return byCredits(amount, creditsOf(sum, value) - before);
      }).reverse();
      const amountMinor = Math.floor(part * sum);
      const credits = (given: Parameters<typeof shares>[0]) => shares(given, amountMinor, value).reduce((total, share) => total + share.credits, 0);
      expect(credits(payments)).toBe(credits([byCredits(sum, creditsOf(sum, value))]));
    }));
  });
});
