import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { GivenMember } from '../support/app.js';
import { actsOf, later, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenVehicle, type Parking, type Window } from '../support/parking.js';

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
  await acts.heard();
  expect(await parking.violations()).toEqual([]);
});

const setClock = (time: string) => jest.spyOn(parking.app.app.get(Clock), 'now').mockReturnValue(new Date(time));
const sweep = () => parking.app.app.get(Lapses).sweep();
const statusesOf = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).sort();
const codesOf = (answers: readonly { status: number; body: { code?: string } }[]) => answers.map(({ body, status }) => body.code ?? String(status)).sort();

/** Somebody who has one of some spots for two hours, paid with credits unless said otherwise. */
interface GivenStay {
  garage: GivenGarage;
  mia: GivenMember;
  car: GivenVehicle;
  window: Window;
  stay: GivenReservation;
}

interface GivenStayOptions {
  credits?: number;
  spots?: number;
  method?: 'card' | 'credits';
  garage?: object;
  window?: Window;
}

async function givenStay({ credits = 100, spots = 1, method = 'credits', garage: settings = {}, window = parking.window(24, 120) }: GivenStayOptions = {}): Promise<GivenStay> {
  const garage = await parking.garage(settings);
  await parking.spots(garage.id, spots);
  const mia = await parking.given.member({ credits });
  const car = await parking.vehicle(mia);
  const { id } = await parking.booked(mia, garage.id, car.id, window);
  if (method === 'credits') await acts.pay(mia, id).expect(201);
  else await acts.paidByCard(mia, id);
  return { garage, mia, car, window, stay: await acts.shown(mia, id) };
}

/** Somebody else asks for a time in the same garage. */
async function asks(garage: GivenGarage, window: Window) {
  const ben = await parking.given.member();
  return parking.book(ben, garage.id, (await parking.vehicle(ben)).id, window);
}

