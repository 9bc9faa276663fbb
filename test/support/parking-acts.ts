import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Test } from 'supertest';
import { JobTimings } from '../../src/platform/jobs/job-timings.js';
import type { GivenMember, TestApp } from './app.js';
import { eventually } from './eventually.js';
import type { GivenReservation, Parking, Window } from './parking.js';

/** Body of an answer about the waitlist. */
export interface GivenEntry {
  readonly id: string;
  readonly status: string;
  readonly reservationId: string | null;
  readonly [field: string]: unknown;
}

/** What is done about reservations, over HTTP. A key that is left out is one that was never used. */
export interface ParkingActs {
  post(member: GivenMember, path: string, body?: object, key?: string): Test;
  shown(member: GivenMember, id: string): Promise<GivenReservation>;
  pay(member: GivenMember, id: string, method?: 'card' | 'credits', key?: string): Test;
  /** A reservation that is paid, with credits. */
  confirmed(member: GivenMember, garageId: string, vehicleId: string, window: Window): Promise<GivenReservation>;
  /** Presses a button on the page of the sandbox, which says so once. */
  press(payment: { clientSecret: string }, outcome?: 'pay' | 'decline'): Test;
  /** Pays by card at the sandbox, and waits until that is known here. */
  paidByCard(member: GivenMember, id: string): Promise<void>;
  /** Waits until everything that the sandbox had to say was heard. */
  heard(): Promise<void>;
  extend(member: GivenMember, id: string, endsAt: string, extra?: object, key?: string): Test;
  cancel(member: GivenMember, id: string, body?: object): Test;
  checkIn(member: GivenMember, id: string): Test;
  checkOut(member: GivenMember, id: string): Test;
  join(member: GivenMember, garageId: string, vehicleId: string, window: Window, key?: string): Test;
  leave(member: GivenMember, id: string): Test;
  /** An entry of the member's, as their list shows it. */
  entry(member: GivenMember, id: string): Promise<GivenEntry>;
  /** Credits that parking has taken, and not given back. */
  spent(member: GivenMember): Promise<number>;
}

/** Sweeps run when a test says so, and workers look often. */
export async function stopSchedules({ app }: TestApp): Promise<void> {
  for (const job of app.get(SchedulerRegistry).getCronJobs().values()) await Promise.resolve(job.stop());
  Object.assign(app.get(JobTimings), { poll: 20 });
}

export function actsOf({ http, database, booked }: Parking): ParkingActs {
  const post: ParkingActs['post'] = (member, path, body, key = randomUUID()) => http.post(`/api/${path}`).set({ ...member.auth, 'Idempotency-Key': key }).send(body);
  const shown: ParkingActs['shown'] = async (member, id) => (await http.get(`/api/reservations/${id}`).set(member.auth).expect(200)).body;
  const pay: ParkingActs['pay'] = (member, id, method = 'credits', key) => post(member, `reservations/${id}/payment`, { method }, key);
  const press: ParkingActs['press'] = ({ clientSecret }, outcome = 'pay') => http.post(`/api/sandbox/payments/${clientSecret}`).send({ outcome, copies: 1 });
  const heard = () => eventually(async () => expect(await database.rows('SELECT 1 FROM sandbox_webhook UNION ALL SELECT 1 FROM refund_queue')).toEqual([]), 20_000);
  return {
    post, shown, pay, press, heard,
    async confirmed(member, garageId, vehicleId, window) {
      const { id } = await booked(member, garageId, vehicleId, window);
      await pay(member, id).expect(201);
      return shown(member, id);
    },
    async paidByCard(member, id) {
      await press((await pay(member, id, 'card').expect(201)).body).expect(200);
      await heard();
    },
    extend: (member, id, endsAt, extra = {}, key) => post(member, `reservations/${id}/extension`, { endsAt, ...extra }, key),
    cancel: (member, id, body) => post(member, `reservations/${id}/cancel`, body),
    checkIn: (member, id) => post(member, `reservations/${id}/check-in`),
    checkOut: (member, id) => post(member, `reservations/${id}/check-out`),
    join: (member, garageId, vehicleId, window, key) => post(member, 'waitlist', { garageId, vehicleId, ...window }, key),
    leave: (member, id) => http.delete(`/api/waitlist/${id}`).set(member.auth),
    async entry(member, id) {
      const { items } = (await http.get('/api/waitlist?limit=100').set(member.auth).expect(200)).body as { items: GivenEntry[] };
      return items.find((item) => item.id === id)!;
    },
    async spent(member) {
      const entries = await database.rows<{ amount: number }>(
        "SELECT e.amount FROM credit_entry e JOIN credit_account a ON a.id = e.account_id WHERE a.owner_kind = 'member' AND a.owner_id = ? AND e.kind IN ('spend', 'refund')", [member.id],
      );
      return entries.reduce((sum, { amount }) => sum - amount, 0);
    },
  };
}

/** So many hours before or after a time. */
export function later(time: string | Date, hours: number): string {
  return new Date(new Date(time).getTime() + hours * 3_600_000).toISOString();
}
