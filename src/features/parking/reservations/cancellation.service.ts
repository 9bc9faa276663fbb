import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Audit } from '../../../platform/audit/audit.js';
import { Clock } from '../../../platform/clock/clock.js';
import type { Tx } from '../../../platform/database/transactions.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { refundStale } from '../parking.errors.js';
import { ReservationEvents } from '../parking.events.js';
import { faultPoint } from '../parking.faults.js';
import type { Reservation } from '../parking.types.js';
import { OpenPayments } from '../payments/open-payments.service.js';
import { Refunds } from '../payments/refunds.service.js';
import { cancellationOf, type Cancellation } from './cancellation.rules.js';
import { ReservationRepository } from './reservation.repository.js';
import { Reservations } from './reservations.service.js';
import { SpotRelease } from './spot-release.service.js';

/** Cancels reservations, and gives back what the garage's rules say. */
@Injectable()
export class Cancellations {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly access: Reservations,
    private readonly reservations: ReservationRepository,
    private readonly payments: OpenPayments,
    private readonly refunds: Refunds,
    private readonly releases: SpotRelease,
    private readonly events: ReservationEvents,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** What would come back if it were cancelled now. @throws notFound; stayStarted; wrongState */
  async preview(actor: Actor, id: string): Promise<Cancellation> {
    const reservation = await this.access.get(actor, id);
    return cancellationOf(reservation, this.clock.now(), isOperator(actor, reservation));
  }

  /**
   * An operator's cancellation gives all back.
   *
   * @param expectRefundMinor what its owner was shown
   * @throws notFound; stayStarted; wrongState; refundStale
   */
  cancel(actor: Actor, id: string, expectRefundMinor: number | undefined, request: IdempotencyRequest, answer: (reservation: Reservation) => Answer): Promise<Answer> {
    return this.idempotency.run(request, (tx) => this.cancelIn(tx, actor, id, expectRefundMinor), answer);
  }

  private async cancelIn(tx: Tx, actor: Actor, id: string, expectRefundMinor: number | undefined): Promise<Reservation> {
    const reservation = await this.access.get(actor, id, tx);
    const { garageId, spotId, vehicleId, startsAt, keptUntil } = reservation;
    const byOperator = isOperator(actor, reservation);
    const now = this.clock.now();
    const { refundMinor } = cancellationOf(reservation, now, byOperator);
    if (expectRefundMinor !== undefined && expectRefundMinor !== refundMinor) throw refundStale({ refundMinor });
    await this.reservations.update(tx, reservation, { status: 'cancelled', cancelledAt: now, addRefundedMinor: refundMinor });
    await this.payments.cancel(tx, id);
    if (refundMinor > 0) await this.refunds.give(tx, reservation, refundMinor, byOperator ? 'operator' : 'cancelled');
    this.events.updated(tx, id);
    // Read before the release, which ends at a row where all releases of the garage meet.
    const cancelled = await this.reservations.get(tx, id);
    await this.releases.release(tx, { garageId, spotId, vehicleId, startsAt, endsAt: keptUntil });
    if (byOperator) await this.audit.record(tx, { actorId: actor.memberId, action: 'reservation.cancelled', subjectType: 'reservation', subjectId: id, details: { memberId: reservation.memberId, refundMinor } });
    faultPoint('parking.before-cancel');
    return cancelled;
  }
}

/** Who cancels what is somebody else's. */
function isOperator(actor: Actor, { memberId }: Reservation): boolean {
  return actor.memberId !== memberId;
}
