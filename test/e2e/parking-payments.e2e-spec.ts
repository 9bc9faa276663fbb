import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { Socket } from 'socket.io-client';
import { Lapses } from '../../src/features/parking/reservations/lapses.service.js';
import type { PaymentNotice } from '../../src/platform/payments/payment-provider.js';
import type { GivenMember } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { actsOf, stopSchedules, type ParkingActs } from '../support/parking-acts.js';
import { paymentsOf, type ParkingPayments } from '../support/parking-payments.js';
import { openParking, type GivenGarage, type GivenReservation, type GivenVehicle, type Parking } from '../support/parking.js';
import { connectSocket } from '../support/sockets.js';

let parking: Parking;
let acts: ParkingActs;
let payments: ParkingPayments;
let garage: GivenGarage;
let mia: GivenMember;
let ben: GivenMember;
let car: GivenVehicle;
/** A hold of two hours for 4 EUR or 4 credits. */
let hold: GivenReservation;

beforeAll(async () => {
  parking = await openParking();
  await stopSchedules(parking.app);
  [acts, payments] = [actsOf(parking), paymentsOf(parking)];
  ben = await parking.given.member();
});
beforeEach(async () => {
  garage = await parking.garage();
  await parking.spots(garage.id, 1);
  mia = await parking.given.member({ credits: 10 });
  car = await parking.vehicle(mia);
  hold = await parking.booked(mia, garage.id, car.id, parking.window(20, 120));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await payments.told();
  expect(await parking.violations()).toEqual([]);
});
afterAll(() => parking.close());

const credits = async (member = mia): Promise<number> => (await parking.http.get('/api/credits').set(member.auth).expect(200)).body.available;
const shown = (id = hold.id, member = mia) => acts.shown(member, id);
const paymentRows = (id = hold.id) =>
  parking.database.rows<{ id: string; status: string; method: string }>('SELECT id, status, method FROM payment WHERE reservation_id = ? ORDER BY created_at, id', [id]);
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => body.code ?? String(status);
const entriesOf = (paymentId: string) => parking.database.rows<{ amount: number; kind: string }>("SELECT kind, amount FROM credit_entry WHERE ref_type = 'payment' AND ref_id = ?", [paymentId]);

async function free(): Promise<GivenReservation> {
  const rate = { hourlyMinor: 0, stepMinutes: 60 };
  const cheap = await parking.garage({ rates: { compact: rate, regular: rate, large: rate } });
  await parking.spots(cheap.id, 1);
  return parking.booked(mia, cheap.id, car.id, parking.window(40, 60));
}

