import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alreadyPaid, holdExpired, wrongState } from '../parking.errors.js';
import type { KeptPrice, Reservation, ReservationStatus } from '../parking.types.js';
import { creditsOf } from '../pricing/refund.rules.js';
import { confirmed, creditsDue, dueOf, isFor } from './due.rules.js';
import type { Payment } from './payment.types.js';

const at = (hour: number) => new Date(Date.UTC(2026, 1, 10, hour));
const priced = (priceMinor: number): KeptPrice => ({ priceMinor, credits: creditsOf(priceMinor, 100), lines: [] });
const PRICE = priced(400);
const EXTENSION = { endsAt: at(14), price: priced(750), holdExpiresAt: at(11) };
const reservation = (change: Partial<Reservation>) => ({ status: 'held', price: PRICE, priceMinor: 400, endsAt: at(12), keptUntil: at(12), extension: null, ...change }) as Reservation;
const payment = (change: Partial<Payment>) => ({ kind: 'stay', method: 'credits', amountMinor: 400, refundedMinor: 0, credits: 4, endsAt: at(12), ...change }) as Payment;

describe('what is due', () => {
  it('of a hold is the stay', () => {
    expect(dueOf(reservation({}))).toEqual({ kind: 'stay', amountMinor: 400, endsAt: at(12), price: PRICE });
  });

  it.each(['confirmed', 'checked-in'] as const)('of what is %s is what its extension costs more', (status) => {
    expect(dueOf(reservation({ status, extension: EXTENSION, keptUntil: at(14) }))).toEqual({ kind: 'extension', amountMinor: 350, endsAt: at(14), price: EXTENSION.price });
  });

  it.each<[ReservationStatus, Partial<Reservation>, { code: string }]>([
    ['confirmed', {}, alreadyPaid],
    ['checked-in', {}, alreadyPaid],
    ['completed', {}, alreadyPaid],
    // An extension that was not paid in time, and not tidied.
    ['confirmed', { keptUntil: at(14) }, holdExpired],
    ['checked-in', { keptUntil: at(14) }, holdExpired],
    ['expired', {}, holdExpired],
    ['cancelled', {}, wrongState],
    ['no-show', {}, wrongState],
  ])('of what is %s %j is nothing: %s', (status, change, { code }) => {
    expect(() => dueOf(reservation({ status, ...change }))).toThrow(expect.objectContaining({ code }));
  });
});

describe('what is due in credits', () => {
  const inCredits = (minor: number) => creditsOf(minor, 100);
  const rest = (paidMinor: number, wholeMinor: number) => ({ amountMinor: wholeMinor - paidMinor, price: priced(wholeMinor) });
  it.each<[string, number, number, Partial<Payment>[], number]>([
    ['a stay', 0, 400, [], 4],
    ['a stay, rounded up', 0, 401, [], 5],
    ['nothing', 0, 0, [], 0],
    ['the rest, rounded once over all', 150, 300, [{ amountMinor: 150, credits: 2 }], 1],
    ['the rest of nothing', 0, 150, [{ amountMinor: 0, credits: 0 }], 2],
    ['the rest of nothing by card', 0, 150, [{ method: 'card', amountMinor: 0, credits: 0 }], 2],
    ['the rest after a card, rounded by itself', 150, 300, [{ method: 'card', amountMinor: 150, credits: 0 }], 2],
    ['the rest after both', 250, 400, [{ method: 'card', amountMinor: 150, credits: 0 }, { amountMinor: 100, credits: 1 }], 2],
    ['what was paid in full when credits were worth less', 100, 200, [{ amountMinor: 100, credits: 9 }], 0],
  ])('for %s', (_, paidMinor, wholeMinor, paid, credits) => {
    expect(creditsDue(rest(paidMinor, wholeMinor), paid.map(payment), inCredits)).toBe(credits);
  });

  it('paid piece by piece comes to the whole', () => {
    fc.assert(fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 6 }), (pieces) => {
      const paid: Payment[] = [];
      let wholeMinor = 0;
      for (const amountMinor of pieces) {
        wholeMinor += amountMinor;
        paid.unshift(payment({ amountMinor, credits: creditsDue({ amountMinor, price: priced(wholeMinor) }, paid, inCredits) }));
      }
      expect(paid.reduce((sum, { credits }) => sum + credits, 0)).toBe(inCredits(wholeMinor));
    }));
  });
});

describe('a payment', () => {
  const due = { kind: 'stay', amountMinor: 400, endsAt: at(12), price: PRICE } as const;
  it.each<[string, Partial<Payment>, boolean]>([
    ['what is due', {}, true],
    ['an extension', { kind: 'extension' }, false],
    ['another end', { endsAt: at(13) }, false],
    ['another amount', { amountMinor: 399 }, false],
  ])('for %s: %j', (_, change, expected) => {
    expect(isFor(payment(change), due)).toBe(expected);
  });
});

describe('what is paid', () => {
  it.each([
    ['a stay becomes confirmed, and stays as long as it was', {}, { status: 'confirmed' }],
    ['an extension becomes the stay', { status: 'confirmed', extension: EXTENSION }, { endsAt: at(14), price: EXTENSION.price, extension: null }],
  ] as [string, Partial<Reservation>, object][])('%s', (_, change, expected) => {
    expect(confirmed(dueOf(reservation(change)))).toEqual(expected);
  });
});
