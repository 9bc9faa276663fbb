import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/platform/clock/clock.js';
import type { GivenMember } from '../support/app.js';
import { actsOf, later, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { paymentsOf, type ParkingPayments } from '../support/parking-payments.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenVehicle, type Parking } from '../support/parking.js';

/** All a day before, half until an hour before. */
const TIERS = [{ minutesBefore: 1_440, refundPercent: 100 }, { minutesBefore: 60, refundPercent: 50 }];
/** Three hours come to 501 cents, or 6 credits. */
const RATE = { hourlyMinor: 167, stepMinutes: 60 };

let parking: Parking;
let acts: ParkingActs;
let payments: ParkingPayments;
let garage: GivenGarage;
let mia: GivenMember;
let car: GivenVehicle;
let hold: GivenReservation;

beforeAll(async () => {
  parking = await openParking();
  await stopSchedules(parking.app);
  [acts, payments] = [actsOf(parking), paymentsOf(parking)];
});
beforeEach(async () => {
  garage = await parking.garage({ cancellation: TIERS, rates: { compact: RATE, regular: RATE, large: RATE } });
  await parking.spots(garage.id, 1);
  mia = await parking.given.member({ credits: 10 });
  car = await parking.vehicle(mia);
  hold = await parking.booked(mia, garage.id, car.id, parking.window(72, 180));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await payments.told();
  expect(await parking.violations()).toEqual([]);
});
afterAll(() => parking.close());

const startsAt = () => hold['startsAt'] as string;
/** Lets the calendar clock stand so many hours before the start. */
const hoursBefore = (hours: number, ms = 0) => {
  const now = new Date(Date.parse(later(startsAt(), -hours)) + ms);
  jest.spyOn(parking.app.app.get(Clock), 'now').mockReturnValue(now);
  return now;
};
const preview = (member = mia) => parking.http.get(`/api/reservations/${hold.id}/cancellation`).set(member.auth);
const shown = () => acts.shown(mia, hold.id);
/** What parking has of the credits: a member whose clock moves on is given more of them. */
const spent = () => acts.spent(mia);
const isFree = async () => {
  const ben = await parking.given.member();
  const { status } = await parking.book(ben, garage.id, (await parking.vehicle(ben)).id, parking.window(72, 180));
  return status === 201;
};
const audited = () => parking.database.rows<{ actorId: string; action: string; details: string }>('SELECT actor_id AS actorId, action, details FROM audit_entry WHERE subject_id = ?', [hold.id]);

describe('a hold that is cancelled', () => {
  it('frees its spot and its vehicle, and there is nothing to give back', async () => {
    expect((await preview().expect(200)).body).toEqual({ refundMinor: 0 });
    const { body } = await parking.http.post(`/api/reservations/${hold.id}/cancel`).set(mia.auth).expect(200);
    expect(body).toEqual({ ...hold, status: 'cancelled', holdExpiresAt: null, cancelledAt: expect.any(String), version: 2 });
    expect(await shown()).toEqual(body);
    expect(await payments.refunds(hold.id)).toEqual([]);
    expect(await audited()).toEqual([]);
    const again = await parking.booked(mia, garage.id, car.id, parking.window(72, 180));
    expect(again.spotId).toBe(hold.spotId);
  });

  it('can no longer be paid by the card that was begun with', async () => {
    const payment = await payments.opened(mia, hold.id);
    await acts.cancel(mia, hold.id, { expectRefundMinor: 0 }).expect(200);
    expect((await acts.press(payment).expect(409)).body.code).toBe('payments.closed');
    expect(await payments.atSandbox(payment.paymentId)).toEqual({ status: 'cancelled', refundedMinor: 0 });
  });
});

describe('what comes back', () => {
  beforeEach(() => acts.pay(mia, hold.id).expect(201));

  it.each<[string, number, number, number, number, number | undefined]>([
    ['all, two days before', 48, 0, 501, 10, 24],
    ['all, at the last moment', 24, 0, 501, 10, 24],
    // 251 cents are 2 credits and a half.
    ['half, a millisecond later', 24, 1, 251, 6, 1],
    ['half, an hour before', 1, 0, 251, 6, 1],
    ['nothing after that', 1, 1, 0, 4, undefined],
  ])('is %s', async (_, hours, ms, refundMinor, creditsLeft, tierHours) => {
    const now = hoursBefore(hours, ms);
    const { body } = await preview().expect(200);
    expect(body).toEqual({ refundMinor, ...(tierHours !== undefined && { nextTierAt: new Date(later(startsAt(), -tierHours)).toISOString() }) });
    const cancelled = await acts.cancel(mia, hold.id, { expectRefundMinor: refundMinor }).expect(200);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', paidMinor: 501, refundedMinor: refundMinor, cancelledAt: now.toISOString() });
    expect(await spent()).toBe(10 - creditsLeft);
    expect(await payments.refunds(hold.id)).toEqual(
      refundMinor === 0 ? [] : [{ paymentId: expect.any(String), amountMinor: refundMinor, credits: creditsLeft - 4, reason: 'cancelled', status: 'succeeded' }],
    );
    jest.restoreAllMocks();
    expect(await isFree()).toBe(true);
  });

  it('is asked for again when it is no longer what was shown', async () => {
    hoursBefore(30);
    const { refundMinor } = (await preview().expect(200)).body as { refundMinor: number };
    hoursBefore(23);
    const before = await shown();
    expect((await acts.cancel(mia, hold.id, { expectRefundMinor: refundMinor }).expect(409)).body).toMatchObject({ code: 'parking.refund-stale', refundMinor: 251 });
    expect([await shown(), await spent(), await payments.refunds(hold.id)]).toEqual([before, 6, []]);
    await acts.cancel(mia, hold.id, { expectRefundMinor: 251 }).expect(200);
  });

  it('is nothing once the stay has begun: it cannot be cancelled', async () => {
    hoursBefore(0);
    expect((await preview().expect(409)).body.code).toBe('parking.started');
    expect((await acts.cancel(mia, hold.id).expect(409)).body.code).toBe('parking.started');
    await acts.checkIn(mia, hold.id).expect(200);
    expect((await acts.cancel(mia, hold.id).expect(409)).body.code).toBe('parking.started');
    expect((await acts.cancel(parking.operator, hold.id).expect(409)).body.code).toBe('parking.started');
    expect((await shown()).status).toBe('checked-in');
  });

  it('comes back once', async () => {
    const key = randomUUID();
    const cancel = (to = key) => acts.post(mia, `reservations/${hold.id}/cancel`, {}, to);
    const first = await cancel().expect(200);
    const again = await cancel().expect(200);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect((await cancel(randomUUID()).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'cancelled' });
    expect((await preview().expect(409)).body.code).toBe('parking.wrong-state');
    expect(await spent()).toBe(0);
  });

  it('comes back once, of twenty that cancel at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => acts.cancel(mia, hold.id)));
    expect(answers.map(({ body }) => body.code ?? 'done').sort()).toEqual(['done', ...Array.from({ length: 19 }, () => 'parking.wrong-state')]);
    expect(await spent()).toBe(0);
    expect(await payments.refunds(hold.id)).toHaveLength(1);
  });

  it('is all when an operator cancels, whatever the time, and that is written down', async () => {
    hoursBefore(-0.5);
    expect((await preview(parking.operator).expect(200)).body).toEqual({ refundMinor: 501 });
    const { body } = await acts.cancel(parking.operator, hold.id).expect(200);
    expect(body).toMatchObject({ status: 'cancelled', refundedMinor: 501 });
    expect(await spent()).toBe(0);
    expect(await payments.refunds(hold.id)).toMatchObject([{ credits: 6, reason: 'operator' }]);
    const [entry, ...others] = await audited();
    expect(others).toEqual([]);
    expect({ ...entry, details: JSON.parse(entry!.details) }).toEqual({ actorId: parking.operator.id, action: 'reservation.cancelled', details: { memberId: mia.id, refundMinor: 501 } });
  });
});

