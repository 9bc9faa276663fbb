import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { ReservationDto } from '../../src/features/parking/dto/reservation.dto.js';
import type { DayGuardRepository } from '../../src/features/parking/guard/day-guard.repository.js';
import { DAY_MS, utcDayOf } from '../../src/features/parking/guard/day-masks.rules.js';
import type { Reservation, Span } from '../../src/features/parking/parking.types.js';
import type { Actor } from '../../src/platform/auth/actor.js';
import { PermissionSet } from '../../src/platform/auth/permission-set.js';
import { Permission } from '../../src/platform/auth/permissions.js';
import { transactionRetries } from '../../src/platform/database/database.metrics.js';
import { Answer } from '../../src/platform/http/answer.js';
import type { IdempotencyRequest } from '../../src/platform/http/idempotency.js';
import type { GivenMember } from '../support/app.js';
import { testDatabaseUrl } from '../support/database.js';
import type { Window } from '../support/parking.js';

const LIVE = ['held', 'confirmed', 'checked-in'];
const WATCH_EVERY_MS = 20;

/** How often things came to pass in the rounds of one side. */
export interface Counts {
  reservations: number;
  tried: number;
  falseFull: number;
  busy: number;
}

export async function createDatabase(serverUrl: string, name: string): Promise<void> {
  const connection = await createConnection({ uri: serverUrl });
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  await connection.end();
}

/** Asks over and over, on a connection of its own, for two live reservations of one spot that overlap. @returns what to call to end it, and to hear how many there were */
export async function watch(garageId: string): Promise<() => Promise<{ overlaps: number; asked: number }>> {
  const connection = await createConnection({ uri: testDatabaseUrl(), timezone: 'Z' });
  const seen = { overlaps: 0, asked: 0 };
  let isOver = false;
  const watching = (async () => {
    for (; !isOver; seen.asked += 1) {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT COUNT(*) AS overlaps FROM reservation a JOIN reservation b ON b.spot_id = a.spot_id AND b.id > a.id AND b.status IN (?) AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
         WHERE a.garage_id = ? AND a.status IN (?)`,
        [LIVE, garageId, LIVE],
      );
      seen.overlaps += Number(rows[0]!['overlaps']);
      await sleep(WATCH_EVERY_MS);
    }
    await connection.end();
  })();
  return async () => {
    isOver = true;
    await watching;
    return seen;
  };
}

/** Counts the spots that are tried from now on. */
export function countTried(guard: DayGuardRepository): () => number {
  let tried = 0;
  const take = guard.take.bind(guard);
  guard.take = (tx, subject, id, masks) => {
    if (subject === 'spot') tried += 1;
    return take(tx, subject, id, masks);
  };
  return () => tried;
}

export async function retries(): Promise<{ deadlocks: number; others: number }> {
  const { values } = await transactionRetries.get();
  const sum = (isCounted: (errno: string) => boolean) => values.filter(({ labels }) => isCounted(String(labels.errno))).reduce((total, { value }) => total + value, 0);
  return { deadlocks: sum((errno) => errno === '1213'), others: sum((errno) => errno !== '1213') };
}

export function actorOf({ id }: GivenMember): Actor {
  return { memberId: id, role: 'member', permissions: PermissionSet.of([Permission.ParkingRead, Permission.ParkingBook]), permissionVersion: 1 };
}

export function requestOf({ memberId }: Actor): IdempotencyRequest {
  return { actorId: memberId, key: randomUUID(), requestHash: randomBytes(32) };
}

export function answerOf(status: number, reservation: Reservation): Answer {
  return new Answer(status, ReservationDto.from(reservation));
}

export function spanOf({ startsAt, endsAt }: Window): Span {
  return { startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
}

/** Clients begin on different days, and none has an hour twice. */
export function hourOf(windows: readonly Window[], client: number, time: number): Window {
  if (time >= windows.length) throw new Error('more reservations were made than a vehicle has hours');
  return windows[(client * 24 + Math.floor(client / 14) * 5 + time) % windows.length]!;
}

export function dayBeside({ startsAt }: Span, days: number): string {
  return utcDayOf(new Date(startsAt.getTime() + days * DAY_MS));
}

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function nothing(): Counts {
  return { reservations: 0, tried: 0, falseFull: 0, busy: 0 };
}

export function mean({ tried, reservations }: Counts): string {
  return (tried / reservations).toFixed(1);
}
