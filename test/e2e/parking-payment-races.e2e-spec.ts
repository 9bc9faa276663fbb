import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Payments } from '../../src/features/parking/payments/payments.service.js';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import { ReservationRepository } from '../../src/features/parking/reservations/reservation.repository.js';
import { Clock } from '../../src/platform/clock/clock.js';
import type { GivenMember } from '../support/app.js';
import { actsOf, later, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { paymentsOf, type GivenPayment, type ParkingPayments } from '../support/parking-payments.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenSpot, type GivenVehicle, type Parking, type Window } from '../support/parking.js';

let parking: Parking;
let acts: ParkingActs;
let payments: ParkingPayments;
let garage: GivenGarage;
let spots: GivenSpot[];
let mia: GivenMember;
let ben: GivenMember;
let car: GivenVehicle;
let bens: GivenVehicle;

beforeAll(async () => {
  parking = await openParking();
  await stopSchedules(parking.app);
  [acts, payments] = [actsOf(parking), paymentsOf(parking)];
});
beforeEach(async () => {
  garage = await parking.garage();
  spots = await parking.spots(garage.id, 1);
  [mia, ben] = [await parking.given.member({ credits: 10 }), await parking.given.member({ credits: 10 })];
  [car, bens] = [await parking.vehicle(mia), await parking.vehicle(ben)];
});
afterEach(async () => {
  jest.restoreAllMocks();
  await payments.told();
  expect(await parking.violations()).toEqual([]);
});
afterAll(() => parking.close());

const window = () => parking.window(20, 120);
const shown = (id: string, member = mia) => acts.shown(member, id);
const credits = async (member = mia): Promise<number> => (await parking.http.get('/api/credits').set(member.auth).expect(200)).body.available;
const setClock = (time: string) => jest.spyOn(parking.app.app.get(Clock), 'now').mockReturnValue(new Date(time));

interface Unheard {
  hold: GivenReservation;
  payment: GivenPayment;
}

/** A hold that was paid by card, of which nobody here has heard. */
async function paidUnheard(when: Window = window()): Promise<Unheard> {
  const hold = await parking.booked(mia, garage.id, car.id, when);
  const payment = await payments.opened(mia, hold.id);
  await payments.paidUnheard(payment);
  return { hold, payment };
}

async function lateOne(when?: Window): Promise<Unheard> {
  const paid = await paidUnheard(when);
  await parking.lapse(paid.hold.id);
  return paid;
}

/** All of it came back, also at the provider. */
async function expectGivenBack({ hold, payment: { paymentId } }: Unheard, reason: string, status: string): Promise<void> {
  expect(await shown(hold.id)).toMatchObject({ status, paidMinor: 400, refundedMinor: 400 });
  expect(await payments.refunds(hold.id)).toEqual([{ paymentId, amountMinor: 400, credits: 0, reason, status: 'succeeded' }]);
  expect(await payments.atSandbox(paymentId)).toEqual({ status: 'paid', refundedMinor: 400 });
}

/** It has a spot, and nothing came back. */
async function expectConfirmed({ hold, payment }: Unheard, spot: GivenSpot): Promise<void> {
  expect(await shown(hold.id)).toMatchObject({ status: 'confirmed', holdExpiresAt: null, spotId: spot.id, spotLabel: spot.label, paidMinor: 400, refundedMinor: 0 });
  expect(await payments.refunds(hold.id)).toEqual([]);
  expect(await payments.atSandbox(payment.paymentId)).toEqual({ status: 'paid', refundedMinor: 0 });
}

describe('a payment that comes late', () => {
  it.each([['untidied', false], ['tidied', true]])('takes its spot again when it is free, though another fits better, of a hold that is %s', async (_, isTidied) => {
    garage = await parking.garage();
    const [own] = await parking.spots(garage.id, [{ ord: 5 }]);
    const late = await lateOne();
    if (isTidied) await parking.app.app.get(Lapses).sweep();
    await parking.spots(garage.id, 1);
    await payments.told();
    await expectConfirmed(late, own!);
  });

  it('takes another spot when its own is taken', async () => {
    const late = await lateOne();
    await parking.booked(ben, garage.id, bens.id, window());
    const [other] = await parking.spots(garage.id, 1);
    await payments.told();
    await expectConfirmed(late, other!);
  });

  it('takes no spot that is too small, or accessible, and comes back in full', async () => {
    const late = await lateOne();
    await parking.booked(ben, garage.id, bens.id, window());
    await parking.spots(garage.id, [{ size: 'compact' }, { features: ['accessible'] }]);
    await payments.told();
    await expectGivenBack(late, 'late', 'expired');
  });

  it('comes back in full when the vehicle is elsewhere by then', async () => {
    const late = await lateOne();
    const other = await parking.garage();
    await parking.spots(other.id, 1);
    await parking.booked(mia, other.id, car.id, parking.window(21, 30));
    await payments.told();
    await expectGivenBack(late, 'late', 'expired');
  });

  it('is not kept from the spot by holds that are over as well', async () => {
    const late = await lateOne();
    const other = await parking.booked(ben, garage.id, bens.id, window());
    await parking.lapse(other.id);
    await payments.told();
    await expectConfirmed(late, spots[0]!);
    expect((await shown(other.id, ben)).status).toBe('expired');
  });

  it('is not kept from the spot by a hold of the vehicle elsewhere that is over as well', async () => {
    const late = await lateOne();
    const elsewhere = await parking.garage();
    await parking.spots(elsewhere.id, 1);
    await parking.lapse((await parking.booked(mia, elsewhere.id, car.id, window())).id);
    await payments.told();
    await expectConfirmed(late, spots[0]!);
  });

  it('comes back in full when the hold was cancelled', async () => {
    const paid = await paidUnheard();
    await acts.cancel(mia, paid.hold.id).expect(200);
    await payments.told();
    await expectGivenBack(paid, 'cancelled', 'cancelled');
  });

  it('comes back in full when nobody is expected any more', async () => {
    const late = await lateOne();
    setClock(later(late.hold['startsAt'] as string, 1));
    await payments.told();
    await expectGivenBack(late, 'late', 'expired');
  });

  it('is not too late while somebody still is expected', async () => {
    const late = await lateOne();
    setClock(later(late.hold['startsAt'] as string, 0.99));
    await payments.told();
    await expectConfirmed(late, spots[0]!);
  });

  it('and again for the same comes back once', async () => {
    const late = await lateOne();
    await payments.told();
    const { paymentId } = late.payment;
    for (const kind of ['succeeded', 'failed'] as const) await payments.say(payments.notice({ paymentId, kind })).expect(200);
    await expectConfirmed(late, spots[0]!);
  });
});

describe('time that runs out between reading and writing', () => {
  it('is over for credits: nothing is debited', async () => {
    const { id } = await parking.booked(mia, garage.id, car.id, window());
    const asRead = await parking.app.app.get(ReservationRepository).get(parking.database, id);
    await parking.lapse(id);
    await expect(parking.transactions.run((tx) => parking.app.app.get(Payments).payNow(tx, asRead, 'credits'))).rejects.toMatchObject({ code: 'parking.hold-expired' });
    expect(await shown(id)).toMatchObject({ status: 'expired', paidMinor: 0 });
    expect(await credits()).toBe(10);
  });

  it('is over for a card: its spot is taken again', async () => {
    const paid = await paidUnheard();
    const repository = parking.app.app.get(ReservationRepository);
    const update = repository.update.bind(repository);
    jest.spyOn(repository, 'update').mockImplementationOnce(async (tx, ...change) => {
      await tx.write('UPDATE reservation SET hold_expires_at = UTC_TIMESTAMP(3) WHERE id = ?', [paid.hold.id]);
      return update(tx, ...change);
    });
    await payments.told();
    await expectConfirmed(paid, spots[0]!);
    // It expired, and then was confirmed.
    expect((await shown(paid.hold.id))['version']).toBe(3);
  });
});

describe('a hold', () => {
  it('ends with the time in which somebody is expected: what nobody can use is not paid', async () => {
    const patient = await parking.garage({ holdSeconds: 86_400 });
    await parking.spots(patient.id, 1);
    const start = later(window().startsAt, 0);
    setClock(later(start, 0.125));
    const { body } = await parking.book(mia, patient.id, car.id, { startsAt: start, endsAt: later(start, 3) }).expect(201);
    // An hour after the start, which is 52.5 minutes from then.
    expect(Date.parse(body.holdExpiresAt) - Date.parse(body.createdAt)).toBe(52.5 * 60_000);
  });
});

describe('at one moment', () => {
  const ROUNDS = 30;
  const rounds = Array.from({ length: ROUNDS }, (_, round) => round);

  it('a payment and the end of its hold and another who wants the spot: one of them has it', async () => {
    const outcomes = { mine: 0, bens: 0 };
    for (const round of rounds) {
      const when = parking.window(20 + 2 * round, 120);
      const paid = await paidUnheard(when);
      const notice = await payments.genuine(paid.payment);
      // So long from now: at first it is over before, at last it is not.
      await parking.transactions.run((tx) =>
        tx.write('UPDATE reservation SET hold_expires_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND WHERE id = ?', [(round - 5) * 1_500, paid.hold.id]),
      );
      const [said, asked] = await Promise.all([
        payments.say(notice),
        parking.book(ben, garage.id, bens.id, when),
      ]);
      expect(said.status).toBe(200);
      const isMine = asked.status !== 201;
      outcomes[isMine ? 'mine' : 'bens'] += 1;
      if (isMine) {
        expect(asked.body.code).toBe('parking.full');
        expect(await shown(paid.hold.id)).toMatchObject({ status: 'confirmed', paidMinor: 400, refundedMinor: 0 });
      } else {
        expect(await shown(paid.hold.id)).toMatchObject({ status: 'expired', paidMinor: 400, refundedMinor: 400 });
      }
      expect(await parking.violations()).toEqual([]);
    }
    expect(outcomes.mine + outcomes.bens).toBe(ROUNDS);
  });

  it('credits and a cancellation: all is as it was, or comes back', async () => {
    for (const round of rounds.slice(0, 15)) {
      const { id } = await parking.booked(mia, garage.id, car.id, parking.window(20 + 2 * round, 120));
      const [paid, cancelled] = await Promise.all([acts.pay(mia, id), acts.cancel(mia, id)]);
      expect(cancelled.status).toBe(200);
      expect(paid.body.code ?? paid.status).toEqual(paid.status === 201 ? 201 : 'parking.wrong-state');
      const given = paid.status === 201 ? 400 : 0;
      expect(await shown(id)).toMatchObject({ status: 'cancelled', paidMinor: given, refundedMinor: given });
      expect(await credits()).toBe(10);
    }
  });

  it('a webhook and a cancellation: all comes back', async () => {
    for (const round of rounds.slice(0, 15)) {
      const paid = await paidUnheard(parking.window(20 + 2 * round, 120));
      const notice = await payments.genuine(paid.payment);
      const { id } = paid.hold;
      const [said, cancelled] = await Promise.all([payments.say(notice), acts.cancel(mia, id)]);
      expect([said.status, cancelled.status]).toEqual([200, 200]);
      expect(await shown(id)).toMatchObject({ status: 'cancelled', paidMinor: 400, refundedMinor: 400 });
      expect(await payments.refunds(id)).toHaveLength(1);
    }
  });

  it('webhooks, the same and others: it is confirmed once', async () => {
    for (const round of rounds.slice(0, 10)) {
      const { id } = await parking.booked(mia, garage.id, car.id, parking.window(20 + 2 * round, 120));
      const { paymentId } = await payments.opened(mia, id);
      const [one, other] = [payments.notice({ paymentId }), payments.notice({ paymentId })];
      const said = await Promise.all([one, one, other, other, one].map((notice) => payments.say(notice)));
      expect(said.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(await shown(id)).toMatchObject({ status: 'confirmed', paidMinor: 400, refundedMinor: 0, version: 2 });
      expect(await payments.refunds(id)).toEqual([]);
    }
  });

  it('a webhook and credits: one of them pays, and the other comes back', async () => {
    for (const round of rounds.slice(0, 2)) {
      const paid = await paidUnheard(parking.window(20 + 2 * round, 120));
      const notice = await payments.genuine(paid.payment);
      const { id } = paid.hold;
      const before = await credits();
      const [said, withCredits] = await Promise.all([payments.say(notice), acts.pay(mia, id)]);
      expect(said.status).toBe(200);
      const isTwice = withCredits.status === 201;
      if (!isTwice) expect(withCredits.body.code).toBe('parking.already-paid');
      expect(await shown(id)).toMatchObject({ status: 'confirmed', paidMinor: isTwice ? 800 : 400, refundedMinor: isTwice ? 400 : 0 });
      expect(await credits()).toBe(isTwice ? before - 4 : before);
    }
  });
});