describe('an extension with credits', () => {
  it('debits the difference, and the stay is longer at once', async () => {
    const { mia, stay, garage } = await givenStay();
    const endsAt = later(stay['endsAt'] as string, 3);
    const { body } = await acts.extend(mia, stay.id, endsAt).expect(200);
    expect(body).toMatchObject({ id: stay.id, spotId: stay.spotId, status: 'confirmed', endsAt, priceMinor: 1_000, credits: 10, paidMinor: 1_000, refundedMinor: 0, holdExpiresAt: null });
    expect(body).not.toHaveProperty('extension');
    expect(body.lines).toEqual([expect.objectContaining({ from: stay['startsAt'], to: endsAt, minutes: 300, amountMinor: 1_000 })]);
    expect(body).toEqual(await acts.shown(mia, stay.id));
    expect(await acts.spent(mia)).toBe(10);
    expect((await asks(garage, { startsAt: later(endsAt, -1), endsAt })).body.code).toBe('parking.full');
    expect((await asks(garage, { startsAt: endsAt, endsAt: later(endsAt, 1) })).status).toBe(201);
  });

  it('comes to the price and the credits of the whole at once, whatever the rates, caps and times', async () => {
    const garage = await parking.garage({
      minMinutes: 15,
      rates: {
        compact: { hourlyMinor: 333, stepMinutes: 20, dailyCapMinor: 1_111 },
        regular: { hourlyMinor: 199, stepMinutes: 60, dailyCapMinor: 777 },
        large: { hourlyMinor: 57, stepMinutes: 15 },
      },
    });
    await parking.spots(garage.id, [{ size: 'large' }]);
    const mia = await parking.given.member({ credits: 1_000 });
    const cars = { compact: await parking.vehicle(mia, { size: 'compact' }), regular: await parking.vehicle(mia), large: await parking.vehicle(mia, { size: 'large' }) };
    const base = parking.window(30, 60).startsAt;
    const order = fc.record({ size: fc.constantFrom('compact' as const, 'regular' as const, 'large' as const), start: fc.nat(200), parts: fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 2, maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(order, async ({ size, start, parts }) => {
        const startsAt = later(base, start / 4);
        const before = await acts.spent(mia);
        let endsAt = later(startsAt, parts[0]! / 4);
        const stay = await acts.confirmed(mia, garage.id, cars[size].id, { startsAt, endsAt });
        for (const part of parts.slice(1)) {
          endsAt = later(endsAt, part / 4);
          await acts.extend(mia, stay.id, endsAt).expect(200);
        }
        const whole = (await acts.post(mia, 'parking/quotes', { garageId: garage.id, vehicleId: cars[size].id, startsAt, endsAt }).expect(200)).body;
        const { priceMinor, credits, paidMinor, lines } = await acts.shown(mia, stay.id);
        expect({ priceMinor, credits, paidMinor, lines, debited: (await acts.spent(mia)) - before }).toEqual({
          priceMinor: whole.priceMinor, credits: whole.credits, paidMinor: whole.priceMinor, lines: whole.lines, debited: whole.credits,
        });
        await acts.cancel(mia, stay.id, { expectRefundMinor: whole.priceMinor }).expect(200);
        expect(await acts.spent(mia)).toBe(before);
      }),
      { numRuns: 25 },
    );
  });

  it('changes nothing when there are too few', async () => {
    const { mia, stay, garage } = await givenStay({ credits: 6 });
    expect((await acts.extend(mia, stay.id, later(stay['endsAt'] as string, 3)).expect(402)).body.code).toBe('credits.insufficient');
    expect(await acts.shown(mia, stay.id)).toEqual(stay);
    expect(await acts.spent(mia)).toBe(4);
    expect((await asks(garage, { startsAt: stay['endsAt'] as string, endsAt: later(stay['endsAt'] as string, 3) })).status).toBe(201);
  });

  it('goes by the tariff that the stay was booked with, whatever holds by now', async () => {
    const { mia, stay, garage } = await givenStay();
    const elements = ['compact', 'regular', 'large'].map((size) => ({ size, hourlyMinor: 9_000, stepMinutes: 60 }));
    await parking.http.put(`/api/garages/${garage.id}/tariff`).set(parking.operator.auth).send({ elements }).expect(200);
    const { body } = await acts.extend(mia, stay.id, later(stay['endsAt'] as string, 1)).expect(200);
    expect(body).toMatchObject({ priceMinor: 600, paidMinor: 600 });
    expect((await acts.post(mia, 'parking/quotes', { garageId: garage.id, size: 'regular', startsAt: stay['startsAt'], endsAt: body.endsAt }).expect(200)).body.priceMinor).toBe(27_000);
  });

  it('is one, and debited once, when it is asked for at once or with the same key', async () => {
    const { mia, stay } = await givenStay();
    const endsAt = later(stay['endsAt'] as string, 2);
    const atOnce = await Promise.all(Array.from({ length: 8 }, () => acts.extend(mia, stay.id, endsAt)));
    expect(codesOf(atOnce)).toEqual(['200', ...Array(7).fill('parking.extension-shorter')]);
    expect(await acts.spent(mia)).toBe(8);

    const key = randomUUID();
    const again = later(endsAt, 1);
    const twins = await Promise.all(Array.from({ length: 8 }, () => acts.extend(mia, stay.id, again, {}, key)));
    expect(statusesOf(twins)).toEqual(Array(8).fill(200));
    for (const { body } of twins) expect(body).toEqual(twins[0]!.body);
    expect(twins.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(7);
    expect((await acts.extend(mia, stay.id, later(again, 1), {}, key).expect(422)).body.code).toBe('idempotency.key-reused');
    expect(await acts.spent(mia)).toBe(10);
  });

  it('is as long as the longest that is asked for at once, and costs what that costs', async () => {
    const { mia, stay } = await givenStay();
    const ends = [1, 2, 3, 4, 5].map((hours) => later(stay['endsAt'] as string, hours));
    const answers = await Promise.all(ends.map((endsAt) => acts.extend(mia, stay.id, endsAt)));
    expect(answers.at(-1)!.status).toBe(200);
    for (const { body, status } of answers) expect(body.code ?? status).toEqual(status === 200 ? 200 : 'parking.extension-shorter');
    expect(await acts.shown(mia, stay.id)).toMatchObject({ endsAt: ends.at(-1), priceMinor: 1_400, paidMinor: 1_400 });
    expect(await acts.spent(mia)).toBe(14);
  });

  it('meets a booking of the same time: one of them has it', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { mia, stay, garage } = await givenStay();
      const more = { startsAt: stay['endsAt'] as string, endsAt: later(stay['endsAt'] as string, 2) };
      const ben = await parking.given.member();
      const bike = await parking.vehicle(ben);
      const [extended, booked] = await Promise.all([acts.extend(mia, stay.id, more.endsAt), parking.book(ben, garage.id, bike.id, more)]);
      expect([extended.body.code ?? extended.status, booked.body.code ?? booked.status]).toEqual(extended.status === 200 ? [200, 'parking.full'] : ['parking.spot-taken', 201]);
    }
  });
});

