import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { actsOf, later, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { openParking, type GivenReservation, type GivenVehicle, type Parking, type Window } from '../support/parking.js';

const FREE = { hourlyMinor: 0 };

let parking: Parking;
let acts: ParkingActs;
beforeAll(async () => {
  parking = await openParking();
  await stopSchedules(parking.app);
  acts = actsOf(parking);
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

interface Person {
  member: GivenMember;
  car: GivenVehicle;
}

async function person(): Promise<Person> {
  const member = await parking.given.member();
  return { member, car: await parking.vehicle(member) };
}

async function people(count: number): Promise<Person[]> {
  const all: Person[] = [];
  for (let index = 0; index < count; index += 1) all.push(await person());
  return all;
}

describe('who waits', () => {
  /** A garage without a price whose spot somebody has for two days. */
  async function givenFull() {
    const garage = await parking.garage({ rates: { compact: FREE, regular: FREE, large: FREE } });
    await parking.spots(garage.id, 1);
    const owner = await person();
    const window = parking.window(24, 48 * 60);
    return { garage, owner, window, stay: await parking.booked(owner.member, garage.id, owner.car.id, window) };
  }

  /** So many stretches of an hour in a window, a quarter-hour apart. */
  const hoursIn = ({ startsAt }: Window, count: number): Window[] =>
    Array.from({ length: count }, (_, index) => ({ startsAt: later(startsAt, index / 4), endsAt: later(startsAt, 1 + index / 4) }));

  it('is not kept from their turn by many before them whose vehicle is elsewhere, and nobody waits for more than 50', async () => {
    const { garage, owner, window, stay } = await givenFull();
    const elsewhere = await parking.garage({ rates: { compact: FREE, regular: FREE, large: FREE } });
    await parking.spots(elsewhere.id, 2);
    const [greedy, other, ben] = (await people(3)) as [Person, Person, Person];
    for (const { member, car } of [greedy, other]) await parking.booked(member, elsewhere.id, car.id, window);
    for (const one of hoursIn(window, 50)) await acts.join(greedy.member, garage.id, greedy.car.id, one).expect(201);
    const more = { startsAt: later(window.startsAt, 30), endsAt: later(window.startsAt, 31) };
    expect((await acts.join(greedy.member, garage.id, greedy.car.id, more).expect(409)).body).toMatchObject({ code: 'parking.too-many-waiting', most: 50 });
    for (const one of hoursIn(window, 10)) await acts.join(other.member, garage.id, other.car.id, one).expect(201);
    const { id } = (await acts.join(ben.member, garage.id, ben.car.id, hoursIn(window, 1)[0]!).expect(201)).body;
    expect(await acts.entry(ben.member, id)).toMatchObject({ status: 'waiting' });
    await acts.cancel(owner.member, stay.id).expect(200);
    expect(await acts.entry(ben.member, id)).toMatchObject({ status: 'offered', reservationId: expect.any(String) });
    expect(await parking.database.rows("SELECT 1 FROM waitlist WHERE garage_id = ? AND status = 'waiting'", [garage.id])).toHaveLength(60);
    // One less, and there is room for another.
    const [{ id: first }] = (await parking.http.get('/api/waitlist').set(greedy.member.auth).expect(200)).body.items;
    await acts.leave(greedy.member, first).expect(204);
    await acts.join(greedy.member, garage.id, greedy.car.id, more).expect(201);
  });
});

describe('with fewer connections than requests', () => {
  const SPOTS = 3;
  /** Another process, which has not seen the garage before. */
  let small: TestApp;
  beforeAll(async () => {
    small = await createTestApp({ APP_SECRET: parking.app.secret, DATABASE_POOL_SIZE: '2' });
    await stopSchedules(small);
  });
  afterAll(() => small.close());

  it('24 retirements at once move every stay, and serve who waits, each within its own', async () => {
    const garage = await parking.garage({ rates: { compact: FREE, regular: FREE, large: FREE } });
    const { endsAt: retiresAt } = parking.window(24, 180);
    const [early, late] = [{ startsAt: later(retiresAt, -2), endsAt: later(retiresAt, -1) }, { startsAt: later(retiresAt, -1), endsAt: later(retiresAt, 1) }];
    const retiring = await parking.spots(garage.id, SPOTS);
    const others = await parking.spots(garage.id, Array.from({ length: SPOTS }, () => ({ features: ['ev'] as const })));
    const stays: GivenReservation[] = [];
    for (const { member, car } of await people(SPOTS)) stays.push(await parking.booked(member, garage.id, car.id, late));
    for (const { member, car } of await people(SPOTS)) await parking.booked(member, garage.id, car.id, early, { features: ['ev'] });
    // Free on the retiring spots before, and on the others after: for all of this time only when a stay has moved.
    const waiting = await people(SPOTS);
    const entries: string[] = [];
    for (const { member, car } of waiting) entries.push((await acts.join(member, garage.id, car.id, { startsAt: early.startsAt, endsAt: retiresAt }).expect(201)).body.id);

    const retire = (id: string) => small.http.post(`/api/spots/${id}/retire`).set(parking.operator.auth).send({ from: retiresAt, reallocate: true });
    const answers = await Promise.all(Array.from({ length: 24 }, (_, index) => retire(retiring[index % SPOTS]!.id)));
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 503)).toEqual([]);
    await small.http.get(`/api/garages/${garage.id}`).set(parking.operator.auth).expect(200);
    // What was too busy is done when it is asked for again.
    for (const { id } of retiring) expect((await retire(id).expect(201)).body.conflicts).toEqual([]);
    const shown = await Promise.all(stays.map(({ id }) => acts.shown(parking.operator, id)));
    expect(shown.map(({ spotId }) => spotId).sort()).toEqual(others.map(({ id }) => id).sort());
    for (const [index, { member }] of waiting.entries()) expect(await acts.entry(member, entries[index]!)).toMatchObject({ status: 'offered' });
  });
});
