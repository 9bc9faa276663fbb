import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenGarage, type Parking } from '../support/parking.js';

let parking: Parking;
let garage: GivenGarage;
let mia: GivenMember;
let ben: GivenMember;

beforeAll(async () => {
  parking = await openParking();
  garage = await parking.garage();
  await parking.spots(garage.id, [{ label: 'R1' }, { label: 'L1', size: 'large' }, { label: 'C1', size: 'compact' }]);
});
beforeEach(async () => {
  [mia, ben] = [await parking.given.member(), await parking.given.member()];
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const CAR = { license: 'B-PZ 2026', country: 'DE', size: 'regular' };
const add = (body: object, as: GivenMember = mia) => parking.http.post('/api/vehicles').set(as.auth).send(body);
const get = (id: string, as: GivenMember = mia) => parking.http.get(`/api/vehicles/${id}`).set(as.auth);
const list = (query = '', as: GivenMember = mia) => parking.http.get(`/api/vehicles${query}`).set(as.auth);
const edit = (id: string, body: object, as: GivenMember = mia) => parking.http.patch(`/api/vehicles/${id}`).set(as.auth).send(body);
const remove = (id: string, as: GivenMember = mia) => parking.http.delete(`/api/vehicles/${id}`).set(as.auth);
const pathsOf = (body: { errors: { path: string }[] }) => [...new Set(body.errors.map(({ path }) => path))].sort();

/** A time at which nobody else books. */
let hours = 0;
const aWindow = (minutes = 60) => parking.window((hours += 2), minutes);

describe('a vehicle', () => {
  it('is the member\'s own', async () => {
    const { body, headers } = await add({ ...CAR, license: '  b-pz 2026 ', country: 'de' }).expect(201);
    expect(body).toEqual({ id: expect.any(String), license: 'b-pz 2026', country: 'DE', size: 'regular' });
    expect(headers['location']).toBe(`/api/vehicles/${body.id}`);
    expect((await get(body.id).expect(200)).body).toEqual(body);
    expect((await list().expect(200)).body).toEqual({ items: [body], nextCursor: null });
    expect((await list('', ben).expect(200)).body.items).toEqual([]);
    const operator = parking.operator;
    for (const other of [ben, operator]) {
      await get(body.id, other).expect(404);
      await edit(body.id, { size: 'large' }, other).expect(404);
      await remove(body.id, other).expect(404);
      expect((await parking.book(other, garage.id, body.id, aWindow()).expect(404)).body.code).toBe('not-found');
    }
    await parking.http.get('/api/vehicles').expect(401);
  });

  it('is listed page by page', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) ids.push((await add({ ...CAR, license: `A${at}` }).expect(201)).body.id);
    const { body } = await list('?limit=2').expect(200);
    const { body: next } = await list(`?limit=2&cursor=${encodeURIComponent(body.nextCursor)}`).expect(200);
    expect([...body.items, ...next.items].map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(next.nextCursor).toBeNull();
    expect(pathsOf((await list('?cursor=x').expect(400)).body)).toEqual(['cursor']);
  });

  it.each<[string, object, string[]]>([
    ['nothing', { license: undefined, country: undefined, size: undefined }, ['country', 'license', 'size']],
    ['a plate without letters and digits', { license: '- ·' }, ['license']],
    ['a plate that is too long', { license: 'A'.repeat(21) }, ['license']],
    ['a plate that stands for more than there is room for', { license: 'ﷺﷺ' }, ['license']],
    ['a plate on two lines', { license: 'A\nB' }, ['license']],
    ['a country that is none', { country: 'XX' }, ['country']],
    ['the unknown country', { country: 'ZZ' }, ['country']],
    ['the name of a country', { country: 'Germany' }, ['country']],
    ['a size that is none', { size: 'tiny' }, ['size']],
    ['null', { license: null, size: null }, ['license', 'size']],
    ['an owner', { memberId: newId() }, ['memberId']],
  ])('is refused with %s', async (_, change, paths) => {
    expect(pathsOf((await add({ ...CAR, ...change }).expect(400)).body)).toEqual(paths);
    const { id } = await parking.vehicle(mia);
    const wrong = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    await edit(id, wrong).expect(Object.keys(wrong).length > 0 ? 400 : 200);
  });

  it('has one plate, however it is written', async () => {
    await add(CAR).expect(201);
    expect((await add({ ...CAR, license: 'bpz2026', size: 'large' }).expect(409)).body.code).toBe('parking.vehicle-exists');
    await add({ ...CAR, country: 'AT' }).expect(201);
    await add(CAR, ben).expect(201);
    const { body: other } = await add({ ...CAR, license: 'X 1' }).expect(201);
    expect((await edit(other.id, { license: 'B PZ-2026' }).expect(409)).body.code).toBe('parking.vehicle-exists');
    expect((await edit(other.id, { license: 'x-1', country: 'fr' }).expect(200)).body).toMatchObject({ license: 'x-1', country: 'FR', size: 'regular' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => add({ ...CAR, license: 'TWIN' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it('is one of 100 at most, however many are added at once', async () => {
    for (let at = 0; at < 80; at += 1) await add({ ...CAR, license: `M${at}` }).expect(201);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => add({ ...CAR, license: `N${at}` })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    for (const { body } of answers.filter(({ status }) => status !== 201)) expect(body).toMatchObject({ code: 'parking.too-many-vehicles', most: 100 });
    await remove(answers.find(({ status }) => status === 201)!.body.id).expect(204);
    await add({ ...CAR, license: 'one more' }).expect(201);
    await add({ ...CAR, license: 'too many' }).expect(409);
  });
});

describe('deleting', () => {
  it('leaves the reservations, and the plate for another', async () => {
    const { body: car } = await add(CAR).expect(201);
    const stay = await parking.booked(mia, garage.id, car.id, aWindow());
    await parking.http.post(`/api/reservations/${stay.id}/cancel`).set(mia.auth).send({}).expect(200);
    await remove(car.id).expect(204);
    for (const answer of [get(car.id), edit(car.id, { size: 'large' }), remove(car.id)]) await answer.expect(404);
    expect((await list().expect(200)).body.items).toEqual([]);
    await parking.book(mia, garage.id, car.id, aWindow()).expect(404);
    expect((await parking.http.get(`/api/reservations/${stay.id}`).set(mia.auth).expect(200)).body.vehicleId).toBe(car.id);
    expect((await add(CAR).expect(201)).body.id).not.toBe(car.id);
  });

  it('is refused while there is a reservation that is not over; a new size too, a new plate not', async () => {
    const car = await parking.vehicle(mia);
    const { id } = await parking.booked(mia, garage.id, car.id, aWindow());
    expect((await remove(car.id).expect(409)).body.code).toBe('parking.vehicle-in-use');
    expect((await edit(car.id, { size: 'compact' }).expect(409)).body.code).toBe('parking.vehicle-in-use');
    expect((await edit(car.id, { license: 'NEW 1', size: 'regular' }).expect(200)).body).toMatchObject({ license: 'NEW 1' });
    // A hold past its time is none, whether or not it was tidied.
    await parking.lapse(id);
    expect(await remove(car.id)).toMatchObject({ status: 204 });
  });

  it('ends what the vehicle waits for', async () => {
    const [car, van] = [await parking.vehicle(ben, { size: 'large' }), await parking.vehicle(mia, { size: 'large' })];
    const window = aWindow();
    const taken = await parking.booked(ben, garage.id, car.id, window);
    await parking.http.post('/api/waitlist').set(mia.auth).send({ garageId: garage.id, vehicleId: van.id, ...window }).expect(201);
    await remove(van.id).expect(204);
    expect(await parking.database.rows('SELECT status, is_waiting AS isWaiting FROM waitlist WHERE vehicle_id = ?', [van.id])).toEqual([{ status: 'cancelled', isWaiting: null }]);
    await parking.http.post(`/api/reservations/${taken.id}/cancel`).set(ben.auth).send({}).expect(200);
    expect((await parking.http.get('/api/me/reservations').set(mia.auth).expect(200)).body.items).toEqual([]);
  });
});

describe('at the same time as a booking', () => {
  it('a vehicle is deleted, or booked for', async () => {
    for (let round = 0; round < 12; round += 1) {
      const car = await parking.vehicle(mia);
      const window = aWindow();
      // A request is sent when it is awaited: every other time the deletion first.
      const first = round % 2 === 0 ? undefined : remove(car.id).then((answer) => answer);
      const [booked, removed] = await Promise.all([parking.book(mia, garage.id, car.id, window), first ?? remove(car.id)]);
      expect([[201, 409], [404, 204]]).toContainEqual([booked.status, removed.status]);
      const live = await parking.database.rows("SELECT r.id FROM reservation r JOIN vehicle v ON v.id = r.vehicle_id WHERE v.id = ? AND v.is_current IS NULL AND r.status = 'held'", [car.id]);
      expect(live).toEqual([]);
    }
  });

  it('a vehicle grows, and has a spot that is large enough', async () => {
    for (let round = 0; round < 12; round += 1) {
      const car = await parking.vehicle(mia, { size: 'compact' });
      const [booked, edited] = await Promise.all([parking.book(mia, garage.id, car.id, aWindow()), edit(car.id, { size: 'large' })]);
      expect(booked.status).toBe(201);
      expect([200, 409]).toContain(edited.status);
      // Otherwise the invariants would say so.
      expect(booked.body.spotLabel).toBe(edited.status === 200 ? 'L1' : 'C1');
    }
  });

  it('one that is in the midst of it sees what becomes of the vehicle', async () => {
    const car = await parking.vehicle(mia);
    // The booking has read the vehicle, and waits where the deletion, not yet committed, has written it.
    const booking = await parking.transactions.run(async (tx) => {
      await tx.write('UPDATE vehicle SET bookings = bookings + 1, is_current = NULL, slot = NULL WHERE id = ?', [car.id]);
      const asked = parking.book(mia, garage.id, car.id, aWindow()).then((answer) => answer);
      await parking.untilWaiting('INSERT INTO vehicle_day');
      return { asked };
    });
    expect((await booking.asked).status).toBe(404);
  });
});
