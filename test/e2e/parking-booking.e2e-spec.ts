import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SpotTaking } from '../../src/features/parking/guard/spot-taking.service.js';
import { FullProof } from '../../src/features/parking/reservations/full-proof.service.js';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenGarage, type GivenSpot, type GivenVehicle, type Parking, type SpotOrder, type Window } from '../support/parking.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Tuesday, some weeks before clocks change in Berlin. */
const NOW = '2026-03-10T09:00:00Z';

let parking: Parking;
let mia: GivenMember;
let ben: GivenMember;

beforeAll(async () => {
  parking = await openParking();
});
// A member has 20 vehicles at most.
beforeEach(async () => {
  [mia, ben] = [await parking.given.member(), await parking.given.member()];
});
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await parking.violations()).toEqual([]);
});
afterAll(() => parking.close());

interface Place {
  garage: GivenGarage;
  spots: GivenSpot[];
  car: GivenVehicle;
}

async function place(spots: number | readonly SpotOrder[] = 1, garage: object = {}): Promise<Place> {
  const made = await parking.garage(garage);
  return { garage: made, spots: await parking.spots(made.id, spots), car: await parking.vehicle(mia) };
}

/** Lets the calendar clock stand still. */
function at(instant: string | number): void {
  jest.spyOn(parking.app.app.get(Clock), 'now').mockImplementation(() => new Date(instant));
}

const iso = (ms: number) => new Date(ms).toISOString();
/** From so many minutes after NOW, for so many. */
function span(minutesFromNow: number, minutes: number): Window {
  const start = Date.parse(NOW) + minutesFromNow * 60_000;
  return { startsAt: iso(start), endsAt: iso(start + minutes * 60_000) };
}
const vehicles = (count: number, member = mia) => Promise.all(Array.from({ length: count }, () => parking.vehicle(member)));
const get = (id: string, as: GivenMember = mia) => parking.http.get(`/api/reservations/${id}`).set(as.auth);
const counted = (answers: readonly { status: number; body: { code?: string } }[]) => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) counts[body.code ?? status] = (counts[body.code ?? status] ?? 0) + 1;
  return counts;
};

