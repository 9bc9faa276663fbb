import { Injectable, Logger } from '@nestjs/common';
import type { LocalDate } from '../../../platform/clock/calendar.js';
import { newId } from '../../../platform/database/columns.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import type { DomainError } from '../../../platform/errors/domain-error.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { CreditsService, holdClosed, insufficientCredits, type AccountOwner, type HoldRequest } from '../../credits/index.js';
import { CallLease, leaseSizesOf, type CallPurse } from './call-purse.rules.js';
import { MemeUsageRepository } from './meme-usage.repository.js';
import type { CallUsage } from './metering.types.js';

const LEASE_SECONDS = 30;
/** Calls are served from a hold until this long before it lapses, by the clock of this process. */
const SURE_MS = (LEASE_SECONDS - 5) * 1_000;
const LEASE = 'meme_calls';
const LATE = 'meme_calls_late';

const ownerOf = ({ tokenId }: CallPurse): AccountOwner => ({ kind: 'api_token', id: tokenId });

/** Carries leases between a purse and the token's account: each is a hold, captured as far as it was used. */
@Injectable()
export class CallLeases {
  private readonly logger = new Logger(CallLeases.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly credits: CreditsService,
    private readonly usage: MemeUsageRepository,
  ) {}

  /**
   * Settles the purse's ended leases and, when `wanted`, takes the next, in one transaction. What fails may be
   * done again: a lease that was settled although nobody heard of it is not settled twice.
   *
   * @returns the 402 when one was wanted and the account had none
   */
  async turnOver(purse: CallPurse, wanted: boolean, day: LocalDate): Promise<DomainError | undefined> {
    const expected = purse.expectedAt(performance.now());
    let ended = purse.ended();
    let refusal: DomainError | undefined;
    for (;;) {
      const askedAt = performance.now();
      try {
        const made = await this.transactions.run(async (tx) => {
          await this.settle(tx, purse, ended);
          return wanted ? this.credits.holdAll(tx, ownerOf(purse), (available) => leaseSizesOf(available, expected).map(requestOf)) : undefined;
        });
        for (const lease of ended) purse.forget(lease, lease.size - lease.used);
        if (made) purse.add(made.holds.map(({ id, amount }) => new CallLease(id, amount, day, askedAt + SURE_MS)), made.available, performance.now());
        if (refusal) purse.exhaust();
        return refusal;
      } catch (error) {
        if (ended.length > 0 && isGone(error)) {
          for (const lease of ended) await this.settleAlone(purse, lease);
          ended = [];
        } else if (!insufficientCredits.matches(error)) throw error;
        else if (error.details['required'] === 1) {
          // There is none. What has ended is still to be settled.
          refusal = error;
          wanted = false;
        }
        // Otherwise others were faster: less is available now.
      }
    }
  }

  private async settle(tx: Tx, purse: CallPurse, ended: readonly CallLease[]): Promise<void> {
    const used = ended.filter((lease) => lease.used > 0);
    for (const lease of ended) if (lease.used === 0) await this.credits.release(tx, lease.holdId);
    if (used.length === 0) return;
    // False when it was done before and the answer got lost: the usage was written with it.
    const isNew = await this.credits.captureAll(tx, used.map((lease) => ({ holdId: lease.holdId, amount: lease.used })));
    if (isNew) await this.usage.add(tx, used.map((lease) => usageOf(purse, lease, lease.used)));
  }

  /** When the hold of one of several is no more: each by itself, and those that have none are charged late. */
  private async settleAlone(purse: CallPurse, lease: CallLease): Promise<void> {
    try {
      await this.transactions.run((tx) => this.settle(tx, purse, [lease]));
      purse.forget(lease, lease.size - lease.used);
    } catch (error) {
      if (!isGone(error)) throw error;
      await this.chargeLate(purse, lease);
      purse.forget(lease, 0);
    }
  }

  /**
   * Charges calls that were served from a hold which lapsed before it could be captured, as far as the balance
   * goes. Under a reference of its own, so that it happens once.
   */
  private async chargeLate(purse: CallPurse, lease: CallLease): Promise<void> {
    for (let amount = lease.used; amount > 0; ) {
      try {
        await this.transactions.run(async (tx) => {
          const { id } = await this.credits.hold(tx, ownerOf(purse), { amount, holdSeconds: LEASE_SECONDS, refType: LATE, refId: lease.holdId });
          await this.credits.capture(tx, id);
          await this.usage.add(tx, [usageOf(purse, lease, amount)]);
        });
        return;
      } catch (error) {
        // Done before, and the answer lost.
        if (holdClosed.matches(error)) return;
        if (notFound.matches(error)) amount = 0;
        // Calls that were bought meanwhile may make it more than is owed.
        else if (insufficientCredits.matches(error)) amount = Math.min(amount, error.details['available'] as number);
        else throw error;
        this.logger.warn({ tokenId: purse.tokenId, calls: lease.used, charged: amount }, 'a lease of calls lapsed before it was settled, and not all of it can be charged');
        if (amount === 0) await this.transactions.run((tx) => this.usage.add(tx, [usageOf(purse, lease, 0)]));
      }
    }
  }
}

/** The hold of a lease is not open any more, or not even there. */
function isGone(error: unknown): boolean {
  return holdClosed.matches(error) || notFound.matches(error);
}

function requestOf(amount: number): HoldRequest {
  return { amount, holdSeconds: LEASE_SECONDS, refType: LEASE, refId: newId() };
}

function usageOf({ memberId, tokenId }: CallPurse, { day, used, lastCallAt }: CallLease, charged: number): CallUsage {
  return { memberId, tokenId, day, calls: used, charged, lastCallAt: new Date(lastCallAt) };
}
