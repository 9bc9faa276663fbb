import { EventEmitter, once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SpotTaking } from '../../src/features/parking/guard/spot-taking.service.js';
import { SIZES, type Size } from '../../src/features/parking/parking.types.js';
import { FullProof } from '../../src/features/parking/reservations/full-proof.service.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenSpot, type GivenVehicle, type Parking, type Window } from '../support/parking.js';
import { seededChance } from '../support/seeded-chance.js';

const QUARTER = 900_000;
let parking: Parking;

beforeAll(async () => {
  parking = await openParking();
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const cancel = (member: GivenMember, id: string) => parking.http.post(`/api/reservations/${id}/cancel`).set(member.auth).send({}).expect(200);
/** A member with a vehicle. */
async function somebody(size: Size = 'regular'): Promise<{ member: GivenMember; car: GivenVehicle }> {
  const member = await parking.given.member();
  return { member, car: await parking.vehicle(member, { size }) };
}
const later = ({ startsAt, endsAt }: Window, quarters: number): Window => {
  const moved = (time: string) => new Date(new Date(time).getTime() + quarters * QUARTER).toISOString();
  return { startsAt: moved(startsAt), endsAt: moved(endsAt) };
};

describe('409 parking.full', () => {
  it('says when the garage has room again, and which garages near it have some', async () => {
    const here = { lat: -60, lon: -120 };
    const garage = await parking.garage(here);
    await parking.spots(garage.id, 1);
    const window = parking.window(25, 60);
    const metres = (count: number) => ({ lat: here.lat + count / 111_195, lon: here.lon });
    const near: { garageId: string; distanceM: number }[] = [];
    for (const distanceM of [4_900, 700, 300, 2_500, 1_000, 4_000]) {
      const { id } = await parking.garage(metres(distanceM));
      await parking.spots(id, 1);
      near.push({ garageId: id, distanceM });
    }
    near.sort((one, other) => one.distanceM - other.distanceM);
    // None of these has what is sought: too far away, without a spot, too small, for others, by other rules, taken, closed then.
    const far = await parking.garage(metres(5_100));
    await parking.spots(far.id, 1);
    await parking.garage(metres(10));
    for (const spot of [{ size: 'compact' }, { features: ['accessible'] }] as const) await parking.spots((await parking.garage(metres(20))).id, [spot]);
    for (const rules of [{ maxMinutes: 45 }, { minMinutes: 120 }, { maxAdvanceDays: 1 }]) await parking.spots((await parking.garage({ ...metres(30), ...rules })).id, 1);
    const taken = await parking.garage(metres(40));
    await parking.spots(taken.id, 1);
    const closed = await parking.garage(metres(50));
    await parking.spots(closed.id, 1);
    await parking.http.post(`/api/garages/${closed.id}/blackouts`).set(parking.operator.auth).send({ from: window.startsAt, to: window.endsAt, reason: 'cleaning' }).expect(201);
    const [first, second, third, fourth] = [await somebody(), await somebody(), await somebody(), await somebody()];
    await parking.booked(first.member, garage.id, first.car.id, later(window, -2));
    await parking.booked(second.member, garage.id, second.car.id, later(window, 4));
    await parking.booked(third.member, taken.id, third.car.id, window);
    const { body } = await parking.book(fourth.member, garage.id, fourth.car.id, window).expect(409);
    expect(body).toMatchObject({ code: 'parking.full', nextFree: later(window, 8) });
    expect(body.nearby).toEqual(near.slice(0, 5));
  });

  it('has neither where there is none', async () => {
    const garage = await parking.garage({ lat: 60, lon: -120, maxAdvanceDays: 2 });
    await parking.spots(garage.id, 1);
    const window = parking.window(46, 60);
    const [first, second] = [await somebody(), await somebody()];
    await parking.booked(first.member, garage.id, first.car.id, { startsAt: window.startsAt, endsAt: later(window, 40).endsAt });
    expect((await parking.book(second.member, garage.id, second.car.id, window).expect(409)).body).toMatchObject({ code: 'parking.full', nextFree: null, nearby: [] });
  });

  it('does not take a hold that has lapsed for one that stands in the way later', async () => {
    const garage = await parking.garage({ lat: 61, lon: -120 });
    await parking.spots(garage.id, 1);
    const window = parking.window(24, 60);
    const [first, second, third] = [await somebody(), await somebody(), await somebody()];
    await parking.booked(first.member, garage.id, first.car.id, window);
    const lapsed = await parking.booked(second.member, garage.id, second.car.id, later(window, 4));
    await parking.lapse(lapsed.id);
    expect((await parking.book(third.member, garage.id, third.car.id, window).expect(409)).body.nextFree).toEqual(later(window, 4));
    await parking.book(third.member, garage.id, third.car.id, later(window, 4)).expect(201);
  });
});

describe('what became free in the midst of the search', () => {
  it('is found, however late it was', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, [{ label: 'A' }, { label: 'B', features: ['covered'] }]);
    const window = parking.window(24, 60);
    const [first, second, third] = [await somebody(), await somebody(), await somebody()];
    await parking.booked(first.member, garage.id, first.car.id, window, { features: ['covered'] });
    const inTheWay = await parking.booked(second.member, garage.id, second.car.id, window);
    const proof = parking.app.app.get(FullProof);
    const isFull = proof.isFull.bind(proof);
    let asked = 0;
    proof.isFull = async (...of) => {
      // All spots were looked at, and all were taken.
      asked += 1;
      if (asked === 1) await cancel(second.member, inTheWay.id);
      return isFull(...of);
    };
    try {
      expect((await parking.booked(third.member, garage.id, third.car.id, window)).spotLabel).toBe('A');
    } finally {
      proof.isFull = isFull;
    }
    expect(asked).toBe(1);
  });

  it('is never overlooked while a spot is freed and taken in a loop: one of two was free all the time', async () => {
    const [ASKERS, TURNS] = [20, 12];
    const garage = await parking.garage();
    await parking.spots(garage.id, [{ label: 'A', features: ['ev'] }, { label: 'B', features: ['covered'] }]);
    const whole = parking.window(24, 15 * ASKERS);
    const one = { startsAt: whole.startsAt, endsAt: later(whole, 1 - ASKERS).endsAt };
    const [first, second] = [await somebody(), await somebody()];
    const askers: Awaited<ReturnType<typeof somebody>>[] = [];
    for (let index = 0; index < ASKERS; index += 1) askers.push(await somebody());

    // Two members have one of the spots in turn, for all of the time; each asker wants a quarter-hour of its own, on either. The
    // first time that an asker has looked, it waits until the two have changed: then the spot that was free is taken, and the other one is free.
    const events = new EventEmitter().setMaxListeners(0);
    const [looking, waiting] = [new Set<string>(), new Set<string>()];
    const answers = new Map<string, number>();
    let isOver = false;
    const taking = parking.app.app.get(SpotTaking);
    const prepare = taking.prepare.bind(taking);
    taking.prepare = async (wish, survey) => {
      await prepare(wish, survey);
      if (isOver || !looking.delete(wish.vehicleId)) return;
      const turn = once(events, 'turn');
      waiting.add(wish.vehicleId);
      if (waiting.size === ASKERS) events.emit('all are waiting');
      await turn;
    };
    const ask = async ({ member, car }: (typeof askers)[number], window: Window) => {
      while (!isOver) {
        looking.add(car.id);
        const { status, body } = await parking.book(member, garage.id, car.id, window);
        const answer = status === 201 ? 'booked' : String(body.code);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (status === 201) await cancel(member, body.id);
      }
    };
    const loop = async () => {
      let free: () => Promise<unknown> = async () => undefined;
      for (let turn = 0; turn < TURNS; turn += 1) {
        if (waiting.size < ASKERS) await once(events, 'all are waiting');
        await free();
        const { member, car } = turn % 2 === 0 ? first : second;
        const { id } = await parking.booked(member, garage.id, car.id, whole, { features: [turn % 2 === 0 ? 'ev' : 'covered'] });
        free = () => cancel(member, id);
        waiting.clear();
        isOver = turn === TURNS - 1;
        events.emit('turn');
      }
    };
    try {
      await Promise.all([loop(), ...askers.map((asker, index) => ask(asker, later(one, index)))]);
    } finally {
      taking.prepare = prepare;
      isOver = true;
      events.emit('turn');
    }
    const { booked = 0, 'parking.full': full = 0, ...others } = Object.fromEntries(answers);
    expect(full).toBe(0);
    expect(Object.keys(others).filter((code) => code !== 'server.busy')).toEqual([]);
    expect(booked).toBeGreaterThanOrEqual(ASKERS);
  });
});