describe('a reservation', () => {
  it('is a hold of a spot, at a price that stays', async () => {
    const { garage, spots, car } = await place(1, { holdSeconds: 300 });
    const window = parking.window(20, 90);
    const asked = Date.now();
    const { body, headers } = await parking.book(mia, garage.id, car.id, window).expect(201);
    expect(body).toEqual({
      id: expect.any(String), garageId: garage.id, spotId: spots[0]!.id, spotLabel: 'S1', vehicleId: car.id, status: 'held', holdExpiresAt: expect.any(String), ...window,
      priceMinor: 400, currency: 'EUR', credits: 4, lines: expect.any(Array), paidMinor: 0, refundedMinor: 0, checkedInAt: null, checkedOutAt: null, cancelledAt: null,
      createdAt: expect.any(String), version: 1,
    });
    expect(body.lines.reduce((sum: number, { amountMinor }: { amountMinor: number }) => sum + amountMinor, 0)).toBe(400);
    expect(headers['location']).toBe(`/api/reservations/${body.id}`);
    const heldMs = Date.parse(body.holdExpiresAt) - Date.parse(body.createdAt);
    expect(heldMs).toBe(300_000);
    expect(Math.abs(Date.parse(body.createdAt) - asked)).toBeLessThan(HOUR_MS);
    expect((await get(body.id).expect(200)).body).toEqual(body);
  });

  it('is shown to its member and to operators, and is none to others', async () => {
    const { garage, car } = await place();
    const { id } = await parking.booked(mia, garage.id, car.id, parking.window(20, 60));
    expect((await get(id, parking.operator).expect(200)).body.id).toBe(id);
    expect((await get(id, ben).expect(404)).body.code).toBe('not-found');
    await get(randomUUID()).expect(404);
    await parking.http.get(`/api/reservations/${id}`).expect(401);
  });

  it('takes times with any offset', async () => {
    const { garage, car } = await place();
    at(NOW);
    const { body } = await parking.book(mia, garage.id, car.id, { startsAt: '2026-03-11T10:00:00+05:45', endsAt: '2026-03-11T06:15:00.000Z' }).expect(201);
    expect(body).toMatchObject({ startsAt: '2026-03-11T04:15:00.000Z', endsAt: '2026-03-11T06:15:00.000Z' });
  });

  it('may be of nothing to pay', async () => {
    const free = { hourlyMinor: 0, stepMinutes: 60 };
    const { garage, car } = await place(1, { rates: { compact: free, regular: free, large: free } });
    expect((await parking.book(mia, garage.id, car.id, parking.window(20, 60)).expect(201)).body).toMatchObject({ status: 'held', priceMinor: 0, credits: 0 });
  });

  it('may go over midnight, over noon and over days, and each touches the next', async () => {
    const { garage, spots, car } = await place();
    at(NOW);
    const edges = [
      '2026-03-11T22:15:00Z', '2026-03-12T00:00:00Z', '2026-03-12T11:45:00Z', '2026-03-12T12:15:00Z', '2026-03-16T00:00:00Z', '2026-03-17T00:15:00Z', '2026-03-17T23:45:00Z',
      '2026-03-19T12:00:00Z',
    ];
    const order = [3, 0, 6, 1, 5, 2, 4];
    for (const index of order) {
      const { spotId } = await parking.booked(mia, garage.id, car.id, { startsAt: edges[index]!, endsAt: edges[index + 1]! });
      expect(spotId).toBe(spots[0]!.id);
    }
    const among = [['2026-03-11T23:45:00Z', '2026-03-12T00:15:00Z'], ['2026-03-14T00:00:00Z', '2026-03-14T00:15:00Z'], ['2026-03-11T20:00:00Z', '2026-03-19T20:00:00Z']];
    for (const [startsAt, endsAt] of among) {
      expect((await parking.book(mia, garage.id, (await parking.vehicle(mia)).id, { startsAt: startsAt!, endsAt: endsAt! }).expect(409)).body.code).toBe('parking.full');
    }
  });

  it('is listed with the member\'s others, the latest start first', async () => {
    const zoe = await parking.given.member();
    const { garage } = await place(5);
    const cars = await vehicles(5, zoe);
    const ids: string[] = [];
    for (const [index, car] of cars.entries()) ids.push((await parking.booked(zoe, garage.id, car.id, parking.window(20 + Math.floor(index / 2), 60))).id);
    const page = (query: object) => parking.http.get('/api/me/reservations').set(zoe.auth).query(query).expect(200);
    const all: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = (await page({ limit: 2, ...(cursor !== null && { cursor }) })) as { body: { items: { id: string }[]; nextCursor: string | null } };
      all.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(all).toEqual([ids[4], ids[3], ids[2], ids[1], ids[0]]);
    expect((await page({})).body.items[0]).toEqual((await get(ids[4]!, zoe)).body);
    expect((await parking.http.get('/api/me/reservations').set((await parking.given.member()).auth).expect(200)).body).toEqual({ items: [], nextCursor: null });
  });
});

