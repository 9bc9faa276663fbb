import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Config } from '../../../platform/config/config.js';
import { rateLimited } from '../../../platform/errors/house.errors.js';
import { take, type Allowance, type Bucket } from './token-bucket.rules.js';

const PER_SECOND = 5;
const BURST = 20;
const MEMBERS = 100_000;

/** How often a member may send, over all conversations: 5 messages a second, with a burst of 20. Counted by process. */
@Injectable()
export class SendAllowance {
  private readonly buckets = new LRUCache<string, Bucket>({ max: MEMBERS });
  private readonly allowance: Allowance;

  constructor({ RATE_LIMIT_SCALE: scale }: Config) {
    this.allowance = { burst: Math.max(1, BURST * scale), perSecond: PER_SECOND * scale };
  }

  /** @throws rateLimited */
  use(memberId: string): void {
    const taken = take(this.buckets.get(memberId), performance.now(), this.allowance);
    if ('retryAfterMs' in taken) throw rateLimited({ retryAfterSeconds: Math.ceil(taken.retryAfterMs / 1_000) });
    this.buckets.set(memberId, taken);
  }
}
