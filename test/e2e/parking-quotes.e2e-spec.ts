import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenGarage, type GivenVehicle, type Parking } from '../support/parking.js';

let parking: Parking;
let garage: GivenGarage;
let mia: GivenMember;
let car: GivenVehicle;

beforeAll(async () => {
  parking = await openParking();
  mia = await parking.given.member();
  garage = await parking.garage({
    minMinutes: 30, maxMinutes: 1_440, maxAdvanceDays: 30,
    rates: { compact: { hourlyMinor: 100 }, regular: { hourlyMinor: 250 }, large: { hourlyMinor: 999, dailyCapMinor: 1_000 } },
  });
  await parking.spots(garage.id, [{ size: 'large' }]);
  car = await parking.vehicle(mia);
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const ask = (body: object, as: { auth: object } = mia) => parking.http.post('/api/parking/quotes').set(as.auth as Record<string, string>).send(body);
const quoted = async (body: object) => (await ask(body).expect(200)).body;
const order = (body: object = {}) => ({ garageId: garage.id, ...parking.window(24, 120), size: 'regular', ...body });

describe('POST /api/parking/quotes', () => {
  it('says what a stay costs, and why', async () => {
    const window = parking.window(24, 120);
    const before = Date.now();
    const quote = await quoted(order(window));
    expect(quote).toMatchObject({ priceMinor: 500, currency: 'EUR', credits: 5, quoteToken: expect.any(String), expiresAt: expect.stringMatching(/Z$/) });
    expect(quote.lines.reduce((sum: number, { amountMinor }: { amountMinor: number }) => sum + amountMinor, 0)).toBe(500);
    expect(quote.lines[0].from).toBe(window.startsAt);
    const validMs = new Date(quote.expiresAt).getTime() - before;
    expect(validMs).toBeGreaterThanOrEqual(300_000);
    expect(validMs).toBeLessThan(360_000);
    expect(Object.keys(quote).sort()).toEqual(['credits', 'currency', 'expiresAt', 'lines', 'priceMinor', 'quoteToken']);
  });

  it('goes by the size of the vehicle, given or known', async () => {
    expect((await quoted(order({ size: 'compact' }))).priceMinor).toBe(200);
    expect((await quoted(order({ size: 'large' }))).priceMinor).toBe(1_000);
    expect((await quoted(order({ size: undefined, vehicleId: car.id.toUpperCase() }))).priceMinor).toBe(500);
  });

  it('is a price that holds, whatever becomes of the tariff, and no hold', async () => {
    const changing = await parking.garage();
    await parking.spots(changing.id, 1);
    const [window, other] = [parking.window(24, 60), await parking.vehicle(mia)];
    const quote = await quoted({ garageId: changing.id, ...window, vehicleId: car.id });
    expect(quote.priceMinor).toBe(200);
    const elements = ['compact', 'regular', 'large'].map((size) => ({ size, hourlyMinor: 700, stepMinutes: 60 }));
    await parking.http.put(`/api/garages/${changing.id}/tariff`).set(parking.operator.auth).send({ elements }).expect(200);
    expect((await quoted({ garageId: changing.id, ...window, vehicleId: car.id })).priceMinor).toBe(700);
    const taken = await parking.booked(mia, changing.id, other.id, window);
    expect(taken['priceMinor']).toBe(700);
    expect((await parking.book(mia, changing.id, car.id, window, { quoteToken: quote.quoteToken }).expect(409)).body.code).toBe('parking.full');
    await parking.http.post(`/api/reservations/${taken.id}/cancel`).set(mia.auth).send({}).expect(200);
    expect((await parking.booked(mia, changing.id, car.id, window, { quoteToken: quote.quoteToken }))['priceMinor']).toBe(200);
  });

  it('is not for another size, time or garage', async () => {
    const [window, compact] = [parking.window(48, 60), await parking.vehicle(mia, { size: 'compact' })];
    const { quoteToken } = await quoted(order({ ...window, size: 'compact' }));
    const wrong = [
      parking.book(mia, garage.id, car.id, window, { quoteToken }), parking.book(mia, garage.id, compact.id, parking.window(49, 60), { quoteToken }),
      parking.book(mia, garage.id, compact.id, window, { quoteToken: `${quoteToken}x` }),
    ];
    for (const attempt of wrong) expect((await attempt.expect(422)).body.code).toBe('parking.quote-invalid');
    await parking.book(mia, garage.id, compact.id, window, { quoteToken }).expect(201);
  });

  it.each<[string, object, number, string, string]>([
    ['neither a vehicle nor a size', { size: undefined }, 400, 'request.invalid', 'size'],
    ['both', { vehicleId: newId() }, 400, 'request.invalid', 'size'],
    ['an unknown size', { size: 'huge' }, 400, 'request.invalid', 'size'],
    ['null for a size', { size: null }, 400, 'request.invalid', 'size'],
    ['no garage', { garageId: undefined }, 400, 'request.invalid', 'garageId'],
    ['a garage that is none', { garageId: 'here' }, 400, 'request.invalid', 'garageId'],
    ['no start', { startsAt: undefined }, 400, 'request.invalid', 'startsAt'],
    ['an unknown field', { spotId: newId() }, 400, 'request.invalid', 'spotId'],
    ['a time without an offset', { startsAt: '2099-01-01T10:00:00' }, 400, 'parking.window-invalid', 'startsAt'],
    ['an end that is before the start', { endsAt: '2020-01-01T10:00:00Z' }, 400, 'parking.window-invalid', 'endsAt'],
    ['a time beside the quarter-hours', { endsAt: '2099-01-01T10:07:00Z' }, 400, 'parking.window-invalid', 'endsAt'],
    ['the past', { startsAt: '2020-01-01T10:00:00Z', endsAt: '2020-01-01T12:00:00Z' }, 422, 'parking.past', ''],
    ['a time that is too far ahead', { startsAt: '2999-01-01T10:00:00Z', endsAt: '2999-01-01T12:00:00Z' }, 422, 'parking.too-far', ''],
    ['a garage that is not there', { garageId: newId() }, 404, 'not-found', ''],
    ['a vehicle that is not there', { size: undefined, vehicleId: newId() }, 404, 'not-found', ''],
  ])('refuses %s', async (_name, wrong, status, code, path) => {
    const { body } = await ask(order(wrong)).expect(status);
    expect(body.code).toBe(code);
    expect(body.path ?? body.errors?.[0].path ?? '').toBe(path);
  });

  it('refuses stays that the garage does not take', async () => {
    expect((await ask(order(parking.window(24, 15))).expect(422)).body).toMatchObject({ code: 'parking.too-short', minMinutes: 30 });
    expect((await ask(order(parking.window(24, 1_455))).expect(422)).body).toMatchObject({ code: 'parking.too-long', maxMinutes: 1_440 });
    expect((await ask(order(parking.window(31 * 24, 60))).expect(422)).body).toMatchObject({ code: 'parking.too-far', maxAdvanceDays: 30 });
  });

  it('is for members, and about vehicles of theirs', async () => {
    await ask(order(), { auth: {} }).expect(401);
    const ben = await parking.given.member();
    await ask(order({ size: undefined, vehicleId: car.id }), ben).expect(404);
    await ask(order(), ben).expect(200);
    await ask(order({ size: undefined, vehicleId: car.id }), parking.operator).expect(404);
    await ask(order(), parking.operator).expect(200);
  });
});