it('by card, what comes back comes from the provider', async () => {
  await acts.paidByCard(mia, hold.id);
  hoursBefore(20);
  const { body } = await acts.cancel(mia, hold.id).expect(200);
  expect(body).toMatchObject({ status: 'cancelled', paidMinor: 501, refundedMinor: 251 });
  await acts.heard();
  const [refund] = await payments.refunds(hold.id);
  expect(refund).toEqual({ paymentId: expect.any(String), amountMinor: 251, credits: 0, reason: 'cancelled', status: 'succeeded' });
  expect(await payments.atSandbox(refund!.paymentId)).toEqual({ status: 'paid', refundedMinor: 251 });
  expect(await spent()).toBe(0);
});

it('of a stay that was made longer, what was paid last comes back first', async () => {
  await acts.paidByCard(mia, hold.id);
  await acts.extend(mia, hold.id, later(hold['endsAt'] as string, 3), { method: 'credits' }).expect(200);
  expect(await spent()).toBe(6);
  hoursBefore(20);
  expect((await acts.cancel(mia, hold.id).expect(200)).body).toMatchObject({ paidMinor: 1_002, refundedMinor: 501 });
  await acts.heard();
  expect(await payments.refunds(hold.id)).toMatchObject([{ amountMinor: 501, credits: 6 }]);
  expect(await spent()).toBe(0);
});

it('nothing can be cancelled that has lapsed, or is somebody else\'s', async () => {
  const ben = await parking.given.member();
  expect((await preview(ben).expect(404)).body.code).toBe('not-found');
  expect((await acts.cancel(ben, hold.id).expect(404)).body.code).toBe('not-found');
  await acts.cancel(mia, randomUUID()).expect(404);
  await parking.http.post(`/api/reservations/${hold.id}/cancel`).expect(401);
  for (const wrong of [{ expectRefundMinor: -1 }, { expectRefundMinor: 0.5 }, { expectRefundMinor: '0' }, { expectRefundMinor: null }, { reason: 'rain' }, []]) {
    expect((await acts.cancel(mia, hold.id, wrong).expect(400)).body.code).toBe('request.invalid');
  }
  await parking.lapse(hold.id);
  expect((await acts.cancel(mia, hold.id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'expired' });
  expect((await preview().expect(409)).body.code).toBe('parking.wrong-state');
});
