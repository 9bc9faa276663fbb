import { Injectable } from '@nestjs/common';
import { faultPoints } from '../../platform/config/fault-point.js';
import { Database } from '../../platform/database/database.js';
import { Transactions } from '../../platform/database/transactions.js';
import { AccountRepository } from './account.repository.js';
import { AccrualRepository, type AccountChunk } from './accrual.repository.js';
import { CreditsEvents } from './credits.events.js';
import { CreditsPolicy } from './credits.policy.js';
import type { AccrualResult } from './credits.rules.js';

const ACCOUNTS_AT_ONCE = 1000;
const LISTENERS_AT_ONCE = 500;

const faultPoint = faultPoints('credits.sweep.chunk');

/** The nightly sweep: every account gets its days, a range of primary keys in each transaction. */
@Injectable()
export class AccrualSweep {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly accruals: AccrualRepository,
    private readonly policy: CreditsPolicy,
    private readonly events: CreditsEvents,
  ) {}

  /**
   * Settles every account up to today. May run any number of times, in any number of processes, and may
   * be killed anywhere: an account that has its days matches nothing.
   *
   * @throws the signal's reason when it is aborted; what was settled stays
   */
  async run(signal?: AbortSignal): Promise<AccrualResult> {
    const localDate = this.policy.today();
    let granted = 0;
    let members = 0;
    let last = '';
    for (;;) {
      signal?.throwIfAborted();
      const chunk = await this.accruals.findChunk(last, ACCOUNTS_AT_ONCE);
      if (chunk === undefined) break;
      const settled = await this.settle(chunk, localDate);
      granted += settled.granted;
      members += settled.members;
      last = chunk.last;
    }
    if (granted > 0) await this.tellListeners();
    return { localDate, granted, members };
  }

  private async settle(chunk: AccountChunk, localDate: string): Promise<{ granted: number; members: number }> {
    const total = { granted: 0, members: 0 };
    if (chunk.oldest === null) return total;
    for (const days of this.policy.dueSince(chunk.oldest, localDate)) {
      const { granted, members } = await this.transactions.run(async (tx) => {
        const entries = await this.accruals.insertEntries(tx, chunk, days, this.policy.rule);
        const gained = entries > 0 ? await this.accruals.sumUnsettled(tx, chunk) : { granted: 0, members: 0 };
        faultPoint('credits.sweep.chunk');
        await this.accruals.settle(tx, chunk, days, this.policy.rule);
        return gained;
      });
      total.granted += granted;
      // A sleep of years is caught up year by year, and the same members gain in each.
      total.members = Math.max(total.members, members);
    }
    return total;
  }

  /** Members who are looking at their balance in this process; the others see it when they next ask. */
  private async tellListeners(): Promise<void> {
    const listeners = this.events.listeners();
    for (let start = 0; start < listeners.length; start += LISTENERS_AT_ONCE) {
      for (const account of await this.accounts.listByMembers(this.database, listeners.slice(start, start + LISTENERS_AT_ONCE))) {
        this.events.tell(account, 'accrual');
      }
    }
  }
}
