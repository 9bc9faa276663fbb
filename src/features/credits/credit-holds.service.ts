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

/** Holds that were made together, and what the account then still had. */
export interface HoldsMade {
  readonly holds: readonly { readonly id: string; readonly amount: number }[];
  readonly available: number;
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

  /** See {@link CreditsService.holdAll}. */
  async openAll(tx: Tx, owner: AccountOwner, requestsOf: (available: number) => readonly HoldRequest[]): Promise<HoldsMade> {
    const before = await this.touch.owner(tx, owner);
    const requests = requestsOf(before.posted - before.held);
    for (const { amount } of requests) requirePositive(amount);
    const total = requests.reduce((sum, { amount }) => sum + amount, 0);
    if (!(await this.accounts.updateHeld(tx, before.id, total))) throw this.policy.insufficient(await this.accounts.get(tx, before.id), total);
    const ids = await this.holds.insertAll(tx, before.id, requests);
    const account = await this.accounts.get(tx, before.id);
    this.events.changed(tx, account, 'hold', -total);
    return { holds: requests.map(({ amount }, at) => ({ id: ids[at]!, amount })), available: account.posted - account.held };
  }

  /** See {@link CreditsService.renew}. */
  async renew(tx: Tx, holdIds: readonly string[], holdSeconds: number): Promise<boolean> {
    if (holdIds.length === 0) return true;
    return (await this.holds.updateExpiry(tx, holdIds, holdSeconds)) === new Set(holdIds).size;
  }

  /** See {@link CreditsService.capture}. */
  async capture(tx: Tx, holdId: string, { amount, actorId, reason }: CaptureRequest): Promise<boolean> {
    const { hold } = await this.get(tx, holdId);
    const taken = amount ?? hold.amount;
    requirePart(taken, hold.amount);
    if (!(await this.holds.capture(tx, holdId, taken))) {
      const { hold: closed } = (await this.holds.find(tx, holdId))!;
      if (closed.status === 'captured' && closed.captured === taken) return false;
      throw holdClosed();
    }
    const { accountId, refType, refId } = hold;
    await this.accounts.insertEntry(tx, accountId, { kind: 'capture', amount: -taken, counter: 'spend', actorId, reason, refType, refId }, this.policy.now());
    this.events.changed(tx, await this.accounts.get(tx, accountId), 'capture', hold.amount - taken);
    return true;
  }

  /** See {@link CreditsService.captureAll}. */
  async captureAll(tx: Tx, captures: readonly { holdId: string; amount: number }[]): Promise<boolean> {
    const amounts = new Map(captures.map(({ holdId, amount }) => [holdId, amount]));
    const found = await this.holds.list(tx, [...amounts.keys()]);
    const [first] = found;
    if (first === undefined || found.length < amounts.size) throw notFound();
    for (const { hold } of found) requirePart(amounts.get(hold.id)!, hold.amount);
    if (found.some(({ account }) => account.id !== first.account.id)) throw new RangeError('holds of several accounts are not captured together');
    await this.touch.settle(tx, first.account);
    const open = await this.holds.captureAll(tx, captures);
    if (open < amounts.size) {
      // With any captured just now it is another call than the one that captured the rest.
      const closed = open > 0 ? [] : await this.holds.list(tx, [...amounts.keys()]);
      if (closed.length > 0 && closed.every(({ hold }) => hold.status === 'captured' && hold.captured === amounts.get(hold.id))) return false;
      throw holdClosed();
    }
    const { accountId, refType, refId } = first.hold;
    const [taken, held] = [[...amounts.values()].reduce((sum, amount) => sum + amount, 0), found.reduce((sum, { hold }) => sum + hold.amount, 0)];
    await this.accounts.updateCaptured(tx, accountId, taken, held);
    await this.accounts.insertEntry(tx, accountId, { kind: 'capture', amount: -taken, counter: 'spend', refType, refId }, this.policy.now());
    this.events.changed(tx, await this.accounts.get(tx, accountId), 'capture', held - taken);
    return true;
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

/** @throws RangeError when so much cannot be taken of a hold */
function requirePart(taken: number, amount: number): void {
  requirePositive(taken);
  if (taken > amount) throw new RangeError(`a hold of ${amount} cannot give ${taken}`);
}
