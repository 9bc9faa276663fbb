import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../platform/auth/actor.js';
import { newId } from '../../../platform/database/columns.js';
import { Transactions, type Tx } from '../../../platform/database/transactions.js';
import { notFound, requestInvalid } from '../../../platform/errors/house.errors.js';
import { Cursors } from '../../../platform/http/cursor.js';
import type { Page } from '../../../platform/http/page.dto.js';
import { vehicleInUse } from '../parking.errors.js';
import type { Vehicle } from '../parking.types.js';
import { ReservationRepository } from '../reservations/reservation.repository.js';
import { isLive } from '../reservations/reservation.rules.js';
import { WaitlistRepository } from '../waitlist/waitlist.repository.js';
import { VehicleRepository } from './vehicle.repository.js';
import { normalisedLicense } from './vehicle.rules.js';

export type VehicleOrder = Pick<Vehicle, 'license' | 'country' | 'size'>;

const LIST = 'parking.vehicles';
const MOST_CHARACTERS = 20;

/** What members park. Each sees only their own. */
@Injectable()
export class Vehicles {
  constructor(
    private readonly transactions: Transactions,
    private readonly vehicles: VehicleRepository,
    private readonly reservations: ReservationRepository,
    private readonly waitlist: WaitlistRepository,
    private readonly cursors: Cursors,
  ) {}

  /** @throws notFound */
  async get({ memberId }: Actor, id: string): Promise<Vehicle> {
    const vehicle = await this.vehicles.findOwn(memberId, id);
    if (vehicle === undefined) throw notFound();
    return vehicle;
  }

  /** The member's own, oldest first. */
  async list({ memberId }: Actor, { cursor, limit }: { cursor?: string; limit: number }): Promise<Page<Vehicle>> {
    const [afterId] = this.cursors.decode<[string]>(LIST, cursor) ?? [];
    return this.cursors.page(LIST, await this.vehicles.listOwn(memberId, { afterId, limit: limit + 1 }), limit, ({ id }) => [id]);
  }

  /** @throws requestInvalid; vehicleExists; tooManyVehicles */
  async add({ memberId }: Actor, { license, country, size }: VehicleOrder): Promise<Vehicle> {
    const vehicle: Vehicle = { id: newId(), memberId, license, country, size };
    await this.transactions.run((tx) => this.vehicles.insert(tx, vehicle, comparedLicense(license)));
    return vehicle;
  }

  /** Changes what is given. @throws requestInvalid; notFound; vehicleExists; vehicleInUse for another size */
  edit({ memberId }: Actor, id: string, { license, country, size }: Partial<VehicleOrder>): Promise<Vehicle> {
    return this.transactions.run(async (tx) => {
      const before = await this.enter(tx, memberId, id);
      const vehicle = { ...before, license: license ?? before.license, country: country ?? before.country, size: size ?? before.size };
      if (vehicle.size !== before.size) await this.requireUnused(tx, id);
      await this.vehicles.update(tx, vehicle, comparedLicense(vehicle.license));
      return vehicle;
    });
  }

  /** Its reservations stay on record, and it waits for nothing any more. @throws notFound; vehicleInUse */
  async delete({ memberId }: Actor, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.enter(tx, memberId, id);
      await this.requireUnused(tx, id);
      await this.vehicles.delete(tx, id);
      await this.waitlist.endOfVehicle(tx, id);
    });
  }

  /** Every booking for the vehicle writes the same row: it has been made, and is seen here, or it sees what becomes of the vehicle. */
  private async enter(tx: Tx, memberId: string, id: string): Promise<Vehicle> {
    const vehicle = (await this.vehicles.enterToChange(tx, memberId, id)) ? await this.vehicles.findOwn(memberId, id, tx) : undefined;
    if (vehicle === undefined) throw notFound();
    return vehicle;
  }

  private async requireUnused(tx: Tx, id: string): Promise<void> {
    const reservations = await this.reservations.listLiveOfVehicle(tx, id);
    if (reservations.some(({ status }) => isLive(status))) throw vehicleInUse();
  }
}

/** Some characters stand for many. */
function comparedLicense(license: string): string {
  const normalised = normalisedLicense(license);
  if (normalised.length === 0 || [...normalised].length > MOST_CHARACTERS) {
    throw requestInvalid({ errors: [{ path: 'license', message: `must have 1 to ${MOST_CHARACTERS} letters and digits` }] });
  }
  return normalised;
}
