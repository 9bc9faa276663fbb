import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Clock } from '../../../platform/clock/clock.js';
import type { Tx } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import type { Answer } from '../../../platform/http/answer.js';
import { Idempotency, type IdempotencyRequest } from '../../../platform/http/idempotency.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { SpotTaking } from '../guard/spot-taking.service.js';
import { extensionShorter, spotTaken, vehicleBusy, windowPast, windowTooLong, wrongState } from '../parking.errors.js';
import { ReservationEvents } from '../parking.events.js';
import type { Garage, KeptPrice, Reservation } from '../parking.types.js';
import { OpenPayments } from '../payments/open-payments.service.js';
import { PaymentRepository } from '../payments/payment.repository.js';
import type { PaymentMethod } from '../payments/payment.types.js';
import { Payments } from '../payments/payments.service.js';
import { Prices } from '../pricing/prices.service.js';
import { timeOf } from '../window.rules.js';
import { Lapses } from './lapses.service.js';
import { ReservationRepository } from './reservation.repository.js';
import { SpotRelease } from './spot-release.service.js';

const MINUTE_MS = 60_000;

/** What somebody wants who stays longer. */
export interface ExtensionOrder {
  readonly endsAt: string;
  /** As the stay was paid, when left out. */
  readonly method?: PaymentMethod;
}

interface Prepared {
  readonly garage: Garage;
  readonly endsAt: Date;
  /** Of the whole stay, by the tariff that it was booked with: it comes to what it would have cost at once. */
  readonly price: KeptPrice;
}

/** Makes stays longer, on the spot that they have. */
@Injectable()
export class Extensions {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly reservations: ReservationRepository,
    private readonly garages: GarageRepository,
    private readonly payments: PaymentRepository,
    private readonly open: OpenPayments,
    private readonly paying: Payments,
    private readonly taking: SpotTaking,
    private readonly releases: SpotRelease,
    private readonly lapses: Lapses,
    private readonly prices: Prices,
    private readonly events: ReservationEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * With credits the difference is debited, and the stay longer, at once. For a card the longer time is kept until the
   * time to pay is over.
   *
   * @throws notFound; windowInvalid, windowPast, windowTooLong; extensionShorter; wrongState; vehicleBusy; spotTaken; holdExpired; insufficientCredits
   */
  extend(actor: Actor, id: string, order: ExtensionOrder, request: IdempotencyRequest, answer: (reservation: Reservation) => Answer): Promise<Answer> {
    return this.idempotency.runPrepared(request, () => this.prepare(actor, id, order.endsAt), (tx, prepared) => this.extendIn(tx, id, prepared, order.method), answer);
  }

  private async prepare(actor: Actor, id: string, text: string): Promise<Prepared> {
    const reservation = await this.reservations.find(id);
    if (reservation?.memberId !== actor.memberId) throw notFound();
    const { garageId, spotId, vehicleId, startsAt, size, tariffVersion } = reservation;
    const garage = (await this.garages.find(garageId))!;
    const endsAt = timeOf(text, 'endsAt', garage.timeZone);
    if (endsAt <= startsAt) throw extensionShorter({ endsAt: reservation.endsAt.toISOString() });
    if (endsAt <= this.clock.now()) throw windowPast();
    const { maxMinutes } = garage;
    if ((endsAt.getTime() - startsAt.getTime()) / MINUTE_MS > maxMinutes) throw windowTooLong({ maxMinutes });
    const more = { startsAt: reservation.endsAt, endsAt };
    // Whether it is longer is decided inside the transaction: a twin of this request may just have made it so.
    if (endsAt > reservation.endsAt) {
      await this.lapses.clear({ garageId, vehicleId }, more);
      await this.taking.makeRows('vehicle', [vehicleId], more);
      await this.taking.makeRows('spot', [spotId], more);
    }
    return { garage, endsAt, price: await this.prices.of(garage, tariffVersion, size, { startsAt, endsAt }) };
  }

  private async extendIn(tx: Tx, id: string, { garage, endsAt, price }: Prepared, wanted: PaymentMethod | undefined): Promise<Reservation> {
    const reservation = await this.reservations.get(tx, id);
    requireLonger(reservation, endsAt);
    // The row of the stay before any time: two who make it longer at once meet there. The time to pay stays: asking again and again keeps no spot.
    await this.reservations.update(tx, reservation, { extension: { endsAt, price, holdSeconds: garage.holdSeconds, holdExpiresAt: reservation.extension?.holdExpiresAt } });
    await this.open.cancel(tx, id);
    await this.keepUntil(tx, reservation, endsAt);
    this.events.updated(tx, id);
    const extended = await this.reservations.get(tx, id);
    const method = wanted ?? (await this.payments.listPaid(id, tx)).find(({ amountMinor, refundedMinor }) => amountMinor > refundedMinor)?.method ?? 'card';
    if (method === 'credits' || price.priceMinor === reservation.priceMinor) await this.paying.payNow(tx, extended, method);
    return this.reservations.get(tx, id);
  }

  /** An extension takes the place of one that was not paid. What both of them have is not let go of in between, whoever waits for it. */
  private async keepUntil(tx: Tx, { garageId, spotId, vehicleId, keptUntil }: Reservation, endsAt: Date): Promise<void> {
    if (endsAt < keptUntil) return this.releases.release(tx, { garageId, spotId, vehicleId, startsAt: endsAt, endsAt: keptUntil });
    if (endsAt.getTime() === keptUntil.getTime()) return;
    const untaken = await this.taking.takeMore(tx, { spotId, vehicleId }, { startsAt: keptUntil, endsAt });
    if (untaken !== undefined) throw untaken === 'full' ? spotTaken() : vehicleBusy();
  }
}

/** @throws wrongState; extensionShorter */
function requireLonger({ status, endsAt }: Reservation, wanted: Date): void {
  if (status !== 'confirmed' && status !== 'checked-in') throw wrongState({ state: status });
  if (wanted <= endsAt) throw extensionShorter({ endsAt: endsAt.toISOString() });
}