/** What a garage has, in plain lists: taken quarter-hours by spot and by vehicle. */
class Model {
  private readonly taken = new Map<string, Set<number>>();
  readonly live: { id: string; member: GivenMember; vehicleId: string; spotId: string; from: number; to: number }[] = [];

  constructor(private readonly spots: readonly GivenSpot[]) {}

  fitting(size: Size, features: readonly string[]): GivenSpot[] {
    return this.spots.filter((spot) => SIZES.indexOf(spot.size) >= SIZES.indexOf(size) && features.every((feature) => spot.features.includes(feature as never)) && !spot.features.includes('accessible'));
  }

  isFree(id: string, from: number, to: number): boolean {
    const taken = this.taken.get(id);
    for (let quarter = from; quarter < to; quarter += 1) if (taken?.has(quarter)) return false;
    return true;
  }

  mark(ids: readonly string[], from: number, to: number, isTaken: boolean): void {
    for (const id of ids) {
      const taken = this.taken.get(id) ?? new Set();
      for (let quarter = from; quarter < to; quarter += 1) if (isTaken) taken.add(quarter);
      else taken.delete(quarter);
      this.taken.set(id, taken);
    }
  }
}

describe('thousands of random reservations', () => {
  it('are given exactly when a plain model has a spot, the smallest that fits, and "full" says the next time that it has', async () => {
    const chance = seededChance(8);
    const upTo = (most: number) => Math.floor(chance() * most);
    const garage = await parking.garage({ lat: 62, lon: -120, holdSeconds: 86_400 });
    const spots = await parking.spots(garage.id, [
      { label: 'C1', size: 'compact' }, { label: 'C2', size: 'compact' }, { label: 'R1' }, { label: 'R2', features: ['covered'] }, { label: 'L1', size: 'large', features: ['covered'] }, { label: 'X', size: 'large', features: ['accessible'] },
    ]);
    const cars: { member: GivenMember; car: GivenVehicle }[] = [];
    for (let index = 0; index < 15; index += 1) cars.push(await somebody(SIZES[index % 3]!));
    const model = new Model(spots);
    const start = new Date(parking.window(30, 15).startsAt).getTime();
    const windowOf = (from: number, to: number): Window => ({ startsAt: new Date(start + from * QUARTER).toISOString(), endsAt: new Date(start + to * QUARTER).toISOString() });
    const answers = { given: 0, full: 0, busy: 0 };
    for (let attempt = 0; attempt < 2_000; attempt += 1) {
      if (model.live.length > 0 && chance() < 0.3) {
        const [gone] = model.live.splice(upTo(model.live.length), 1);
        await cancel(gone!.member, gone!.id);
        model.mark([gone!.spotId, gone!.vehicleId], gone!.from, gone!.to, false);
        continue;
      }
      const { member, car } = cars[upTo(cars.length)]!;
      // Over two midnights of UTC at times.
      const from = upTo(150);
      const to = from + 1 + upTo(chance() < 0.1 ? 120 : 24);
      const features = chance() < 0.2 ? ['covered'] : [];
      const fitting = model.fitting(car.size, features);
      const free = fitting.filter(({ id }) => model.isFree(id, from, to));
      const { status, body } = await parking.book(member, garage.id, car.id, windowOf(from, to), { features });
      if (!model.isFree(car.id, from, to)) {
        expect([status, body.code, attempt]).toEqual([409, 'parking.vehicle-busy', attempt]);
        answers.busy += 1;
      } else if (free.length === 0) {
        let next = from + 1;
        while (!fitting.some(({ id }) => model.isFree(id, next, next + to - from))) next += 1;
        expect([status, body.code, body.nextFree, attempt]).toEqual([409, 'parking.full', windowOf(next, next + to - from), attempt]);
        answers.full += 1;
      } else {
        expect([status, attempt]).toEqual([201, attempt]);
        const spot = free.find(({ id }) => id === body.spotId);
        expect(spot?.size).toBe(SIZES.find((size) => free.some((one) => one.size === size)));
        model.mark([body.spotId, car.id], from, to, true);
        model.live.push({ id: body.id, member, vehicleId: car.id, spotId: body.spotId, from, to });
        answers.given += 1;
      }
    }
    // The model has met all of the answers, often.
    expect(Math.min(...Object.values(answers))).toBeGreaterThan(50);
  }, 300_000);
});
