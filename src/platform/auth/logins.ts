import type { Actor } from './actor.js';

/** What a person types who signs in without HTTP: an email address, and a password or one of the member's API tokens. */
export interface LoginCredentials {
  readonly email: string;
  readonly secret: string;
}

/** A member who has proved to be the one. There is no session behind it: whoever holds it asks again. */
export interface Login {
  readonly memberId: string;
  /** What they may do now; undefined once the password was changed, the token revoked or the member locked out. */
  actor(): Promise<Actor | undefined>;
}

/** Port to whoever keeps members, for doors that speak no HTTP: the members feature provides it. */
export abstract class Logins {
  /**
   * Undefined when refused, for whatever reason and in the same time. A wrong secret counts like a failed
   * sign-in with a password.
   *
   * @param address where it comes from
   * @throws rateLimited after repeated failures
   */
  abstract open(credentials: LoginCredentials, address: string): Promise<Login | undefined>;
}
