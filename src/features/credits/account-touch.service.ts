import { Injectable } from '@nestjs/common';
import { notFound } from '../../platform/errors/house.errors.js';
import type { Tx } from '../../platform/database/transactions.js';
import { AccountRepository, type ReadAccount } from './account.repository.js';
import { AccrualRepository } from './accrual.repository.js';
import { CreditsEvents } from './credits.events.js';
import { CreditsPolicy } from './credits.policy.js';
import type { AccountOwner } from './credits.rules.js';
import type { CreditAccount } from './entities/credit-account.js';
import { HoldRepository } from './hold.repository.js';

/**
 * Brings an account up to date before anyone acts on it: gives the days it is owed and lets go of holds
 * past their time. The first statement of every write and every balance read, so that a sweep that did
 * not run is invisible to members.
 */
@Injectable()
export class AccountTouch {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly accruals: AccrualRepository,
    private readonly holds: HoldRepository,
    private readonly policy: CreditsPolicy,
    private readonly events: CreditsEvents,
  ) {}

  /** @throws notFound when the owner has no account */
  async owner(tx: Tx, owner: AccountOwner): Promise<CreditAccount> {
    const account = await this.accounts.findByOwner(tx, owner);
    if (account === undefined) throw notFound();
    return this.settle(tx, account);
  }

  /** True when the account, as read, has days coming or holds to let go. */
  isStale({ lastAccrualDate, lapsed }: ReadAccount): boolean {
    return lapsed || (lastAccrualDate !== null && lastAccrualDate < this.policy.today());
  }

  /** Settles an account just read and answers it as it is then. Costs nothing when it is up to date. */
  async settle(tx: Tx, account: ReadAccount): Promise<CreditAccount> {
    if (!this.isStale(account)) return account;
    // Days first: by the order of writing the days were there before the holds were let go.
    const settled = await this.accrue(tx, account);
    return account.lapsed ? this.letGo(tx, settled) : settled;
  }

  /** Settles accounts in the order given: that of their ids, as every writer takes them. */
  async settleAll(tx: Tx, accounts: readonly ReadAccount[]): Promise<CreditAccount[]> {
    const settled: CreditAccount[] = [];
    for (const account of accounts) settled.push(await this.settle(tx, account));
    return settled;
  }

  private async accrue(tx: Tx, account: ReadAccount): Promise<ReadAccount> {
    if (account.lastAccrualDate === null) return account;
    const range = { first: account.id, last: account.id };
    const { rule } = this.policy;
    const batches = this.policy.dueSince(account.lastAccrualDate);
    let granted = 0;
    for (const days of batches) granted += (await this.accruals.give(tx, range, days, rule)).granted;
    if (batches.length === 0) return account;
    const settled = await this.accounts.get(tx, account.id);
    if (granted > 0) this.events.changed(tx, settled, 'accrual', granted);
    return settled;
  }

  private async letGo(tx: Tx, account: ReadAccount): Promise<ReadAccount> {
    let current = account;
    for (const { id, amount } of await this.holds.listLapsedOf(tx, account.id)) {
      if (!(await this.holds.release(tx, id))) continue;
      current = await this.accounts.get(tx, account.id);
      this.events.changed(tx, current, 'lapse', amount);
    }
    return current;
  }
}
