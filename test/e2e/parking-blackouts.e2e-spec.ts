import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenSpot, type GivenVehicle, type Parking, type Window } from '../support/parking.js';

interface Laid {
  readonly id: string;
  readonly conflicts: GivenReservation[];
  readonly reallocated: GivenReservation[];
}

let parking: Parking;
let operator: GivenMember;
let mia: GivenMember;
let car: GivenVehicle;
let garage: GivenGarage;
let spots: GivenSpot[];

beforeAll(async () => {
  parking = await openParking();
  ({ operator } = parking);
});
beforeEach(async () => {
  garage = await parking.garage({ graceMinutes: 1_440, rates: { compact: { hourlyMinor: 0 }, regular: { hourlyMinor: 0 }, large: { hourlyMinor: 0 } } });
  spots = await parking.spots(garage.id, 2);
  mia = await parking.given.member();
  car = await parking.vehicle(mia);
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const lay = (window: Window, extra: object = {}, as = operator) =>
  parking.http.post(`/api/garages/${garage.id}/blackouts`).set(as.auth).send({ from: window.startsAt, to: window.endsAt, reason: 'Painting', ...extra });
const laid = async (window: Window, extra: object = {}): Promise<Laid> => (await lay(window, extra).expect(201)).body;
const lift = (id: string, as = operator) => parking.http.delete(`/api/blackouts/${id}`).set(as.auth);
const listed = async () => (await parking.http.get(`/api/garages/${garage.id}/blackouts`).set(operator.auth).expect(200)).body.items;
const book = (window: Window, vehicle = car, as = mia) => parking.book(as, garage.id, vehicle.id, window);
const booked = (window: Window, extra: object = {}) => parking.booked(mia, garage.id, car.id, window, extra);
const act = (id: string, what: string) => parking.http.post(`/api/reservations/${id}/${what}`).set(mia.auth).send({});
const cancel = (id: string) => act(id, 'cancel').expect(200);
const idsOf = (reservations: readonly GivenReservation[]) => reservations.map(({ id }) => id);
const recorded = async () => (await parking.database.rows<{ action: string }>('SELECT action FROM audit_entry WHERE subject_id = ? ORDER BY seq', [garage.id])).map(({ action }) => action);
const isFull = async (window: Window) => {
  const { status, body } = await book(window);
  if (status === 201) await cancel(body.id);
  return status === 409 && body.code === 'parking.full';
};

describe('a blackout', () => {
  it('closes all of a garage until it is lifted', async () => {
    const window = parking.window(3, 30 * 60);
    const { body } = await lay(window).expect(201);
    expect(body).toEqual({ id: expect.any(String), garageId: garage.id, spotId: null, from: window.startsAt, to: window.endsAt, reason: 'Painting', conflicts: [], reallocated: [] });
    expect(await listed()).toEqual([{ id: body.id, garageId: garage.id, spotId: null, from: window.startsAt, to: window.endsAt, reason: 'Painting' }]);
    for (const closed of [parking.window(3, 15), parking.window(32, 60), parking.window(2, 75)]) expect(await isFull(closed)).toBe(true);
    for (const open of [parking.window(2, 60), parking.window(33, 60)]) expect(await isFull(open)).toBe(false);
    expect(await parking.violations()).toEqual([]);
    await lift(body.id).expect(204);
    expect(await isFull(window)).toBe(false);
    expect(await listed()).toEqual([]);
    await lift(body.id).expect(404);
    expect(await recorded()).toEqual(['garage.made', 'garage.blackout-laid', 'garage.blackout-lifted']);
  });

  it('closes one spot, whose days need not have been booked before', async () => {
    const window = parking.window(5, 60);
    const { id } = await laid(window, { spotId: spots[0]!.id.toUpperCase() });
    expect(await listed()).toMatchObject([{ id, spotId: spots[0]!.id }]);
    expect(await booked(window)).toMatchObject({ spotId: spots[1]!.id });
    const other = await parking.vehicle(mia);
    expect((await book(window, other).expect(409)).body.code).toBe('parking.full');
    await lift(id).expect(204);
    expect((await book(window, other).expect(201)).body.spotId).toBe(spots[0]!.id);
  });

  it.each<[string, (window: Window) => object, number, string, object]>([
    ['an end before its start', ({ startsAt, endsAt }) => ({ from: endsAt, to: startsAt }), 400, 'parking.window-invalid', { path: 'to' }],
    ['a start between quarter-hours', ({ endsAt }) => ({ from: endsAt.replace(':00.000Z', ':07.000Z') }), 400, 'parking.window-invalid', { path: 'from' }],
    ['a time that its clocks skip', () => ({ from: '2027-03-28T02:30:00+01:00', to: '2027-03-28T08:00:00+02:00' }), 400, 'parking.window-invalid', { path: 'from' }],
    ['a time that is over', () => ({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }), 422, 'parking.past', {}],
    ['more than 31 days', ({ startsAt }) => ({ to: new Date(Date.parse(startsAt) + 31 * 86_400_000 + 900_000).toISOString() }), 422, 'parking.too-long', { maxMinutes: 44_640 }],
    ['more than 366 days of a spot', ({ startsAt }) => ({ spotId: spots[0]!.id, to: new Date(Date.parse(startsAt) + 366 * 86_400_000 + 900_000).toISOString() }), 422, 'parking.too-long', { maxMinutes: 527_040 }],
    ['a spot that is none', () => ({ spotId: newId() }), 404, 'not-found', {}],
    ['no reason', () => ({ reason: ' ' }), 400, 'request.invalid', {}],
    ['null for a spot', () => ({ spotId: null }), 400, 'request.invalid', {}],
  ])('is refused with %s', async (_, change, status, code, details) => {
    const window = parking.window(5, 60);
    expect((await lay(window, change(window)).expect(status)).body).toMatchObject({ code, ...details });
    expect(await listed()).toEqual([]);
  });

  it('may be as long as that, and have begun', async () => {
    const start = Math.floor(Date.now() / 900_000) * 900_000 - 3_600_000;
    const span = (days: number) => ({ startsAt: new Date(start).toISOString(), endsAt: new Date(start + days * 86_400_000).toISOString() });
    await laid(span(31));
    await laid(span(366), { spotId: spots[0]!.id });
  });

  it('is for operators, of a garage and its own spots', async () => {
    const window = parking.window(5, 60);
    const elsewhere = await parking.garage();
    const [foreign] = await parking.spots(elsewhere.id, 1);
    await lay(window, { spotId: foreign!.id }).expect(404);
    await lay(window, {}, mia).expect(403);
    const { id } = await laid(window);
    await lift(id, mia).expect(403);
    await parking.http.get(`/api/garages/${garage.id}/blackouts`).set(mia.auth).expect(403);
    await lift(newId()).expect(404);
    await parking.http.get(`/api/garages/${newId()}/blackouts`).set(operator.auth).expect(404);
    await parking.http.post(`/api/garages/${newId()}/blackouts`).set(operator.auth).send({ from: window.startsAt, to: window.endsAt, reason: 'x' }).expect(404);
  });
});

describe('over a reservation', () => {
  it('lists it and leaves it; its quarter-hours go to the blackout when it ends', async () => {
    const window = parking.window(4, 120);
    const [stay, before] = [await booked(window), await parking.booked(mia, garage.id, (await parking.vehicle(mia)).id, parking.window(3, 60))];
    const blackout = await laid(parking.window(5, 120));
    expect(idsOf(blackout.conflicts)).toEqual([stay.id]);
    expect(blackout.reallocated).toEqual([]);
    expect(idsOf(blackout.conflicts)).not.toContain(before.id);
    await cancel(stay.id);
    expect(await isFull(parking.window(5, 60))).toBe(true);
    expect(await isFull(parking.window(4, 60))).toBe(false);
    expect(await parking.violations()).toEqual([]);
    await lift(blackout.id).expect(204);
    expect(await isFull(parking.window(5, 120))).toBe(false);
  });

  it('leaves it its quarter-hours when it is lifted', async () => {
    const [stay] = [await booked(parking.window(4, 120))];
    await lift((await laid(parking.window(5, 120), { spotId: stay.spotId })).id).expect(204);
    expect(await parking.violations()).toEqual([]);
    const other = await parking.vehicle(mia);
    expect((await book(parking.window(5, 60), other).expect(201)).body.spotId).not.toBe(stay.spotId);
  });

  it('does not list what has lapsed', async () => {
    const stay = await booked(parking.window(4, 120));
    await parking.lapse(stay.id);
    expect(await laid(parking.window(4, 60))).toMatchObject({ conflicts: [], reallocated: [] });
  });

  it('leaves what another blackout has', async () => {
    const [one, other] = [await laid(parking.window(4, 180)), await laid(parking.window(5, 60), { spotId: spots[0]!.id })];
    await lift(one.id).expect(204);
    expect(await parking.violations()).toEqual([]);
    expect(await booked(parking.window(5, 60))).toMatchObject({ spotId: spots[1]!.id });
    await lift(other.id).expect(204);
  });

  it('moves it on request to a spot that is free, and tells its member', async () => {
    const stay = await booked(parking.window(4, 25 * 60));
    const blackout = await laid(parking.window(5, 60), { spotId: stay.spotId, reallocate: true });
    const moved = spots.find(({ id }) => id !== stay.spotId)!;
    expect(blackout).toMatchObject({ conflicts: [], reallocated: [{ id: stay.id, spotId: moved.id, spotLabel: moved.label, status: 'held', version: 2 }] });
    expect((await parking.http.get(`/api/reservations/${stay.id}`).set(mia.auth).expect(200)).body).toEqual(blackout.reallocated[0]);
    // What it had before is free, but for the blackout.
    const other = await parking.vehicle(mia);
    expect((await book(parking.window(4, 60), other).expect(201)).body.spotId).toBe(stay.spotId);
  });

  it('does not move it where there is no room, nor away from what its spot had', async () => {
    const [stay, neighbour] = [await booked(parking.window(4, 120)), await parking.booked(mia, garage.id, (await parking.vehicle(mia)).id, parking.window(5, 180))];
    expect(await laid(parking.window(4, 60), { spotId: stay.spotId, reallocate: true })).toMatchObject({ conflicts: [{ id: stay.id, spotId: stay.spotId }], reallocated: [] });
    await cancel(neighbour.id);
    const [charger] = await parking.spots(garage.id, [{ label: 'E1', features: ['ev'] }]);
    const charging = await parking.booked(mia, garage.id, (await parking.vehicle(mia)).id, parking.window(10, 60), { features: ['ev'] });
    expect(charging.spotId).toBe(charger!.id);
    expect(await laid(parking.window(10, 60), { spotId: charger!.id, reallocate: true })).toMatchObject({ conflicts: [{ id: charging.id }], reallocated: [] });
    await parking.spots(garage.id, [{ label: 'E2', features: ['ev', 'covered'] }]);
    expect(await laid(parking.window(9, 120), { spotId: charger!.id, reallocate: true })).toMatchObject({ conflicts: [], reallocated: [{ id: charging.id, spotLabel: 'E2' }] });
  });

  it('leaves who has come where they are', async () => {
    const stay = await booked(parking.window(4, 60));
    await act(stay.id, 'payment').send({ method: 'credits' }).expect(201);
    await act(stay.id, 'check-in').expect(200);
    expect(await laid(parking.window(4, 60), { spotId: stay.spotId, reallocate: true })).toMatchObject({ conflicts: [{ id: stay.id, status: 'checked-in' }], reallocated: [] });
  });

  it('of all of the garage can move nothing', async () => {
    const stay = await booked(parking.window(4, 60));
    expect(await laid(parking.window(4, 60), { reallocate: true })).toMatchObject({ conflicts: [{ id: stay.id }], reallocated: [] });
  });
});

describe('who waits', () => {
  it('gets what a lifted blackout gives back', async () => {
    const window = parking.window(6, 25 * 60);
    const { id } = await laid(window);
    await parking.http.post('/api/waitlist').set(mia.auth).send({ garageId: garage.id, vehicleId: car.id, ...window }).expect(201);
    await lift(id).expect(204);
    expect((await parking.http.get('/api/me/reservations').set(mia.auth).expect(200)).body.items).toMatchObject([{ status: 'held', ...window }]);
  });

  it('gets what a move leaves', async () => {
    const [big] = await parking.spots(garage.id, [{ label: 'L', size: 'large' }]);
    const ben = await parking.given.member();
    const [one, other, van] = [await parking.vehicle(ben), await parking.vehicle(ben), await parking.vehicle(ben, { size: 'large' })];
    const neighbours = [await parking.booked(ben, garage.id, one.id, parking.window(6, 180)), await parking.booked(ben, garage.id, other.id, parking.window(6, 180))];
    const stay = await booked(parking.window(6, 180));
    expect(stay.spotId).toBe(big!.id);
    const window = parking.window(6, 60);
    await parking.http.post('/api/waitlist').set(ben.auth).send({ garageId: garage.id, vehicleId: van.id, ...window }).expect(201);
    await parking.http.post(`/api/reservations/${neighbours[0]!.id}/cancel`).set(ben.auth).send({}).expect(200);
    const { reallocated } = await laid(parking.window(8, 60), { spotId: big!.id, reallocate: true });
    expect(reallocated).toMatchObject([{ id: stay.id, spotId: neighbours[0]!.spotId }]);
    const { items } = (await parking.http.get('/api/me/reservations').set(ben.auth).expect(200)).body;
    expect(items.filter(({ vehicleId }: GivenReservation) => vehicleId === van.id)).toMatchObject([{ spotId: big!.id, status: 'held', ...window }]);
  });
});

describe('a spot that is added', () => {
  it('has the blackouts of its garage that are not over', async () => {
    const window = parking.window(4, 60);
    await laid(window);
    await laid(parking.window(10, 60), { spotId: spots[0]!.id });
    const [fresh] = await parking.spots(garage.id, [{ label: 'new' }]);
    expect(await isFull(window)).toBe(true);
    await laid(parking.window(10, 60), { spotId: spots[1]!.id });
    expect(await booked(parking.window(10, 60))).toMatchObject({ spotId: fresh!.id });
  });

  it('in the midst of a blackout has it too', async () => {
    const window = parking.window(4, 60);
    // The days that the blackout writes are held; it has written the garage's row by then, where the new spot waits.
    const { laying, adding } = await parking.transactions.run(async (tx) => {
      await tx.write('INSERT INTO spot_day (spot_id, day, lo, hi) VALUES (?, ?, 0, 0)', [spots[0]!.id, window.startsAt.slice(0, 10)]);
      const first = lay(window).then((answer) => answer);
      await parking.untilWaiting('INSERT INTO spot_day');
      const second = parking.http.post(`/api/garages/${garage.id}/spots`).set(operator.auth).send({ label: 'new', size: 'regular' }).then((answer) => answer);
      await parking.untilWaiting('UPDATE garage SET frees');
      return { laying: first, adding: second };
    });
    expect([(await laying).status, (await adding).status]).toEqual([201, 201]);
    expect(await isFull(window)).toBe(true);
  });

  it('before a blackout comes to look is seen by it', async () => {
    const window = parking.window(4, 60);
    const { adding, laying } = await parking.transactions.run(async (tx) => {
      // The head of the audit log, where the new spot waits last of all, with everything written.
      await tx.write('UPDATE audit_head SET seq = seq');
      const first = parking.http.post(`/api/garages/${garage.id}/spots`).set(operator.auth).send({ label: 'new', size: 'regular' }).then((answer) => answer);
      await parking.untilWaiting('UPDATE audit_head');
      const second = lay(window).then((answer) => answer);
      await parking.untilWaiting('UPDATE garage SET full_proofs');
      return { adding: first, laying: second };
    });
    expect([(await adding).status, (await laying).status]).toEqual([201, 201]);
    expect(await isFull(window)).toBe(true);
  });
});

it('covers retired spots too: they may be restored', async () => {
  const window = parking.window(4, 60);
  for (const { id } of spots) await parking.http.post(`/api/spots/${id}/retire`).set(operator.auth).send({}).expect(201);
  await laid(window);
  for (const { id } of spots) await parking.http.post(`/api/spots/${id}/restore`).set(operator.auth).expect(201);
  expect(await isFull(window)).toBe(true);
  expect(await isFull(parking.window(5, 60))).toBe(false);
});

describe('at the same time', () => {
  it('as a booking, one of the two sees the other', async () => {
    for (let round = 0; round < 8; round += 1) {
      const window = parking.window(4 + round * 2, 60);
      const [stays, blackout] = await Promise.all([Promise.all([book(window), book(window, await parking.vehicle(mia))]), laid(window)]);
      const made = stays.filter(({ status }) => status === 201).map(({ body }) => body.id);
      expect(idsOf(blackout.conflicts).sort()).toEqual(made.sort());
      for (const { status, body } of stays.filter(({ status: answered }) => answered !== 201)) expect([status, body.code]).toEqual([409, 'parking.full']);
      expect(await parking.violations()).toEqual([]);
    }
  });

  it('as a release, the quarter-hours are the blackout\'s in the end', async () => {
    for (let round = 0; round < 8; round += 1) {
      const window = parking.window(4 + round * 2, 60);
      const stay = await booked(window);
      await Promise.all([cancel(stay.id), laid(window, round % 2 === 0 ? {} : { spotId: stay.spotId })]);
      expect(await parking.violations()).toEqual([]);
    }
  });

  it('as a release that has cleared its days, it marks them again', async () => {
    const window = parking.window(4, 60);
    const stay = await booked(window);
    const { cancelling, laying } = await parking.transactions.run(async (tx) => {
      // The release has cleared the days and looked for blackouts when it comes to the garage's row.
      await tx.write('UPDATE garage SET full_proofs = full_proofs + 1 WHERE id = ?', [garage.id]);
      const first = cancel(stay.id).then((answer) => answer);
      await parking.untilWaiting('UPDATE garage SET frees');
      return { cancelling: first, laying: laid(window, { spotId: stay.spotId }) };
    });
    await Promise.all([cancelling, laying]);
    expect(await parking.violations()).toEqual([]);
    expect(await parking.http.get(`/api/garages/${garage.id}/blackouts`).set(operator.auth)).toMatchObject({ status: 200 });
  });

  it('as everything else, what is marked is what somebody has', async () => {
    const people = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const member = await parking.given.member();
        return { member, vehicle: await parking.vehicle(member) };
      }),
    );
    for (let round = 0; round < 4; round += 1) {
      const windows = [parking.window(4, 60), parking.window(4, 180), parking.window(5, 60), parking.window(5, 26 * 60)];
      const stays = await Promise.all(people.map(({ member, vehicle }, at) => parking.book(member, garage.id, vehicle.id, windows[at % windows.length]!)));
      const [blackout] = await Promise.all([
        laid(windows[round]!, round % 2 === 0 ? { reallocate: true } : { spotId: spots[0]!.id, reallocate: true }),
        laid(windows[(round + 1) % 4]!),
        ...stays.map(async ({ status, body }, at) => void (status === 201 && (await parking.http.post(`/api/reservations/${body.id}/cancel`).set(people[at]!.member.auth).send({})))),
        parking.spots(garage.id, [{ label: `more ${round}` }]),
      ]);
      const again = people.map(({ member, vehicle }) => parking.book(member, garage.id, vehicle.id, windows[round]!).then(() => undefined));
      await Promise.all([lift(blackout.id).expect(204), ...again]);
      expect(await parking.violations()).toEqual([]);
      for (const { id } of await listed()) await lift(id).expect(204);
    }
  });
});
