import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DaySweep } from '../../src/features/parking/guard/day-sweep.service.js';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import { WaitlistSweep } from '../../src/features/parking/waitlist/waitlist-sweep.service.js';
import { Clock } from '../../src/platform/clock/clock.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { actsOf, later, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { openParking, type GivenGarage, type GivenReservation, type Parking, type Window } from '../support/parking.js';

let parking: Parking;
/** Another process, as far as the database knows. */
let twin: TestApp;
let acts: ParkingActs;
beforeAll(async () => {
  parking = await openParking();
  twin = await createTestApp({ APP_SECRET: parking.app.secret });
  for (const app of [parking.app, twin]) await stopSchedules(app);
  acts = actsOf(parking);
});
afterAll(async () => {
  await twin.close();
  await parking.close();
});
afterEach(async () => {
  jest.restoreAllMocks();
  expect(await parking.violations()).toEqual([]);
});

const both = () => [parking.app.app, twin.app];
const setClock = (time: string) => both().forEach((app) => jest.spyOn(app.get(Clock), 'now').mockReturnValue(new Date(time)));
const sweepBoth = () => Promise.all(both().map((app) => app.get(Lapses).sweep()));
const stored = async (ids: readonly string[]) =>
  parking.database.rows<{ id: string; status: string; version: number; extensionEndsAt: Date | null; holdExpiresAt: Date | null }>(
    'SELECT id, status, version, extension_ends_at AS extensionEndsAt, hold_expires_at AS holdExpiresAt FROM reservation WHERE id IN (?) ORDER BY id', [ids],
  );
const frees = async (id: string) => (await parking.database.rows<{ frees: number }>('SELECT frees FROM garage WHERE id = ?', [id]))[0]!.frees;
const versionsOf = (reservations: readonly GivenReservation[]) => new Map(reservations.map(({ id, version }) => [id, version as number]));

interface Town {
  garage: GivenGarage;
  mia: GivenMember;
  window: Window;
  hold(): Promise<GivenReservation>;
  confirm(): Promise<GivenReservation>;
}

/** A garage in which one member parks up to 20 vehicles from tomorrow on. */
async function givenTown(spots: number, hoursFromNow = 24): Promise<Town> {
  const garage = await parking.garage({ graceMinutes: 20, noShowMinutes: 45 });
  await parking.spots(garage.id, spots);
  const mia = await parking.given.member({ credits: 500 });
  const window = parking.window(hoursFromNow, 180);
  return {
    garage, mia, window,
    hold: async () => parking.booked(mia, garage.id, (await parking.vehicle(mia)).id, window),
    confirm: async () => acts.confirmed(mia, garage.id, (await parking.vehicle(mia)).id, window),
  };
}

async function many<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let index = 0; index < count; index += 1) all.push(await make());
  return all;
}

