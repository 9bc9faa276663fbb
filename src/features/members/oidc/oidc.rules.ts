import { normaliseEmail } from '../members.rules.js';
import type { Vouched } from './oidc.types.js';

/** Claims as they come: nothing about their types is sure. */
export type Claims = Readonly<Record<string, unknown>>;

/** OpenID Connect Core §2: at most 255 ASCII characters. One that ends in a space would equal another to the database. */
const SUBJECT = /^(?=.{1,255}$)[\x20-\x7e]*[\x21-\x7e]$/;
const LONGEST_NAME = 80;

/**
 * What a provider's claims say, in our terms.
 *
 * @param isEmail whether a text is an address as members may have it
 * @returns undefined without a subject that can be kept
 */
export function vouchedBy(provider: string, claims: Claims, isEmail: (text: string) => boolean): Vouched | undefined {
  if (typeof claims.sub !== 'string' || !SUBJECT.test(claims.sub)) return undefined;
  const address = typeof claims.email === 'string' ? normaliseEmail(claims.email) : '';
  const email = claims.email_verified === true && isEmail(address) && isSameAddress(address, claims.email) ? address : null;
  return { provider, subject: claims.sub, email, displayName: nameIn(claims.name) ?? nameIn(claims.preferred_username) ?? nameIn(address.split('@')[0]) ?? provider };
}

/** In lower case the Kelvin sign is a plain k, and the address somebody else's; the upper case tells them apart. */
function isSameAddress(normalised: string, vouched: unknown): boolean {
  return typeof vouched === 'string' && vouched.trim().toUpperCase() === normalised.toUpperCase();
}

/** A name as sign-up would take it: one line of 1 to 80 characters. */
function nameIn(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const line = [...claim.replace(/\p{Cc}+/gu, ' ').trim()].slice(0, LONGEST_NAME).join('').trim();
  return line === '' ? undefined : line;
}

/** `url` with one more parameter in its query. */
export function withParameter(url: string, name: string, value: string): string {
  const extended = new URL(url);
  extended.searchParams.set(name, value);
  return extended.href;
}