describe('a time', () => {
  let there: Place;
  beforeEach(async () => {
    there = await place(2, { maxAdvanceDays: 90, minMinutes: 30, maxMinutes: 2_880 });
  });
  const book = (window: Window) => parking.book(mia, there.garage.id, there.car.id, window);

  it.each<[string, string, string, string]>([
    ['between quarter-hours', '2026-03-11T09:05:00Z', '2026-03-11T10:00:00Z', 'startsAt'],
    ['some seconds late', '2026-03-11T09:00:00Z', '2026-03-11T10:00:01Z', 'endsAt'],
    ['some milliseconds late', '2026-03-11T09:00:00.001Z', '2026-03-11T10:00:00Z', 'startsAt'],
    ['reversed', '2026-03-11T10:00:00Z', '2026-03-11T09:00:00Z', 'endsAt'],
    ['empty', '2026-03-11T10:00:00Z', '2026-03-11T10:00:00Z', 'endsAt'],
    ['empty by its offset', '2026-03-11T10:00:00Z', '2026-03-11T11:00:00+01:00', 'endsAt'],
    ['without an offset', '2026-03-11T10:00:00', '2026-03-11T11:00:00Z', 'startsAt'],
    ['that is a date', '2026-03-11', '2026-03-12', 'startsAt'],
    ['that is no time', 'tomorrow', '2026-03-12', 'startsAt'],
    ['of 30 February', '2026-02-30T10:00:00Z', '2026-03-03T10:00:00Z', 'startsAt'],
    ['at 24:15', '2026-03-11T23:00:00Z', '2026-03-11T24:15:00Z', 'endsAt'],
    ['skipped in spring, by the offset before', '2026-03-29T02:15:00+01:00', '2026-03-29T05:00:00+02:00', 'startsAt'],
    ['skipped in spring, by the offset after', '2026-03-29T01:00:00+01:00', '2026-03-29T02:45:00+02:00', 'endsAt'],
  ])('%s is refused', async (_, startsAt, endsAt, path) => {
    at(NOW);
    expect((await book({ startsAt, endsAt }).expect(400)).body).toMatchObject({ code: 'parking.window-invalid', path });
  });

  it.each<[string, string, string]>([
    ['Z', '2026-03-29T02:15:00Z', '2026-03-29T03:00:00Z'],
    ['the offset of another place', '2026-03-29T02:15:00-05:00', '2026-03-29T03:00:00-05:00'],
    ['the offset before, around it', '2026-03-29T01:45:00+01:00', '2026-03-29T03:15:00+02:00'],
    ['an offset that does not hold then', '2026-03-29T13:00:00+01:00', '2026-03-29T14:00:00+01:00'],
    ['each of the offsets when an hour comes twice', '2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00'],
  ])('that only a clock in Berlin skips is taken with %s', async (_, startsAt, endsAt) => {
    at(new Date(Date.parse(startsAt) - 10 * DAY_MS).toISOString());
    await book({ startsAt, endsAt }).expect(201);
  });

  it.each<[string, number, Window, number, object]>([
    ['an hour ago', 0, span(-60, 120), 422, { code: 'parking.past' }],
    ['of the quarter-hour that is over', 0, span(-15, 60), 422, { code: 'parking.past' }],
    ['of the quarter-hour that has begun', 899_999, span(0, 60), 201, {}],
    ['as far ahead as the garage allows', 0, span(90 * 1_440, 60), 201, {}],
    ['further ahead', 0, span(90 * 1_440 + 15, 60), 422, { code: 'parking.too-far', maxAdvanceDays: 90 }],
    ['as long as the garage allows', 0, span(1_440, 2_880), 201, {}],
    ['longer', 0, span(6_000, 2_895), 422, { code: 'parking.too-long', maxMinutes: 2_880 }],
    ['as short as the garage allows', 0, span(12_000, 30), 201, {}],
    ['shorter', 0, span(12_000, 15), 422, { code: 'parking.too-short', minMinutes: 30 }],
  ])('%s', async (_, ms, window, status, body) => {
    at(Date.parse(NOW) + ms);
    expect((await book(window).expect(status)).body).toMatchObject(body);
  });

  it('that two garages are open to is refused by neither', async () => {
    at(NOW);
    const answers = await Promise.all(['America/New_York', 'Asia/Tokyo'].map(async (timeZone) => {
      const { garage, car } = await place(1, { timeZone });
      return parking.book(mia, garage.id, car.id, { startsAt: '2026-03-29T02:15:00+01:00', endsAt: '2026-03-29T05:00:00+02:00' });
    }));
    expect(counted(answers)).toEqual({ 201: 2 });
  });
});