describe('tidying what is over', () => {
  it('writes down each of it once, in two processes at once, and leaves the rest alone', async () => {
    const town = await givenTown(19);
    const { mia, window } = town;
    const [lapsed, kept] = [await many(4, town.hold), await many(1, town.hold)];
    const [extended, extending] = [await many(3, town.confirm), await many(1, town.confirm)];
    const [noShows, stayers, early] = [await many(4, town.confirm), await many(3, town.confirm), await many(1, town.confirm)];
    for (const { id } of [...extended, ...extending]) await acts.extend(mia, id, later(window.endsAt, 1), { method: 'card' }).expect(200);
    for (const { id } of [...lapsed, ...extended]) await parking.lapse(id);
    setClock(window.startsAt);
    for (const { id } of [...stayers, ...extended, ...extending, ...early]) await acts.checkIn(mia, id).expect(200);
    await acts.checkOut(mia, early[0]!.id).expect(200);
    const all = [...lapsed, ...kept, ...extended, ...extending, ...noShows, ...stayers, ...early];
    const before = versionsOf(await Promise.all(all.map(({ id }) => acts.shown(mia, id))));
    const freed = await frees(town.garage.id);

    const moved = async (reservations: readonly GivenReservation[]) => (await stored(reservations.map(({ id }) => id))).map(({ id, status, version }) => `${status} +${version - before.get(id)!}`);
    await sweepBoth();
    expect(await moved(lapsed)).toEqual(Array(4).fill('expired +1'));
    expect(await moved(extended)).toEqual(Array(3).fill('checked-in +1'));
    for (const row of await stored(extended.map(({ id }) => id))) expect(row).toMatchObject({ extensionEndsAt: null, holdExpiresAt: null });
    expect(await moved([...kept, ...extending, ...noShows, ...stayers, ...early])).toEqual(expect.arrayContaining(['held +0', 'checked-in +0', 'confirmed +0', 'completed +0']));
    expect((await frees(town.garage.id)) - freed).toBe(7);
    expect(await parking.violations()).toEqual([]);

    setClock(later(window.startsAt, 0.75));
    await sweepBoth();
    expect(await moved(noShows)).toEqual(Array(4).fill('no-show +1'));
    expect((await frees(town.garage.id)) - freed).toBe(11);
    expect(await parking.violations()).toEqual([]);

    setClock(later(window.endsAt, 1 / 3));
    await sweepBoth();
    expect(await moved(stayers)).toEqual(Array(3).fill('completed +1'));
    expect(await moved(extended)).toEqual(Array(3).fill('completed +2'));
    // Its longer stay can still be paid, so nobody ends it.
    expect(await moved(extending)).toEqual(['checked-in +0']);
    expect(await moved(kept)).toEqual(['held +0']);
    expect(await moved(early)).toEqual(['completed +0']);
    expect((await frees(town.garage.id)) - freed).toBe(17);
    for (const app of both()) expect(await app.get(Lapses).sweep()).toBe(0);
  });

  it('leaves to the next run what an interrupted one has not come to', async () => {
    const town = await givenTown(3);
    const holds = await many(3, town.hold);
    for (const { id } of holds) await parking.lapse(id);
    const lapses = parking.app.app.get(Lapses);
    const stop = new AbortController();
    const end = lapses.end.bind(lapses);
    jest.spyOn(lapses, 'end').mockImplementation(async (id) => {
      await end(id);
      stop.abort(new Error('the process stops'));
    });
    await expect(lapses.sweep(stop.signal)).rejects.toThrow('the process stops');
    expect((await stored(holds.map(({ id }) => id))).map(({ status }) => status).sort()).toEqual(['expired', 'held', 'held']);
    expect(await parking.violations()).toEqual([]);
    expect(await twin.app.get(Lapses).sweep()).toBe(2);
    expect((await stored(holds.map(({ id }) => id))).map(({ status }) => status)).toEqual(Array(3).fill('expired'));
  });

  it('meets whoever comes, pays, or cancels at that moment: what they are told is what is so', async () => {
    const [today, tomorrow] = [await givenTown(6), await givenTown(12, 48)];
    const [comers, leavers, payers] = [await many(6, today.confirm), await many(6, tomorrow.hold), await many(6, tomorrow.hold)];
    // The clocks of two processes are never quite the same.
    const strikes = later(today.window.startsAt, 0.75);
    for (const [app, time] of [[parking.app.app, later(strikes, -1 / 3_600)], [twin.app, strikes]] as const) jest.spyOn(app.get(Clock), 'now').mockReturnValue(new Date(time));
    const [came, left, paid] = await Promise.all([
      Promise.all(comers.map(({ id }) => acts.checkIn(today.mia, id))),
      Promise.all(leavers.map(({ id }) => acts.cancel(tomorrow.mia, id))),
      Promise.all(payers.map(({ id }) => acts.pay(tomorrow.mia, id))),
      ...[...leavers, ...payers].map(async ({ id }) => {
        await parking.lapse(id);
        await twin.app.get(Lapses).sweep();
      }),
    ]);
    const told = (answers: { status: number; body: { code?: string } }[], done: string, over: string, code: string) =>
      answers.map(({ status, body }) => (status < 300 ? done : body.code === code ? over : `${status} ${body.code}`));
    const statuses = async (reservations: readonly GivenReservation[]) => {
      const byId = new Map((await stored(reservations.map(({ id }) => id))).map(({ id, status }) => [id, status]));
      return reservations.map(({ id }) => byId.get(id));
    };
    expect(await statuses(comers)).toEqual(told(came, 'checked-in', 'no-show', 'parking.wrong-state'));
    expect(await statuses(leavers)).toEqual(told(left, 'cancelled', 'expired', 'parking.wrong-state'));
    expect(await statuses(payers)).toEqual(told(paid, 'confirmed', 'expired', 'parking.hold-expired'));
  });

  it('shows nobody another state than the one it writes', async () => {
    const town = await givenTown(3);
    const { mia, window } = town;
    const [hold, noShow, stayer] = [await town.hold(), await town.confirm(), await town.confirm()];
    setClock(window.startsAt);
    await acts.checkIn(mia, stayer.id).expect(200);
    await parking.lapse(hold.id);
    setClock(later(window.endsAt, 1));
    const statuses = () => Promise.all([hold, noShow, stayer].map(async ({ id }) => (await acts.shown(mia, id))['status']));
    const before = await statuses();
    expect(before).toEqual(['expired', 'no-show', 'completed']);
    await sweepBoth();
    expect(await statuses()).toEqual(before);
    expect(new Map((await stored([hold.id, noShow.id, stayer.id])).map(({ id, status }) => [id, status]))).toEqual(new Map([[hold.id, 'expired'], [noShow.id, 'no-show'], [stayer.id, 'completed']]));
  });
});

