import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Holds } from '../../src/features/parking/reservations/holds.service.js';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import { WaitlistOffers } from '../../src/features/parking/waitlist/waitlist-offers.service.js';
import { WaitlistSweep } from '../../src/features/parking/waitlist/waitlist-sweep.service.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { actsOf, later, stopSchedules, type GivenEntry, type ParkingActs } from '../support/parking-acts.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenSpot, type GivenVehicle, type Parking, type Window } from '../support/parking.js';
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

const setClock = (time: string) => jest.spyOn(parking.app.app.get(Clock), 'now').mockReturnValue(new Date(time));
const tidy = () => parking.app.app.get(Lapses).sweep();
const lookAgain = () => parking.app.app.get(WaitlistSweep).run();
const operate = (method: 'post' | 'patch' | 'delete', path: string, body?: object) => parking.http[method](`/api/${path}`).set(parking.operator.auth).send(body);

/** Somebody with a vehicle. */
interface Person {
  member: GivenMember;
  car: GivenVehicle;
}

async function person(): Promise<Person> {
  const member = await parking.given.member({ credits: 20 });
  return { member, car: await parking.vehicle(member) };
}

async function people(count: number): Promise<Person[]> {
  const all: Person[] = [];
  for (let index = 0; index < count; index += 1) all.push(await person());
  return all;
}

/** A garage of which each spot is taken for four hours by a stay that is paid. */
interface Full {
  garage: GivenGarage;
  spots: GivenSpot[];
  owners: Person[];
  stays: GivenReservation[];
  /** Of the stays. */
  window: Window;
  /** Their last two hours. */
  rest: Window;
}

interface FullOptions {
  settings?: object;
  hoursFromNow?: number;
  /** One for each spot. */
  owners?: Person[];
}

async function givenFull({ settings, hoursFromNow = 24, owners }: FullOptions = {}): Promise<Full> {
  const garage = await parking.garage(settings);
  const window = parking.window(hoursFromNow, 240);
  const full: Full = { garage, spots: [], owners: owners ?? [await person()], stays: [], window, rest: { startsAt: later(window.startsAt, 2), endsAt: window.endsAt } };
  full.spots.push(...(await parking.spots(garage.id, full.owners.length)));
  for (const { member, car } of full.owners) full.stays.push(await acts.confirmed(member, garage.id, car.id, window));
  return full;
}

/** Somebody who waits, or waited. */
interface Waiting extends Person {
  entry: GivenEntry;
}

async function givenWaiting(garage: GivenGarage, window: Window, who?: Person): Promise<Waiting> {
  const { member, car } = who ?? (await person());
  return { member, car, entry: (await acts.join(member, garage.id, car.id, window).expect(201)).body };
}

async function givenQueue(garage: GivenGarage, window: Window, all: readonly Person[]): Promise<Waiting[]> {
  const queue: Waiting[] = [];
  for (const who of all) queue.push(await givenWaiting(garage, window, who));
  return queue;
}

const now = ({ member, entry }: Waiting) => acts.entry(member, entry.id);
const statuses = (queue: readonly Waiting[]) => Promise.all(queue.map(async (waiting) => (await now(waiting)).status));
const cancelOffer = async (waiting: Waiting) => acts.cancel(waiting.member, (await now(waiting)).reservationId!).expect(200);
const cancelStay = ({ owners, stays }: Full, index = 0) => acts.cancel(owners[index]!.member, stays[index]!.id);

