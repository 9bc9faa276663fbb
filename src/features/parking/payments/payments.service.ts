import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { newId } from '../../../platform/database/columns.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { PaymentProvider } from '../../../platform/payments/payment-provider.js';
import { CreditsService } from '../../credits/index.js';
import { holdExpired } from '../parking.errors.js';
import { ReservationEvents } from '../parking.events.js';
import { faultPoint } from '../parking.faults.js';
import type { Reservation } from '../parking.types.js';
import { Prices } from '../pricing/prices.service.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { confirmed, creditsDue, dueOf, isFor, type Due } from './due.rules.js';
import { OpenPayments } from './open-payments.service.js';
import { PaymentRepository } from './payment.repository.js';
import type { Payment, PaymentMethod } from './payment.types.js';

/** Takes payment for what is due: a stay, or the rest of a longer one. */
@Injectable()
export class Payments {
  constructor(
    private readonly transactions: Transactions,
    private readonly idempotency: Idempotency,
    private readonly reservations: ReservationRepository,
    private readonly payments: PaymentRepository,
    private readonly open: OpenPayments,
    private readonly credits: CreditsService,
    private readonly provider: PaymentProvider,
    private readonly prices: Prices,
    private readonly events: ReservationEvents,
  ) {}

  /**
   * With credits it is paid, and confirmed, at once; so is what costs nothing. A card's payment is opened with the
   * provider, who says later that it was paid: the same payment each time that it is asked for, until then.
   *
   * @throws notFound for what is not the member's own; holdExpired; alreadyPaid; wrongState; insufficientCredits; paymentsUnavailable
   */
  async pay(actor: Actor, id: string, method: PaymentMethod, request: IdempotencyRequest, answer: (payment: Payment) => Answer): Promise<Answer> {
    // The answer to a card carries the secret with which it is paid, and so is never kept.
    if (method === 'card') return answer(await this.payByCard(actor, id));
    return this.idempotency.run(request, async (tx) => this.payNow(tx, await this.own(tx, actor, id), 'credits'), answer);
  }

  /** Pays with credits what is due, in the caller's transaction. @throws as `pay` */
  async payNow(tx: Tx, reservation: Reservation, method: PaymentMethod): Promise<Payment> {
    const due = dueOf(reservation);
    await this.open.cancel(tx, reservation.id);
    const { id: reservationId, memberId, currency } = reservation;
    const id = newId();
    const isConfirmed = await this.reservations.update(tx, reservation, { ...confirmed(due), addPaidMinor: due.amountMinor }, true);
    if (!isConfirmed) throw holdExpired();
    const credits = method === 'credits' ? creditsDue(due, await this.payments.listPaid(reservationId, tx), (minor) => this.prices.inCredits(minor)) : 0;
    const entry = credits > 0 ? await this.credits.spend(tx, { kind: 'member', id: memberId }, { amount: credits, refType: 'payment', refId: id }) : undefined;
    await this.payments.insertPaid(tx, { id, reservationId, method, provider: null, currency, credits, entrySeq: entry?.seq ?? null, ...due });
    this.events.updated(tx, reservationId);
    return (await this.payments.find(tx, id))!;
  }

  private async payByCard(actor: Actor, id: string): Promise<Payment> {
    const payment = await this.transactions.run(async (tx) => {
      const reservation = await this.own(tx, actor, id);
      const due = dueOf(reservation);
      return due.amountMinor === 0 ? this.payNow(tx, reservation, 'card') : this.openFor(tx, reservation, due);
    });
    if (payment.status === 'succeeded' || payment.intentId !== null) return payment;
    const { id: paymentId, amountMinor, currency } = payment;
    faultPoint('parking.before-intent');
    const intent = await this.provider.open({ paymentId, amountMinor, currency, description: `Parking ${id}` });
    faultPoint('parking.after-intent');
    return this.transactions.run(async (tx) => {
      await this.payments.updateIntent(tx, paymentId, intent);
      return (await this.payments.find(tx, paymentId))!;
    });
  }

  /** The one payment that is open for this; one for something else is closed. */
  private async openFor(tx: Tx, { id: reservationId, currency }: Reservation, due: Due): Promise<Payment> {
    const known = await this.payments.findOpen(tx, reservationId);
    if (known !== undefined && known.provider === this.provider.name && isFor(known, due)) return known;
    // No other than this one: another request may have opened what is due since it was looked for.
    if (known !== undefined) await this.open.close(tx, known);
    const id = newId();
    await this.payments.insertOpen(tx, { id, reservationId, method: 'card', provider: this.provider.name, currency, credits: 0, entrySeq: null, ...due });
    return (await this.payments.find(tx, id))!;
  }

  private async own(tx: Tx, actor: Actor, id: string): Promise<Reservation> {
    const reservation = await this.reservations.find(id, tx);
    if (reservation?.memberId !== actor.memberId) throw notFound();
    return reservation;
  }
}
