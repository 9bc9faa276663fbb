import { Injectable, Logger } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transactions.js';
import { ReservationEvents } from '../parking.events.js';
import type { Reservation } from '../parking.types.js';
import { Lapses } from '../reservations/lapses.service.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { confirmed, dueOf, isFor } from './due.rules.js';
import { LatePayments } from './late-payments.service.js';
import { PaymentRepository } from './payment.repository.js';
import type { Payment, RefundReason } from './payment.types.js';
import { Refunds } from './refunds.service.js';

/** Money that a provider has received. */
export interface Received {
  readonly intentId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/**
 * Decides what becomes of a payment that was made, whenever it comes: it confirms what it was for. Where the time to pay
 * was over, the spot is taken again if it is free, or another one of the size; else all comes back.
 */
@Injectable()
export class Settlement {
  private readonly logger = new Logger('payments');

  constructor(
    private readonly payments: PaymentRepository,
    private readonly reservations: ReservationRepository,
    private readonly late: LatePayments,
    private readonly lapses: Lapses,
    private readonly refunds: Refunds,
    private readonly events: ReservationEvents,
  ) {}

  /** Once for each payment, however often it is told. */
  async settle(tx: Tx, payment: Payment, received: Received): Promise<void> {
    if (!(await this.payments.updatePaid(tx, payment.id, received))) return;
    const paid: Payment = { ...payment, ...received };
    let reservation = await this.reservations.get(tx, payment.reservationId);
    // What has lapsed is let go of first: who waits for it has the first right to it.
    await this.lapses.endIn(tx, reservation);
    reservation = await this.reservations.get(tx, payment.reservationId);
    const refused = this.isMismatch(payment, received) ? 'mismatch' : await this.confirm(tx, reservation, payment);
    if (refused !== undefined) await this.giveBack(tx, reservation, paid, refused);
    this.events.updated(tx, reservation.id);
  }

  private isMismatch({ id, amountMinor, currency }: Payment, received: Received): boolean {
    if (amountMinor === received.amountMinor && currency === received.currency) return false;
    this.logger.error(`payment ${id} was to be ${amountMinor} ${currency}, and ${received.amountMinor} ${received.currency} came: given back`);
    return true;
  }

  /** @returns why it must be given back; undefined when it has done what it was for */
  private async confirm(tx: Tx, reservation: Reservation, payment: Payment): Promise<RefundReason | undefined> {
    const { status } = reservation;
    if (payment.kind === 'stay') {
      if (status === 'held') return this.confirmDue(tx, reservation, payment);
      if (status === 'expired') return this.late.takeAgain(tx, reservation, payment);
      return status === 'cancelled' ? 'cancelled' : 'twice';
    }
    if (status !== 'confirmed' && status !== 'checked-in') return status === 'cancelled' ? 'cancelled' : 'late';
    return reservation.extension === null ? this.late.extendAgain(tx, reservation, payment) : this.confirmDue(tx, reservation, payment);
  }

  private async confirmDue(tx: Tx, reservation: Reservation, payment: Payment): Promise<RefundReason | undefined> {
    const due = dueOf(reservation);
    // It was for an extension that another one has taken the place of.
    if (!isFor(payment, due)) return 'late';
    if (await this.reservations.update(tx, reservation, { ...confirmed(due), addPaidMinor: due.amountMinor }, true)) return undefined;
    // The time ran out between reading and writing.
    const lapsed = await this.reservations.get(tx, reservation.id);
    await this.lapses.endIn(tx, lapsed);
    return this.confirm(tx, await this.reservations.get(tx, reservation.id), payment);
  }

  private async giveBack(tx: Tx, { id, memberId, currency }: Reservation, paid: Payment, reason: RefundReason): Promise<void> {
    await this.refunds.giveBack(tx, memberId, paid, reason);
    // Sums of two currencies would mean nothing.
    if (paid.currency !== currency) return;
    const now = await this.reservations.get(tx, id);
    await this.reservations.update(tx, now, { addPaidMinor: paid.amountMinor, addRefundedMinor: paid.amountMinor });
  }
}