describe('POST /api/waitlist', () => {
  it('waits where a garage is full', async () => {
    const { garage, rest } = await givenFull();
    const mia = await parking.given.member();
    const car = await parking.vehicle(mia);
    const { body } = await acts.join(mia, garage.id, car.id, rest).expect(201);
    expect(body).toEqual({ id: expect.any(String), garageId: garage.id, vehicleId: car.id, ...rest, status: 'waiting', reservationId: null, createdAt: expect.stringMatching(/Z$/) });
    expect(await acts.entry(mia, body.id)).toEqual(body);
  });

  it('offers at once what is free', async () => {
    const { garage, window } = await givenFull();
    const after = { startsAt: window.endsAt, endsAt: later(window.endsAt, 1) };
    const { member, entry, car } = await givenWaiting(garage, after);
    expect(entry).toMatchObject({ status: 'offered', reservationId: expect.any(String) });
    const hold = await acts.shown(member, entry.reservationId!);
    expect(hold).toMatchObject({ status: 'held', vehicleId: car.id, ...after, priceMinor: 200, credits: 2, holdExpiresAt: expect.any(String) });
    await acts.pay(member, hold.id).expect(201);
    expect((await acts.shown(member, hold.id))['status']).toBe('confirmed');
  });

  it('is one entry for a request that is sent twice, or many times at once', async () => {
    const { garage, rest } = await givenFull();
    const mia = await parking.given.member();
    const car = await parking.vehicle(mia);
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => acts.join(mia, garage.id, car.id, rest, key)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    const others = await Promise.all(Array.from({ length: 8 }, () => acts.join(mia, garage.id, car.id, rest)));
    expect(new Set(others.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(['409 parking.already-waiting']));
    expect((await acts.join(mia, garage.id, car.id, { ...rest, startsAt: later(rest.startsAt, 1) }, key).expect(422)).body.code).toBe('idempotency.key-reused');
    expect((await parking.http.get('/api/waitlist').set(mia.auth).expect(200)).body).toEqual({ items: [answers[0]!.body], nextCursor: null });
  });

  it('is once for a vehicle and a time, as long as it waits', async () => {
    const { garage, rest } = await givenFull();
    const { member, car, entry } = await givenWaiting(garage, rest);
    expect((await acts.join(member, garage.id, car.id, rest).expect(409)).body.code).toBe('parking.already-waiting');
    await acts.join(member, garage.id, car.id, { ...rest, endsAt: later(rest.endsAt, -1) }).expect(201);
    await acts.join(member, garage.id, (await parking.vehicle(member)).id, rest).expect(201);
    await acts.leave(member, entry.id).expect(204);
    await acts.join(member, garage.id, car.id, rest).expect(201);
  });

  it('refuses what cannot be waited for', async () => {
    const { garage, rest } = await givenFull({ settings: { maxMinutes: 240, minMinutes: 30, maxAdvanceDays: 30 } });
    const mia = await parking.given.member();
    const [car, truck] = [await parking.vehicle(mia), await parking.vehicle(mia, { size: 'large' })];
    const ben = await parking.given.member();
    const hers = await parking.vehicle(ben);
    const refusal = async (window: Partial<Window>, vehicleId = car.id, garageId = garage.id) => {
      const { status, body } = await acts.join(mia, garageId, vehicleId, { ...rest, ...window });
      return `${status} ${body.code}`;
    };
    expect(await refusal({ startsAt: later(new Date(Math.floor(Date.now() / 900_000) * 900_000), -0.25) })).toBe('422 parking.past');
    expect(await refusal({ startsAt: later(rest.startsAt, 40 * 24), endsAt: later(rest.endsAt, 40 * 24) })).toBe('422 parking.too-far');
    expect(await refusal({ endsAt: later(rest.startsAt, 5) })).toBe('422 parking.too-long');
    expect(await refusal({ endsAt: later(rest.startsAt, 0.25) })).toBe('422 parking.too-short');
    expect(await refusal({ endsAt: later(rest.startsAt, 0.3) })).toBe('400 parking.window-invalid');
    expect(await refusal({}, truck.id)).toBe('422 parking.vehicle-too-large');
    expect(await refusal({}, hers.id)).toBe('404 not-found');
    expect(await refusal({}, car.id, randomUUID())).toBe('404 not-found');
    expect(await refusal({}, 'nonsense')).toBe('400 request.invalid');
    await parking.http.post('/api/waitlist').send({ garageId: garage.id, vehicleId: car.id, ...rest }).expect(401);
    expect((await parking.http.get('/api/waitlist').set(mia.auth).expect(200)).body.items).toEqual([]);
  });

  it('is for accessible spots only with the entitlement', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, [{ features: ['accessible'] }]);
    const window = parking.window(24, 60);
    const [admin, mia] = [await parking.given.member({ role: 'admin' }), await parking.given.member()];
    const car = await parking.vehicle(mia);
    expect((await acts.join(mia, garage.id, car.id, window).expect(422)).body.code).toBe('parking.vehicle-too-large');
    await parking.http.put(`/api/members/${mia.id}/entitlements/parking.accessible`).set(admin.auth).send({ until: '2099-01-01T00:00:00Z' }).expect(200);
    const { accessToken } = (await parking.http.post('/api/sessions').send({ email: mia.email, password: mia.password }).expect(201)).body;
    const entitled = { ...mia, accessToken, auth: { Authorization: `Bearer ${accessToken}` } };
    expect((await acts.join(entitled, garage.id, car.id, window).expect(201)).body.status).toBe('offered');
  });
});