describe('a booking is refused', () => {
  it('without an Idempotency-Key', async () => {
    const { garage, car } = await place();
    const { body } = await parking.http.post('/api/reservations').set(mia.auth).send({ garageId: garage.id, vehicleId: car.id, ...parking.window(20, 60) }).expect(400);
    expect(body.code).toBe('idempotency.key-required');
  });

  it.each<[string, object]>([
    ['no garage', { garageId: undefined }],
    ['a garage by name', { garageId: 'Harbour' }],
    ['an unknown feature', { features: ['pool'] }],
    ['a feature twice', { features: ['ev', 'ev'] }],
    ['a time that is a number', { startsAt: 5 }],
    ['no end', { endsAt: null }],
    ['a long quote', { quoteToken: 'x'.repeat(1_001) }],
    ['an unknown field', { spotId: randomUUID() }],
  ])('with %s', async (_, change) => {
    const { garage, car } = await place();
    const { body } = await parking.book(mia, garage.id, car.id, parking.window(20, 60), change).expect(400);
    expect(body.code).toBe('request.invalid');
    expect(new Set(body.errors.map((fault: { path: string }) => fault.path))).toEqual(new Set(Object.keys(change)));
  });

  it('for somebody else\'s vehicle, a vehicle or garage that is not there, and to nobody', async () => {
    const { garage, car } = await place();
    const window = parking.window(20, 60);
    const orders = [[ben, garage.id, car.id], [mia, garage.id, randomUUID()], [mia, randomUUID(), car.id]] as const;
    const refused = await Promise.all(orders.map(([member, garageId, vehicleId]) => parking.book(member, garageId, vehicleId, window)));
    expect(counted(refused)).toEqual({ 'not-found': 3 });
    await parking.http.post('/api/reservations').set('Idempotency-Key', randomUUID()).send({ garageId: garage.id, vehicleId: car.id, ...window }).expect(401);
  });

  it('for a vehicle that is too large, and for features that no spot has', async () => {
    const { garage } = await place([{ size: 'compact', features: ['ev'] }, { size: 'compact' }]);
    const [van, small] = [await parking.vehicle(mia, { size: 'large' }), await parking.vehicle(mia, { size: 'compact' })];
    const window = parking.window(20, 60);
    expect((await parking.book(mia, garage.id, van.id, window).expect(422)).body).toMatchObject({ code: 'parking.vehicle-too-large', size: 'large' });
    expect((await parking.book(mia, garage.id, small.id, window, { features: ['ev', 'covered'] }).expect(422)).body.code).toBe('parking.vehicle-too-large');
    const spot = await parking.booked(mia, garage.id, small.id, window, { features: ['ev'] });
    expect(spot.spotLabel).toBe('S1');
    expect((await parking.book(mia, garage.id, (await parking.vehicle(mia, { size: 'compact' })).id, window, { features: ['ev'] }).expect(409)).body.code).toBe('parking.full');
  });

  it('while the vehicle is elsewhere, also in part, and not before and after', async () => {
    const [here, there] = [await place(2), await place(2)];
    await parking.booked(mia, here.garage.id, here.car.id, parking.window(20, 120));
    for (const window of [parking.window(20, 120), parking.window(19, 75), parking.window(21, 600), parking.window(15, 3_000)]) {
      for (const { garage } of [here, there]) expect((await parking.book(mia, garage.id, here.car.id, window).expect(409)).body.code).toBe('parking.vehicle-busy');
    }
    await parking.booked(mia, there.garage.id, here.car.id, parking.window(19, 60));
    await parking.booked(mia, there.garage.id, here.car.id, parking.window(22, 60));
  });

  it('when the garage is full, with the next time that it is not and a garage nearby', async () => {
    const [here, near] = [await place(1, { lat: 10, lon: 20 }), await place(1, { lat: 10.01, lon: 20 })];
    const window = parking.window(20, 60);
    await parking.booked(mia, here.garage.id, here.car.id, window);
    const { body } = await parking.book(mia, here.garage.id, near.car.id, window).expect(409);
    expect(body).toMatchObject({ code: 'parking.full', nextFree: parking.window(21, 60), nearby: [{ garageId: near.garage.id, distanceM: expect.any(Number) }] });
    expect(body.nearby).toHaveLength(1);
  });
});

