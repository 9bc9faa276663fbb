import { Injectable } from '@nestjs/common';
import type { LocalDate } from '../../../platform/clock/calendar.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { MemeUsageRepository } from './meme-usage.repository.js';

const ROWS_PER_STATEMENT = 500;

interface Tally {
  readonly memberId: string;
  readonly day: LocalDate;
  calls: number;
  lastCallAt: number;
}

/** Counts the calls of members' own sessions, which cost nothing, and writes them down now and then. */
@Injectable()
export class SessionCalls {
  /** The day that goes on, by member. */
  private today = new Map<string, Tally>();
  /** Of days before, and what is being written. */
  private waiting: Tally[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly transactions: Transactions,
    private readonly usage: MemeUsageRepository,
  ) {}

  get isEmpty(): boolean {
    return this.today.size === 0 && this.waiting.length === 0;
  }

  /** @param at in milliseconds since 1970 */
  note(memberId: string, day: LocalDate, at: number): void {
    let tally = this.today.get(memberId);
    if (tally?.day !== day) {
      if (tally) this.waiting.push(tally);
      tally = { memberId, day, calls: 0, lastCallAt: 0 };
      this.today.set(memberId, tally);
    }
    tally.calls += 1;
    tally.lastCallAt = at;
  }

  /** One writing after the other. What cannot be written is kept for the next. */
  write(): Promise<void> {
    this.writing = this.writing.catch(() => undefined).then(() => this.writeAll());
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    // What could not be written comes first: as long as it cannot, the day goes on being summed up.
    await this.writeWaiting();
    this.waiting.push(...this.today.values());
    this.today = new Map();
    await this.writeWaiting();
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const part = this.waiting.slice(0, ROWS_PER_STATEMENT);
      const rows = part.map(({ memberId, day, calls, lastCallAt }) => ({ memberId, tokenId: '', day, calls, charged: 0, lastCallAt: new Date(lastCallAt) }));
      await this.transactions.run((tx) => this.usage.add(tx, rows));
      this.waiting.splice(0, part.length);
    }
  }
}
