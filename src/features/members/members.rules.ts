import { dictionary } from '@zxcvbn-ts/language-common';
import { ADMIN_ONLY, SESSION_ONLY, type PermissionName } from '../../platform/auth/permissions.js';

/** The form in which addresses are kept and compared. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

const COMMON_PASSWORDS: ReadonlySet<string> = new Set(dictionary['passwords-common']);
const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 128;

/** True outside 8 to 128 characters, or when the password is on the bundled list of common ones (NIST SP 800-63B §5.1.1.2: length and a block list, no composition rules). */
export function isWeakPassword(password: string): boolean {
  const length = [...password].length;
  return length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD || COMMON_PASSWORDS.has(password.toLowerCase());
}

/** What an API token gets whose owner names nothing. */
export function defaultTokenPermissions(owner: readonly PermissionName[]): PermissionName[] {
  return owner.filter((name) => !ADMIN_ONLY.has(name) && !SESSION_ONLY.has(name));
}

/** What an API token may do now: what it was given, as far as its owner still may, and never a person's keys. */
export function effectiveTokenPermissions(given: readonly PermissionName[], owner: readonly PermissionName[]): PermissionName[] {
  return given.filter((name) => owner.includes(name) && !SESSION_ONLY.has(name));
}

/** Failures before a wait begins. */
const FREE_FAILURES = 5;

/**
 * How long to wait after a number of failed sign-ins in a row: nothing for the first five, then 1, 2, 4 …
 * seconds up to `longestSeconds`.
 */
export function signInWaitSeconds(failures: number, longestSeconds: number): number {
  return failures < FREE_FAILURES ? 0 : Math.min(2 ** (failures - FREE_FAILURES), longestSeconds);
}
