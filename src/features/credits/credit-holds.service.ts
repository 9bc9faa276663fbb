import { Injectable } from '@nestjs/common';
import { notFound } from '../../platform/errors/house.errors.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { AccountRepository } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import { holdClosed } from './credits.errors.js';
import { CreditsEvents } from './credits.events.js';
import { CreditsPolicy } from './credits.policy.js';
import { requirePositive, type AccountOwner, type HoldRequest } from './credits.rules.js';
import type { CreditHold } from './entities/credit-hold.js';
import { HoldRepository } from './hold.repository.js';

const SWEEP_AT_ONCE = 200;

/** How a hold is to be captured. */
export interface CaptureRequest {
  /** How much of the hold to take, at least 1; the whole by default. */
  readonly amount?: number;
  readonly actorId?: string | null;
  readonly reason?: string | null;
}

/** Credits set aside for work that may fail: held first, then captured or released, once. */
@Injectable()
export class CreditHolds {
  constructor(
    private readonly transactions: Transactions,
    private readonly accounts: AccountRepository,
    private readonly holds: HoldRepository,
    private readonly touch: AccountTouch,
    private readonly policy: CreditsPolicy,
    private readonly events: CreditsEvents,
  ) {}

  /** See {@link CreditsService.hold}. */
  async open(tx: Tx, owner: AccountOwner, request: HoldRequest): Promise<CreditHold> {
    requirePositive(request.amount);
    const { id: accountId } = await this.touch.owner(tx, owner);
    if (!(await this.accounts.updateHeld(tx, accountId, request.amount))) {
      const existing = await this.repeated(tx, accountId, request);
      if (existing !== undefined) return existing;
      throw this.policy.insufficient(await this.accounts.get(tx, accountId), request.amount);
    }
    const holdId = await this.holds.insert(tx, accountId, request);
    if (holdId === undefined) {
      await this.accounts.revertHeld(tx, accountId, request.amount);
      return (await this.repeated(tx, accountId, request))!;
    }
    const { hold, account } = (await this.holds.find(tx, holdId))!;
    this.events.changed(tx, account, 'hold', -request.amount);
    return hold;
  }

  /** See {@link CreditsService.renew}. */
  async renew(tx: Tx, holdIds: readonly string[], holdSeconds: number): Promise<boolean> {
    if (holdIds.length === 0) return true;
    return (await this.holds.updateExpiry(tx, holdIds, holdSeconds)) === new Set(holdIds).size;
  }

  /** See {@link CreditsService.capture}. */
  async capture(tx: Tx, holdId: string, { amount, actorId, reason }: CaptureRequest): Promise<void> {
    if (amount !== undefined) requirePositive(amount);
    const { hold } = await this.get(tx, holdId);
    const taken = amount ?? hold.amount;
    if (taken > hold.amount) throw new RangeError(`a hold of ${hold.amount} cannot give ${taken}`);
    if (!(await this.holds.capture(tx, holdId, taken))) {
      const { hold: closed } = (await this.holds.find(tx, holdId))!;
      if (closed.status === 'captured' && closed.captured === taken) return;
      throw holdClosed();
    }
    const { accountId, refType, refId } = hold;
    await this.accounts.insertEntry(tx, accountId, { kind: 'capture', amount: -taken, counter: 'spend', actorId, reason, refType, refId }, this.policy.now());
    this.events.changed(tx, await this.accounts.get(tx, accountId), 'capture', hold.amount - taken);
  }

  /** See {@link CreditsService.release}. */
  async release(tx: Tx, holdId: string): Promise<void> {
    const { hold } = await this.get(tx, holdId);
    if (await this.holds.release(tx, holdId)) {
      this.events.changed(tx, await this.accounts.get(tx, hold.accountId), 'release', hold.amount);
      return;
    }
    const { hold: closed } = (await this.holds.find(tx, holdId))!;
    if (closed.status === 'captured') throw holdClosed();
  }

  /** Tidies up after holds that lapsed; they are dead to every reader already. Answers how many accounts had any. */
  async sweepLapsed(signal?: AbortSignal): Promise<number> {
    let swept = 0;
    for (;;) {
      const accountIds = await this.holds.listLapsedAccounts(SWEEP_AT_ONCE);
      for (const accountId of accountIds) {
        signal?.throwIfAborted();
        await this.transactions.run(async (tx) => this.touch.settle(tx, await this.accounts.get(tx, accountId)));
      }
      swept += accountIds.length;
      if (accountIds.length < SWEEP_AT_ONCE) return swept;
    }
  }

  /** The hold with its account up to date. */
  private async get(tx: Tx, holdId: string): Promise<{ hold: CreditHold }> {
    const found = await this.holds.find(tx, holdId);
    if (found === undefined) throw notFound();
    await this.touch.settle(tx, found.account);
    return found;
  }

  /** The living hold that the same request made before; its answer is the same again. */
  private async repeated(tx: Tx, accountId: string, { amount, refType, refId }: HoldRequest): Promise<CreditHold | undefined> {
    const found = await this.holds.findByRef(tx, refType, refId);
    if (found === undefined) return undefined;
    const { hold } = found;
    if (hold.accountId !== accountId || hold.amount !== amount || hold.status !== 'open') throw holdClosed();
    return hold;
  }
}
