import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Transactions } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { AccountRepository } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import { CreditsPolicy } from './credits.policy.js';
import type { AccountOwner, CreditBalance } from './credits.rules.js';
import type { CreditAccount } from './entities/credit-account.js';

/** Accounts for reading. Opens a transaction only where there is something to settle. */
@Injectable()
export class CreditBalances {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly touch: AccountTouch,
    private readonly policy: CreditsPolicy,
  ) {}

  /**
   * The owner's account, up to date.
   *
   * @throws notFound when the owner has none
   */
  async account(owner: AccountOwner): Promise<CreditAccount> {
    const account = await this.accounts.findByOwner(this.database, owner);
    if (account === undefined) throw notFound();
    return this.touch.isStale(account) ? this.transactions.run((tx) => this.touch.settle(tx, account)) : account;
  }

  /** See {@link CreditsService.balance}. */
  async get(owner: AccountOwner): Promise<CreditBalance> {
    return this.policy.balanceOf(await this.account(owner));
  }

  /** See {@link CreditsService.balances}. */
  async listByMembers(memberIds: readonly string[]): Promise<Map<string, CreditBalance>> {
    const accounts = await this.accounts.listByMembers(this.database, memberIds);
    const stale = accounts.filter((account) => this.touch.isStale(account));
    // Already in the order of their ids, like every writer takes them.
    const settled = stale.length === 0 ? [] : await this.transactions.run((tx) => this.touch.settleAll(tx, stale));
    return new Map([...accounts, ...settled].map((account) => [account.ownerId, this.policy.balanceOf(account)]));
  }
}
