import { Injectable } from '@nestjs/common';
import { notFound } from '../../platform/errors/house.errors.js';
import { Transactions, type Tx } from '../../platform/database/transactions.js';
import { AccountRepository, type NewEntry, type ReadAccount } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import { AccrualSweep } from './accrual-sweep.service.js';
import { CreditHolds, type CaptureRequest } from './credit-holds.service.js';
import { belowHeld, selfTransfer } from './credits.errors.js';
import { CreditsEvents, type ChangeCause } from './credits.events.js';
import { CreditsPolicy } from './credits.policy.js';
import {
  requirePositive, type AccountOwner, type AccrualResult, type CreditBalance, type HoldRequest, type TransferReceipt,
} from './credits.rules.js';
import type { CreditAccount } from './entities/credit-account.js';
import type { CreditEntry } from './entities/credit-entry.js';
import type { CreditHold } from './entities/credit-hold.js';

/** What a charge or a purchase was for. */
export interface Movement {
  /** Whole units, at least 1. */
  readonly amount: number;
  readonly refType: string;
  readonly refId: string;
  readonly actorId?: string | null;
  readonly reason?: string | null;
}

/**
 * The community's credits. Methods that take `tx` charge inside the caller's transaction: when one
 * throws, the caller lets the error through, so that everything is rolled back together.
 */
