import { decimalsOf } from './minor-units.js';

/** Where Stripe counts otherwise than ISO 4217: its decimals. */
const STRIPE_DECIMALS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/** @param currency ISO 4217, upper case */
export function toStripeAmount(amountMinor: number, currency: string): number {
  return shifted(amountMinor, shiftOf(currency));
}

/** The way back. */
export function fromStripeAmount(amount: number, currency: string): number {
  return shifted(amount, -shiftOf(currency));
}

function shiftOf(currency: string): number {
  const decimals = decimalsOf(currency);
  return (STRIPE_DECIMALS[currency] ?? decimals) - decimals;
}

function shifted(amount: number, places: number): number {
  return places < 0 ? amount / 10 ** -places : amount * 10 ** places;
}
