import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GarageRepository, type GarageSettings } from '../../src/features/parking/garages/garage.repository.js';
import { SpotRepository } from '../../src/features/parking/garages/spot.repository.js';
import type { BySize, Size, SpotFeature } from '../../src/features/parking/parking.types.js';
import { TariffRepository } from '../../src/features/parking/pricing/tariff.repository.js';
import { VehicleRepository } from '../../src/features/parking/vehicles/vehicle.repository.js';
import { newId } from '../../src/platform/database/columns.js';
import { PASSWORD } from './app.js';
import { openTestDatabase, type TestDatabase } from './database.js';
import { faultsOf } from './parking-invariants.js';
import { A_GARAGE, tablesOf } from './parking.js';
import { startProcess, type PlazaProcess } from './process.js';

const APP_SECRET = 'parking-town-0123456789-0123456789';
/** More than anybody can park away. */
const CREDITS = '1000000';
const PATIENCE_MS = 20_000;

export interface Townsman {
  readonly id: string;
  readonly auth: { readonly Authorization: string };
}

export interface TownVehicle {
  readonly id: string;
  readonly owner: Townsman;
  readonly size: Size;
}

export interface TownSpot {
  readonly id: string;
  readonly garageId: string;
  readonly size: Size;
  readonly features: readonly SpotFeature[];
}

export interface Order {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After `/api`. */
  readonly route: string;
  readonly by?: Townsman;
  readonly body?: object;
  readonly key?: string;
}

export interface Told {
  readonly status: number;
  readonly isReplayed: boolean;
  readonly body: Record<string, unknown>;
}

/** A town of garages, whose processes share a database and are killed: with PAYMENTS=sandbox, and whatever a test builds there. */
export class ParkingTown {
  private running: PlazaProcess[] = [];
  private plates = 0;

  private constructor(
    readonly db: TestDatabase,
    private readonly dataDir: string,
  ) {}

  static async create(): Promise<ParkingTown> {
    const db = await openTestDatabase();
    await db.truncate();
    return new ParkingTown(db, await mkdtemp(path.join(os.tmpdir(), 'plaza-parking-')));
  }

  async start(fault?: string): Promise<PlazaProcess> {
    const started = await startProcess({
      DATABASE_URL: this.db.url, DATA_DIR: this.dataDir, APP_SECRET, PAYMENTS: 'sandbox', CREDITS_AT_SIGNUP: CREDITS, UPLOAD_WORKERS: '0', EXPORT_WORKERS: '0', LOG_LEVEL: 'warn',
      ...(fault !== undefined && { PLAZA_FAULT: fault }),
    });
    this.running.push(started);
    return started;
  }

  /** Ends all of them: one that is left behind would work on what the next tests do. */
  async killAll(): Promise<void> {
    const all = this.running.splice(0);
    for (const one of all) one.kill('SIGKILL');
    await Promise.all(all.map(({ stopped }) => stopped));
  }

  async close(): Promise<void> {
    await this.killAll();
    await this.db.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** @throws Error when the process does not answer: it was killed in the midst of it, perhaps after the commit */
  async ask({ url }: { readonly url: string }, { method, route, by, body, key }: Order): Promise<Told> {
    const headers = { ...by?.auth, ...(key !== undefined && { 'Idempotency-Key': key }), ...(body !== undefined && { 'Content-Type': 'application/json' }) };
    const answer = await fetch(`${url}/api${route}`, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await answer.text();
    return { status: answer.status, isReplayed: answer.headers.has('Idempotency-Replayed'), body: text === '' ? {} : (JSON.parse(text) as Told['body']) };
  }

  async member(at: PlazaProcess, role: 'member' | 'operator' = 'member'): Promise<Townsman> {
    const email = `${randomUUID()}@example.org`;
    let { body } = await this.ask(at, { method: 'POST', route: '/members', body: { email, password: PASSWORD, displayName: 'Somebody' } });
    if (role !== 'member') {
      await this.db.transactions.run((tx) => tx.write('UPDATE member SET role = ?, permission_version = permission_version + 1 WHERE email = ?', [role, email]));
      // The process remembers what the first session was allowed.
      ({ body } = await this.ask(at, { method: 'POST', route: '/sessions', body: { email, password: PASSWORD } }));
    }
    return { id: (body['member'] as { id: string }).id, auth: { Authorization: `Bearer ${String(body['accessToken'])}` } };
  }

  /** A garage in Berlin with free cancellation until the start. @param hourlyMinor what an hour costs, in steps of an hour */
  async garage(hourlyMinor: BySize, settings: Partial<GarageSettings> = {}): Promise<string> {
    const id = newId();
    await this.db.transactions.run(async (tx) => {
      await new GarageRepository(this.db.database).insert(tx, id, { ...A_GARAGE, tariffVersion: 1, ...settings });
      await new TariffRepository().insert(tx, id, 1, elementsFor(hourlyMinor));
    });
    return id;
  }

  async spots(garageId: string, orders: readonly { size: Size; features?: readonly SpotFeature[] }[]): Promise<TownSpot[]> {
    const spots = orders.map(({ size, features = [] }, index) => ({ id: newId(), garageId, label: `S${index + 1}`, size, features, ord: 0 }));
    await this.db.transactions.run(async (tx) => {
      for (const spot of spots) await new SpotRepository(this.db.database).insert(tx, spot);
    });
    return spots;
  }

  async vehicle(owner: Townsman, size: Size): Promise<TownVehicle> {
    const id = newId();
    const license = `BPZ${(this.plates += 1)}`;
    await this.db.transactions.run((tx) => new VehicleRepository(this.db.database).insert(tx, { id, memberId: owner.id, license, country: 'DE', size }, license));
    return { id, owner, size };
  }

  /** What the dead had begun is for others from now on, and what was to be tried again later is to be tried now. */
  async aMinuteGoesBy(): Promise<void> {
    for (const queue of ['sandbox_webhook', 'refund_queue']) {
      await this.db.transactions.run((tx) =>
        tx.write(`UPDATE ${queue} SET run_at = LEAST(run_at, UTC_TIMESTAMP(3)), lease_until = LEAST(lease_until, UTC_TIMESTAMP(3) - INTERVAL 1 SECOND)`),
      );
    }
  }

  async rows<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.db.database.rows<Row>(sql, values);
  }

  /** What the invariants of parking find wrong with all of the tables, at one moment. */
  violations(): Promise<string[]> {
    return this.db.transactions.snapshot(async (snapshot) => faultsOf(await tablesOf(snapshot)));
  }
}

export function elementsFor(hourlyMinor: BySize) {
  return (Object.entries(hourlyMinor) as [Size, number][]).map(([size, minor]) => ({ size, hourlyMinor: minor, stepMinutes: 60 }));
}
