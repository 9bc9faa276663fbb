import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/transactions.js';
import { AccrualSweep } from './accrual-sweep.service.js';
import { CreditBalances } from './credit-balances.service.js';
import { CreditHolds, type CaptureRequest, type HoldsMade } from './credit-holds.service.js';
import { CreditMovements, type Adjustment, type Movement } from './credit-movements.service.js';
import { CreditReturns, type Refund, type Reversal } from './credit-returns.service.js';
import { CreditTransfers } from './credit-transfers.service.js';
import type { AccountOwner, AccrualResult, CreditBalance, HoldRequest, TransferReceipt } from './credits.rules.js';
import type { CreditEntry } from './entities/credit-entry.js';
import type { CreditHold } from './entities/credit-hold.js';

/**
 * The community's credits, as the rest of the house sees them. Methods that take `tx` charge inside the
 * caller's transaction: when one throws, the caller lets the error through, so that everything is rolled
 * back together.
 */
@Injectable()
export class CreditsService {
  constructor(
    private readonly balanceReads: CreditBalances,
    private readonly movements: CreditMovements,
    private readonly transfers: CreditTransfers,
    private readonly holds: CreditHolds,
    private readonly returns: CreditReturns,
    private readonly sweep: AccrualSweep,
  ) {}

  /**
   * Opens the owner's account: a member with CREDITS_AT_SIGNUP credits, an API token with CALLS_AT_TOKEN
   * calls. Exactly once: a second call changes nothing.
   */
  open(tx: Tx, owner: AccountOwner): Promise<void> {
    return this.movements.open(tx, owner);
  }

  /**
   * What the owner has now, with the days they are owed and without holds past their time. Opens a
   * transaction only when there is something to settle, so it must not be called inside one.
   *
   * @throws notFound
   */
  balance(owner: AccountOwner): Promise<CreditBalance> {
    return this.balanceReads.get(owner);
  }

  /** {@link balance} of many members in one read; members without an account are left out. */
  balances(memberIds: readonly string[]): Promise<Map<string, CreditBalance>> {
    return this.balanceReads.listByMembers(memberIds);
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
   * Sets credits aside in several holds at once, all or none, each with a reference that is new.
   *
   * @param requestsOf what to hold of so much available; called once
   * @throws notFound; insufficientCredits for their sum
   */
  holdAll(tx: Tx, owner: AccountOwner, requestsOf: (available: number) => readonly HoldRequest[]): Promise<HoldsMade> {
    return this.holds.openAll(tx, owner, requestsOf);
  }

  /**
   * Lets holds live for at least `holdSeconds` from now; never shortens one.
   *
   * @returns false when any of them is gone: the work it was for must fail
   */
  renew(tx: Tx, holdIds: string | readonly string[], holdSeconds: number): Promise<boolean> {
    return this.holds.renew(tx, typeof holdIds === 'string' ? [holdIds] : holdIds, holdSeconds);
  }

  /**
   * Takes the hold's credits, or `amount` of them and gives the rest back. The same call again changes nothing.
   *
   * @returns false when the same call was made before
   * @throws notFound; holdClosed when it was released, has lapsed, or was captured with another amount
   */
  capture(tx: Tx, holdId: string, request: CaptureRequest = {}): Promise<boolean> {
    return this.holds.capture(tx, holdId, request);
  }

  /**
   * Takes so much of each of these holds of one account and gives the rest back, as one entry, which bears the
   * reference of one of them. The same call again changes nothing.
   *
   * @returns false when the same call was made before
   * @throws notFound; holdClosed when any was released, has lapsed, or was captured otherwise
   */
  captureAll(tx: Tx, captures: readonly { holdId: string; amount: number }[]): Promise<boolean> {
    return this.holds.captureAll(tx, captures);
  }

  /** Gives the hold back. The same call again changes nothing. @throws notFound; holdClosed after a capture */
  release(tx: Tx, holdId: string): Promise<void> {
    return this.holds.release(tx, holdId);
  }

  /** Charges at once. @throws notFound; insufficientCredits */
  spend(tx: Tx, owner: AccountOwner, movement: Movement): Promise<CreditEntry> {
    return this.movements.spend(tx, owner, movement);
  }

  /** Adds what was bought elsewhere. @throws notFound; balanceLimit */
  purchase(tx: Tx, owner: AccountOwner, movement: Movement): Promise<CreditEntry> {
    return this.movements.purchase(tx, owner, movement);
  }

  /**
   * Gives a member's credits to another member.
   *
   * @throws selfTransfer; notFound when either has no account; insufficientCredits; balanceLimit of the receiver
   */
  transfer(tx: Tx, fromMemberId: string, toMemberId: string, amount: number): Promise<TransferReceipt> {
    return this.transfers.transfer(tx, fromMemberId, toMemberId, amount);
  }

  /**
   * An admin's correction, up or down.
   *
   * @param ownerId a member's or an API token's id
   * @throws notFound; belowHeld when it would reach into what is held; balanceLimit
   */
  adjust(tx: Tx, ownerId: string, adjustment: Adjustment): Promise<CreditEntry> {
    return this.movements.adjust(tx, ownerId, adjustment);
  }

  /**
   * Gives back part or all of a spend or a capture; several refunds of one spend come to it at most.
   *
   * @throws notFound when the owner has no account or no such spend; refundExceeds; balanceLimit
   */
  refund(tx: Tx, owner: AccountOwner, refund: Refund): Promise<CreditEntry> {
    return this.returns.refund(tx, owner, refund);
  }

  /**
   * Takes an entry back by its mirror, of a transfer both sides. An entry is reversed once; to undo a
   * reversal its own entry is reversed. A spend that was refunded gives back no more than it took: its
   * refunds are reversed first. A day taken back is not owed again.
   *
   * @param ownerId a member's or an API token's id
   * @throws notFound; alreadyReversed; refundExceeds; belowHeld when it would reach into what is held, or
   *   below nothing, on either side; balanceLimit
   */
  reverse(tx: Tx, ownerId: string, seq: number, reversal: Reversal): Promise<CreditEntry> {
    return this.returns.reverse(tx, ownerId, seq, reversal);
  }

  /** Gives every member the days they are owed: the nightly sweep. @throws the signal's reason when it is aborted */
  accrue(signal?: AbortSignal): Promise<AccrualResult> {
    return this.sweep.run(signal);
  }

  /** Lets go of every hold that is past its time; answers how many accounts had any. */
  sweepLapsedHolds(signal?: AbortSignal): Promise<number> {
    return this.holds.sweepLapsed(signal);
  }
}
