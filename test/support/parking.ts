import { randomUUID } from 'node:crypto';
import type { Test } from 'supertest';
import type { GarageSettings } from '../../src/features/parking/garages/garage.repository.js';
import type { Size, SpotFeature, TariffElement } from '../../src/features/parking/parking.types.js';
import { DEFAULT_TIERS } from '../../src/features/parking/pricing/refund.rules.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions, type Reader } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from './app.js';
import { eventually } from './eventually.js';
import { faultsOf, type Money, type ParkingTables } from './parking-invariants.js';

export interface GivenGarage {
  readonly id: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly tariff: { readonly version: number; readonly elements: TariffElement[] };
}

export interface GivenSpot {
  readonly id: string;
  readonly garageId: string;
  readonly label: string;
  readonly size: Size;
  readonly features: SpotFeature[];
}

export interface GivenVehicle {
  readonly id: string;
  readonly license: string;
  readonly country: string;
  readonly size: Size;
}

export interface Window {
  readonly startsAt: string;
  readonly endsAt: string;
}

/** A spot to be made; what is left out: the next label, regular, without features. */
export interface SpotOrder {
  readonly label?: string;
  readonly size?: Size;
  readonly features?: readonly SpotFeature[];
  readonly ord?: number;
}

export interface GivenReservation {
  readonly id: string;
  readonly spotId: string;
  readonly spotLabel: string;
  readonly [field: string]: unknown;
}

export interface Parking {
  readonly app: TestApp;
  readonly http: TestApp['http'];
  readonly database: Database;
  readonly transactions: Transactions;
  /** Who has made the garages. */
  readonly operator: GivenMember;
  readonly given: TestApp['given'];
  /** A garage in Berlin, 200 cents an hour for every size, in steps of an hour. */
  garage(overrides?: object): Promise<GivenGarage>;
  /** So many regular spots `S1`, `S2` …, or these. */
  spots(garageId: string, spots: number | readonly SpotOrder[]): Promise<GivenSpot[]>;
  /** A vehicle with a licence plate of its own; regular unless said otherwise. */
  vehicle(member: GivenMember, overrides?: { license?: string; country?: string; size?: Size }): Promise<GivenVehicle>;
  /** From so many hours after the next full hour on, for so many minutes. */
  window(hoursFromNow: number, minutes: number): Window;
  /** Asks for a reservation, with an Idempotency-Key that was never used. */
  book(member: GivenMember, garageId: string, vehicleId: string, window: Window, extra?: object): Test;
  /** A reservation that is asked for, and given. */
  booked(...order: Parameters<Parking['book']>): Promise<GivenReservation>;
  /** Lets the time of a hold, or of an extension, run out. */
  lapse(reservationId: string): Promise<void>;
  /** Until somebody's statement that begins like this does not come back: it waits for what a transaction of the test has written. */
  untilWaiting(sql: string): Promise<void>;
  /** What the invariants of parking find wrong with all of the tables. */
  violations(): Promise<string[]>;
  close(): Promise<void>;
}

/** What a garage is where a test does not say otherwise: by the defaults, in Berlin. */
export const A_GARAGE: Omit<GarageSettings, 'tariffVersion'> = {
  name: 'Harbour', address: 'Am Kai 1, Berlin', zipcode: '10115', lat: 52.53, lon: 13.38, timeZone: 'Europe/Berlin', currency: 'EUR', holdSeconds: 600, maxAdvanceDays: 90,
  minMinutes: 15, maxMinutes: 20_160, graceMinutes: 10, noShowMinutes: 60, cancellation: DEFAULT_TIERS,
};

const HOUR_MS = 3_600_000;
const RATE = { hourlyMinor: 200, stepMinutes: 60 };

