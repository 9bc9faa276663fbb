import { Injectable } from '@nestjs/common';
import { Config } from '../../../platform/config/config.js';
import { newId } from '../../../platform/database/columns.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { CreditsService } from '../../credits/index.js';
import { PaymentRepository } from './payment.repository.js';
import type { Payment, RefundReason } from './payment.types.js';
import { RefundRepository } from './refund.repository.js';
import { shares, type Share } from './refund-shares.rules.js';

/**
 * Gives back what was paid, by the way it came. Credits come back in the same transaction; a card's provider is told
 * of the refund by a worker, as often as it takes.
 */
@Injectable()
export class Refunds {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundRepository,
    private readonly credits: CreditsService,
    private readonly config: Config,
  ) {}

  /** Gives back so much of what was paid for a reservation, of the latest payment first. The caller counts it in the reservation. */
  async give(tx: Tx, { id, memberId }: { id: string; memberId: string }, amountMinor: number, reason: RefundReason): Promise<void> {
    for (const share of shares(await this.payments.listPaid(id, tx), amountMinor, this.config.CREDIT_VALUE_MINOR)) await this.giveShare(tx, memberId, share, reason);
  }

  /** Gives back one payment, whole. */
  async giveBack(tx: Tx, memberId: string, payment: Payment, reason: RefundReason): Promise<void> {
    const { amountMinor, credits } = payment;
    await this.giveShare(tx, memberId, { payment, amountMinor, credits }, reason);
  }

  private async giveShare(tx: Tx, memberId: string, { payment, amountMinor, credits }: Share<Payment>, reason: RefundReason): Promise<void> {
    await this.payments.addRefunded(tx, payment.id, { amountMinor, credits });
    const id = newId();
    const isCard = payment.method === 'card' && amountMinor > 0;
    await this.refunds.insert(tx, { id, paymentId: payment.id, amountMinor, credits, reason, status: isCard ? 'pending' : 'succeeded' });
    if (isCard) await this.refunds.enqueue(tx, id);
    if (credits > 0) await this.credits.refund(tx, { kind: 'member', id: memberId }, { spendSeq: payment.entrySeq!, amount: credits, reason: `parking: ${reason}` });
  }
}