describe('an accessible spot', () => {
  it('is for members with the entitlement', async () => {
    const { garage, car } = await place([{ features: ['accessible'] }]);
    const window = parking.window(20, 60);
    expect((await parking.book(mia, garage.id, car.id, window, { features: ['accessible'] }).expect(403)).body.code).toBe('auth.forbidden');
    expect((await parking.book(mia, garage.id, car.id, window).expect(422)).body.code).toBe('parking.vehicle-too-large');
    const admin = await parking.given.member({ role: 'admin' });
    const zoe = await parking.given.member();
    await parking.http.put(`/api/members/${zoe.id}/entitlements/parking.accessible`).set(admin.auth).send({ until: '2099-01-01T00:00:00Z' }).expect(200);
    const session = await parking.http.post('/api/sessions').send({ email: zoe.email, password: zoe.password }).expect(201);
    const entitled = { ...zoe, auth: { Authorization: `Bearer ${session.body.accessToken}` } };
    const [one, other] = await vehicles(2, entitled);
    await parking.booked(entitled, garage.id, one!.id, window, { features: ['accessible'] });
    await parking.booked(entitled, garage.id, other!.id, parking.window(21, 60));
  });
});

describe('the spot', () => {
  it('is the smallest that fits, then the plainest', async () => {
    const { garage } = await place([
      { size: 'large' }, { size: 'compact', features: ['ev', 'covered'] }, { size: 'regular', ord: 2 }, { size: 'compact', features: ['ev'] },
      { size: 'regular', features: ['covered'] }, { size: 'compact' },
    ]);
    const labels: string[] = [];
    for (let nth = 0; nth < 6; nth += 1) labels.push((await parking.booked(mia, garage.id, (await parking.vehicle(mia, { size: 'compact' })).id, parking.window(20, 60))).spotLabel);
    expect(labels).toEqual(['S6', 'S4', 'S2', 'S3', 'S5', 'S1']);
  });

  it('has what was asked for', async () => {
    const { garage, car } = await place([{}, { size: 'large', features: ['ev', 'covered'] }, { features: ['covered'] }]);
    expect((await parking.booked(mia, garage.id, car.id, parking.window(20, 60), { features: ['ev'] })).spotLabel).toBe('S2');
  });

  it('leaves the longer times free for others, then goes by the garage\'s order', async () => {
    const { garage } = await place([{ ord: 3 }, { ord: 2 }, { ord: 1 }]);
    const [one, two, three, four] = await vehicles(4);
    expect((await parking.booked(mia, garage.id, one!.id, parking.window(20, 60))).spotLabel).toBe('S3');
    expect((await parking.booked(mia, garage.id, two!.id, parking.window(21, 60))).spotLabel).toBe('S3');
    expect((await parking.booked(mia, garage.id, three!.id, parking.window(21, 60))).spotLabel).toBe('S2');
    // On S2 only the time before it is free, on S1 all is.
    expect((await parking.booked(mia, garage.id, four!.id, parking.window(20, 60))).spotLabel).toBe('S2');
  });
});

