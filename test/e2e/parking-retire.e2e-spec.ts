import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenSpot, type GivenVehicle, type Parking, type Window } from '../support/parking.js';

interface Retired {
  readonly spot: GivenSpot & { activeTo: string };
  readonly reallocated: GivenReservation[];
  readonly conflicts: GivenReservation[];
}

let parking: Parking;
let operator: GivenMember;
let mia: GivenMember;
let car: GivenVehicle;
let garage: GivenGarage;
let spot: GivenSpot;

beforeAll(async () => {
  parking = await openParking();
  ({ operator } = parking);
});
beforeEach(async () => {
  garage = await parking.garage({ graceMinutes: 1_440, rates: { compact: { hourlyMinor: 0 }, regular: { hourlyMinor: 0 }, large: { hourlyMinor: 0 } } });
  [spot] = (await parking.spots(garage.id, 1)) as [GivenSpot];
  mia = await parking.given.member();
  car = await parking.vehicle(mia);
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const retire = (id: string, body: object = {}, as = operator) => parking.http.post(`/api/spots/${id}/retire`).set(as.auth).send(body);
const retired = async (id: string, body: object = {}): Promise<Retired> => (await retire(id, body).expect(201)).body;
const restore = (id: string, as = operator) => parking.http.post(`/api/spots/${id}/restore`).set(as.auth);
const book = (window: Window, vehicle = car, as = mia) => parking.book(as, garage.id, vehicle.id, window);
const booked = (window: Window, vehicle = car) => parking.booked(mia, garage.id, vehicle.id, window);
const act = (id: string, what: string, body: object = {}) => parking.http.post(`/api/reservations/${id}/${what}`).set(mia.auth).send(body);
const read = async (id: string) => (await parking.http.get(`/api/reservations/${id}`).set(mia.auth).expect(200)).body;
const idsOf = (reservations: readonly GivenReservation[]) => reservations.map(({ id }) => id);
const recorded = async (id: string) => (await parking.database.rows<{ action: string }>('SELECT action FROM audit_entry WHERE subject_id = ? ORDER BY seq', [id])).map(({ action }) => action);

describe('a retired spot', () => {
  it('takes nobody from the next quarter-hour on, until it is restored', async () => {
    const before = Date.now();
    const { spot: shown, ...moved } = await retired(spot.id);
    const next = Date.parse(shown.activeTo);
    expect(next % 900_000).toBe(0);
    expect(next).toBeGreaterThan(before);
    expect(next).toBeLessThanOrEqual(Date.now() + 900_000);
    expect(moved).toEqual({ reallocated: [], conflicts: [] });
    expect((await book(parking.window(2, 60)).expect(409)).body.code).toBe('parking.full');
    expect((await parking.http.get(`/api/garages/${garage.id}/spots`).set(mia.auth).expect(200)).body.items).toEqual([shown]);
    // Again, it stays as it is.
    expect((await retired(spot.id)).spot).toEqual(shown);
    expect((await restore(spot.id).expect(201)).body).toEqual({ ...shown, activeTo: null });
    await restore(spot.id).expect(201);
    expect(await booked(parking.window(2, 60))).toMatchObject({ spotId: spot.id });
    expect(await recorded(spot.id)).toEqual(['spot.added', 'spot.retired', 'spot.restored']);
  });

  it('takes who leaves before, when it retires later', async () => {
    const window = parking.window(10, 60);
    expect((await retired(spot.id, { from: window.endsAt })).spot.activeTo).toBe(window.endsAt);
    expect((await book(parking.window(10, 75)).expect(409)).body.code).toBe('parking.full');
    await booked(window);
    // Later still gives time back, sooner takes it.
    const later = parking.window(12, 60);
    await retired(spot.id, { from: later.endsAt });
    await booked(later);
    expect(idsOf((await retired(spot.id, { from: later.startsAt })).conflicts)).toHaveLength(1);
    await book(parking.window(14, 15)).expect(409);
  });

  it.each<[string, object, number, string]>([
    ['a time that is over', { from: '2026-01-01T00:00:00Z' }, 422, 'parking.past'],
    ['a time between quarter-hours', { from: '2030-01-01T00:07:00Z' }, 400, 'parking.window-invalid'],
    ['what is no time', { from: 'soon' }, 400, 'parking.window-invalid'],
    ['null', { from: null }, 400, 'request.invalid'],
    ['a word for a switch', { reallocate: 'yes' }, 400, 'request.invalid'],
    ['a field of its own', { at: 'once' }, 400, 'request.invalid'],
  ])('is refused with %s', async (_, body, status, code) => {
    expect((await retire(spot.id, body).expect(status)).body.code).toBe(code);
    expect(await recorded(spot.id)).toEqual(['spot.added']);
  });

  it('is for operators', async () => {
    await retire(spot.id, {}, mia).expect(403);
    await restore(spot.id, mia).expect(403);
    await retire(newId()).expect(404);
    await retire(newId(), { from: '2030-01-01T00:00:00Z' }).expect(404);
    await restore(newId()).expect(404);
  });

  it('that is restored goes to who waits, and makes a garage that was full one that is not', async () => {
    const ben = await parking.given.member();
    const van = await parking.vehicle(ben);
    const window = parking.window(5, 60);
    await retired(spot.id, { from: window.startsAt });
    expect((await book(window).expect(409)).body.code).toBe('parking.full');
    await parking.http.post('/api/waitlist').set(ben.auth).send({ garageId: garage.id, vehicleId: van.id, ...window }).expect(201);
    const frees = async () => (await parking.database.rows<{ frees: number }>('SELECT frees FROM garage WHERE id = ?', [garage.id]))[0]!.frees;
    const before = await frees();
    await restore(spot.id).expect(201);
    expect(await frees()).toBe(before + 1);
    expect((await parking.http.get('/api/me/reservations').set(ben.auth).expect(200)).body.items).toMatchObject([{ spotId: spot.id, status: 'held', ...window }]);
    await book(window).expect(409);
  });
});

describe('its stays', () => {
  it('are listed when they end later; those that do not, and those that have ended, are not', async () => {
    const [over, cut, later] = [await booked(parking.window(2, 60)), await booked(parking.window(5, 120)), await booked(parking.window(8, 60))];
    const lapsed = await booked(parking.window(11, 60));
    await parking.lapse(lapsed.id);
    const { conflicts, reallocated } = await retired(spot.id, { from: parking.window(6, 60).startsAt });
    expect(idsOf(conflicts)).toEqual([cut.id, later.id]);
    expect(reallocated).toEqual([]);
    expect(await read(over.id)).toMatchObject({ spotId: spot.id, status: 'held' });
    expect(conflicts[0]).toEqual(await read(cut.id));
  });

  it('are moved on request, with the vehicle\'s time as it was, and what is left when asked again', async () => {
    const [one, other] = [await booked(parking.window(4, 120)), await booked(parking.window(7, 26 * 60))];
    await act(other.id, 'payment', { method: 'credits' }).expect(201);
    const [fresh] = await parking.spots(garage.id, [{ label: 'fresh' }]);
    const blocker = await booked(parking.window(7, 60), await parking.vehicle(mia));
    expect(blocker.spotId).toBe(fresh!.id);
    const first = await retired(spot.id, { reallocate: true });
    expect(first).toMatchObject({ reallocated: [{ id: one.id, spotId: fresh!.id, spotLabel: 'fresh', status: 'held' }], conflicts: [{ id: other.id, spotId: spot.id, status: 'confirmed' }] });
    expect(await parking.violations()).toEqual([]);
    await act(blocker.id, 'cancel').expect((answer) => expect(answer.body.status).toBe('cancelled'));
    const second = await retired(spot.id, { reallocate: true });
    expect(second).toMatchObject({ spot: { activeTo: first.spot.activeTo }, reallocated: [{ id: other.id, spotId: fresh!.id, status: 'confirmed' }], conflicts: [] });
    expect(await retired(spot.id, { reallocate: true })).toMatchObject({ reallocated: [], conflicts: [] });
    // Its vehicle is still expected then, and nowhere else.
    expect((await book(parking.window(7, 60)).expect(409)).body.code).toBe('parking.vehicle-busy');
  });

  it('are moved with the time of an extension that is not paid yet', async () => {
    await parking.http.patch(`/api/garages/${garage.id}`).set(operator.auth).send({ maxMinutes: 600 }).expect(200);
    await parking.http.put(`/api/garages/${garage.id}/tariff`).set(operator.auth).send({ elements: ['compact', 'regular', 'large'].map((size) => ({ size, hourlyMinor: 100_000 })) }).expect(200);
    const stay = await booked(parking.window(4, 60));
    // Paid by hand: nobody here has so many credits.
    await parking.transactions.run(async (tx) => {
      await tx.write("UPDATE reservation SET status = 'confirmed', hold_expires_at = NULL WHERE id = ?", [stay.id]);
    });
    const { endsAt } = parking.window(4, 180);
    await act(stay.id, 'extension', { endsAt, method: 'card' }).expect(({ body }) => expect(body).toMatchObject({ status: 'confirmed', extension: { endsAt } }));
    const [fresh] = await parking.spots(garage.id, [{ label: 'fresh' }]);
    expect(await retired(spot.id, { reallocate: true })).toMatchObject({ reallocated: [{ id: stay.id, spotId: fresh!.id, extension: { endsAt } }], conflicts: [] });
    expect((await book(parking.window(6, 60), await parking.vehicle(mia)).expect(409)).body.code).toBe('parking.full');
  });

  it('stay when their vehicle has come', async () => {
    const stay = await booked(parking.window(4, 60));
    await act(stay.id, 'payment', { method: 'credits' }).expect(201);
    await act(stay.id, 'check-in').expect(({ body }) => expect(body.status).toBe('checked-in'));
    await parking.spots(garage.id, 1);
    expect(await retired(spot.id, { reallocate: true })).toMatchObject({ reallocated: [], conflicts: [{ id: stay.id, status: 'checked-in', spotId: spot.id }] });
  });

  it('go to no spot that is too small, special, or taken by a hold that has not lapsed; one that has is no obstacle', async () => {
    const stay = await booked(parking.window(4, 60));
    await parking.spots(garage.id, [{ label: 'small', size: 'compact' }, { label: 'accessible', features: ['accessible'], size: 'large' }, { label: 'held', size: 'large' }]);
    const other = await parking.given.member();
    const hold = await parking.booked(other, garage.id, (await parking.vehicle(other, { size: 'large' })).id, parking.window(4, 60));
    expect(await retired(spot.id, { reallocate: true })).toMatchObject({ conflicts: [{ id: stay.id }] });
    await parking.lapse(hold.id);
    expect(await retired(spot.id, { reallocate: true })).toMatchObject({ reallocated: [{ id: stay.id, spotLabel: 'held' }] });
  });
});

describe('at the same time', () => {
  it('as bookings, whoever got the spot is listed', async () => {
    for (let round = 0; round < 6; round += 1) {
      await parking.spots(garage.id, [{ label: `next ${round}` }]);
      const windows = [parking.window(2, 60), parking.window(3, 60), parking.window(4, 60)];
      const [stays, { conflicts }] = await Promise.all([Promise.all(windows.map((window) => book(window))), retired(spot.id)]);
      for (const { status, body } of stays) expect(status === 201 ? '' : body.code).toBe('');
      expect(idsOf(conflicts).sort()).toEqual(stays.filter(({ body }) => body.spotId === spot.id).map(({ body }) => body.id).sort());
      for (const { body } of stays) await act(body.id, 'cancel').expect(({ status }) => expect(status).toBeLessThan(300));
      await restore(spot.id).expect(201);
    }
  });

  it('as a booking that has the spot\'s row already, it waits for it and lists it', async () => {
    const window = parking.window(2, 60);
    const { booking, retiring } = await parking.transactions.run(async (tx) => {
      // A booking is written last of all into its key, which is held here.
      await tx.write('UPDATE member SET permission_version = permission_version WHERE id = ?', [mia.id]);
      const first = book(window).then((answer) => answer);
      await parking.untilWaiting('INSERT INTO reservation');
      const second = retire(spot.id).then((answer) => answer);
      await parking.untilWaiting('UPDATE spot SET bookings');
      return { booking: first, retiring: second };
    });
    const { body: stay } = await booking;
    expect((await retiring).body.conflicts).toEqual([stay]);
  });

  it('as a booking that has found the spot free, it is the spot\'s row that decides', async () => {
    // The day has its row.
    await booked(parking.window(4, 60));
    const booking = await parking.transactions.run(async (tx) => {
      await tx.write('UPDATE spot_day SET lo = lo WHERE spot_id = ?', [spot.id]);
      const asked = book(parking.window(2, 60), await parking.vehicle(mia)).then((answer) => answer);
      await parking.untilWaiting('UPDATE spot_day');
      expect((await retired(spot.id)).conflicts).toHaveLength(1);
      return { asked };
    });
    expect((await booking.asked).body.code).toBe('parking.full');
  });

  it('as moves, restores and blackouts, what is marked is what somebody has', async () => {
    const spots = [spot, ...(await parking.spots(garage.id, 3))];
    const people = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const member = await parking.given.member();
        return { member, vehicle: await parking.vehicle(member) };
      }),
    );
    for (let round = 0; round < 5; round += 1) {
      const at = (who: number) => parking.window(4 + ((who + round) % 4), 90);
      const stays = await Promise.all(people.map(({ member, vehicle }, who) => parking.book(member, garage.id, vehicle.id, at(who))));
      await Promise.all([
        retired(spots[round % 4]!.id, { reallocate: true }),
        retired(spots[(round + 1) % 4]!.id, { reallocate: true }),
        parking.http.post(`/api/garages/${garage.id}/blackouts`).set(operator.auth).send({ spotId: spots[(round + 2) % 4]!.id, from: at(0).startsAt, to: at(0).endsAt, reason: 'x', reallocate: true }).expect(201),
        ...stays.slice(0, 2).flatMap(({ status, body }, who) => (status === 201 ? [parking.http.post(`/api/reservations/${body.id}/cancel`).set(people[who]!.member.auth).send({}).then(() => undefined)] : [])),
        ...people.slice(4).map(({ member, vehicle }) => parking.book(member, garage.id, vehicle.id, parking.window(10, 60)).then(() => undefined)),
      ]);
      expect(await parking.violations()).toEqual([]);
      await Promise.all(spots.map(({ id }) => restore(id).expect(201)));
      const live = await parking.database.rows<{ id: string; memberId: string }>("SELECT id, member_id AS memberId FROM reservation WHERE garage_id = ? AND status = 'held'", [garage.id]);
      for (const { id, memberId } of live) await parking.http.post(`/api/reservations/${id}/cancel`).set(people.find(({ member }) => member.id === memberId)!.member.auth).send({});
    }
  });
});