describe('an extension by card', () => {
  it('keeps the spot from others, and the stay is longer when it is paid', async () => {
    const { mia, stay, garage } = await givenStay({ method: 'card' });
    const endsAt = later(stay['endsAt'] as string, 3);
    const { body: pending } = await acts.extend(mia, stay.id, endsAt).expect(200);
    expect(pending).toMatchObject({ status: 'confirmed', endsAt: stay['endsAt'], priceMinor: 400, paidMinor: 400, holdExpiresAt: null });
    expect(pending.extension).toEqual({ endsAt, priceMinor: 1_000, dueMinor: 600, holdExpiresAt: expect.stringMatching(/Z$/) });
    const more = { startsAt: stay['endsAt'] as string, endsAt };
    expect((await asks(garage, more)).body.code).toBe('parking.full');
    expect((await acts.pay(mia, stay.id, 'card').expect(201)).body).toMatchObject({ status: 'pending', amountMinor: 600, clientSecret: expect.any(String), url: expect.stringContaining('/api/sandbox/payments/') });

    await acts.paidByCard(mia, stay.id);
    const longer = await acts.shown(mia, stay.id);
    expect(longer).toMatchObject({ status: 'confirmed', endsAt, priceMinor: 1_000, paidMinor: 1_000, refundedMinor: 0 });
    expect(longer).not.toHaveProperty('extension');
    expect((await asks(garage, more)).body.code).toBe('parking.full');
    expect((await acts.pay(mia, stay.id, 'card').expect(409)).body.code).toBe('parking.already-paid');
  });

  it('lapses when it is not paid: the time is free for others, and the stay is as long as it was', async () => {
    const { mia, stay, garage } = await givenStay({ method: 'card' });
    const endsAt = later(stay['endsAt'] as string, 3);
    await acts.extend(mia, stay.id, endsAt).expect(200);
    await parking.lapse(stay.id);
    const lapsed = await acts.shown(mia, stay.id);
    expect(lapsed).toMatchObject({ status: 'confirmed', endsAt: stay['endsAt'], priceMinor: 400 });
    expect(lapsed).not.toHaveProperty('extension');
    expect((await acts.pay(mia, stay.id, 'card').expect(409)).body.code).toBe('parking.hold-expired');
    // Nobody has tidied it yet.
    expect((await asks(garage, { startsAt: stay['endsAt'] as string, endsAt })).status).toBe(201);
    expect((await acts.extend(mia, stay.id, endsAt).expect(409)).body.code).toBe('parking.spot-taken');
    expect((await acts.pay(mia, stay.id, 'card').expect(409)).body.code).toBe('parking.already-paid');
  });

  it.each([['longer', 4], ['shorter', 1], ['as long', 2]])('takes the place of one that is pending, and is %s', async (_, hours) => {
    const { mia, stay, garage } = await givenStay({ method: 'card' });
    const first = later(stay['endsAt'] as string, 2);
    await acts.extend(mia, stay.id, first).expect(200);
    const payment = (await acts.pay(mia, stay.id, 'card').expect(201)).body;
    const endsAt = later(stay['endsAt'] as string, hours);
    expect((await acts.extend(mia, stay.id, endsAt).expect(200)).body.extension).toMatchObject({ endsAt, dueMinor: 200 * hours });
    expect((await acts.press(payment).expect(409)).body.code).toBe('payments.closed');
    expect((await asks(garage, { startsAt: later(endsAt, -1), endsAt })).body.code).toBe('parking.full');
    expect((await asks(garage, { startsAt: endsAt, endsAt: later(endsAt, 1) })).status).toBe(201);
    await acts.paidByCard(mia, stay.id);
    expect(await acts.shown(mia, stay.id)).toMatchObject({ endsAt, priceMinor: 400 + 200 * hours, paidMinor: 400 + 200 * hours });
  });

  it('that is pending is its member\'s to change, whoever waits for the time', async () => {
    const { mia, stay, garage } = await givenStay({ method: 'card', credits: 0 });
    const [second, third] = [later(stay['endsAt'] as string, 2), later(stay['endsAt'] as string, 3)];
    await acts.extend(mia, stay.id, second).expect(200);
    const ben = await parking.given.member();
    const first = (await acts.join(ben, garage.id, (await parking.vehicle(ben)).id, { startsAt: stay['endsAt'] as string, endsAt: later(stay['endsAt'] as string, 1) }).expect(201)).body;
    const last = (await acts.join(ben, garage.id, (await parking.vehicle(ben)).id, { startsAt: later(second, -1), endsAt: second }).expect(201)).body;
    expect([first.status, last.status]).toEqual(['waiting', 'waiting']);

    expect((await acts.extend(mia, stay.id, third).expect(200)).body.extension.endsAt).toBe(third);
    expect((await acts.entry(ben, first.id)).status).toBe('waiting');
    expect((await acts.extend(mia, stay.id, later(second, -1)).expect(200)).body.extension.endsAt).toBe(later(second, -1));
    expect((await acts.entry(ben, last.id)).status).toBe('offered');
    expect((await acts.entry(ben, first.id)).status).toBe('waiting');
    await acts.extend(mia, stay.id, later(second, -1), { method: 'credits' }).expect(402);
    expect(await acts.shown(mia, stay.id)).toMatchObject({ endsAt: stay['endsAt'], extension: { endsAt: later(second, -1) } });
  });

  it('that is pending stays when another one cannot be had', async () => {
    const { mia, stay, garage } = await givenStay({ method: 'card' });
    const endsAt = later(stay['endsAt'] as string, 1);
    expect((await asks(garage, { startsAt: endsAt, endsAt: later(endsAt, 1) })).status).toBe(201);
    await acts.extend(mia, stay.id, endsAt).expect(200);
    const payment = (await acts.pay(mia, stay.id, 'card').expect(201)).body;
    expect((await acts.extend(mia, stay.id, later(endsAt, 1)).expect(409)).body.code).toBe('parking.spot-taken');
    expect(await acts.shown(mia, stay.id)).toMatchObject({ extension: { endsAt } });
    await acts.press(payment).expect(200);
    await acts.heard();
    expect(await acts.shown(mia, stay.id)).toMatchObject({ endsAt, paidMinor: 600 });
  });

  it('takes the time again when it is paid too late and the time is free', async () => {
    const { mia, stay } = await givenStay({ method: 'card' });
    const endsAt = later(stay['endsAt'] as string, 2);
    await acts.extend(mia, stay.id, endsAt).expect(200);
    const payment = (await acts.pay(mia, stay.id, 'card').expect(201)).body;
    await parking.lapse(stay.id);
    await sweep();
    await acts.press(payment).expect(200);
    await acts.heard();
    expect(await acts.shown(mia, stay.id)).toMatchObject({ endsAt, priceMinor: 800, paidMinor: 800, refundedMinor: 0 });
  });

  it('gives all back when it is paid too late and somebody else has the time', async () => {
    const { mia, stay, garage } = await givenStay({ method: 'card' });
    const endsAt = later(stay['endsAt'] as string, 2);
    await acts.extend(mia, stay.id, endsAt).expect(200);
    const payment = (await acts.pay(mia, stay.id, 'card').expect(201)).body;
    await parking.lapse(stay.id);
    expect((await asks(garage, { startsAt: stay['endsAt'] as string, endsAt })).status).toBe(201);
    await acts.press(payment).expect(200);
    await acts.heard();
    expect(await acts.shown(mia, stay.id)).toMatchObject({ status: 'confirmed', endsAt: stay['endsAt'], priceMinor: 400, paidMinor: 800, refundedMinor: 400 });
    const refunds = await parking.database.rows('SELECT r.amount_minor AS amountMinor FROM sandbox_refund r JOIN sandbox_payment p ON p.intent_id = r.intent_id WHERE p.payment_id = ?', [payment.paymentId]);
    expect(refunds).toEqual([{ amountMinor: 400 }]);
    // What is left is what the stay cost.
    await acts.cancel(mia, stay.id, { expectRefundMinor: 400 }).expect(200);
  });

  it('gives all back when it is paid too late and the stay was made longer meanwhile', async () => {
    const { mia, stay } = await givenStay({ method: 'card', credits: 50 });
    const endsAt = later(stay['endsAt'] as string, 2);
    await acts.extend(mia, stay.id, endsAt).expect(200);
    const payment = (await acts.pay(mia, stay.id, 'card').expect(201)).body;
    await parking.lapse(stay.id);
    await sweep();
    await acts.press(payment).expect(200);
    await Promise.all([acts.extend(mia, stay.id, later(endsAt, 2), { method: 'credits' }), acts.heard()]);
    const { endsAt: end, priceMinor, paidMinor, refundedMinor } = await acts.shown(mia, stay.id);
    expect({ end, priceMinor, net: (paidMinor as number) - (refundedMinor as number) }).toEqual({ end: later(endsAt, 2), priceMinor: 1_200, net: 1_200 });
  });

  it('is paid with credits where its member says so, and the other way round', async () => {
    const byCard = await givenStay({ method: 'card', credits: 50 });
    const endsAt = later(byCard.stay['endsAt'] as string, 1);
    expect((await acts.extend(byCard.mia, byCard.stay.id, endsAt, { method: 'credits' }).expect(200)).body).toMatchObject({ endsAt, paidMinor: 600 });
    expect(await acts.spent(byCard.mia)).toBe(2);
    const byCredits = await givenStay();
    expect((await acts.extend(byCredits.mia, byCredits.stay.id, endsAt, { method: 'card' }).expect(200)).body).toMatchObject({ endsAt: byCredits.stay['endsAt'], extension: { endsAt, dueMinor: 200 } });
    // Asked for by card, and paid with credits after all.
    expect((await acts.pay(byCredits.mia, byCredits.stay.id, 'credits').expect(201)).body).toMatchObject({ status: 'succeeded', credits: 2 });
    expect(await acts.shown(byCredits.mia, byCredits.stay.id)).toMatchObject({ endsAt, paidMinor: 600 });
    expect(await acts.spent(byCredits.mia)).toBe(6);
  });

  it('is done at once where it costs nothing more', async () => {
    const rate = { hourlyMinor: 200, stepMinutes: 60, dailyCapMinor: 400 };
    const day = parking.window(24, 60).startsAt.slice(0, 10);
    const window = { startsAt: `${day}T08:00:00.000Z`, endsAt: `${day}T10:00:00.000Z` };
    const { mia, stay } = await givenStay({ method: 'card', credits: 0, window, garage: { timeZone: 'UTC', rates: { compact: rate, regular: rate, large: rate } } });
    const endsAt = `${day}T23:45:00.000Z`;
    expect((await acts.extend(mia, stay.id, endsAt).expect(200)).body).toMatchObject({ endsAt, priceMinor: 400, paidMinor: 400 });
    expect((await acts.pay(mia, stay.id, 'card').expect(409)).body.code).toBe('parking.already-paid');
    // The next local day has a cap of its own.
    expect((await acts.extend(mia, stay.id, later(endsAt, 1.25)).expect(200)).body).toMatchObject({ endsAt, extension: { dueMinor: 200 } });
  });

  it('is kept when the vehicle comes in meanwhile', async () => {
    const { mia, stay, garage } = await givenStay({ method: 'card' });
    const endsAt = later(stay['endsAt'] as string, 2);
    await acts.extend(mia, stay.id, endsAt).expect(200);
    setClock(stay['startsAt'] as string);
    expect((await acts.checkIn(mia, stay.id).expect(200)).body).toMatchObject({ status: 'checked-in', extension: { endsAt } });
    expect((await asks(garage, { startsAt: stay['endsAt'] as string, endsAt })).body.code).toBe('parking.full');
    await acts.paidByCard(mia, stay.id);
    expect(await acts.shown(mia, stay.id)).toMatchObject({ status: 'checked-in', endsAt, paidMinor: 800 });
  });

  it.each(['cancel', 'check-out'] as const)('is let go of with the whole by %s', async (way) => {
    const { mia, stay, garage, car } = await givenStay({ method: 'card' });
    const endsAt = later(stay['endsAt'] as string, 2);
    await acts.extend(mia, stay.id, endsAt).expect(200);
    const payment = (await acts.pay(mia, stay.id, 'card').expect(201)).body;
    if (way === 'check-out') {
      setClock(stay['startsAt'] as string);
      await acts.checkIn(mia, stay.id).expect(200);
      await acts.checkOut(mia, stay.id).expect(200);
    } else {
      await acts.cancel(mia, stay.id, { expectRefundMinor: 400 }).expect(200);
    }
    expect(await acts.shown(mia, stay.id)).not.toHaveProperty('extension');
    expect((await acts.press(payment).expect(409)).body.code).toBe('payments.closed');
    expect((await parking.book(mia, garage.id, car.id, { startsAt: stay['startsAt'] as string, endsAt }).expect(201)).body.spotId).toBe(stay.spotId);
  });
});

