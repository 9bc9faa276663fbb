import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import type { Tx } from '../../platform/database/transactions.js';
import { ExportQuotaRepository } from './export-quota.repository.js';
import { quotaExceeded } from './exports.errors.js';
import { quotaLimits } from './exports.rules.js';
import type { DayCounter } from './exports.types.js';

/** When to come back while too many are under way: nobody knows when one ends, a minute is a fair guess. */
const BUSY_RETRY_MS = 60_000;

/** Keeps a member to so many exports under way, and so many paid ones and free copies in one of the community's days. */
@Injectable()
export class ExportQuotas {
  private readonly limits: ReturnType<typeof quotaLimits>;

  constructor(
    private readonly repository: ExportQuotaRepository,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.limits = quotaLimits(config.RATE_LIMIT_SCALE);
  }

  /** One order of a member at a time, from here to the end of its transaction. */
  lock(tx: Tx, memberId: string): Promise<void> {
    return this.repository.lock(tx, memberId, this.clock.today());
  }

  /**
   * @returns the local date it counts for
   * @throws quotaExceeded with the time at which to try again
   */
  async take(tx: Tx, memberId: string, counter: DayCounter): Promise<string> {
    const today = this.clock.today();
    const limits = { active: this.limits.active, daily: this.limits[counter] };
    if (await this.repository.take(tx, memberId, today, counter, limits)) return today;
    const dayFull = await this.repository.isDayFull(tx, memberId, today, counter, limits.daily);
    const retryAt = dayFull ? this.clock.nextMidnight() : new Date(this.clock.now().getTime() + BUSY_RETRY_MS);
    throw quotaExceeded({ retryAt: retryAt.toISOString() });
  }
}
