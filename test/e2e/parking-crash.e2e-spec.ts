import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import '../../src/features/parking/parking.faults.js';
import { knownFaultPoints } from '../../src/platform/config/fault-point.js';
import { eventually } from '../support/eventually.js';
import { moneyFaultsOf } from '../support/parking-invariants.js';
import { ParkingTown, type Order, type Told, type Townsman, type TownVehicle } from '../support/parking-model-town.js';
import { moneyOf } from '../support/parking.js';
import type { PlazaProcess } from '../support/process.js';

/** What is found in the tables when the process is dead at each point. */
const BOOKING = [['parking.before-commit', 0], ['parking.after-commit', 1]] as const;
const INTENT = [['parking.before-intent', 0], ['parking.after-intent', 1]] as const;
const SETTLEMENT = [['parking.before-settlement', 'held', 0], ['parking.after-settlement', 'confirmed', 1]] as const;
const CANCEL = 'parking.before-cancel';
const REFUND = [['parking.before-refund', 0], ['parking.after-refund', 1]] as const;
const SOON_MS = 20_000;
const QUARTER_MS = 900_000;

/** `kill -9` at each point of a reservation's life; then another process on the same data, and the same requests again. */
describe('parking with a process that is killed', () => {
  let town: ParkingTown;
  let mia: Townsman;
  let car: TownVehicle;
  let garageId: string;

  beforeAll(async () => {
    town = await ParkingTown.create();
  });
  afterEach(() => town.killAll());
  afterAll(() => town.close());

  /** A process that is killed when it comes to a point, with a member and an empty garage of one spot. */
  const doomedAt = async (point: string): Promise<PlazaProcess> => {
    const doomed = await town.start(point);
    mia = await town.member(doomed);
    car = await town.vehicle(mia, 'regular');
    garageId = await town.garage({ compact: 200, regular: 200, large: 200 });
    await town.spots(garageId, [{ size: 'regular' }]);
    return doomed;
  };
  const order = (route: string, body?: object, key?: string): Order => ({ method: 'POST', route, by: mia, body, key });
  const booking = (): Order => {
    const start = Math.ceil(Date.now() / QUARTER_MS) * QUARTER_MS + 4 * QUARTER_MS;
    const [startsAt, endsAt] = [start, start + 8 * QUARTER_MS].map((time) => new Date(time).toISOString());
    return order('/reservations', { garageId, vehicleId: car.id, startsAt, endsAt }, randomUUID());
  };
  const done = async (at: PlazaProcess, what: Order): Promise<Told> => {
    const told = await town.ask(at, what);
    expect([told.status, told.body]).toEqual([expect.any(Number), expect.not.objectContaining({ code: expect.anything() })]);
    return told;
  };
  const booked = async (at: PlazaProcess): Promise<string> => (await done(at, booking())).body['id'] as string;
  const paidByCard = async (at: PlazaProcess, id: string): Promise<void> => {
    const { body } = await done(at, order(`/reservations/${id}/payment`, { method: 'card' }));
    await done(at, order(`/sandbox/payments/${String(body['clientSecret'])}`, { outcome: 'pay', copies: 1 }));
  };
  /** The process dies of what it is asked. Whether it could still answer is chance. */
  const dies = async (doomed: PlazaProcess, what?: () => Promise<unknown>): Promise<void> => {
    await what?.().catch(() => undefined);
    expect(await doomed.stopped).toBe('SIGKILL');
    expect(await town.violations()).toEqual([]);
  };
  const reservation = async (id: string) =>
    (await town.rows<{ status: string; paid: number; refunded: number }>('SELECT status, paid_minor AS paid, refunded_minor AS refunded FROM reservation WHERE id = ?', [id]))[0];
  const count = async (sql: string, ...values: unknown[]) => Number((await town.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM ${sql}`, values))[0]!.n);
  const expectSettled = async (): Promise<void> => {
    await eventually(async () => expect(moneyFaultsOf(await moneyOf(town.db.database))).toEqual([]), SOON_MS);
    expect(await town.violations()).toEqual([]);
  };

  it.each(BOOKING)('at %s of a booking: the same key has one reservation', async (point, stored) => {
    const doomed = await doomedAt(point);
    const wanted = booking();
    await dies(doomed, () => town.ask(doomed, wanted));
    expect(await count('reservation WHERE garage_id = ?', garageId)).toBe(stored);
    const plaza = await town.start();
    const first = await done(plaza, wanted);
    expect(first).toMatchObject({ status: 201, isReplayed: stored === 1, body: { status: 'held' } });
    expect(await done(plaza, wanted)).toEqual({ ...first, isReplayed: true });
    expect(await count('reservation WHERE garage_id = ?', garageId)).toBe(1);
    await expectSettled();
  });

  it.each(INTENT)('at %s: asked again it is the same payment, and is paid once', async (point, opened) => {
    const doomed = await doomedAt(point);
    const id = await booked(doomed);
    await dies(doomed, () => paidByCard(doomed, id));
    expect(await count('sandbox_payment s JOIN payment p ON p.id = s.payment_id WHERE p.reservation_id = ?', id)).toBe(opened);
    const plaza = await town.start();
    await paidByCard(plaza, id);
    await eventually(async () => expect(await reservation(id)).toEqual({ status: 'confirmed', paid: 400, refunded: 0 }), SOON_MS);
    expect(await count('payment WHERE reservation_id = ?', id)).toBe(1);
    await expectSettled();
  });

  it.each(SETTLEMENT)('at %s: the notice comes again, and counts once', async (point, status, events) => {
    const doomed = await doomedAt(point);
    const id = await booked(doomed);
    await dies(doomed, () => paidByCard(doomed, id));
    const ofIt = 'payment_event e JOIN payment p ON p.id = e.payment_id WHERE p.reservation_id = ?';
    expect([(await reservation(id))!.status, await count(ofIt, id), await count('sandbox_webhook')]).toEqual([status, events, 1]);
    await town.aMinuteGoesBy();
    await town.start();
    await expectSettled();
    expect(await reservation(id)).toEqual({ status: 'confirmed', paid: 400, refunded: 0 });
    expect([await count(ofIt, id), await count('payment WHERE reservation_id = ?', id)]).toEqual([1, 1]);
  });

  it(`at ${CANCEL}: nothing was cancelled, and the same key gives back once`, async () => {
    const doomed = await doomedAt(CANCEL);
    const id = await booked(doomed);
    await done(doomed, order(`/reservations/${id}/payment`, { method: 'credits' }));
    const cancel = order(`/reservations/${id}/cancel`, {}, randomUUID());
    await dies(doomed, () => town.ask(doomed, cancel));
    expect(await reservation(id)).toEqual({ status: 'confirmed', paid: 400, refunded: 0 });
    const plaza = await town.start();
    const first = await done(plaza, cancel);
    expect(first).toMatchObject({ isReplayed: false, body: { status: 'cancelled' } });
    expect(await done(plaza, cancel)).toEqual({ ...first, isReplayed: true });
    expect(await reservation(id)).toEqual({ status: 'cancelled', paid: 400, refunded: 400 });
    expect(await count('refund r JOIN payment p ON p.id = r.payment_id WHERE p.reservation_id = ?', id)).toBe(1);
    // The spot and the vehicle are free for the same again.
    expect(await booked(plaza)).not.toBe(id);
    await expectSettled();
  });

  it.each(REFUND)('at %s: the refund is told again, and is given once', async (point, given) => {
    const doomed = await doomedAt(point);
    const id = await booked(doomed);
    await paidByCard(doomed, id);
    await eventually(async () => expect((await reservation(id))!.status).toBe('confirmed'), SOON_MS);
    await dies(doomed, () => town.ask(doomed, order(`/reservations/${id}/cancel`, {})));
    const ofIt = 'sandbox_refund s JOIN refund r ON r.id = s.refund_id JOIN payment p ON p.id = r.payment_id WHERE p.reservation_id = ?';
    expect([(await reservation(id))!.status, await count(ofIt, id), await count('refund_queue')]).toEqual(['cancelled', given, 1]);
    await town.aMinuteGoesBy();
    await town.start();
    await expectSettled();
    expect(await reservation(id)).toEqual({ status: 'cancelled', paid: 400, refunded: 400 });
    expect(await count(ofIt, id)).toBe(1);
  });

  it('is tried at each point there is', () => {
    const tried = [...[...BOOKING, ...INTENT, ...SETTLEMENT, ...REFUND].map(([point]) => point), CANCEL];
    expect(tried.sort()).toEqual(knownFaultPoints().filter((point) => point.startsWith('parking.')));
  });
});
