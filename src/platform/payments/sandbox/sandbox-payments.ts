import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { SecretKeys } from '../../config/secret-keys.js';
import { newId } from '../../database/columns.js';
import { isDuplicate } from '../../database/sql-errors.js';
import { Transactions } from '../../database/transactions.js';
import { PaymentProvider, type PaymentIntent, type PaymentNotice, type PaymentOrder, type RefundOrder, type RefundOutcome } from '../payment-provider.js';
import { signatureInvalid } from '../payments.errors.js';
import { ClientSecrets } from './client-secrets.js';
import { SandboxPaymentRepository } from './sandbox-payment.repository.js';
import { SandboxWebhooks } from './sandbox-webhooks.js';
import { isSigned, SIGNATURE_HEADER } from './webhook-signature.js';

/** A provider without money, for development and tests: people pay on a page of ours, and the webhooks are real. */
@Injectable()
export class SandboxPayments extends PaymentProvider {
  readonly name = 'sandbox';

  constructor(
    private readonly transactions: Transactions,
    private readonly payments: SandboxPaymentRepository,
    private readonly webhooks: SandboxWebhooks,
    private readonly secrets: ClientSecrets,
    private readonly keys: SecretKeys,
    private readonly config: Config,
  ) {
    super();
  }

  async open(order: PaymentOrder): Promise<PaymentIntent> {
    const { intentId, amountMinor, currency } = await this.transactions.run(async (tx) => {
      await this.payments.insertOnce(tx, newId(), order);
      return (await this.payments.find(tx, order.paymentId))!;
    });
    if (amountMinor !== order.amountMinor || currency !== order.currency) throw new Error(`payment ${order.paymentId} was opened with another amount before`);
    const clientSecret = this.secrets.of(order.paymentId);
    return { intentId, clientSecret, url: `${this.config.PUBLIC_URL}/api/sandbox/payments/${clientSecret}` };
  }

  cancel(intentId: string): Promise<void> {
    return this.transactions.run((tx) => this.payments.cancel(tx, intentId));
  }

  async refund(order: RefundOrder): Promise<RefundOutcome> {
    try {
      return await this.transactions.run(async (tx) => {
        // Who comes second waits here for the first, and then finds its refund below, or by the duplicate key.
        if (!(await this.payments.takeBack(tx, order))) return (await this.payments.isRefunded(tx, order.refundId)) ? 'succeeded' : 'failed';
        await this.payments.insertRefund(tx, order);
        const { refundId, paymentId, intentId } = order;
        await this.webhooks.announce(tx, { kind: 'refunded', paymentId, intentId, refundId }, { copies: 1, delaySeconds: 0 });
        return 'succeeded';
      });
    } catch (error) {
      if (isDuplicate(error, 'PRIMARY')) return 'succeeded';
      throw error;
    }
  }

  read(body: Buffer, headers: IncomingHttpHeaders): PaymentNotice {
    // Not the calendar clock: a signature is as old as it is.
    const now = Math.floor(Date.now() / 1000);
    if (!isSigned(body, headers[SIGNATURE_HEADER], now, this.keys.live('payments'))) throw signatureInvalid();
    return JSON.parse(body.toString()) as PaymentNotice;
  }
}
