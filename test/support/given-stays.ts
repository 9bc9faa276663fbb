import { GarageRepository } from '../../src/features/parking/garages/garage.repository.js';
import { SpotRepository } from '../../src/features/parking/garages/spot.repository.js';
import type { Garage, ReservationStatus } from '../../src/features/parking/parking.types.js';
import { ReservationRepository } from '../../src/features/parking/reservations/reservation.repository.js';
import { VehicleRepository } from '../../src/features/parking/vehicles/vehicle.repository.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import type { TestApp } from './app.js';
import { A_GARAGE } from './parking.js';

export interface GivenStayOptions {
  startsAt: string;
  endsAt: string;
  /** `confirmed` by default. */
  status?: ReservationStatus;
  cancelledAt?: string;
  /** How long a hold is, in seconds: one minute by default. */
  holdSeconds?: number;
  garage?: Partial<Pick<Garage, 'name' | 'address' | 'timeZone' | 'graceMinutes'>>;
  spotLabel?: string;
  license?: string;
}

export interface GivenStay {
  id: string;
  garageId: string;
  version: number;
}

/** A reservation straight in the database, in a garage of its own: of any time and state, without what led to it. */
export async function givenStay({ app }: TestApp, memberId: string, options: GivenStayOptions): Promise<GivenStay> {
  const { status = 'confirmed', cancelledAt, holdSeconds = 60, spotLabel = 'A-07', license = 'B-AB 123' } = options;
  const [id, garageId, spotId, vehicleId] = [newId(), newId(), newId(), newId()];
  const [startsAt, endsAt] = [new Date(options.startsAt), new Date(options.endsAt)];
  // Plates of a member differ; whether a stay overlaps another is not asked here.
  const licenseNormalised = `${license.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase()}`.slice(0, 20);
  const reservations = app.get(ReservationRepository);
  await app.get(Transactions).run(async (tx) => {
    await app.get(GarageRepository).insert(tx, garageId, { ...A_GARAGE, tariffVersion: 1, ...options.garage });
    await app.get(SpotRepository).insert(tx, { id: spotId, garageId, label: spotLabel, size: 'regular', features: [], ord: 0 });
    await app.get(VehicleRepository).insert(tx, { id: vehicleId, memberId, license, country: 'DE', size: 'regular' }, licenseNormalised);
    await reservations.insert(tx, {
      id, garageId, spotId, memberId, vehicleId, size: 'regular', features: [], startsAt, endsAt, price: { priceMinor: 0, credits: 0, lines: [] }, currency: 'EUR', tariffVersion: 1, cancellation: [], holdSeconds,
    });
    // From a hold to any state in one step, which no route does.
    if (status !== 'held') {
      await tx.write('UPDATE reservation SET status = ?, hold_expires_at = NULL, cancelled_at = ?, version = version + 1 WHERE id = ?', [
        status, cancelledAt === undefined ? null : new Date(cancelledAt), id,
      ]);
    }
    // The licence may be entered again for another stay.
    await app.get(VehicleRepository).delete(tx, vehicleId);
  });
  return { id, garageId, version: status === 'held' ? 1 : 2 };
}
