import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { GivenMember } from '../support/app.js';
import { actsOf, later, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenVehicle, type Parking, type Window } from '../support/parking.js';
import { connectSocket, nextEvent } from '../support/sockets.js';

let parking: Parking;
let acts: ParkingActs;
beforeAll(async () => {
  parking = await openParking();
  await stopSchedules(parking.app);
  acts = actsOf(parking);
});
afterAll(() => parking.close());
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await parking.violations()).toEqual([]);
});

const MINUTE = 1 / 60;
const MILLISECOND = MINUTE / 60_000;
const setClock = (time: string) => jest.spyOn(parking.app.app.get(Clock), 'now').mockReturnValue(new Date(time));
const sweep = () => parking.app.app.get(Lapses).sweep();
const storedStatus = async (id: string) => (await parking.database.rows<{ status: string }>('SELECT status FROM reservation WHERE id = ?', [id]))[0]!.status;

interface GivenStay {
  garage: GivenGarage;
  mia: GivenMember;
  car: GivenVehicle;
  window: Window;
  stay: GivenReservation;
}

/** Somebody who has the only spot of a garage for four hours, from tomorrow on, paid with 8 credits. */
async function givenStay(settings: object = {}): Promise<GivenStay> {
  const garage = await parking.garage(settings);
  await parking.spots(garage.id, 1);
  const mia = await parking.given.member({ credits: 20 });
  const car = await parking.vehicle(mia);
  const window = parking.window(24, 240);
  return { garage, mia, car, window, stay: await acts.confirmed(mia, garage.id, car.id, window) };
}

async function somebody(): Promise<{ ben: GivenMember; bike: GivenVehicle }> {
  const ben = await parking.given.member({ credits: 20 });
  return { ben, bike: await parking.vehicle(ben) };
}

describe('POST /api/reservations/:id/check-in', () => {
  it('lets nobody in earlier than the time of grace', async () => {
    const { mia, stay, window } = await givenStay({ graceMinutes: 20 });
    const from = later(window.startsAt, -20 * MINUTE);
    expect((await acts.checkIn(mia, stay.id).expect(409)).body).toMatchObject({ code: 'parking.too-early', from });
    setClock(later(from, -MILLISECOND));
    expect((await acts.checkIn(mia, stay.id).expect(409)).body.code).toBe('parking.too-early');
    setClock(from);
    const { body } = await acts.checkIn(mia, stay.id).expect(200);
    expect(body).toEqual({ ...stay, status: 'checked-in', checkedInAt: from, version: stay['version'] as number + 1 });
    expect(await acts.shown(mia, stay.id)).toEqual(body);
  });

  it('tells the member\'s sockets, and those of nobody else', async () => {
    const { mia, stay, window } = await givenStay();
    const socket = await connectSocket(parking.app.url, mia.accessToken);
    try {
      setClock(window.startsAt);
      const told = nextEvent(socket, 'reservation.updated');
      const { body } = await acts.checkIn(mia, stay.id).expect(200);
      expect(await told).toEqual(body);
      const toldAgain = nextEvent(socket, 'reservation.updated');
      expect((await acts.checkOut(mia, stay.id).expect(200)).body).toEqual(await toldAgain);
    } finally {
      socket.disconnect();
    }
  });

  it('takes no body', async () => {
    const { mia, stay } = await givenStay();
    for (const way of ['check-in', 'check-out']) expect((await acts.post(mia, `reservations/${stay.id}/${way}`, { force: true }).expect(400)).body.code).toBe('request.invalid');
  });
});

