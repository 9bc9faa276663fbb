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
    for (const { key, tolerance } of keysOf(email, address)) {
      const known = this.failures.get(key);
      const waitSeconds = known === undefined ? 0 : signInWaitSeconds(Math.floor(known.count / (tolerance * this.config.RATE_LIMIT_SCALE)));
      const remaining = known === undefined ? 0 : known.lastAt + waitSeconds * 1000 - Date.now();
      if (remaining > 0) throw rateLimited({ retryAfterSeconds: Math.ceil(remaining / 1000) });
    }
    for (const { key } of keysOf(email, address)) {
      this.failures.set(key, { count: (this.failures.get(key)?.count ?? 0) + 1, lastAt: Date.now() });
    }
  }

  succeeded(email: string, address: string): void {
    const [account, place] = keysOf(email, address);
    this.failures.delete(account!.key);
    const known = this.failures.get(place!.key);
    if (known !== undefined) this.failures.set(place!.key, { ...known, count: known.count - 1 });
  }
}

function keysOf(email: string, address: string): { key: string; tolerance: number }[] {
  return [
    { key: `account ${email}`, tolerance: 1 },
    { key: `address ${address}`, tolerance: ADDRESS_TOLERANCE },
  ];
}
