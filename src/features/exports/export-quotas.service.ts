import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import type { Tx } from '../../platform/database/transactions.js';
import { ExportQuotaRepository } from './export-quota.repository.js';
import { quotaExceeded } from './exports.errors.js';
import { quotaLimits } from './exports.rules.js';

/** When to come back while too many are under way: nobody knows when one ends, a minute is a fair guess. */
const BUSY_RETRY_MS = 60_000;

/** Keeps a member to so many exports under way, and so many in one of the community's days. */
@Injectable()
export class ExportQuotas {
  private readonly limits: { active: number; daily: number };

  constructor(
    private readonly repository: ExportQuotaRepository,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.limits = quotaLimits(config.RATE_LIMIT_SCALE);
  }

  /** @throws quotaExceeded with the time at which to try again */
  async take(tx: Tx, memberId: string): Promise<void> {
    const today = this.clock.today();
    if (await this.repository.take(tx, memberId, today, this.limits)) return;
    const dayFull = await this.repository.isDayFull(tx, memberId, today, this.limits.daily);
    const retryAt = dayFull ? this.clock.nextMidnight() : new Date(this.clock.now().getTime() + BUSY_RETRY_MS);
    throw quotaExceeded({ retryAt: retryAt.toISOString() });
  }
}