describe('a state', () => {
  it.each([
    ['held', 'check-in'], ['held', 'check-out'], ['expired', 'check-in'], ['expired', 'check-out'], ['cancelled', 'check-in'], ['cancelled', 'check-out'], ['confirmed', 'check-out'],
    ['checked-in', 'check-in'], ['completed', 'check-in'], ['completed', 'check-out'], ['no-show', 'check-in'], ['no-show', 'check-out'],
  ])('%s allows no %s', async (state, way) => {
    const { garage, mia, window, ...given } = await givenStay();
    let { stay } = given;
    if (state === 'held' || state === 'expired') {
      await acts.cancel(mia, stay.id).expect(200);
      stay = await parking.booked(mia, garage.id, given.car.id, window);
      if (state === 'expired') await parking.lapse(stay.id);
    }
    if (state === 'cancelled') await acts.cancel(mia, stay.id).expect(200);
    setClock(state === 'no-show' ? later(window.startsAt, 1) : window.startsAt);
    if (state === 'checked-in' || state === 'completed') await acts.checkIn(mia, stay.id).expect(200);
    if (state === 'completed') await acts.checkOut(mia, stay.id).expect(200);
    const before = await acts.shown(mia, stay.id);
    expect(before['status']).toBe(state);
    expect((await acts.post(mia, `reservations/${stay.id}/${way}`).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state });
    expect(await acts.shown(mia, stay.id)).toEqual(before);
  });

  it('is moved on once by many at once', async () => {
    const { mia, stay, window, garage } = await givenStay();
    setClock(window.startsAt);
    const frees = async () => (await parking.database.rows<{ frees: number }>('SELECT frees FROM garage WHERE id = ?', [garage.id]))[0]!.frees;
    const before = await frees();
    for (const act of [acts.checkIn, acts.checkOut]) {
      const answers = await Promise.all(Array.from({ length: 12 }, () => act(mia, stay.id)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(11).fill(409)]);
    }
    expect((await acts.shown(mia, stay.id))['version']).toBe((stay['version'] as number) + 2);
    expect((await frees()) - before).toBe(1);
  });

  it('is left by coming or by cancelling, never by both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { mia, stay, window } = await givenStay();
      // Before the start, and not too early to come.
      setClock(later(window.startsAt, -5 * MINUTE));
      const [came, cancelled] = await Promise.all([acts.checkIn(mia, stay.id), acts.cancel(mia, stay.id)]);
      expect([came.status, cancelled.body.code ?? cancelled.status]).toEqual(came.status === 200 ? [200, 'parking.started'] : [409, 200]);
      expect(await acts.spent(mia)).toBe(came.status === 200 ? 8 : 0);
      jest.restoreAllMocks();
    }
  });
});

describe('whoever does not come', () => {
  it('is expected until the garage\'s time is over, and no longer', async () => {
    const { mia, stay, window } = await givenStay({ noShowMinutes: 45 });
    setClock(later(window.startsAt, 45 * MINUTE - MILLISECOND));
    expect((await acts.shown(mia, stay.id))['status']).toBe('confirmed');
    setClock(later(window.startsAt, 45 * MINUTE));
    expect((await acts.shown(mia, stay.id))['status']).toBe('no-show');
    const { items } = (await parking.http.get('/api/me/reservations').set(mia.auth).expect(200)).body;
    expect(items).toEqual([expect.objectContaining({ id: stay.id, status: 'no-show' })]);
    expect(await storedStatus(stay.id)).toBe('confirmed');
    expect((await acts.checkIn(mia, stay.id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'no-show' });
    expect((await acts.cancel(mia, stay.id).expect(409)).body.code).toBe('parking.started');

    await sweep();
    expect(await storedStatus(stay.id)).toBe('no-show');
    expect(await acts.shown(mia, stay.id)).toMatchObject({ status: 'no-show', paidMinor: 800, refundedMinor: 0 });
    expect(await acts.spent(mia)).toBe(8);
  });

  it('comes at the last moment', async () => {
    const { mia, stay, window } = await givenStay({ noShowMinutes: 45 });
    setClock(later(window.startsAt, 45 * MINUTE - MILLISECOND));
    await acts.checkIn(mia, stay.id).expect(200);
    setClock(later(window.startsAt, 2));
    await sweep();
    expect((await acts.shown(mia, stay.id))['status']).toBe('checked-in');
  });

  it('is not expected after the end, however long the garage would wait', async () => {
    const { mia, stay, window } = await givenStay({ noShowMinutes: 600 });
    setClock(later(window.endsAt, -MILLISECOND));
    expect((await acts.shown(mia, stay.id))['status']).toBe('confirmed');
    setClock(window.endsAt);
    expect((await acts.shown(mia, stay.id))['status']).toBe('no-show');
    await sweep();
    expect(await storedStatus(stay.id)).toBe('no-show');
  });

  it('leaves the rest of the time to others, and the vehicle to be elsewhere, before anybody has swept', async () => {
    const { garage, mia, car, stay, window } = await givenStay();
    const rest = { startsAt: later(window.startsAt, 1), endsAt: window.endsAt };
    const { ben, bike } = await somebody();
    setClock(later(rest.startsAt, -MILLISECOND));
    expect((await parking.book(ben, garage.id, bike.id, rest).expect(409)).body.code).toBe('parking.full');
    expect((await parking.book(mia, garage.id, car.id, rest).expect(409)).body.code).toBe('parking.vehicle-busy');
    setClock(rest.startsAt);
    const elsewhere = await parking.garage({ name: 'Elsewhere' });
    await parking.spots(elsewhere.id, 1);
    await parking.book(mia, elsewhere.id, car.id, rest).expect(201);
    expect((await parking.book(ben, garage.id, bike.id, rest).expect(201)).body.spotId).toBe(stay.spotId);
    expect(await storedStatus(stay.id)).toBe('no-show');
  });

  it('comes, or the rest of the time is somebody else\'s', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { garage, mia, stay, window } = await givenStay();
      const rest = { startsAt: later(window.startsAt, 1), endsAt: window.endsAt };
      const { ben, bike } = await somebody();
      // The clock strikes in the midst of it: a little later in each round.
      let asked = 0;
      jest.spyOn(parking.app.app.get(Clock), 'now').mockImplementation(() => new Date((asked += 1) <= round ? later(rest.startsAt, -MILLISECOND) : rest.startsAt));
      const [came, booked] = await Promise.all([acts.checkIn(mia, stay.id), parking.book(ben, garage.id, bike.id, rest)]);
      const answer = [came.body.code ?? came.body.status, booked.body.code ?? booked.body.status];
      expect([['checked-in', 'parking.full'], ['parking.wrong-state', 'held'], ['parking.wrong-state', 'parking.full']]).toContainEqual(answer);
      expect(await parking.violations()).toEqual([]);
      jest.restoreAllMocks();
    }
  });
});