describe('a quote', () => {
  const quote = (order: object) => parking.http.post('/api/parking/quotes').set(mia.auth).send(order);

  it('is a price that holds, whatever becomes of the tariff', async () => {
    const { garage, car } = await place();
    const window = parking.window(20, 60);
    const { body } = await quote({ garageId: garage.id, vehicleId: car.id, ...window }).expect(200);
    const elements = garage.tariff.elements.map((element) => ({ ...element, hourlyMinor: 900 }));
    await parking.http.put(`/api/garages/${garage.id}/tariff`).set(parking.operator.auth).send({ elements }).expect(200);
    expect(await parking.booked(mia, garage.id, car.id, window, { quoteToken: body.quoteToken })).toMatchObject({ priceMinor: 200 });
    expect(await parking.booked(mia, garage.id, car.id, parking.window(21, 60))).toMatchObject({ priceMinor: 900 });
  });

  it('is refused when it is old, altered, or for something else', async () => {
    const { garage, car } = await place();
    const other = await place();
    const van = await parking.vehicle(mia, { size: 'compact' });
    at(NOW);
    const window = span(60, 60);
    const { body } = await quote({ garageId: garage.id, size: 'regular', ...window }).expect(200);
    const { quoteToken } = body as { quoteToken: string };
    const refused = [
      await parking.book(mia, garage.id, car.id, span(60, 75), { quoteToken }),
      await parking.book(mia, garage.id, car.id, span(75, 60), { quoteToken }),
      await parking.book(mia, other.garage.id, car.id, window, { quoteToken }),
      await parking.book(mia, garage.id, van.id, window, { quoteToken }),
      await parking.book(mia, garage.id, car.id, window, { quoteToken: `${quoteToken.startsWith('A') ? 'B' : 'A'}${quoteToken.slice(1)}` }),
      await parking.book(mia, garage.id, car.id, window, { quoteToken: '' }),
    ];
    at(Date.parse(NOW) + 300_000);
    refused.push(await parking.book(mia, garage.id, car.id, window, { quoteToken }));
    expect(counted(refused)).toEqual({ 'parking.quote-invalid': 7 });
    at(Date.parse(NOW) + 299_999);
    await parking.booked(mia, garage.id, car.id, window, { quoteToken });
  });
});

describe('the same Idempotency-Key', () => {
  const send = (key: string, { garage, car }: Place, window: Window) => parking.book(mia, garage.id, car.id, window).set('Idempotency-Key', key);

  it('is the same reservation, also when the time has begun', async () => {
    const there = await place(2);
    const key = randomUUID();
    at(NOW);
    const first = await send(key, there, span(15, 60)).expect(201);
    at(Date.parse(NOW) + HOUR_MS);
    const again = await send(key, there, span(15, 60)).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', location: first.headers['location'] });
    expect((await send(randomUUID(), there, span(15, 60)).expect(422)).body.code).toBe('parking.past');
  });

  it('is the same reservation when it comes twenty times at once', async () => {
    const there = await place(20);
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(key, there, parking.window(20, 60))));
    expect(counted(answers)).toEqual({ 201: 20 });
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await parking.database.rows('SELECT id FROM reservation WHERE garage_id = ?', [there.garage.id])).toHaveLength(1);
  });

  it('is refused with another body, and may be tried again after a refusal', async () => {
    const there = await place();
    const key = randomUUID();
    const blocking = await parking.booked(mia, there.garage.id, (await parking.vehicle(mia)).id, parking.window(20, 60));
    expect((await send(key, there, parking.window(20, 60)).expect(409)).body.code).toBe('parking.full');
    await parking.lapse(blocking.id);
    await send(key, there, parking.window(20, 60)).expect(201);
    expect((await send(key, there, parking.window(21, 60)).expect(422)).body.code).toBe('idempotency.key-reused');
  });
});

describe('many at once', () => {
  it('share ten spots: ten have one, and fifty are told that it is full', async () => {
    const { garage, spots } = await place(10);
    const window = parking.window(20, 180);
    const members = [mia, ben, await parking.given.member(), await parking.given.member()];
    const cars = await Promise.all(members.map(async (member) => (await vehicles(15, member)).map((car) => ({ member, car }))));
    const answers = await Promise.all(cars.flat().map(({ member, car }) => parking.book(member, garage.id, car.id, window)));
    expect(counted(answers)).toEqual({ 201: 10, 'parking.full': 50 });
    expect(new Set(answers.flatMap(({ body }) => body.spotId ?? []))).toEqual(new Set(spots.map(({ id }) => id)));
  });

  it('want one vehicle in two garages: it is in one', async () => {
    const [here, there] = [await place(20), await place(20)];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => parking.book(mia, (index % 2 ? here : there).garage.id, here.car.id, parking.window(20, 60))));
    expect(counted(answers)).toEqual({ 201: 1, 'parking.vehicle-busy': 19 });
  });

  it('want one vehicle for times that overlap in part: no two have what overlaps', async () => {
    const { garage, car } = await place(20);
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => parking.book(mia, garage.id, car.id, parking.window(20 + index, 120))));
    const held = answers.flatMap(({ status }, index) => (status === 201 ? [index] : []));
    expect(held.length).toBeGreaterThan(0);
    for (const [nth, index] of held.entries()) if (nth > 0) expect(index - held[nth - 1]!).toBeGreaterThan(1);
  });

  it('want days that overlap in part: what is not had leaves no day marked', async () => {
    const { garage } = await place(2);
    const cars = await vehicles(8);
    for (let round = 0; round < 6; round += 1) {
      const windows = cars.map((_, index) => parking.window(48 + round * 24 * 10 + (index % 4) * 24, 3 * 1_440));
      const answers = await Promise.all(cars.map((car, index) => parking.book(mia, garage.id, car.id, windows[index]!)));
      expect(Object.keys(counted(answers)).sort()).toEqual(['201', 'parking.full']);
      expect(await parking.violations()).toEqual([]);
    }
  });
});