describe('who waits', () => {
  /** How time on the only spot of a garage, or on another one, becomes free; before it is taken the way that fits. */
  const WAYS: Record<string, { before?: (full: Full) => Promise<unknown>; free: (full: Full) => Promise<unknown> }> = {
    'its member cancels': { free: (full) => cancelStay(full).expect(200) },
    'an operator cancels': { free: ({ stays }) => acts.cancel(parking.operator, stays[0]!.id).expect(200) },
    'its hold expires': {
      async before({ owners, stays, garage, window }) {
        const { member, car } = owners[0]!;
        await acts.cancel(member, stays[0]!.id).expect(200);
        stays[0] = await parking.booked(member, garage.id, car.id, window);
      },
      async free({ stays }) {
        await parking.lapse(stays[0]!.id);
        await tidy();
      },
    },
    'it is checked out of early': {
      async free({ owners, stays, window }) {
        setClock(window.startsAt);
        await acts.checkIn(owners[0]!.member, stays[0]!.id).expect(200);
        setClock(later(window.startsAt, 1));
        await acts.checkOut(owners[0]!.member, stays[0]!.id).expect(200);
      },
    },
    'nobody came': {
      async free({ window }) {
        setClock(later(window.startsAt, 1));
        await tidy();
      },
    },
    'the garage waits for nobody so long any more': {
      before: ({ garage }) => operate('patch', `garages/${garage.id}`, { noShowMinutes: 600 }).expect(200),
      async free({ garage, window }) {
        setClock(later(window.startsAt, 1));
        await tidy();
        await operate('patch', `garages/${garage.id}`, { noShowMinutes: 30 }).expect(200);
        await tidy();
      },
    },
    'a spot is added': { free: ({ garage }) => operate('post', `garages/${garage.id}/spots`, { label: 'New', size: 'regular' }).expect(201) },
    'a spot is brought back into use': {
      async before({ garage }) {
        const [spot] = await parking.spots(garage.id, [{ label: 'Old' }]);
        await operate('post', `spots/${spot!.id}/retire`, {}).expect(201);
      },
      async free({ garage }) {
        const [spot] = await parking.database.rows<{ id: string }>("SELECT id FROM spot WHERE garage_id = ? AND label = 'Old'", [garage.id]);
        await operate('post', `spots/${spot!.id}/restore`).expect(201);
      },
    },
    'a blackout is lifted': {
      async before({ garage, rest }) {
        const [spot] = await parking.spots(garage.id, 1);
        await operate('post', `garages/${garage.id}/blackouts`, { spotId: spot!.id, from: rest.startsAt, to: rest.endsAt, reason: 'paint' }).expect(201);
      },
      async free({ garage }) {
        const [{ id }] = (await parking.http.get(`/api/garages/${garage.id}/blackouts`).set(parking.operator.auth).expect(200)).body.items;
        await operate('delete', `blackouts/${id}`).expect(204);
      },
    },
  };

  it.each(Object.keys(WAYS))('is served first come first served when %s', async (way) => {
    const full = await givenFull();
    await WAYS[way]!.before?.(full);
    const queue = await givenQueue(full.garage, full.rest, await people(5));
    expect(await statuses(queue)).toEqual(Array(5).fill('waiting'));
    await WAYS[way]!.free(full);
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await statuses(queue)).toEqual([...Array(turn + 1).fill('offered'), ...Array(4 - turn).fill('waiting')]);
      const { reservationId } = await now(queue[turn]!);
      expect(await acts.shown(queue[turn]!.member, reservationId!)).toMatchObject({ status: 'held', ...full.rest, priceMinor: 400 });
      await cancelOffer(queue[turn]!);
    }
  });

  it('hears of it by an event', async () => {
    const full = await givenFull();
    const waiting = await givenWaiting(full.garage, full.rest);
    const socket = await connectSocket(parking.app.url, waiting.member.accessToken);
    try {
      const offered = nextEvent<{ waitlistId: string; reservation: GivenReservation }>(socket, 'waitlist.offered');
      await cancelStay(full).expect(200);
      const { waitlistId, reservation } = await offered;
      expect(waitlistId).toBe(waiting.entry.id);
      expect(reservation).toEqual(await acts.shown(waiting.member, (await now(waiting)).reservationId!));
      expect(reservation).toMatchObject({ status: 'held', spotId: full.spots[0]!.id, ...full.rest });
    } finally {
      socket.disconnect();
    }
  });

  it('comes after another whose time to pay is over', async () => {
    const full = await givenFull();
    const queue = await givenQueue(full.garage, full.rest, await people(2));
    await cancelStay(full).expect(200);
    const { reservationId } = await now(queue[0]!);
    await parking.lapse(reservationId!);
    await tidy();
    expect(await statuses(queue)).toEqual(['offered', 'offered']);
    expect((await acts.shown(queue[0]!.member, reservationId!))['status']).toBe('expired');
    expect((await acts.pay(queue[0]!.member, reservationId!).expect(409)).body.code).toBe('parking.hold-expired');
    const next = (await now(queue[1]!)).reservationId!;
    await acts.pay(queue[1]!.member, next).expect(201);
    expect((await acts.shown(queue[1]!.member, next))['status']).toBe('confirmed');
  });

  it('comes before whoever books, also where nobody has tidied yet', async () => {
    const full = await givenFull();
    const queue = await givenQueue(full.garage, full.rest, await people(2));
    await cancelStay(full).expect(200);
    await parking.lapse((await now(queue[0]!)).reservationId!);
    const ben = await parking.given.member();
    expect((await parking.book(ben, full.garage.id, (await parking.vehicle(ben)).id, full.rest).expect(409)).body.code).toBe('parking.full');
    expect(await statuses(queue)).toEqual(['offered', 'offered']);
  });

  it('waits on while only a part of the time is free', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, 1);
    const ben = await parking.given.member({ credits: 20 });
    const window = parking.window(24, 120);
    const middle = later(window.startsAt, 1);
    const halves = [{ startsAt: window.startsAt, endsAt: middle }, { startsAt: middle, endsAt: window.endsAt }];
    const [first, second] = [
      await parking.booked(ben, garage.id, (await parking.vehicle(ben)).id, halves[0]!),
      await parking.booked(ben, garage.id, (await parking.vehicle(ben)).id, halves[1]!),
    ];
    const whole = await givenWaiting(garage, window);
    const [early, late] = [await givenWaiting(garage, halves[0]!), await givenWaiting(garage, halves[1]!)];
    await acts.cancel(ben, second.id).expect(200);
    expect(await statuses([whole, early, late])).toEqual(['waiting', 'waiting', 'offered']);
    await acts.cancel(ben, first.id).expect(200);
    expect(await statuses([whole, early, late])).toEqual(['waiting', 'offered', 'offered']);
    await cancelOffer(early);
    expect(await statuses([whole])).toEqual(['waiting']);
    await cancelOffer(late);
    expect(await statuses([whole])).toEqual(['offered']);
  });

  it('is passed over while the vehicle is expected elsewhere, and looked after by the sweep', async () => {
    const full = await givenFull();
    const elsewhere = await parking.garage({ name: 'Elsewhere' });
    await parking.spots(elsewhere.id, 1);
    const mia = await parking.given.member();
    const car = await parking.vehicle(mia);
    const there = await parking.booked(mia, elsewhere.id, car.id, full.rest);
    const first: Waiting = { member: mia, car, entry: (await acts.join(mia, full.garage.id, car.id, full.rest).expect(201)).body };
    const second = await givenWaiting(full.garage, full.rest);
    await cancelStay(full).expect(200);
    expect(await statuses([first, second])).toEqual(['waiting', 'offered']);
    await cancelOffer(second);
    await lookAgain();
    expect(await statuses([first])).toEqual(['waiting']);
    await acts.cancel(mia, there.id).expect(200);
    expect(await statuses([first])).toEqual(['waiting']);
    await lookAgain();
    expect(await statuses([first])).toEqual(['offered']);
    const before = await now(first);
    await lookAgain();
    expect(await now(first)).toEqual(before);
  });

  it('waits no longer when the time has begun', async () => {
    const full = await givenFull();
    const waiting = await givenWaiting(full.garage, full.rest);
    setClock(later(full.rest.startsAt, 0.25));
    await tidy();
    await lookAgain();
    expect(await now(waiting)).toMatchObject({ status: 'expired', reservationId: null });
  });

  it('is offered nothing for a time that has begun', async () => {
    const full = await givenFull();
    const waiting = await givenWaiting(full.garage, full.window);
    setClock(full.window.startsAt);
    await acts.checkIn(full.owners[0]!.member, full.stays[0]!.id).expect(200);
    setClock(later(full.window.startsAt, 0.5));
    await acts.checkOut(full.owners[0]!.member, full.stays[0]!.id).expect(200);
    expect((await now(waiting)).status).toBe('waiting');
  });

  it('lists what they waited for, newest first, page by page', async () => {
    const full = await givenFull();
    const { member, entry, car } = await givenWaiting(full.garage, full.rest);
    const other = (await acts.join(member, full.garage.id, car.id, full.window).expect(201)).body;
    await givenWaiting(full.garage, full.rest);
    const page = async (query: string) => (await parking.http.get(`/api/waitlist?${query}`).set(member.auth).expect(200)).body;
    const first = await page('limit=1');
    expect(first.items).toEqual([other]);
    expect(await page(`limit=1&cursor=${first.nextCursor}`)).toEqual({ items: [entry], nextCursor: null });
    expect((await page('')).items).toEqual([other, entry]);
    await parking.http.get('/api/waitlist?limit=101').set(member.auth).expect(400);
    await parking.http.get('/api/waitlist').expect(401);
  });
});

