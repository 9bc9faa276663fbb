import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { utcDayOf } from './day-masks.rules.js';
import { DayGuardRepository } from './day-guard.repository.js';

const KEPT_MS = 7 * 86_400_000;

/** Removes the rows of days that are long over, and on which nothing is left. */
@Injectable()
export class DaySweep {
  constructor(
    private readonly transactions: Transactions,
    private readonly guard: DayGuardRepository,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const day = utcDayOf(new Date(this.clock.now().getTime() - KEPT_MS));
    for (const subject of ['spot', 'vehicle'] as const) await this.transactions.runInParts((tx, limit) => this.guard.deleteBefore(tx, subject, day, limit));
  }
}