describe('paying with credits', () => {
  it('debits them once, and confirms', async () => {
    const { body } = await acts.pay(mia, hold.id).expect(201);
    expect(body).toEqual({ paymentId: expect.any(String), status: 'succeeded', method: 'credits', amountMinor: 400, currency: 'EUR', credits: 4 });
    expect(await credits()).toBe(6);
    expect(await entriesOf(body.paymentId)).toEqual([{ kind: 'spend', amount: -4 }]);
    expect(await shown()).toEqual({ ...hold, status: 'confirmed', holdExpiresAt: null, paidMinor: 400, version: 2 });
    expect((await acts.pay(mia, hold.id).expect(409)).body.code).toBe('parking.already-paid');
    expect((await acts.pay(mia, hold.id, 'card').expect(409)).body.code).toBe('parking.already-paid');
    expect(await credits()).toBe(6);
  });

  it('with too few changes nothing', async () => {
    const poor = await parking.given.member({ credits: 3 });
    const { id } = await parking.booked(poor, garage.id, (await parking.vehicle(poor)).id, parking.window(30, 120));
    const before = await shown(id, poor);
    const payment = await payments.opened(poor, id);
    expect((await acts.pay(poor, id).expect(402)).body.code).toBe('credits.insufficient');
    expect([await credits(poor), await shown(id, poor)]).toEqual([3, before]);
    expect(await payments.opened(poor, id)).toEqual(payment);
    expect(await payments.atSandbox(payment.paymentId)).toMatchObject({ status: 'open' });
  });

  it('is one payment for the same Idempotency-Key', async () => {
    const key = randomUUID();
    const first = await acts.pay(mia, hold.id, 'credits', key).expect(201);
    const again = await acts.pay(mia, hold.id, 'credits', key).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect((await acts.pay(mia, (await free()).id, 'credits', key).expect(422)).body.code).toBe('idempotency.key-reused');
    expect(await credits()).toBe(6);
  });

  it('twenty times at once takes them once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => acts.pay(mia, hold.id)));
    expect(answers.map(codeOf).sort()).toEqual(['201', ...Array.from({ length: 19 }, () => 'parking.already-paid')]);
    expect(await credits()).toBe(6);
    expect(await paymentRows()).toHaveLength(1);
  });

  it('for several holds at once takes no more than there are', async () => {
    const thrifty = await parking.given.member({ credits: 9 });
    await parking.spots(garage.id, 4);
    const holds: string[] = [];
    for (let nth = 0; nth < 4; nth += 1) holds.push((await parking.booked(thrifty, garage.id, (await parking.vehicle(thrifty)).id, parking.window(20, 120))).id);
    const answers = await Promise.all(holds.map((id) => acts.pay(thrifty, id)));
    expect(answers.map(codeOf).sort()).toEqual(['201', '201', 'credits.insufficient', 'credits.insufficient']);
    expect(await credits(thrifty)).toBe(1);
  });
});

describe.each(['credits', 'card'] as const)('by %s nobody pays', (method) => {
  it('when the time to pay is over', async () => {
    await parking.lapse(hold.id);
    expect((await acts.pay(mia, hold.id, method).expect(409)).body.code).toBe('parking.hold-expired');
    expect([await credits(), await paymentRows()]).toEqual([10, []]);
  });

  it('for what was cancelled', async () => {
    await acts.cancel(mia, hold.id).expect(200);
    expect((await acts.pay(mia, hold.id, method).expect(409)).body).toMatchObject({ code: 'parking.wrong-state', state: 'cancelled' });
  });

  it('for what is not theirs', async () => {
    for (const stranger of [ben, parking.operator]) expect((await acts.pay(stranger, hold.id, method).expect(404)).body.code).toBe('not-found');
    await acts.pay(mia, randomUUID(), method).expect(404);
    await parking.http.post(`/api/reservations/${hold.id}/payment`).send({ method }).expect(401);
    expect((await shown()).version).toBe(1);
  });

  it('anything for what costs nothing: it is confirmed at once', async () => {
    const { id } = await free();
    const { body } = await acts.pay(mia, id, method).expect(201);
    expect(body).toEqual({ paymentId: expect.any(String), status: 'succeeded', method, amountMinor: 0, currency: 'EUR', credits: 0 });
    expect(await shown(id)).toMatchObject({ status: 'confirmed', paidMinor: 0 });
    expect(await credits()).toBe(10);
    expect(await entriesOf(body.paymentId)).toEqual([]);
    expect((await acts.pay(mia, id, method).expect(409)).body.code).toBe('parking.already-paid');
  });
});

it.each([[{}], [{ method: 'cash' }], [{ method: null }], [{ method: 'card', amountMinor: 1 }]])('a payment by %j is refused', async (body) => {
  expect((await acts.post(mia, `reservations/${hold.id}/payment`, body).expect(400)).body.code).toBe('request.invalid');
});