describe('DELETE /api/waitlist/:id', () => {
  it('leaves, once and for all, and is passed over', async () => {
    const full = await givenFull();
    const queue = await givenQueue(full.garage, full.rest, await people(2));
    for (let time = 0; time < 2; time += 1) expect((await acts.leave(queue[0]!.member, queue[0]!.entry.id).expect(204)).text).toBe('');
    await cancelStay(full).expect(200);
    expect(await statuses(queue)).toEqual(['cancelled', 'offered']);
  });

  it('keeps what was offered', async () => {
    const full = await givenFull();
    const waiting = await givenWaiting(full.garage, full.rest);
    await cancelStay(full).expect(200);
    const offered = await now(waiting);
    await acts.leave(waiting.member, waiting.entry.id).expect(204);
    expect(await now(waiting)).toEqual(offered);
    expect((await acts.shown(waiting.member, offered.reservationId!))['status']).toBe('held');
  });

  it('is for nobody else', async () => {
    const full = await givenFull();
    const waiting = await givenWaiting(full.garage, full.rest);
    for (const other of [full.owners[0]!.member, parking.operator]) expect((await acts.leave(other, waiting.entry.id).expect(404)).body.code).toBe('not-found');
    await acts.leave(waiting.member, randomUUID()).expect(404);
    await parking.http.delete(`/api/waitlist/${waiting.entry.id}`).expect(401);
    expect(await statuses([waiting])).toEqual(['waiting']);
  });
});