describe('whoever stays to the end', () => {
  it('is gone when the time of grace is over', async () => {
    const { mia, stay, window } = await givenStay({ graceMinutes: 20 });
    setClock(window.startsAt);
    await acts.checkIn(mia, stay.id).expect(200);
    setClock(later(window.endsAt, 20 * MINUTE - MILLISECOND));
    expect((await acts.shown(mia, stay.id))['status']).toBe('checked-in');
    await sweep();
    expect(await storedStatus(stay.id)).toBe('checked-in');
    setClock(later(window.endsAt, 20 * MINUTE));
    expect((await acts.shown(mia, stay.id))['status']).toBe('completed');
    expect((await acts.checkOut(mia, stay.id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'completed' });
    await sweep();
    expect(await storedStatus(stay.id)).toBe('completed');
    expect(await acts.shown(mia, stay.id)).toMatchObject({ status: 'completed', checkedOutAt: null, paidMinor: 800, refundedMinor: 0 });
  });

  it('checks out in the time of grace', async () => {
    const { mia, stay, window } = await givenStay({ graceMinutes: 20 });
    setClock(window.startsAt);
    await acts.checkIn(mia, stay.id).expect(200);
    const at = later(window.endsAt, 10 * MINUTE);
    setClock(at);
    expect((await acts.checkOut(mia, stay.id).expect(200)).body).toMatchObject({ status: 'completed', checkedOutAt: at, endsAt: window.endsAt });
  });
});

describe('POST /api/reservations/:id/check-out', () => {
  it('leaves the rest of the time to others, and keeps the money', async () => {
    const { garage, mia, car, stay, window } = await givenStay();
    const rest = { startsAt: later(window.startsAt, 1), endsAt: window.endsAt };
    const { ben, bike } = await somebody();
    setClock(window.startsAt);
    await acts.checkIn(mia, stay.id).expect(200);
    setClock(rest.startsAt);
    expect((await parking.book(ben, garage.id, bike.id, rest).expect(409)).body.code).toBe('parking.full');
    expect((await acts.checkOut(mia, stay.id).expect(200)).body).toMatchObject({ status: 'completed', checkedOutAt: rest.startsAt, paidMinor: 800, refundedMinor: 0 });
    await parking.book(ben, garage.id, bike.id, rest).expect(201);
    expect((await parking.book(mia, garage.id, car.id, rest).expect(409)).body.code).toBe('parking.full');
    expect(await acts.spent(mia)).toBe(8);
  });
});

describe('at the gate', () => {
  it('operators do it for anybody, and other members for nobody', async () => {
    const { mia, stay, window } = await givenStay();
    const { ben } = await somebody();
    setClock(window.startsAt);
    for (const act of [acts.checkIn, acts.checkOut]) {
      expect((await act(ben, stay.id).expect(404)).body.code).toBe('not-found');
      await act(mia, randomUUID()).expect(404);
      expect((await act(parking.operator, stay.id).expect(200)).body.id).toBe(stay.id);
    }
    expect((await acts.shown(mia, stay.id))['status']).toBe('completed');
    await parking.http.post(`/api/reservations/${stay.id}/check-in`).expect(401);
  });
});