describe('paying by card', () => {
  it('confirms when the provider says that it was paid', async () => {
    const payment = await payments.opened(mia, hold.id);
    expect(payment).toEqual({
      paymentId: expect.any(String), status: 'pending', method: 'card', amountMinor: 400, currency: 'EUR', credits: 0, clientSecret: expect.any(String), url: expect.any(String),
    });
    expect(new URL(payment.url).pathname).toBe(`/api/sandbox/payments/${payment.clientSecret}`);
    const page = await parking.http.get(new URL(payment.url).pathname).expect(200);
    expect(page.text).toContain('€4.00');
    expect((await shown()).status).toBe('held');
    await parking.http.post(new URL(payment.url).pathname).type('form').send({ outcome: 'pay' }).expect(200);
    await acts.heard();
    expect(await shown()).toEqual({ ...hold, status: 'confirmed', holdExpiresAt: null, paidMinor: 400, version: 2 });
    expect([await payments.refunds(hold.id), await credits()]).toEqual([[], 10]);
    expect((await acts.pay(mia, hold.id, 'card').expect(409)).body.code).toBe('parking.already-paid');
  });

  it('may be declined, and then paid', async () => {
    const payment = await payments.opened(mia, hold.id);
    await acts.press(payment, 'decline').expect(200);
    await acts.heard();
    expect((await shown()).status).toBe('held');
    expect(await payments.opened(mia, hold.id)).toEqual({ ...payment, status: 'failed' });
    await acts.press(payment).expect(200);
    await acts.heard();
    expect((await shown()).status).toBe('confirmed');
    expect(await paymentRows()).toEqual([{ id: payment.paymentId, status: 'succeeded', method: 'card' }]);
  });

  it('is one payment, however often and at once it is asked for', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id } = await parking.booked(mia, garage.id, car.id, parking.window(30 + 2 * round, 120));
      const answers = await Promise.all(Array.from({ length: 10 }, () => payments.opened(mia, id)));
      answers.push(await payments.opened(mia, id));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await paymentRows(id)).toHaveLength(1);
    }
  });

  it('is never kept with an Idempotency-Key, for its answer carries a secret', async () => {
    const key = randomUUID();
    const { clientSecret } = (await acts.pay(mia, hold.id, 'card', key).expect(201)).body as { clientSecret: string };
    const kept = await parking.database.rows('SELECT * FROM idempotency WHERE idempotency_key = ?', [key]);
    expect(JSON.stringify(kept)).not.toContain(clientSecret);
  });

  it('is closed when it was paid with credits', async () => {
    const payment = await payments.opened(mia, hold.id);
    await acts.pay(mia, hold.id).expect(201);
    expect((await acts.press(payment).expect(409)).body.code).toBe('payments.closed');
    expect(await paymentRows()).toEqual([{ id: payment.paymentId, status: 'cancelled', method: 'card' }, expect.objectContaining({ status: 'succeeded', method: 'credits' })]);
  });

  it('as well as with credits comes back in full', async () => {
    const payment = await payments.opened(mia, hold.id);
    await payments.paidUnheard(payment);
    await acts.pay(mia, hold.id).expect(201);
    await payments.told();
    expect(await shown()).toMatchObject({ status: 'confirmed', paidMinor: 800, refundedMinor: 400 });
    expect(await payments.refunds(hold.id)).toEqual([{ paymentId: payment.paymentId, amountMinor: 400, credits: 0, reason: 'twice', status: 'succeeded' }]);
    expect(await payments.atSandbox(payment.paymentId)).toEqual({ status: 'paid', refundedMinor: 400 });
    expect(await credits()).toBe(6);
  });
});