describe('an extension is refused', () => {
  it('that is not longer, or makes no sense', async () => {
    const { mia, stay, garage, window } = await givenStay({ garage: { maxMinutes: 240 } });
    const refusal = async (endsAt: string) => {
      const { status, body } = await acts.extend(mia, stay.id, endsAt);
      return [status, body.code];
    };
    for (const endsAt of [window.endsAt, later(window.endsAt, -1), later(window.startsAt, -1)]) {
      expect((await acts.extend(mia, stay.id, endsAt).expect(422)).body).toMatchObject({ code: 'parking.extension-shorter', endsAt: window.endsAt });
    }
    expect(await refusal(later(window.endsAt, 0.1))).toEqual([400, 'parking.window-invalid']);
    expect(await refusal(window.endsAt.replace('Z', ''))).toEqual([400, 'parking.window-invalid']);
    expect(await refusal('tomorrow')).toEqual([400, 'parking.window-invalid']);
    expect((await acts.extend(mia, stay.id, later(window.endsAt, 2.25)).expect(422)).body).toMatchObject({ code: 'parking.too-long', maxMinutes: 240 });
    expect((await acts.extend(mia, stay.id, later(window.endsAt, 1), { method: 'cash' }).expect(400)).body.code).toBe('request.invalid');
    expect(await acts.shown(mia, stay.id)).toEqual(stay);
    expect((await asks(garage, { startsAt: window.endsAt, endsAt: later(window.endsAt, 1) })).status).toBe(201);
    expect(await refusal(later(window.endsAt, 1))).toEqual([409, 'parking.spot-taken']);
    await acts.extend(mia, stay.id, later(window.endsAt, 2)).expect(409);
  });

  it('to a time that is over, and is not before', async () => {
    const { mia, stay, window } = await givenStay({ garage: { graceMinutes: 30 } });
    setClock(window.startsAt);
    await acts.checkIn(mia, stay.id).expect(200);
    // The vehicle is still there, in the time of grace.
    setClock(later(window.endsAt, 20 / 60));
    expect((await acts.extend(mia, stay.id, later(window.endsAt, 0.25)).expect(422)).body.code).toBe('parking.past');
    await acts.extend(mia, stay.id, later(window.endsAt, 0.5)).expect(200);
    setClock(later(window.endsAt, 1));
    expect((await acts.extend(mia, stay.id, later(window.endsAt, 2)).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'completed' });
  });

  it('of what is not there to be extended', async () => {
    const { mia, stay, garage, car, window } = await givenStay({ spots: 2 });
    const bike = await parking.vehicle(mia);
    const held = await parking.booked(mia, garage.id, bike.id, window);
    const extend = (id: string) => acts.extend(mia, id, later(window.endsAt, 1));
    expect((await extend(held.id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'held' });
    await parking.lapse(held.id);
    expect((await extend(held.id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'expired' });
    await acts.cancel(mia, stay.id).expect(200);
    expect((await extend(stay.id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'cancelled' });
    const { id } = await acts.confirmed(mia, garage.id, car.id, window);
    setClock(later(window.startsAt, 1));
    expect((await extend(id).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'no-show' });
  });

  it('when the vehicle is expected elsewhere', async () => {
    const { mia, stay, car, window } = await givenStay();
    const elsewhere = await parking.garage({ name: 'Elsewhere' });
    await parking.spots(elsewhere.id, 1);
    const next = await parking.booked(mia, elsewhere.id, car.id, { startsAt: later(window.endsAt, 1), endsAt: later(window.endsAt, 2) });
    await acts.extend(mia, stay.id, later(window.endsAt, 1)).expect(200);
    expect((await acts.extend(mia, stay.id, later(window.endsAt, 1.25)).expect(409)).body.code).toBe('parking.vehicle-busy');
    // A hold past its time keeps nobody anywhere.
    await parking.lapse(next.id);
    await acts.extend(mia, stay.id, later(window.endsAt, 1.25)).expect(200);
  });

  it('to everybody but its member', async () => {
    const { mia, stay } = await givenStay();
    const ben = await parking.given.member({ credits: 100 });
    const endsAt = later(stay['endsAt'] as string, 1);
    for (const other of [ben, parking.operator]) expect((await acts.extend(other, stay.id, endsAt).expect(404)).body.code).toBe('not-found');
    await acts.extend(mia, randomUUID(), endsAt).expect(404);
    await acts.extend(mia, 'nonsense', endsAt).expect(404);
    await parking.http.post(`/api/reservations/${stay.id}/extension`).send({ endsAt }).expect(401);
  });
});
