import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Database } from '../../database/database.js';
import { Transactions, type Reader } from '../../database/transactions.js';
import { notFound } from '../../errors/house.errors.js';
import { paymentClosed } from '../payments.errors.js';
import { ClientSecrets } from './client-secrets.js';
import { SandboxPaymentRepository } from './sandbox-payment.repository.js';
import { SandboxWebhooks } from './sandbox-webhooks.js';
import type { Outcome, SandboxPaymentRecord, WebhookManner } from './sandbox.types.js';

/** Where people pay at the sandbox. The secret is all they need. */
@Injectable()
export class SandboxDesk {
  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly payments: SandboxPaymentRepository,
    private readonly webhooks: SandboxWebhooks,
    private readonly secrets: ClientSecrets,
    private readonly config: Config,
  ) {}

  /** @throws notFound */
  get(clientSecret: string): Promise<SandboxPaymentRecord> {
    return this.find(this.database, clientSecret);
  }

  /**
   * Pays or declines. A declined payment may be tried again; a paid one stays so, and nothing more is said of it.
   *
   * @throws notFound, paymentClosed
   */
  settle(clientSecret: string, outcome: Outcome, manner: WebhookManner): Promise<SandboxPaymentRecord> {
    return this.transactions.run(async (tx) => {
      const { paymentId } = await this.find(tx, clientSecret);
      const isSettled = await this.payments.settle(tx, paymentId, outcome);
      const payment = await this.find(tx, clientSecret);
      if (payment.status === 'cancelled') throw paymentClosed();
      if (isSettled) {
        const { intentId, amountMinor, currency } = payment;
        await this.webhooks.announce(tx, { paymentId, intentId, ...(outcome === 'pay' ? { kind: 'succeeded', amountMinor, currency } : { kind: 'failed' }) }, manner);
      }
      return payment;
    });
  }

  private async find(reader: Reader, clientSecret: string): Promise<SandboxPaymentRecord> {
    const paymentId = this.config.PAYMENTS === 'sandbox' ? this.secrets.paymentIdOf(clientSecret) : undefined;
    const payment = paymentId === undefined ? undefined : await this.payments.find(reader, paymentId);
    if (payment === undefined) throw notFound();
    return payment;
  }
}
