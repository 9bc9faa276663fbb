import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Reader, Tx } from '../../../platform/database/transactions.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { SpotRepository } from '../garages/spot.repository.js';
import { SpotTaking, type Wish } from '../guard/spot-taking.service.js';
import type { Reservation } from '../parking.types.js';
import { Lapses } from '../reservations/lapses.service.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { statusAt } from '../reservations/reservation.rules.js';
import type { Payment, RefundReason } from './payment.types.js';

/** Looks for room again for what was paid when the time to pay was over. */
@Injectable()
export class LatePayments {
  constructor(
    private readonly database: Database,
    private readonly reservations: ReservationRepository,
    private readonly garages: GarageRepository,
    private readonly spots: SpotRepository,
    private readonly taking: SpotTaking,
    private readonly lapses: Lapses,
    private readonly clock: Clock,
  ) {}

  /** Before the transaction: what others had and is over stands in nobody's way, and there are rows to write. */
  async prepare({ reservationId, kind, endsAt }: Payment): Promise<void> {
    const reservation = await this.reservations.get(this.database, reservationId);
    const span = kind === 'stay' ? reservation : { startsAt: reservation.endsAt, endsAt };
    await this.lapses.clear(reservation, span);
    if (kind === 'extension') return this.taking.makeRows('spot', [reservation.spotId], span);
    const wish = await this.wishOf(this.database, reservation);
    await this.taking.prepare(wish, await this.taking.survey(this.database, wish.garageId, wish));
  }

  /** The spot that it had, or another one. @returns why it must be given back; undefined when it has one */
  async takeAgain(tx: Tx, reservation: Reservation, payment: Payment): Promise<RefundReason | undefined> {
    const { garageId, spotId, startsAt, endsAt } = reservation;
    const { graceMinutes, noShowMinutes } = await this.garages.get(tx, garageId);
    // Nobody is expected any more, so it would end as soon as it began.
    if (statusAt({ status: 'confirmed', isLapsed: false, startsAt, endsAt, graceMinutes, noShowMinutes }, this.clock.now()) !== 'confirmed') return 'late';
    const wish = await this.wishOf(tx, reservation);
    const spot = await this.taking.take(tx, wish, await this.taking.survey(tx, garageId, wish), spotId);
    if (typeof spot === 'string') return 'late';
    await this.reservations.update(tx, reservation, { status: 'confirmed', spotId: spot.id, addPaidMinor: payment.amountMinor });
    return undefined;
  }

  /** The longer time, on the spot that it has. @returns why it must be given back; undefined when it is longer */
  async extendAgain(tx: Tx, reservation: Reservation, payment: Payment): Promise<RefundReason | undefined> {
    const { endsAt, priceMinor } = reservation;
    const isWhole = payment.endsAt > endsAt && payment.price.priceMinor === priceMinor + payment.amountMinor;
    if (!isWhole || payment.endsAt <= this.clock.now()) return 'late';
    if ((await this.taking.takeMore(tx, reservation, { startsAt: endsAt, endsAt: payment.endsAt })) !== undefined) return 'late';
    await this.reservations.update(tx, reservation, { endsAt: payment.endsAt, price: payment.price, extension: null, addPaidMinor: payment.amountMinor });
    return undefined;
  }

  /** Who had an accessible spot may have one again. */
  private async wishOf(reader: Reader, { garageId, vehicleId, size, features, spotId, startsAt, endsAt }: Reservation): Promise<Wish> {
    const isEntitled = (await this.spots.find(spotId, reader))!.features.includes('accessible');
    return { garageId, vehicleId, size, features, isEntitled, startsAt, endsAt };
  }
}
