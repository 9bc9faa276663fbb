import type { IncomingHttpHeaders } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { PaymentProvider, type PaymentNotice } from '../../../platform/payments/payment-provider.js';
import { faultPoint } from '../parking.faults.js';
import { LatePayments } from './late-payments.service.js';
import { PaymentRepository } from './payment.repository.js';
import { RefundRepository } from './refund.repository.js';
import { Settlement } from './settlement.service.js';

/** What payment providers say. Each thing they say is written down together with what it led to: once, however often and in whatever order it comes. */
@Injectable()
export class PaymentNotices {
  private readonly logger = new Logger('payments');

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly provider: PaymentProvider,
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundRepository,
    private readonly settlement: Settlement,
    private readonly late: LatePayments,
  ) {}

  /** @throws notFound for a provider that is not in use; signatureInvalid */
  async receive(provider: string, body: Buffer, headers: IncomingHttpHeaders): Promise<void> {
    if (provider !== this.provider.name) throw notFound();
    const notice = this.provider.read(body, headers);
    if (notice === undefined) return;
    await this.prepare(notice);
    await this.transactions.run(async (tx) => {
      if (!(await this.payments.insertEvent(tx, provider, notice))) return;
      await this.follow(tx, notice);
      faultPoint('parking.before-settlement');
    });
    faultPoint('parking.after-settlement');
  }

  private async prepare({ kind, paymentId }: PaymentNotice): Promise<void> {
    const payment = kind !== 'succeeded' || paymentId === null ? undefined : await this.payments.find(this.database, paymentId);
    if (payment !== undefined && payment.status !== 'succeeded') await this.late.prepare(payment);
  }

  private async follow(tx: Tx, notice: PaymentNotice): Promise<void> {
    if (notice.kind === 'refunded' || notice.kind === 'refund-failed') return this.followRefund(tx, notice.kind, notice.refundId);
    const payment = notice.paymentId === null ? undefined : await this.payments.find(tx, notice.paymentId);
    // The account of the provider may have other business too.
    if (payment === undefined) return;
    if (notice.kind === 'succeeded') await this.settlement.settle(tx, payment, notice);
    else await this.payments.updateFailed(tx, payment.id);
  }

  private async followRefund(tx: Tx, kind: 'refunded' | 'refund-failed', refundId: string | null): Promise<void> {
    if (refundId === null) return;
    const isNews = await this.refunds.updateStatus(tx, refundId, kind === 'refunded' ? 'succeeded' : 'failed');
    if (isNews && kind === 'refund-failed') this.logger.error(`refund ${refundId} failed at ${this.provider.name}: give it by hand`);
  }
}