describe('a webhook', () => {
  it.each<[string, (body: string) => string | undefined]>([
    ['without a signature', () => undefined],
    ['with an empty one', () => ''],
    ['with one by heart', () => `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`],
  ])('%s is refused', async (_, sign) => {
    const { paymentId } = await payments.opened(mia, hold.id);
    const body = JSON.stringify(payments.notice({ paymentId }));
    expect((await payments.send(body, sign(body)).expect(400)).body.code).toBe('payments.signature-invalid');
    expect((await shown()).status).toBe('held');
  });

  it('is refused when it is old, and when it was altered', async () => {
    const { paymentId } = await payments.opened(mia, hold.id);
    const notice = payments.notice({ paymentId });
    for (const secondsAgo of [302, -305]) expect((await payments.say(notice, secondsAgo).expect(400)).body.code).toBe('payments.signature-invalid');
    const body = JSON.stringify(notice);
    expect((await payments.send(`${body} `, payments.sign(body)).expect(400)).body.code).toBe('payments.signature-invalid');
    expect((await shown()).status).toBe('held');
    expect((await payments.say(notice, 290).expect(200)).body).toEqual({ received: true });
    expect((await shown()).status).toBe('confirmed');
  });

  it('of a provider that is not in use is unknown', async () => {
    const { paymentId } = await payments.opened(mia, hold.id);
    for (const provider of ['stripe', 'SANDBOX', 'nobody']) expect((await payments.send(JSON.stringify(payments.notice({ paymentId })), 'x', provider).expect(404)).body.code).toBe('not-found');
  });

  it('about something else is taken, and changes nothing', async () => {
    const { paymentId } = await payments.opened(mia, hold.id);
    const nobodys: object[] = [
      payments.notice({ paymentId: randomUUID() }), { ...payments.notice({ paymentId }), paymentId: null }, payments.notice({ paymentId, kind: 'refunded', refundId: randomUUID() }),
      payments.notice({ paymentId, kind: 'refunded', refundId: null }), payments.notice({ paymentId, kind: 'refund-failed', refundId: randomUUID() }),
    ];
    for (const notice of nobodys) await payments.say(notice).expect(200);
    expect((await shown()).version).toBe(1);
  });

  it.each<[string, { amountMinor?: number; currency?: string }, string]>([
    ['less', { amountMinor: 399 }, 'succeeded'],
    ['more', { amountMinor: 401 }, 'failed'],
    ['another currency', { currency: 'USD' }, 'failed'],
  ])('about %s than was asked for gives it back, and confirms nothing', async (_, received, status) => {
    const payment = await payments.opened(mia, hold.id);
    const { paymentId } = payment;
    await payments.paidUnheard(payment);
    await payments.say(await payments.genuine(payment, received)).expect(200);
    await payments.told();
    expect(await shown()).toMatchObject({ status: 'held', holdExpiresAt: hold['holdExpiresAt'] });
    // The sandbox itself gives back no more than was paid there, and in no other currency.
    expect(await payments.refunds(hold.id)).toEqual([{ paymentId, amountMinor: received.amountMinor ?? 400, credits: 0, reason: 'mismatch', status }]);
    const another = await payments.opened(mia, hold.id);
    expect(another.paymentId).not.toBe(paymentId);
    await acts.press(another).expect(200);
    await acts.heard();
    expect((await shown()).status).toBe('confirmed');
  });

  it.each<[string, ('refunded' | 'refund-failed')[], 'succeeded' | 'failed']>([
    ['given', ['refunded', 'refunded'], 'succeeded'],
    ['refused', ['refund-failed', 'refund-failed'], 'failed'],
    ['given, and then refused', ['refunded', 'refund-failed', 'refund-failed'], 'failed'],
    ['refused, and then given', ['refund-failed', 'refunded', 'refund-failed'], 'failed'],
  ])('about a refund that was %s leaves it so: failure is final, and on record once', async (_, said, status) => {
    const payment = await payments.opened(mia, hold.id);
    await payments.paidUnheard(payment);
    await acts.pay(mia, hold.id).expect(201);
    await payments.told();
    const { paymentId } = payment;
    const [{ id }] = (await parking.database.rows<{ id: string }>('SELECT id FROM refund WHERE payment_id = ?', [paymentId])) as [{ id: string }];
    await parking.transactions.run((tx) => tx.write("UPDATE refund SET status = 'pending' WHERE id = ?", [id]));
    const recorded = jest.spyOn(Logger.prototype, 'error');
    for (const kind of said) await payments.say(payments.notice({ paymentId, kind, refundId: id })).expect(200);
    expect(await payments.refunds(hold.id)).toMatchObject([{ status }]);
    expect(recorded.mock.calls.map(([text]) => text)).toEqual(status === 'failed' ? [expect.stringContaining(id)] : []);
  });

  it('and another, in whatever order and however often, one after the other or at once, lead to the same', async () => {
    const names = ['failed', 'succeeded', 'succeeded again', 'failed again'] as const;
    const orders = fc.record({ order: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 8 }), atOnce: fc.boolean() });
    let hours = 24;
    await fc.assert(
      fc.asyncProperty(orders, async ({ order, atOnce }) => {
        const { id } = await parking.booked(mia, garage.id, car.id, parking.window((hours += 2), 120));
        const { paymentId } = await payments.opened(mia, id);
        const said = new Map<string, PaymentNotice>(names.map((name) => [name, payments.notice({ paymentId, kind: name.startsWith('failed') ? 'failed' : 'succeeded' })]));
        const tell = (name: string) => payments.say(said.get(name)!).expect(200);
        if (atOnce) await Promise.all(order.map(tell));
        else for (const name of order) await tell(name);
        const isPaid = order.some((name) => name.startsWith('succeeded'));
        expect(await shown(id)).toMatchObject(isPaid ? { status: 'confirmed', paidMinor: 400, refundedMinor: 0, version: 2 } : { status: 'held', paidMinor: 0, version: 1 });
        expect(await paymentRows(id)).toEqual([{ id: paymentId, status: isPaid ? 'succeeded' : 'failed', method: 'card' }]);
        expect(await payments.refunds(id)).toEqual([]);
        expect(await parking.database.rows('SELECT 1 FROM payment_event WHERE payment_id = ?', [paymentId])).toHaveLength(new Set(order).size);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the event reservation.updated', () => {
  let socket: Socket;
  let stranger: Socket;
  afterEach(() => {
    socket.disconnect();
    stranger.disconnect();
  });

  it('tells the member, and nobody else, of every change, as GET has it', async () => {
    [socket, stranger] = [await connectSocket(parking.app.url, mia.accessToken), await connectSocket(parking.app.url, ben.accessToken)];
    const [told, strange]: { id: string; status: string }[][] = [[], []];
    socket.on('reservation.updated', (body) => told!.push(body));
    stranger.on('reservation.updated', (body) => strange!.push(body));
    const seen = async (id: string, ...statuses: string[]) => {
      await eventually(() => expect(told!.filter((body) => body.id === id).map(({ status }) => status)).toEqual(statuses));
      expect(told!.findLast((body) => body.id === id)).toEqual(await shown(id));
    };

    const paid = await parking.booked(mia, garage.id, car.id, parking.window(30, 60));
    await seen(paid.id, 'held');
    await acts.pay(mia, paid.id).expect(201);
    await seen(paid.id, 'held', 'confirmed');
    await acts.cancel(mia, paid.id).expect(200);
    await seen(paid.id, 'held', 'confirmed', 'cancelled');

    const lapsed = await parking.booked(mia, garage.id, car.id, parking.window(30, 60));
    await parking.lapse(lapsed.id);
    await parking.app.app.get(Lapses).sweep();
    await seen(lapsed.id, 'held', 'expired');

    const carded = await parking.booked(mia, garage.id, car.id, parking.window(30, 60));
    await payments.say(payments.notice({ paymentId: (await payments.opened(mia, carded.id)).paymentId, amountMinor: 200 })).expect(200);
    await seen(carded.id, 'held', 'confirmed');

    const own = await parking.booked(ben, garage.id, (await parking.vehicle(ben)).id, parking.window(40, 60));
    await eventually(() => expect(strange!.map(({ id }) => id)).toEqual([own.id]));
  });
});
