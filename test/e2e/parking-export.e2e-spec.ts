import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { actsOf, type ParkingActs } from '../support/parking-acts.js';
import { openParking, type Parking } from '../support/parking.js';

let parking: Parking;
let acts: ParkingActs;
beforeAll(async () => {
  parking = await openParking();
  acts = actsOf(parking);
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

/** Orders the file, waits for it, and reads it as its link gives it. */
async function exported({ auth }: GivenMember, filters: object = {}): Promise<Record<string, string>[]> {
  const { body } = await parking.http.post('/api/exports').set(auth).send({ source: 'reservations', format: 'csv', filters }).expect(202);
  await eventually(async () => expect((await parking.http.get(`/api/exports/${body.id}`).set(auth).expect(200)).body.state).toBe('succeeded'));
  const { headers } = await parking.http.get(`/api/exports/${body.id}/download`).set(auth).expect(302);
  const { pathname, search } = new URL(headers['location']!, 'http://plaza.test');
  const { text, body: bytes } = await parking.http.get(pathname + search).expect(200);
  return parse<Record<string, string>>(text || (bytes as Buffer).toString(), { columns: true, bom: true });
}

describe('reservations as a file', () => {
  it('are a member\'s own, and to an operator who asks for a garage all of it', async () => {
    const [mia, noah] = [await parking.given.member(), await parking.given.member()];
    const [garage, other] = [await parking.garage({ name: 'Hof, "Mitte"' }), await parking.garage()];
    for (const { id } of [garage, other]) await parking.spots(id, 2);
    const [car, bike] = [await parking.vehicle(mia, { license: 'B-MI 1' }), await parking.vehicle(noah)];
    const paid = await acts.confirmed(mia, garage.id, car.id, parking.window(5, 60));
    const cancelled = await acts.confirmed(mia, other.id, car.id, parking.window(30, 60));
    await acts.cancel(mia, cancelled.id).expect(200);
    const lapsed = await parking.booked(noah, garage.id, bike.id, parking.window(5, 60));
    await parking.lapse(lapsed.id);

    const own = await exported(mia);
    expect(own.map(({ id, status }) => [id, status])).toEqual([[paid.id, 'confirmed'], [cancelled.id, 'cancelled']]);
    expect(own[0]).toMatchObject({ garage: 'Hof, "Mitte"', spot: paid.spotLabel, license: 'B-MI 1', memberId: mia.id, priceMinor: '200', paidMinor: '200', refundedMinor: '0', currency: 'EUR' });
    expect(own[1]).toMatchObject({ paidMinor: '200', refundedMinor: '200' });
    // A filter narrows what is one's own, and opens nothing.
    expect((await exported(mia, { garageId: garage.id })).map(({ id }) => id)).toEqual([paid.id]);
    expect((await exported(noah, { garageId: other.id }))).toEqual([]);

    const all = await exported(parking.operator, { garageId: garage.id.toUpperCase() });
    expect(all.map(({ id, memberId, status }) => [id, memberId, status])).toEqual([[paid.id, mia.id, 'confirmed'], [lapsed.id, noah.id, 'expired']]);
    expect(await exported(parking.operator)).toEqual([]);
  });

  it('are refused for what is no garage', async () => {
    await parking.http.post('/api/exports').set(parking.operator.auth).send({ source: 'reservations', format: 'csv', filters: { garageId: 'here' } }).expect(400);
  });
});
