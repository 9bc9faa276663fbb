import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import type { Reservation, ReservationStatus, Vehicle } from '../parking.types.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { VehicleRepository } from '../vehicles/vehicle.repository.js';
import { GarageRepository } from './garage.repository.js';

/** A reservation as it is read at the gate. */
export interface DeskReservation {
  readonly reservation: Reservation;
  readonly plate: Pick<Vehicle, 'license' | 'country'>;
}

export interface DeskQuery {
  readonly from?: Date;
  readonly to?: Date;
  readonly status?: ReservationStatus;
  readonly cursor?: string;
  readonly limit: number;
}

const LIST = 'parking.desk';

/** Who comes to a garage, for those who run it. */
@Injectable()
export class GarageDesk {
  constructor(
    private readonly database: Database,
    private readonly garages: GarageRepository,
    private readonly reservations: ReservationRepository,
    private readonly vehicles: VehicleRepository,
    private readonly cursors: Cursors,
  ) {}

  /** Reservations of a garage that touch a time, the earliest start first. @throws notFound */
  async list(garageId: string, { from, to, status, cursor, limit }: DeskQuery): Promise<Page<DeskReservation>> {
    if ((await this.garages.find(garageId)) === undefined) throw notFound();
    const key = this.cursors.decode<[string, string]>(LIST, cursor);
    const after = key && { startsAt: new Date(key[0]), id: key[1] };
    const found = await this.reservations.listOfGarage(garageId, { startsAt: from, endsAt: to }, { status, after, limit: limit + 1 });
    const { items, nextCursor } = this.cursors.page(LIST, found, limit, ({ startsAt, id }) => [startsAt.toISOString(), id]);
    const plates = await this.vehicles.listPlates(this.database, items.map(({ vehicleId }) => vehicleId));
    return { items: items.map((reservation) => ({ reservation, plate: plates.get(reservation.vehicleId)! })), nextCursor };
  }
}