describe('nobody waits beside a free spot', () => {
  /** Waits until somebody waits at the row of this garage. */
  const meetsAt = (garage: GivenGarage) =>
    eventually(async () => {
      const rows = await parking.database.rows('SELECT 1 FROM information_schema.processlist WHERE info LIKE ?', [`UPDATE garage SET %${garage.id}%`]);
      expect(rows).toHaveLength(1);
    });

  it('whoever joins while somebody cancels', async () => {
    const [owner, { member, car }] = [await person(), await person()];
    for (let round = 0; round < 20; round += 1) {
      const full = await givenFull({ hoursFromNow: 24 + 5 * round, owners: [owner] });
      const [joined, cancelled] = await Promise.all([acts.join(member, full.garage.id, car.id, full.rest), cancelStay(full)]);
      expect([joined.status, cancelled.status]).toEqual([201, 200]);
      expect((await acts.entry(member, joined.body.id)).status).toBe('offered');
    }
  });

  it('whoever has looked, and found nothing, before a cancellation is committed', async () => {
    const full = await givenFull();
    const mia = await parking.given.member();
    const car = await parking.vehicle(mia);
    // The cancellation has served everybody, and is held up just before its commit.
    const offers = parking.app.app.get(WaitlistOffers);
    const serve = offers.serve.bind(offers);
    let joining: Promise<{ status: number; body: GivenEntry }> | undefined;
    jest.spyOn(offers, 'serve').mockImplementationOnce(async (...given) => {
      await serve(...given);
      joining = acts.join(mia, full.garage.id, car.id, full.rest).then(({ status, body }) => ({ status, body }));
      await Promise.race([joining, meetsAt(full.garage)]);
    });
    await cancelStay(full).expect(200);
    const { status, body } = await joining!;
    expect([status, body.status]).toEqual([201, 'offered']);
  });

  it('whoever is not committed yet when somebody cancels', async () => {
    const full = await givenFull();
    const mia = await parking.given.member();
    const car = await parking.vehicle(mia);
    // Who joins has found nothing, and is held up just before the commit.
    const offers = parking.app.app.get(WaitlistOffers);
    const serve = offers.serve.bind(offers);
    let cancelling: Promise<number> | undefined;
    jest.spyOn(offers, 'serve').mockImplementationOnce(async (...given) => {
      await serve(...given);
      cancelling = cancelStay(full).then(({ status }) => status);
      await Promise.race([cancelling, meetsAt(full.garage)]);
    });
    const { body } = await acts.join(mia, full.garage.id, car.id, full.rest).expect(201);
    expect(await cancelling).toBe(200);
    expect((await acts.entry(mia, body.id)).status).toBe('offered');
  });

  it('while somebody else leaves', async () => {
    const [owner, all] = [await person(), await people(2)];
    for (let round = 0; round < 20; round += 1) {
      const full = await givenFull({ hoursFromNow: 24 + 5 * round, owners: [owner] });
      const queue = await givenQueue(full.garage, full.rest, all);
      const [cancelled, left] = await Promise.all([cancelStay(full), acts.leave(queue[0]!.member, queue[0]!.entry.id)]);
      expect([cancelled.status, left.status]).toEqual([200, 204]);
      expect([['offered', 'waiting'], ['cancelled', 'offered']]).toContainEqual(await statuses(queue));
    }
  });

  it('when who was to have it leaves in the midst of the offer', async () => {
    const full = await givenFull();
    const queue = await givenQueue(full.garage, full.rest, await people(2));
    const holds = parking.app.app.get(Holds);
    const make = holds.make.bind(holds);
    jest.spyOn(holds, 'make').mockImplementationOnce(async (...given) => {
      const hold = await make(...given);
      await acts.leave(queue[0]!.member, queue[0]!.entry.id).expect(204);
      return hold;
    });
    await cancelStay(full).expect(200);
    expect(await statuses(queue)).toEqual(['cancelled', 'offered']);
    expect((await parking.http.get('/api/me/reservations').set(queue[0]!.member.auth).expect(200)).body.items).toEqual([]);
  });

  it('when two cancel at once and three wait', async () => {
    const [owners, all] = [await people(2), await people(3)];
    for (let round = 0; round < 10; round += 1) {
      const full = await givenFull({ hoursFromNow: 24 + 5 * round, owners });
      const queue = await givenQueue(full.garage, full.rest, all);
      const answers = await Promise.all([cancelStay(full, 0), cancelStay(full, 1)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(await statuses(queue)).toEqual(['offered', 'offered', 'waiting']);
      const holds = await Promise.all(queue.slice(0, 2).map(async (waiting) => acts.shown(waiting.member, (await now(waiting)).reservationId!)));
      expect(new Set(holds.map(({ spotId }) => spotId)).size).toBe(2);
    }
  });

  it('and nobody who books comes before', async () => {
    const [owner, who, others] = [await person(), await person(), await people(6)];
    for (let round = 0; round < 10; round += 1) {
      const full = await givenFull({ hoursFromNow: 24 + 5 * round, owners: [owner] });
      const waiting = await givenWaiting(full.garage, full.rest, who);
      const book = ({ member, car }: Person) => parking.book(member, full.garage.id, car.id, full.rest);
      const [cancelled, ...booked] = await Promise.all([cancelStay(full), ...others.map(book)]);
      expect([cancelled.status, ...booked.map(({ body }) => body.code)]).toEqual([200, ...Array(6).fill('parking.full')]);
      expect(await statuses([waiting])).toEqual(['offered']);
    }
  });

  it('when several join at once for what is free', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, 2);
    const window = parking.window(24, 60);
    const queue = await Promise.all(Array.from({ length: 6 }, () => givenWaiting(garage, window)));
    const found = await statuses(queue);
    expect(found.filter((status) => status === 'offered')).toHaveLength(2);
    await cancelOffer(queue[found.indexOf('offered')]!);
    expect((await statuses(queue)).filter((status) => status === 'offered')).toHaveLength(3);
  });
});