describe('removing days', () => {
  it('takes those that are long over and on which nothing is left', async () => {
    const town = await givenTown(1);
    const { spotId, vehicleId } = (await town.hold()) as GivenReservation & { vehicleId: string };
    const today = new Date().toISOString().slice(0, 10);
    const day = (daysAgo: number) => new Date(Date.parse(today) - daysAgo * 86_400_000).toISOString().slice(0, 10);
    const given: [day: string, lo: number, hi: number][] = [[day(400), 0, 0], [day(8), 0, 0], [day(7), 0, 0], [day(6), 0, 0], [day(0), 0, 0], [day(9), 1, 0], [day(10), 0, 1]];
    await parking.transactions.run(async (tx) => {
      for (const [subject, id] of [['spot', spotId], ['vehicle', vehicleId]]) await tx.write(`INSERT INTO ${subject}_day (${subject}_id, day, lo, hi) VALUES ?`, [given.map((row) => [id, ...row])]);
    });
    const daysOf = async (subject: 'spot' | 'vehicle', id: string) =>
      (await parking.database.rows<{ day: string }>(`SELECT DATE_FORMAT(day, '%Y-%m-%d') AS day FROM ${subject}_day WHERE ${subject}_id = ? AND day <= ? ORDER BY day`, [id, today])).map((row) => row.day);
    await Promise.all(both().map((app) => app.get(DaySweep).run()));
    for (const [subject, id] of [['spot', spotId], ['vehicle', vehicleId]] as const) expect(await daysOf(subject, id)).toEqual([day(10), day(9), day(7), day(6), day(0)]);
    // What was made up for this test has no reservation.
    await parking.transactions.run(async (tx) => {
      for (const [subject, id] of [['spot', spotId], ['vehicle', vehicleId]]) await tx.write(`DELETE FROM ${subject}_day WHERE ${subject}_id = ? AND day <= ?`, [id, today]);
    });
  });

  it('makes room for bookings and waits for none of them', async () => {
    const town = await givenTown(4);
    const holds = await Promise.all([1, 2, 3, 4].map(async () => town.hold()).concat(both().map((app) => app.get(DaySweep).run() as never)));
    expect(holds.slice(0, 4).map(({ status }) => status)).toEqual(Array(4).fill('held'));
  });
});

describe('looking after who waits', () => {
  it('offers once in two processes at once, and ends what has begun once', async () => {
    const town = await givenTown(2);
    const { mia, garage, window } = town;
    const elsewhere = await parking.garage({ name: 'Elsewhere' });
    await parking.spots(elsewhere.id, 3);
    const waiting = await many(3, async () => {
      const car = await parking.vehicle(mia);
      const stay = await parking.booked(mia, elsewhere.id, car.id, window);
      // There is room, but not for a vehicle that is elsewhere.
      return { stay, entry: (await acts.join(mia, garage.id, car.id, window).expect(201)).body };
    });
    for (const { stay } of waiting) await acts.cancel(mia, stay.id).expect(200);
    const statuses = () => Promise.all(waiting.map(async ({ entry }) => (await acts.entry(mia, entry.id)).status));
    expect(await statuses()).toEqual(Array(3).fill('waiting'));
    await Promise.all(both().map((app) => app.get(WaitlistSweep).run()));
    expect(await statuses()).toEqual(['offered', 'offered', 'waiting']);
    expect(await parking.database.rows('SELECT id FROM reservation WHERE garage_id = ?', [garage.id])).toHaveLength(2);
    setClock(later(window.startsAt, 0.25));
    await Promise.all(both().map((app) => app.get(WaitlistSweep).run()));
    expect(await statuses()).toEqual(['offered', 'offered', 'expired']);
  });

  it('stops when the process does', async () => {
    const town = await givenTown(1);
    await town.hold();
    const car = await parking.vehicle(town.mia);
    await acts.join(town.mia, town.garage.id, car.id, town.window).expect(201);
    await expect(parking.app.app.get(WaitlistSweep).run(AbortSignal.abort(new Error('the process stops')))).rejects.toThrow('the process stops');
  });
});
