import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transactions.js';
import { PaymentProvider } from '../../../platform/payments/payment-provider.js';
import { PaymentRepository } from './payment.repository.js';
import type { Payment } from './payment.types.js';

/** Closes payments that nobody needs to make any more. */
@Injectable()
export class OpenPayments {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly provider: PaymentProvider,
  ) {}

  /** Closes the open payment of a reservation, if there is one. Where the provider hears of it too late, what is paid comes back. */
  async cancel(tx: Tx, reservationId: string): Promise<void> {
    const open = await this.payments.findOpen(tx, reservationId);
    if (open !== undefined) await this.close(tx, open);
  }

  async close(tx: Tx, { id, intentId }: Payment): Promise<void> {
    await this.payments.updateCancelled(tx, id);
    if (intentId !== null) tx.afterCommit(() => this.provider.cancel(intentId));
  }
}
