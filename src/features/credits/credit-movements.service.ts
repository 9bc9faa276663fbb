import { Injectable } from '@nestjs/common';
import { Audit } from '../../platform/audit/audit.js';
import type { Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { AccountRepository, type NewEntry } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import { alreadyReversed, balanceLimit, belowHeld } from './credits.errors.js';
import { CreditsEvents, type ChangeCause } from './credits.events.js';
import { CreditsPolicy } from './credits.policy.js';
import { MAX_BALANCE, requirePositive, type AccountOwner } from './credits.rules.js';
import type { CreditEntry } from './entities/credit-entry.js';

/** What a charge or a purchase was for. */
export interface Movement {
  /** Whole units, at least 1. */
  readonly amount: number;
  readonly refType: string;
  readonly refId: string;
  readonly actorId?: string | null;
  readonly reason?: string | null;
}

/** An admin's correction. */
export interface Adjustment {
  /** Whole units, up or down; not 0. */
  readonly amount: number;
  readonly reason: string;
  readonly actorId: string;
}

/** What changes the balance of one account, each with its entry. */
@Injectable()
export class CreditMovements {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly touch: AccountTouch,
    private readonly policy: CreditsPolicy,
    private readonly events: CreditsEvents,
    private readonly audit: Audit,
  ) {}

  /** See {@link CreditsService.open}. */
  async open(tx: Tx, owner: AccountOwner): Promise<void> {
    await this.accounts.insert(tx, owner, this.policy.openingOf(owner.kind), this.policy.now());
  }

  /** See {@link CreditsService.spend}. */
  async spend(tx: Tx, owner: AccountOwner, { amount, ...details }: Movement): Promise<CreditEntry> {
    requirePositive(amount);
    const { id } = await this.touch.owner(tx, owner);
    return this.move(tx, id, { kind: 'spend', amount: -amount, counter: 'spend', ...details }, 'spend');
  }

  /** See {@link CreditsService.purchase}. */
  async purchase(tx: Tx, owner: AccountOwner, { amount, ...details }: Movement): Promise<CreditEntry> {
    requirePositive(amount);
    const { id } = await this.touch.owner(tx, owner);
    return this.move(tx, id, { kind: 'purchase', amount, counter: 'issue', ...details }, 'purchase');
  }

  /** See {@link CreditsService.adjust}. */
  async adjust(tx: Tx, ownerId: string, { amount, reason, actorId }: Adjustment): Promise<CreditEntry> {
    requirePositive(Math.abs(amount));
    const account = await this.accounts.findByOwnerId(tx, ownerId);
    if (account === undefined) throw notFound();
    const { id } = await this.touch.settle(tx, account);
    const entry = await this.move(tx, id, { kind: 'adjustment', amount, counter: 'adjust', actorId, reason }, 'adjustment');
    const { seq } = entry;
    await this.audit.record(tx, { actorId, action: 'credits.adjusted', subjectType: account.ownerKind, subjectId: ownerId, details: { seq, amount, reason } });
    return entry;
  }

  /**
   * One movement of a settled account: the balance if it allows it, its entry, the news.
   *
   * @throws insufficientCredits, or belowHeld for what an admin does, when less than what is held would be
   *   left; balanceLimit when it would grow past MAX_BALANCE; alreadyReversed when it reverses an entry that was
   */
  async move(tx: Tx, accountId: string, entry: NewEntry, cause: ChangeCause): Promise<CreditEntry> {
    if (!(await this.accounts.updatePosted(tx, accountId, entry.amount))) throw await this.refusal(tx, accountId, entry);
    await this.accounts.insertEntry(tx, accountId, entry, this.policy.now());
    const account = await this.accounts.get(tx, accountId);
    this.events.changed(tx, account, cause, entry.amount);
    return this.accounts.getEntry(tx, accountId, account.seq);
  }

  private async refusal(tx: Tx, accountId: string, { kind, amount, reversesSeq }: NewEntry): Promise<Error> {
    // Whoever reverses twice is told so, also when the first time has used the balance up.
    if (reversesSeq && (await this.accounts.isReversed(tx, accountId, reversesSeq))) return alreadyReversed();
    if (amount > 0) return balanceLimit({ limit: MAX_BALANCE });
    const account = await this.accounts.get(tx, accountId);
    const isCorrection = kind === 'adjustment' || kind === 'reversal';
    return isCorrection ? belowHeld({ posted: account.posted, held: account.held }) : this.policy.insufficient(account, -amount);
  }
}
