import { Injectable } from '@nestjs/common';
import { faultPoints } from '../../platform/config/fault-point.js';
import { Database } from '../../platform/database/database.js';
import { Transactions } from '../../platform/database/transactions.js';
import { AccountRepository } from './account.repository.js';
import { AccrualRepository, type AccountChunk, type Gain } from './accrual.repository.js';
import { CreditsEvents } from './credits.events.js';
import { CreditsPolicy } from './credits.policy.js';
import type { AccrualResult } from './credits.rules.js';

/** Measured: more are faster by little, and members who spend meanwhile wait for a chunk to end. */
const ACCOUNTS_AT_ONCE = 2000;
/** While one chunk is on its way to the disk, the next is worked on. */
const CHUNKS_AT_ONCE = 2;
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
    const total = { granted: 0, members: 0 };
    const running: Promise<void>[] = [];
    const settle = async (chunk: AccountChunk): Promise<void> => {
      const { granted, members } = await this.settle(chunk, localDate);
      total.granted += granted;
      total.members += members;
    };
    try {
      for (let last = ''; ; ) {
        signal?.throwIfAborted();
        const chunk = await this.accruals.findChunk(last, ACCOUNTS_AT_ONCE);
        if (chunk === undefined) break;
        if (running.length === CHUNKS_AT_ONCE) await running.shift();
        const settled = settle(chunk);
        // Awaited below, perhaps after it has failed.
        settled.catch(() => undefined);
        running.push(settled);
        last = chunk.last;
      }
      await Promise.all(running);
    } finally {
      // What was begun has ended, one way or the other, before the caller hears of anything.
      await Promise.allSettled(running);
    }
    if (total.granted > 0) await this.tellListeners();
    return { localDate, ...total };
  }

  private async settle(chunk: AccountChunk, localDate: string): Promise<Gain> {
    let granted = 0;
    let members = 0;
    if (chunk.oldest === null) return { granted, members };
    for (const days of this.policy.dueSince(chunk.oldest, localDate)) {
      const gain = await this.transactions.run(async (tx) => {
        const given = await this.accruals.give(tx, chunk, days, this.policy.rule);
        faultPoint('credits.sweep.chunk');
        return given;
      });
      granted += gain.granted;
      // A sleep of years is caught up year by year, and the same members gain in each.
      members = Math.max(members, gain.members);
    }
    return { granted, members };
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
