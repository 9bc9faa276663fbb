import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Config } from '../../platform/config/config.js';
import { rateLimited } from '../../platform/errors/house.errors.js';
import { signInWaitSeconds } from './members.rules.js';

interface Failures {
  count: number;
  lastAt: number;
}

/** An office of people behind one address makes more honest mistakes than one account. */
const ADDRESS_TOLERANCE = 4;

/** Makes guessing passwords slow, per account and per address. Counted in this process's memory. */
@Injectable()
export class SignInBackoff {
  private readonly failures = new LRUCache<string, Failures>({ max: 100_000, ttl: 3_600_000 });

  constructor(private readonly config: Config) {}

  /**
   * Counts an attempt before it is made, so that parallel guesses count each; {@link succeeded} takes it back.
   *
   * @throws rateLimited while the account or the address has to wait
   */
  attempt(email: string, address: string): void {
    const waits = keysOf(email, address).map(({ key, tolerance, longestSeconds }) => {
      const known = this.failures.get(key);
      if (known === undefined) return 0;
      const seconds = signInWaitSeconds(Math.floor(known.count / (tolerance * this.config.RATE_LIMIT_SCALE)), longestSeconds);
      return known.lastAt + seconds * 1000 - Date.now();
    });
    const wait = Math.max(...waits);
    if (wait > 0) throw rateLimited({ retryAfterSeconds: Math.ceil(wait / 1000) });
    for (const { key } of keysOf(email, address)) {
      this.failures.set(key, { count: (this.failures.get(key)?.count ?? 0) + 1, lastAt: Date.now() });
    }
  }

  succeeded(email: string, address: string): void {
    const [account, guesser, place] = keysOf(email, address).map(({ key }) => key) as [string, string, string];
    this.failures.delete(account);
    this.failures.delete(guesser);
    const known = this.failures.get(place);
    if (known !== undefined) this.failures.set(place, { ...known, count: known.count - 1 });
  }
}

/** The account alone waits only briefly: otherwise a stranger's guesses would lock its member out. */
function keysOf(email: string, address: string): { key: string; tolerance: number; longestSeconds: number }[] {
  return [
    { key: `account ${email}`, tolerance: 1, longestSeconds: 15 },
    { key: `account ${email} from ${address}`, tolerance: 1, longestSeconds: 300 },
    { key: `address ${address}`, tolerance: ADDRESS_TOLERANCE, longestSeconds: 300 },
  ];
}