describe('what becomes free while somebody looks', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['by a cancellation', (id) => parking.http.post(`/api/reservations/${id}/cancel`).set(mia.auth).expect(200)],
    ['by a hold whose time is over', async (id) => {
      await parking.lapse(id);
      await parking.app.app.get(Lapses).sweep();
    }],
  ])('%s is never called full', async (_, release) => {
    const [proof, taking] = [parking.app.app.get(FullProof), parking.app.app.get(SpotTaking)];
    const { garage, car } = await place();
    const window = parking.window(20, 60);
    const { id } = await parking.booked(mia, garage.id, car.id, window);
    const [startsAt, endsAt] = [new Date(window.startsAt), new Date(window.endsAt)];
    const wish = { garageId: garage.id, vehicleId: car.id, size: 'regular', features: [], isEntitled: false, startsAt, endsAt } as const;
    const survey = await taking.survey(parking.database, garage.id, wish);
    expect(await proof.isFull(wish, survey)).toBe(true);
    await release(id);
    expect(await proof.isFull(wish, survey)).toBe(false);
  });
});

describe('a hold past its time', () => {
  it('is over by itself, and can be booked over at once', async () => {
    const { garage, car } = await place();
    const window = parking.window(20, 60);
    const { id } = await parking.booked(mia, garage.id, car.id, window);
    const other = await parking.vehicle(ben);
    await parking.book(ben, garage.id, other.id, window).expect(409);
    await parking.lapse(id);
    expect((await get(id).expect(200)).body).toMatchObject({ status: 'expired', holdExpiresAt: null });
    await parking.booked(ben, garage.id, other.id, window);
    expect((await get(id).expect(200)).body.status).toBe('expired');
  });

  it('keeps its vehicle nowhere', async () => {
    const [here, there] = [await place(), await place()];
    const window = parking.window(20, 60);
    const { id } = await parking.booked(mia, here.garage.id, here.car.id, window);
    await parking.lapse(id);
    await parking.booked(mia, there.garage.id, here.car.id, window);
  });

  it('is free time to who looks', async () => {
    const { garage, car } = await place();
    const window = parking.window(20, 60);
    const free = async () => {
      const { body } = await parking.http.get(`/api/garages/${garage.id}/availability`).set(ben.auth).query({ from: window.startsAt, to: window.endsAt, step: '1h' }).expect(200);
      return body.items[0].free.regular as number;
    };
    const { id } = await parking.booked(mia, garage.id, car.id, window);
    expect(await free()).toBe(0);
    await parking.lapse(id);
    expect(await free()).toBe(1);
  });

  it('is had by one of the many who wait for it', async () => {
    const { garage, car } = await place();
    const window = parking.window(20, 60);
    const { id } = await parking.booked(mia, garage.id, car.id, window);
    await parking.lapse(id);
    const answers = await Promise.all((await vehicles(20, ben)).map((vehicle) => parking.book(ben, garage.id, vehicle.id, window)));
    expect(counted(answers)).toEqual({ 201: 1, 'parking.full': 19 });
  });
});
