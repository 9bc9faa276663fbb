import { Injectable } from '@nestjs/common';
import { Audit } from '../../platform/audit/audit.js';
import type { Tx } from '../../platform/database/transactions.js';
import { notFound } from '../../platform/errors/house.errors.js';
import { AccountRepository } from './account.repository.js';
import { AccountTouch } from './account-touch.service.js';
import { CreditMovements } from './credit-movements.service.js';
import { refundExceeds } from './credits.errors.js';
import { remainderOf, requirePositive, returnedSeqOf, type AccountOwner } from './credits.rules.js';
import type { CreditEntry } from './entities/credit-entry.js';

/** Part or all of a spend, given back. */
export interface Refund {
  /** Number of the `spend` or `capture` entry in the owner's book. */
  readonly spendSeq: number;
  /** Whole units, at least 1. */
  readonly amount: number;
  readonly actorId?: string | null;
  readonly reason?: string | null;
}

/** An admin's taking back of an entry. */
export interface Reversal {
  readonly reason: string;
  readonly actorId: string;
}

const COUNTER_ACCOUNT = 'account:';

/**
 * Entries that undo earlier ones: refunds of spends, and reversals of anything. However the two are
 * combined, no spend gives back more than it took.
 */
@Injectable()
export class CreditReturns {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly touch: AccountTouch,
    private readonly movements: CreditMovements,
    private readonly audit: Audit,
  ) {}

  /** See {@link CreditsService.refund}. */
  async refund(tx: Tx, owner: AccountOwner, { spendSeq, amount, actorId, reason }: Refund): Promise<CreditEntry> {
    requirePositive(amount);
    const { id } = await this.touch.owner(tx, owner);
    const spend = await this.accounts.findEntry(tx, id, spendSeq);
    if (spend?.kind !== 'spend' && spend?.kind !== 'capture') throw notFound();
    const refund = await this.movements.move(
      tx, id, { kind: 'refund', amount, counter: 'spend', actorId, reason, refType: 'entry', refId: String(spendSeq) }, 'refund',
    );
    await this.refuseExcess(tx, refund);
    return refund;
  }

  /** See {@link CreditsService.reverse}. */
  async reverse(tx: Tx, ownerId: string, seq: number, { reason, actorId }: Reversal): Promise<CreditEntry> {
    const account = await this.accounts.findByOwnerId(tx, ownerId);
    const entry = account && (await this.accounts.findEntry(tx, account.id, seq));
    if (entry === undefined) throw notFound();
    // In the order of the accounts' ids, like every other writer.
    const sides = (await this.sidesOf(tx, entry)).sort((one, other) => (one.accountId < other.accountId ? -1 : 1));
    for (const { accountId } of sides) await this.touch.settle(tx, await this.accounts.get(tx, accountId));
    let mirror: CreditEntry;
    for (const side of sides) {
      const { accountId, counter, refType, refId, amount, seq: reversesSeq } = side;
      const written = await this.movements.move(
        tx, accountId, { kind: 'reversal', amount: -amount, counter, actorId, reason, refType, refId, reversesSeq }, 'reversal',
      );
      await this.refuseExcess(tx, written);
      if (side === entry) mirror = written;
    }
    const { ownerKind } = account!;
    await this.audit.record(tx, { actorId, action: 'credits.reversed', subjectType: ownerKind, subjectId: ownerId, details: { seq, amount: mirror!.amount, reason } });
    return mirror!;
  }

  /** The entry, and the other member's when it is one side of a transfer. */
  private async sidesOf(tx: Tx, entry: CreditEntry): Promise<CreditEntry[]> {
    if (!entry.counter.startsWith(COUNTER_ACCOUNT)) return [entry];
    return [entry, await this.accounts.getTwin(tx, entry, entry.counter.slice(COUNTER_ACCOUNT.length))];
  }

  /**
   * Looks at the book as the entry just written leaves it, and throws it all away when its spend would have
   * given back more than it took. Safe beside others, because the guard is written: a refund or a reversal
   * first takes its number by an update of the account's row, so that a second one waits there until the
   * first is committed, and (READ COMMITTED) sees it here; on a cluster, one of the two fails to commit and
   * is run again. Summing first and writing then would let both through.
   */
  private async refuseExcess(tx: Tx, written: CreditEntry): Promise<void> {
    let spend = written;
    for (let seq = returnedSeqOf(written); seq !== undefined; seq = returnedSeqOf(spend)) {
      spend = await this.accounts.getEntry(tx, written.accountId, seq);
    }
    if (spend.amount > 0) return;
    const remainder = remainderOf(spend, await this.accounts.listReturnsAfter(tx, spend.accountId, spend.seq));
    if (remainder > 0) throw refundExceeds({ taken: -spend.amount, returned: remainder - spend.amount - written.amount });
  }
}