@Injectable()
export class CreditsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly accounts: AccountRepository,
    private readonly touch: AccountTouch,
    private readonly holds: CreditHolds,
    private readonly sweep: AccrualSweep,
    private readonly policy: CreditsPolicy,
    private readonly events: CreditsEvents,
  ) {}

  /**
   * Opens the owner's account: a member with CREDITS_AT_SIGNUP credits, an API token with CALLS_AT_TOKEN
   * calls. Exactly once: a second call changes nothing.
   */
  async open(tx: Tx, owner: AccountOwner): Promise<void> {
    await this.accounts.insert(tx, owner, this.policy.openingOf(owner.kind));
  }

  /**
   * What the owner has now, with the days they are owed and without holds past their time. Opens a
   * transaction only when there is something to settle, so it must not be called inside one.
   *
   * @throws notFound
   */
  async balance(owner: AccountOwner): Promise<CreditBalance> {
    return this.policy.balanceOf(await this.touch.current(owner));
  }

  /** The balances of many members in one read; members without an account are left out. */
  async balances(memberIds: readonly string[]): Promise<Map<string, CreditBalance>> {
    const accounts: CreditAccount[] = await this.accounts.listByMembers(memberIds);
    const stale = (accounts as ReadAccount[]).filter((account) => this.touch.isStale(account));
    // Already in the order of their ids, like every writer takes them.
    const settled = stale.length === 0 ? [] : await this.transactions.run((tx) => this.settleAll(tx, stale));
    return new Map([...accounts, ...settled].map((account) => [account.ownerId, this.policy.balanceOf(account)]));
  }

  /**
   * Sets credits aside for `holdSeconds`. The same request again answers the same hold while it is open.
   *
   * @throws notFound; insufficientCredits; holdClosed when the reference's hold has ended or is another request's
   */
  hold(tx: Tx, owner: AccountOwner, request: HoldRequest): Promise<CreditHold> {
    return this.holds.open(tx, owner, request);
  }

  /**
   * Lets holds live for at least `holdSeconds` from now; never shortens one. In a transaction of its own
   * unless given one.
   *
   * @returns false when any of them is gone: the work it was for must fail
   */
  renew(holdIds: string | readonly string[], holdSeconds: number, tx?: Tx): Promise<boolean> {
    return this.holds.renew(typeof holdIds === 'string' ? [holdIds] : holdIds, holdSeconds, tx);
  }

  /**
   * Takes the hold's credits, or `amount` of them and gives the rest back. The same call again changes nothing.
   *
   * @throws notFound; holdClosed when it was released, has lapsed, or was captured with another amount
   */
  capture(tx: Tx, holdId: string, request: CaptureRequest = {}): Promise<void> {
    return this.holds.capture(tx, holdId, request);
  }

  /** Gives the hold back. The same call again changes nothing. @throws notFound; holdClosed after a capture */
  release(tx: Tx, holdId: string): Promise<void> {
    return this.holds.release(tx, holdId);
  }

  /** Charges at once. @throws notFound; insufficientCredits */
  async spend(tx: Tx, owner: AccountOwner, { amount, ...details }: Movement): Promise<CreditEntry> {
    requirePositive(amount);
    const { id } = await this.touch.owner(tx, owner);
    return this.move(tx, id, { kind: 'spend', amount: -amount, counter: 'spend', ...details }, 'spend');
  }

  /** Adds what was bought elsewhere. @throws notFound */
  async purchase(tx: Tx, owner: AccountOwner, { amount, ...details }: Movement): Promise<CreditEntry> {
    requirePositive(amount);
    const { id } = await this.touch.owner(tx, owner);
    return this.move(tx, id, { kind: 'purchase', amount, counter: 'issue', ...details }, 'purchase');
  }

  /**
   * Gives a member's credits to another member.
   *
   * @throws selfTransfer; notFound when either has no account; insufficientCredits
   */
  async transfer(tx: Tx, fromMemberId: string, toMemberId: string, amount: number): Promise<TransferReceipt> {
    requirePositive(amount);
    if (fromMemberId === toMemberId) throw selfTransfer();
    const accounts = await this.accounts.listByMembers([fromMemberId, toMemberId], tx);
    const sender = accounts.find(({ ownerId }) => ownerId === fromMemberId);
    const receiver = accounts.find(({ ownerId }) => ownerId === toMemberId);
    if (sender === undefined || receiver === undefined) throw notFound();
    await this.settleAll(tx, accounts);
    const sides = new Map<string, NewEntry>([
      [sender.id, side(-amount, receiver, fromMemberId)],
      [receiver.id, side(amount, sender, fromMemberId)],
    ]);
    // In the order of the ids, so that two members who pay each other do not wait for each other.
    const moved = new Map<string, CreditEntry>();
    for (const { id } of accounts) moved.set(id, await this.move(tx, id, sides.get(id)!, 'transfer'));
    const { posted, held } = await this.accounts.get(tx, sender.id);
    return { seq: moved.get(sender.id)!.seq, amount, toMemberId, available: posted - held };
  }

  /**
   * An admin's correction, up or down.
   *
   * @param ownerId a member's or an API token's id
   * @throws notFound; belowHeld when it would reach into what is held
   */
  async adjust(
    tx: Tx,
    ownerId: string,
    { amount, reason, actorId }: { amount: number; reason: string; actorId: string },
  ): Promise<CreditEntry> {
    requirePositive(Math.abs(amount));
    const account = await this.accounts.findByOwnerId(tx, ownerId);
    if (account === undefined) throw notFound();
    const { id } = await this.touch.settle(tx, account);
    return this.move(tx, id, { kind: 'adjustment', amount, counter: 'adjust', actorId, reason }, 'adjustment');
  }

  /** Gives every member the days they are owed: the nightly sweep. */
  accrue(signal?: AbortSignal): Promise<AccrualResult> {
    return this.sweep.run(signal);
  }

  /** Lets go of every hold that is past its time; answers how many accounts had any. */
  sweepLapsedHolds(signal?: AbortSignal): Promise<number> {
    return this.holds.sweepLapsed(signal);
  }

  private async settleAll(tx: Tx, accounts: readonly ReadAccount[]): Promise<CreditAccount[]> {
    const settled: CreditAccount[] = [];
    for (const account of accounts) settled.push(await this.touch.settle(tx, account));
    return settled;
  }

  /** One movement of a settled account: the balance if it allows it, its entry, the news. */
  private async move(tx: Tx, accountId: string, entry: NewEntry, cause: ChangeCause): Promise<CreditEntry> {
    const moved = await this.accounts.updatePosted(tx, accountId, entry.amount);
    if (!moved) {
      const now = await this.accounts.get(tx, accountId);
      throw cause === 'adjustment' ? belowHeld({ posted: now.posted, held: now.held }) : this.policy.insufficient(now, -entry.amount);
    }
    await this.accounts.insertEntry(tx, accountId, entry);
    const account = await this.accounts.get(tx, accountId);
    this.events.changed(tx, account, cause, entry.amount);
    return this.accounts.getEntry(tx, accountId, account.seq);
  }
}

function side(amount: number, other: CreditAccount, actorId: string): NewEntry {
  return { kind: 'transfer', amount, counter: `account:${other.id}`, actorId, refType: 'member', refId: other.ownerId };
}