/** The application with an operator in it, and builders for what tests of parking need. */
export async function openParking(environment: NodeJS.ProcessEnv = {}): Promise<Parking> {
  const app = await createTestApp(environment);
  const operator = await app.given.member({ role: 'operator' });
  const [database, transactions] = [app.app.get(Database), app.app.get(Transactions)];
  const made = async (path: string, as: GivenMember, order: object) => {
    const { status, body } = await app.http.post(path).set(as.auth).send(order);
    if (status !== 201) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const book: Parking['book'] = (member, garageId, vehicleId, window, extra = {}) =>
    app.http.post('/api/reservations').set({ ...member.auth, 'Idempotency-Key': randomUUID() }).send({ garageId, vehicleId, ...window, ...extra });
  let licenses = 0;
  return {
    app, http: app.http, database, transactions, operator, given: app.given, book,
    garage: (overrides = {}) => made('/api/garages', operator, { ...A_GARAGE, rates: { compact: RATE, regular: RATE, large: RATE }, ...overrides }),
    async spots(garageId, spots) {
      const orders: readonly SpotOrder[] = typeof spots === 'number' ? Array.from({ length: spots }, () => ({})) : spots;
      const [{ count } = { count: 0 }] = await database.rows<{ count: number }>('SELECT COUNT(*) AS count FROM spot WHERE garage_id = ?', [garageId]);
      const all: GivenSpot[] = [];
      for (const [index, order] of orders.entries()) all.push(await made(`/api/garages/${garageId}/spots`, operator, { label: `S${count + index + 1}`, size: 'regular', ...order }));
      return all;
    },
    vehicle: (member, overrides = {}) => made('/api/vehicles', member, { license: `B-PZ ${(licenses += 1)}`, country: 'DE', size: 'regular', ...overrides }),
    window(hoursFromNow, minutes) {
      const start = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + hoursFromNow * HOUR_MS;
      return { startsAt: new Date(start).toISOString(), endsAt: new Date(start + minutes * 60_000).toISOString() };
    },
    booked: async (...order) => (await book(...order).expect(201)).body,
    lapse: (reservationId) =>
      transactions.run(async (tx) => {
        await tx.write('UPDATE reservation SET hold_expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE id = ? AND hold_expires_at IS NOT NULL', [reservationId]);
      }),
    untilWaiting: (sql) =>
      eventually(async () => {
        const waiting = await database.rows("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND command = 'Query' AND info LIKE ? AND id <> CONNECTION_ID()", [`${sql}%`]);
        if (waiting.length === 0) throw new Error(`nobody waits with ${sql}`);
      }),
    violations: () => transactions.snapshot(async (snapshot) => faultsOf(await tablesOf(snapshot))),
    close: () => app.close(),
  };
}

/** All of parking as one reader sees it; meant for a snapshot. */
export async function tablesOf(reader: Reader): Promise<ParkingTables> {
  const daysOf = (subject: 'spot' | 'vehicle') =>
    reader.rows<ParkingTables['spotDays'][number]>(`SELECT ${subject}_id AS id, DATE_FORMAT(day, '%Y-%m-%d') AS day, CAST(lo AS CHAR) AS lo, CAST(hi AS CHAR) AS hi FROM ${subject}_day WHERE lo > 0 OR hi > 0`);
  return {
    spots: await reader.rows('SELECT id, garage_id AS garageId, label, size, created_at AS createdAt FROM spot'),
    vehicles: await reader.rows('SELECT id, size FROM vehicle'),
    reservations: await reader.rows(
      `SELECT id, garage_id AS garageId, spot_id AS spotId, member_id AS memberId, vehicle_id AS vehicleId, size, status, starts_at AS startsAt, ends_at AS endsAt,
              extension_ends_at AS extensionEndsAt, currency, paid_minor AS paidMinor, refunded_minor AS refundedMinor FROM reservation`,
    ),
    blackouts: await reader.rows('SELECT id, garage_id AS garageId, spot_id AS spotId, starts_at AS startsAt, ends_at AS endsAt FROM blackout'),
    spotDays: await daysOf('spot'),
    vehicleDays: await daysOf('vehicle'),
    payments: await reader.rows(
      `SELECT id, reservation_id AS reservationId, method, status, amount_minor AS amountMinor, currency, credits, refunded_minor AS refundedMinor, refunded_credits AS refundedCredits,
              entry_seq AS entrySeq FROM payment`,
    ),
    refunds: await reader.rows('SELECT id, payment_id AS paymentId, amount_minor AS amountMinor, credits FROM refund'),
    entries: await reader.rows(
      `SELECT a.owner_id AS memberId, e.seq, e.kind, e.amount, e.ref_type AS refType, e.ref_id AS refId FROM credit_entry e JOIN credit_account a ON a.id = e.account_id
       WHERE a.owner_kind = 'member' AND e.kind IN ('spend', 'refund')`,
    ),
  };
}

/** The books of both sides, as one reader sees them. */
export async function moneyOf(reader: Reader): Promise<Money> {
  return {
    reservations: await reader.rows('SELECT id, status, price_minor AS priceMinor, paid_minor AS paidMinor, refunded_minor AS refundedMinor FROM reservation'),
    payments: await reader.rows('SELECT id, reservation_id AS reservationId, method, provider, status, amount_minor AS amountMinor, refunded_minor AS refundedMinor FROM payment'),
    sandbox: await reader.rows(
      `SELECT payment_id AS paymentId, status, amount_minor AS amountMinor, refunded_minor AS refundedMinor,
              CAST((SELECT COALESCE(SUM(r.amount_minor), 0) FROM sandbox_refund r WHERE r.intent_id = s.intent_id) AS SIGNED) AS refundsMinor FROM sandbox_payment s`,
    ),
    refunds: await reader.rows('SELECT id, status FROM refund'),
    queued: await reader.rows("SELECT 'refund_queue' AS queue, COUNT(*) AS items FROM refund_queue UNION ALL SELECT 'sandbox_webhook', COUNT(*) FROM sandbox_webhook"),
  };
}
