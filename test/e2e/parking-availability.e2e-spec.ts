import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type Parking, type Window } from '../support/parking.js';

interface Step {
  from: string;
  to: string;
  free: { compact: number; regular: number; large: number };
}

let parking: Parking;
let mia: GivenMember;

beforeAll(async () => {
  parking = await openParking();
  mia = await parking.given.member({ credits: 500 });
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const ask = (id: string, query: object, as: { auth: object } = mia) => parking.http.get(`/api/garages/${id}/availability`).query(query).set(as.auth as Record<string, string>);
const shown = async (id: string, query: object, as?: { auth: object }): Promise<Step[]> => (await ask(id, query, as).expect(200)).body.items;
/** The free regular spots of each step. */
const regular = async (id: string, query: object) => (await shown(id, query)).map(({ free }) => free.regular);
const window = (hours: number, minutes: number) => {
  const { startsAt, endsAt } = parking.window(hours, minutes);
  return { from: startsAt, to: endsAt };
};
const booked = async (garageId: string, when: Window) => parking.booked(mia, garageId, (await parking.vehicle(mia)).id, when);
async function givenGarage(spots: number, overrides: object = {}): Promise<string> {
  const { id } = await parking.garage(overrides);
  await parking.spots(id, spots);
  return id;
}

describe('GET /api/garages/:id/availability', () => {
  it('says of each step how many spots of each size are free for all of it', async () => {
    const { id } = await parking.garage();
    await parking.spots(id, [{ size: 'compact' }, { size: 'regular' }, { size: 'regular' }, { size: 'large' }, { size: 'large' }]);
    const { startsAt } = parking.window(0, 60);
    const at = (minutes: number) => new Date(new Date(startsAt).getTime() + minutes * 60_000).toISOString();
    await booked(id, { startsAt: at(75), endsAt: at(120) });
    const free = (count: number) => ({ compact: 1, regular: count, large: 2 });
    expect(await shown(id, { from: startsAt, to: at(150) })).toEqual([
      { from: startsAt, to: at(60), free: free(2) }, { from: at(60), to: at(120), free: free(1) }, { from: at(120), to: at(150), free: free(2) },
    ]);
    expect(await regular(id, { from: at(60), to: at(135), step: '15m' })).toEqual([2, 1, 1, 1, 2]);
    expect(await regular(id, { from: at(60), to: at(135), step: '1d' })).toEqual(expect.arrayContaining([1]));
  });

  it('has days of the garage, of 23 and 25 hours where its clocks change', async () => {
    const id = await givenGarage(1);
    const hours = (steps: Step[]) => steps.map(({ from, to }) => (new Date(to).getTime() - new Date(from).getTime()) / 3_600_000);
    expect(hours(await shown(id, { from: '2027-03-27T12:00:00+01:00', to: '2027-03-29T06:00:00+02:00', step: '1d' }))).toEqual([12, 23, 6]);
    expect(hours(await shown(id, { from: '2026-10-24T00:00:00+02:00', to: '2026-10-27T00:00:00+01:00', step: '1d' }))).toEqual([24, 25, 24]);
    expect(hours(await shown(id, { from: '2026-10-25T00:00:00+02:00', to: '2026-10-26T00:00:00+01:00', step: '1h' }))).toHaveLength(25);
  });

  it('takes a hold past its time for none, tidied or not', async () => {
    const id = await givenGarage(1);
    const hold = await booked(id, parking.window(4, 60));
    expect(await regular(id, window(3, 180))).toEqual([1, 0, 1]);
    await parking.lapse(hold.id);
    expect(await regular(id, window(3, 180))).toEqual([1, 1, 1]);
    const { body } = await parking.http.get(`/api/garages/${id}`).query(window(4, 60)).set(mia.auth).expect(200);
    expect(body.free.regular).toBe(1);
  });

  it('takes an extension past its time for none, and the stay for what it is', async () => {
    const id = await givenGarage(1);
    const stay = await booked(id, parking.window(4, 60));
    await parking.http.post(`/api/reservations/${stay.id}/payment`).set(mia.auth).send({ method: 'credits' }).expect(201);
    await parking.http.post(`/api/reservations/${stay.id}/extension`).set(mia.auth).send({ endsAt: parking.window(4, 120).endsAt, method: 'card' }).expect(200);
    expect(await regular(id, window(3, 240))).toEqual([1, 0, 0, 1]);
    await parking.lapse(stay.id);
    expect(await regular(id, window(3, 240))).toEqual([1, 0, 1, 1]);
  });

  it('has nothing under a blackout, nor where one was laid over a hold that has lapsed', async () => {
    const id = await givenGarage(2);
    const hold = await booked(id, parking.window(4, 60));
    const { startsAt, endsAt } = parking.window(4, 120);
    await parking.http.post(`/api/garages/${id}/blackouts`).set(parking.operator.auth).send({ from: startsAt, to: endsAt, reason: 'cleaning' }).expect(201);
    expect(await regular(id, window(3, 240))).toEqual([2, 0, 0, 2]);
    await parking.lapse(hold.id);
    expect(await regular(id, window(3, 240))).toEqual([2, 0, 0, 2]);
  });

  it('counts no spot that is retired, and one that is back', async () => {
    const { id } = await parking.garage();
    const [spot] = await parking.spots(id, 2);
    await parking.http.post(`/api/spots/${spot!.id}/retire`).set(parking.operator.auth).send({}).expect(201);
    expect(await regular(id, window(3, 60))).toEqual([1]);
    await parking.http.post(`/api/spots/${spot!.id}/restore`).set(parking.operator.auth).expect(201);
    expect(await regular(id, window(3, 60))).toEqual([2]);
  });

  it('has as many free spots as can be booked', async () => {
    const id = await givenGarage(3);
    const when = parking.window(30, 90);
    const query = { from: when.startsAt, to: when.endsAt, step: '1d' };
    for (let free = 3; free > 0; free -= 1) {
      expect(Math.min(...(await regular(id, query)))).toBe(free);
      await booked(id, when);
    }
    expect(Math.min(...(await regular(id, query)))).toBe(0);
    await parking.book(mia, id, (await parking.vehicle(mia)).id, when).expect(409);
  });

  it('answers 2,000 steps and 400 days, and no more', async () => {
    const id = await givenGarage(1);
    const from = '2026-06-01T00:00:00Z';
    const to = (minutes: number) => new Date(Date.parse(from) + minutes * 60_000).toISOString();
    expect(await shown(id, { from, to: to(30_000), step: '15m' })).toHaveLength(2_000);
    expect(await shown(id, { from, to: to(120_000), step: '1h' })).toHaveLength(2_000);
    expect(await shown(id, { from, to: to(400 * 1_440), step: '1d' })).toHaveLength(401);
    for (const query of [{ to: to(30_015), step: '15m' }, { to: to(120_015), step: '1h' }, { to: to(401 * 1_440), step: '1d' }]) {
      expect((await ask(id, { from, ...query }).expect(400)).body).toMatchObject({ code: 'parking.window-invalid', path: 'to', reason: expect.stringContaining('400 days') });
    }
  });

  it.each<[string, object, string, string]>([
    ['no start', { from: undefined }, 'request.invalid', 'from'],
    ['no end', { to: undefined }, 'request.invalid', 'to'],
    ['an unknown step', { step: '30m' }, 'request.invalid', 'step'],
    ['a start without an offset', { from: '2027-01-01T10:00:00' }, 'parking.window-invalid', 'from'],
    ['an end before the start', { to: '2026-01-01T10:00:00Z' }, 'parking.window-invalid', 'to'],
    ['a time beside the quarter-hours', { to: '2027-01-01T10:05:00Z' }, 'parking.window-invalid', 'to'],
    ['a time that the clocks of the garage skip', { to: '2027-03-28T02:30:00+01:00' }, 'parking.window-invalid', 'to'],
  ])('refuses %s', async (_name, wrong, code, path) => {
    const { id } = await parking.garage();
    const { body } = await ask(id, { from: '2027-01-01T09:00:00Z', to: '2027-01-01T10:00:00Z', ...wrong }).expect(400);
    expect(body.code).toBe(code);
    expect(body.path ?? body.errors[0].path).toBe(path);
  });

  it('is for members, about garages that are there', async () => {
    await ask(newId(), window(3, 60)).expect(404);
    await ask('here', window(3, 60)).expect(404);
    const { id } = await parking.garage();
    await ask(id, window(3, 60), { auth: {} }).expect(401);
    expect(await shown(id, window(3, 60), parking.operator)).toMatchObject([{ free: { compact: 0, regular: 0, large: 0 } }]);
  });
});
