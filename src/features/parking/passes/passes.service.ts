import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { Config } from '../../../platform/config/config.js';
import { Database } from '../../../platform/database/database.js';
import { GarageRepository } from '../garages/garage.repository.js';
import { wrongState } from '../parking.errors.js';
import type { ReservationStatus } from '../parking.types.js';
import { Reservations } from '../reservations/reservations.service.js';
import { VehicleRepository } from '../vehicles/vehicle.repository.js';
import { passPicture } from './pass-picture.js';
import { PassSigning } from './pass-signing.service.js';
import { passClaims, passLines } from './pass.rules.js';

const ADMITTED: readonly ReservationStatus[] = ['confirmed', 'checked-in'];

/** Passes that open gates, as pictures. */
@Injectable()
export class Passes {
  constructor(
    private readonly reservations: Reservations,
    private readonly garages: GarageRepository,
    private readonly vehicles: VehicleRepository,
    private readonly signing: PassSigning,
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  /**
   * The pass of a member's own reservation, or for an operator of any, as SVG.
   *
   * @throws notFound, wrongState
   */
  async draw(actor: Actor, reservationId: string): Promise<string> {
    const reservation = await this.reservations.get(actor, reservationId);
    if (!ADMITTED.includes(reservation.status)) throw wrongState({ state: reservation.status });
    const garage = await this.garages.get(this.database, reservation.garageId);
    const plate = await this.vehicles.getPlate(this.database, reservation.vehicleId);
    return passPicture(this.signing.sign(passClaims(reservation, garage, plate, this.config.PUBLIC_URL)), passLines(reservation, garage, plate));
  }
}
