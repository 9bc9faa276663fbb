import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import type { Lease } from '../../../platform/jobs/lease-queue.js';
import { PaymentProvider, type RefundOutcome } from '../../../platform/payments/payment-provider.js';
import { paymentsUnavailable } from '../../../platform/payments/payments.errors.js';
import { faultPoint } from '../parking.faults.js';
import { RefundRepository, type RefundRecord } from './refund.repository.js';

const RETRY_SECONDS = 30;

/** Tells the provider of refunds, until it has taken them. It is told with the refund's own id, so telling twice gives back once. */
@Injectable()
export class RefundDelivery {
  private readonly logger = new Logger('refunds');

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly refunds: RefundRepository,
    private readonly provider: PaymentProvider,
  ) {}

  async next(): Promise<Lease | undefined> {
    return (await this.refunds.hasDue(this.database)) ? this.transactions.run((tx) => this.refunds.claim(tx)) : undefined;
  }

  renew(lease: Lease): Promise<boolean> {
    return this.refunds.renew(lease);
  }

  async run(lease: Lease): Promise<void> {
    const outcome = await this.tell(await this.refunds.get(this.database, lease.id));
    faultPoint('parking.after-refund');
    await this.transactions.run(async (tx) => {
      if (outcome === undefined) await this.refunds.giveBack(tx, lease, RETRY_SECONDS);
      else if ((await this.refunds.finish(tx, lease)) && outcome !== 'pending') await this.refunds.updateStatus(tx, lease.id, outcome);
    });
  }

  async giveBack(lease: Lease): Promise<void> {
    await this.transactions.run((tx) => this.refunds.giveBack(tx, lease));
  }

  /** @returns undefined when the provider cannot be asked now */
  private async tell({ id, paymentId, amountMinor, currency, intentId, provider }: RefundRecord): Promise<RefundOutcome | undefined> {
    if (provider !== this.provider.name || intentId === null) {
      this.logger.error(`refund ${id} waits: it was paid through ${provider ?? 'nobody'}, and PAYMENTS is ${this.provider.name}`);
      return undefined;
    }
    faultPoint('parking.before-refund');
    try {
      const outcome = await this.provider.refund({ refundId: id, paymentId, intentId, amountMinor, currency });
      if (outcome === 'failed') this.logger.error(`refund ${id} was refused by ${provider}: give it by hand`);
      return outcome;
    } catch (error) {
      if (!paymentsUnavailable.matches(error)) throw error;
      this.logger.warn(error, `refund ${id} could not be given yet; trying again in ${RETRY_SECONDS} s`);
      return undefined;
    }
  }
}
