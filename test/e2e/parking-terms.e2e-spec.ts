import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Size, SpotFeature } from '../../src/features/parking/parking.types.js';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import { ReservationsDataset } from '../../src/features/parking/reservations.dataset.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { Row } from '../../src/platform/datasets/dataset.js';
import { PaymentProvider } from '../../src/platform/payments/payment-provider.js';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { actsOf, later, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { paymentsOf, type ParkingPayments } from '../support/parking-payments.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenSpot, type GivenVehicle, type Parking, type SpotOrder, type Window } from '../support/parking.js';
import { connectSocket } from '../support/sockets.js';

let parking: Parking;
let acts: ParkingActs;
let payments: ParkingPayments;
beforeAll(async () => {
  parking = await openParking();
  await stopSchedules(parking.app);
  [acts, payments] = [actsOf(parking), paymentsOf(parking)];
});
afterEach(async () => {
  jest.restoreAllMocks();
  await payments.told();
  expect(await parking.violations()).toEqual([]);
});
afterAll(() => parking.close());

const HALF_HOUR = 0.5;
const setClock = (time: string) => jest.spyOn(parking.app.app.get(Clock), 'now').mockReturnValue(new Date(time));
const operate = (method: 'post' | 'patch', path: string, body: object) => parking.http[method](`/api/${path}`).set(parking.operator.auth).send(body);
const read = async (member: GivenMember, path: string, query: object = {}) => (await parking.http.get(`/api/${path}`).query(query).set(member.auth).expect(200)).body;
/** The same price for every size. */
const rates = (hourlyMinor: number) => Object.fromEntries((['compact', 'regular', 'large'] satisfies Size[]).map((size) => [size, { hourlyMinor, stepMinutes: 60 }]));

interface Scene {
  garage: GivenGarage;
  spots: GivenSpot[];
  mia: GivenMember;
  car: GivenVehicle;
}

/** A garage, by default of one spot for 200 cents an hour, and somebody with a vehicle and 100 credits. */
async function givenScene(settings: object = {}, order: number | readonly SpotOrder[] = 1): Promise<Scene> {
  const garage = await parking.garage(settings);
  const spots = await parking.spots(garage.id, order);
  return { garage, spots, ...(await somebody()) };
}

async function somebody(): Promise<{ mia: GivenMember; car: GivenVehicle }> {
  const mia = await parking.given.member({ credits: 100 });
  return { mia, car: await parking.vehicle(mia) };
}

/** Somebody else asks for a time in the same garage. */
async function asks(garage: GivenGarage, window: Window) {
  const { mia: ben, car } = await somebody();
  return parking.book(ben, garage.id, car.id, window);
}

describe('an extension by card', () => {
  /** Somebody who is there, has stayed five minutes longer than was paid, and asks for three hours more. */
  async function givenOverstay(): Promise<Scene & { window: Window; stay: GivenReservation; endsAt: string }> {
    const scene = await givenScene({ graceMinutes: 10 });
    const window = parking.window(24, 120);
    const stay = await acts.confirmed(scene.mia, scene.garage.id, scene.car.id, window);
    setClock(window.startsAt);
    await acts.checkIn(scene.mia, stay.id).expect(200);
    setClock(later(window.endsAt, 5 / 60));
    const endsAt = later(window.endsAt, 3);
    await acts.extend(scene.mia, stay.id, endsAt, { method: 'card' }).expect(200);
    setClock(later(window.endsAt, HALF_HOUR));
    return { ...scene, window, stay, endsAt };
  }

  it('that is asked for within the time of grace keeps the stay until it can no longer be paid', async () => {
    const { garage, mia, stay, window, endsAt } = await givenOverstay();
    expect(await acts.shown(mia, stay.id)).toMatchObject({ status: 'checked-in', endsAt: window.endsAt, extension: { endsAt } });
    const rest = { startsAt: later(window.endsAt, HALF_HOUR), endsAt };
    expect((await read(mia, `garages/${garage.id}/availability`, { from: rest.startsAt, to: rest.endsAt, step: '1d' })).items).toMatchObject([{ free: { regular: 0 } }]);
    expect((await asks(garage, rest)).body.code).toBe('parking.full');
    await acts.paidByCard(mia, stay.id);
    const extended = await acts.shown(mia, stay.id);
    expect(extended).toMatchObject({ status: 'checked-in', endsAt, paidMinor: 1_000 });
    expect(extended).not.toHaveProperty('extension');
  });

  it('that is not paid ends the stay with it: at once, for all who look, though nobody has tidied', async () => {
    const { garage, mia, stay, window, endsAt } = await givenOverstay();
    await parking.lapse(stay.id);
    const shown = await acts.shown(mia, stay.id);
    expect(shown).toMatchObject({ status: 'completed', endsAt: window.endsAt, paidMinor: 400 });
    expect(shown).not.toHaveProperty('extension');
    const rest = { startsAt: later(window.endsAt, HALF_HOUR), endsAt };
    expect((await read(mia, `garages/${garage.id}/availability`, { from: rest.startsAt, to: rest.endsAt, step: '1d' })).items).toMatchObject([{ free: { regular: 1 } }]);
    const atTheDesk = await read(parking.operator, `garages/${garage.id}/reservations`, { status: 'completed' });
    expect(atTheDesk.items).toMatchObject([{ id: stay.id }]);
    expect((await asks(garage, rest)).status).toBe(201);
  });

  it('keeps its time to pay, however often another one takes its place', async () => {
    const { garage, mia, car } = await givenScene();
    const stay = await acts.confirmed(mia, garage.id, car.id, parking.window(24, 120));
    const extend = async (hours: number) => (await acts.extend(mia, stay.id, later(stay['endsAt'] as string, hours), { method: 'card' }).expect(200)).body.extension;
    await extend(1);
    await parking.transactions.run((tx) => tx.write('UPDATE reservation SET hold_expires_at = hold_expires_at - INTERVAL 5 MINUTE WHERE id = ?', [stay.id]));
    const { extension: { holdExpiresAt } } = await read(mia, `reservations/${stay.id}`);
    for (const hours of [2, 3, 1, 1]) expect(await extend(hours)).toMatchObject({ endsAt: later(stay['endsAt'] as string, hours), holdExpiresAt });
    await parking.lapse(stay.id);
    expect(await acts.shown(mia, stay.id)).not.toHaveProperty('extension');
    expect((await asks(garage, { startsAt: stay['endsAt'] as string, endsAt: later(stay['endsAt'] as string, 1) })).status).toBe(201);
  });

  it('that is paid late is of the spot to which the stay was moved, on days on which nobody was there', async () => {
    const { garage, spots, mia, car } = await givenScene({}, 2);
    const midnight = `${later(new Date(), 72).slice(0, 10)}T00:00:00.000Z`;
    const stay = await acts.confirmed(mia, garage.id, car.id, { startsAt: later(midnight, -4), endsAt: later(midnight, -2) });
    expect(stay.spotId).toBe(spots[0]!.id);
    const endsAt = later(midnight, 2);
    await acts.extend(mia, stay.id, endsAt, { method: 'card' }).expect(200);
    await payments.paidUnheard(await payments.opened(mia, stay.id));
    await parking.lapse(stay.id);
    await parking.app.app.get(Lapses).sweep();
    const { body } = await operate('post', `spots/${stay.spotId}/retire`, { reallocate: true }).expect(201);
    expect(body).toMatchObject({ reallocated: [{ id: stay.id, spotId: spots[1]!.id }], conflicts: [] });
    await payments.told();
    expect(await acts.shown(mia, stay.id)).toMatchObject({ status: 'confirmed', spotId: spots[1]!.id, endsAt, paidMinor: 1_200, refundedMinor: 0 });
  });
});

describe('an extension with credits', () => {
  it('tells the member once', async () => {
    const { garage, mia, car } = await givenScene();
    const stay = await acts.confirmed(mia, garage.id, car.id, parking.window(24, 120));
    const socket = await connectSocket(parking.app.url, mia.accessToken);
    try {
      const told: GivenReservation[] = [];
      socket.on('reservation.updated', (body: GivenReservation) => told.push(body));
      const { body } = await acts.extend(mia, stay.id, later(stay['endsAt'] as string, 1)).expect(200);
      await eventually(() => expect(told).not.toEqual([]));
      await acts.cancel(mia, stay.id).expect(200);
      await eventually(() => expect(told.at(-1)).toMatchObject({ status: 'cancelled' }));
      expect(told.map(({ status, endsAt }) => [status, endsAt])).toEqual([['confirmed', body.endsAt], ['cancelled', body.endsAt]]);
    } finally {
      socket.disconnect();
    }
  });

  it('is by credits where a card was charged too and came back, and all comes to what the whole costs at once', async () => {
    const { garage, mia, car } = await givenScene({ rates: rates(150) });
    const { id } = await parking.booked(mia, garage.id, car.id, parking.window(24, 60));
    const payment = await payments.opened(mia, id);
    await payments.paidUnheard(payment);
    await acts.pay(mia, id).expect(201);
    await payments.told();
    expect(await payments.refunds(id)).toEqual([{ paymentId: payment.paymentId, amountMinor: 150, credits: 0, reason: 'twice', status: 'succeeded' }]);
    const { endsAt } = parking.window(24, 120);
    const { body } = await acts.extend(mia, id, endsAt).expect(200);
    expect(body).toMatchObject({ endsAt, priceMinor: 300, credits: 3, paidMinor: 450, refundedMinor: 150 });
    expect(body).not.toHaveProperty('extension');
    expect(await acts.spent(mia)).toBe(3);
  });
});

describe('cancelling', () => {
  it('goes by the terms of the day on which it was booked', async () => {
    const { garage, mia, car } = await givenScene({ cancellation: [{ minutesBefore: 60, refundPercent: 100 }] }, 2);
    const window = parking.window(24, 120);
    const before = await acts.confirmed(mia, garage.id, car.id, window);
    await operate('patch', `garages/${garage.id}`, { cancellation: [{ minutesBefore: 0, refundPercent: 50 }] }).expect(200);
    const after = await acts.confirmed(mia, garage.id, (await parking.vehicle(mia)).id, window);
    const terms = [[before, 400, later(window.startsAt, -1)], [after, 200, window.startsAt]] as const;
    for (const [{ id }, refundMinor, nextTierAt] of terms) {
      expect(await read(mia, `reservations/${id}/cancellation`)).toEqual({ refundMinor, nextTierAt });
      expect((await acts.cancel(mia, id, { expectRefundMinor: refundMinor }).expect(200)).body).toMatchObject({ status: 'cancelled', refundedMinor: refundMinor });
    }
    expect(await acts.spent(mia)).toBe(2);
  });

  it('gives back as many credits of a stay that was made longer as of one that was as long at once', async () => {
    const { garage, mia, car } = await givenScene({ rates: rates(150), cancellation: [{ minutesBefore: 0, refundPercent: 80 }] }, 2);
    const { mia: ben, car: bens } = await somebody();
    const [atOnce, inParts] = [await acts.confirmed(mia, garage.id, car.id, parking.window(24, 120)), await acts.confirmed(ben, garage.id, bens.id, parking.window(24, 60))];
    await acts.extend(ben, inParts.id, atOnce['endsAt'] as string).expect(200);
    expect([await acts.spent(mia), await acts.spent(ben)]).toEqual([3, 3]);
    await acts.cancel(mia, atOnce.id, { expectRefundMinor: 240 }).expect(200);
    await acts.cancel(ben, inParts.id, { expectRefundMinor: 240 }).expect(200);
    expect([await acts.spent(mia), await acts.spent(ben)]).toEqual([1, 1]);
  });

  it('what was paid at a provider that is not in use gives it back when it is again', async () => {
    const { garage, mia, car } = await givenScene();
    const { id } = await parking.booked(mia, garage.id, car.id, parking.window(24, 120));
    const payment = await payments.opened(mia, id);
    await acts.press(payment).expect(200);
    await acts.heard();
    jest.replaceProperty(parking.app.app.get(PaymentProvider), 'name', 'stripe');
    await acts.cancel(mia, id).expect(200);
    const refund = { paymentId: payment.paymentId, amountMinor: 400, credits: 0, reason: 'cancelled' };
    // Looked at, and put off.
    await eventually(async () => expect(await parking.database.rows('SELECT 1 FROM refund_queue WHERE lease_token IS NULL AND run_at > UTC_TIMESTAMP(3)')).toHaveLength(1));
    expect(await payments.refunds(id)).toEqual([{ ...refund, status: 'pending' }]);
    jest.restoreAllMocks();
    await parking.transactions.run((tx) => tx.write('UPDATE refund_queue SET run_at = UTC_TIMESTAMP(3)'));
    await acts.heard();
    expect(await payments.refunds(id)).toEqual([{ ...refund, status: 'succeeded' }]);
    expect(await payments.atSandbox(payment.paymentId)).toEqual({ status: 'paid', refundedMinor: 400 });
  });
});

describe('a stay to which nobody came', () => {
  it('is one in every list, and its spot is free, though nobody has tidied', async () => {
    const zipcode = 'NOBODY';
    const { garage, mia, car } = await givenScene({ zipcode, noShowMinutes: 60 });
    const window = parking.window(24, 240);
    const { id } = await acts.confirmed(mia, garage.id, car.id, window);
    const asked = { from: later(window.startsAt, 1), to: later(window.startsAt, 3) };
    const seen = async () => ({
      free: (await read(mia, `garages/${garage.id}/availability`, { ...asked, step: '1d' })).items[0].free.regular,
      found: (await read(mia, 'garages', { ...asked, zip: zipcode })).items[0].free.regular,
      garage: (await read(mia, `garages/${garage.id}`, asked)).free.regular,
      noShows: (await read(parking.operator, `garages/${garage.id}/reservations`, { status: 'no-show' })).items.map((item: GivenReservation) => item.id),
      confirmed: (await read(parking.operator, `garages/${garage.id}/reservations`, { status: 'confirmed' })).items.map((item: GivenReservation) => item.id),
      inFile: (await filed(mia)).map((row) => row['status']),
    });
    setClock(later(window.startsAt, 59 / 60));
    expect(await seen()).toEqual({ free: 0, found: 0, garage: 0, noShows: [], confirmed: [id], inFile: ['confirmed'] });
    setClock(later(window.startsAt, 1));
    expect(await seen()).toEqual({ free: 1, found: 1, garage: 1, noShows: [id], confirmed: [], inFile: ['no-show'] });
  });

  /** A member's reservations as a file has them. */
  async function filed({ id: memberId }: GivenMember): Promise<Row[]> {
    const rows: Row[] = [];
    await parking.transactions.snapshot(async (snapshot) => {
      const request = { memberId, permissions: PermissionSet.of(['parking.read']), filters: {} };
      for await (const page of parking.app.app.get(ReservationsDataset).pages(snapshot, request, 100)) rows.push(...page);
    });
    return rows;
  }
});

describe('features that were asked for', () => {
  const EV: SpotOrder = { features: ['ev'] };
  const window = () => parking.window(24, 120);
  const booked = (scene: Scene, features?: SpotFeature[]) => parking.booked(scene.mia, scene.garage.id, scene.car.id, window(), { features });

  it.each<[string, readonly SpotOrder[], object]>([
    ['of a spot without them: it comes back', [{}], { status: 'expired', paidMinor: 400, refundedMinor: 400 }],
    ['of another spot that has them', [{}, { ...EV, label: 'other' }], { status: 'confirmed', spotLabel: 'other', paidMinor: 400, refundedMinor: 0 }],
  ])('are those of a payment that comes late, %s', async (_, others, expected) => {
    const scene = await givenScene({}, [EV]);
    const { id } = await booked(scene, ['ev']);
    await payments.paidUnheard(await payments.opened(scene.mia, id));
    await parking.lapse(id);
    expect((await asks(scene.garage, window())).status).toBe(201);
    await parking.spots(scene.garage.id, others);
    await payments.told();
    expect(await acts.shown(scene.mia, id)).toMatchObject(expected);
  });

  it.each<[string, SpotFeature[] | undefined, boolean]>([
    ['moves to a plain spot where none were', undefined, true],
    ['stays where they were and the other spot has none', ['ev'], false],
  ])('are those of a stay whose spot is retired: it %s', async (_, features, isMoved) => {
    const scene = await givenScene({}, [EV]);
    const { id, spotId } = await booked(scene, features);
    const [plain] = await parking.spots(scene.garage.id, 1);
    const { body } = await operate('post', `spots/${spotId}/retire`, { reallocate: true }).expect(201);
    expect(body).toMatchObject(isMoved ? { reallocated: [{ id, spotId: plain!.id }], conflicts: [] } : { reallocated: [], conflicts: [{ id, spotId }] });
  });
});
