import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { requestInvalid } from '../../platform/errors/house.errors.js';
import type { Chart } from '../../platform/http/svg.js';
import { AccountRepository } from './account.repository.js';
import { CreditBalances } from './credit-balances.service.js';
import { CreditsPolicy } from './credits.policy.js';
import type { AccountOwner, BalanceAt } from './credits.rules.js';

/** What an account was worth in the past, settled: days owed count from their first instant, whenever they were given. */
@Injectable()
export class CreditHistory {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly balances: CreditBalances,
    private readonly policy: CreditsPolicy,
  ) {}

  /**
   * The balance at a time, with all that happened at that very millisecond; 0 before the account was opened.
   *
   * @throws requestInvalid for the future; notFound when the owner has no account
   */
  async balanceAt(owner: AccountOwner, at: Date): Promise<BalanceAt> {
    if (at > this.policy.now()) throw requestInvalid({ errors: [{ path: 'at', message: 'at must not be in the future' }] });
    const { id } = await this.balances.account(owner);
    const [balance] = await this.accounts.listBalances(this.database, id, [at]);
    return { at, balance: balance! };
  }

  /**
   * The balance at the beginning of each of the last `days` days, and now.
   *
   * @throws notFound when the owner has no account
   */
  async chart(owner: AccountOwner, days: number): Promise<Chart> {
    const { id, posted } = await this.balances.account(owner);
    const midnights = this.policy.midnights(days);
    const values = await this.accounts.listBalances(this.database, id, midnights);
    const points = [...midnights.map((at, index) => ({ at, value: values[index]! })), { at: this.policy.now(), value: posted }];
    const title = days === 1 ? 'Your credits today' : `Your credits in the last ${days} days`;
    return { title, unit: 'credits', timeZone: this.policy.timeZone, kind: 'steps', series: [{ name: 'balance', points }] };
  }
}
