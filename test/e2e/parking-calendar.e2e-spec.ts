import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { ReservationRepository } from '../../src/features/parking/reservations/reservation.repository.js';
import { PERMISSIONS_BY_ROLE, SESSION_ONLY } from '../../src/platform/auth/permissions.js';
import { Config } from '../../src/platform/config/config.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventsOf, type SeenEvent } from '../support/calendars.js';
import { givenStay, type GivenStayOptions } from '../support/given-stays.js';

const NOW = '2026-03-20T12:00:00Z';
/** A summer evening that is not over. */
const STAY: GivenStayOptions = { startsAt: '2026-07-01T16:00:00Z', endsAt: '2026-07-01T20:00:00Z' };
const daysBefore = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp({ PLAZA_TEST_CLOCK: NOW });
});
afterAll(() => app.close());

const createAddress = async (member: GivenMember): Promise<string> => (await app.http.post('/api/me/calendar-token').set(member.auth).expect(201)).body.url;
const read = (address: string) => app.http.get(`/api/me/reservations.ics${new URL(address).search}`);
const calendarOf = async (address: string): Promise<Response> => read(address).expect(200);

/** Somebody with these stays, and the address of their calendar. */
async function givenCalendar(...stays: GivenStayOptions[]): Promise<{ member: GivenMember; address: string; ids: string[] }> {
  const member = await app.given.member();
  const ids: string[] = [];
  for (const stay of stays) ids.push((await givenStay(app, member.id, stay)).id);
  return { member, address: await createAddress(member), ids };
}

async function eventsWith(...stays: GivenStayOptions[]): Promise<SeenEvent[]> {
  return eventsOf((await calendarOf((await givenCalendar(...stays)).address)).text);
}

describe('GET /api/me/reservations.ics', () => {
  it('is read by calendars, the same by two parsers', async () => {
    const { address, ids } = await givenCalendar({ ...STAY, spotLabel: 'B-12', garage: { name: 'Hafen', address: 'Kai 1\n10115 Berlin' } });
    const { text, headers } = await calendarOf(address);
    expect(eventsOf(text)).toEqual([{
      uid: `${ids[0]}@plaza`, summary: 'Parking: Hafen B-12', location: 'Hafen\nKai 1\n10115 Berlin', status: 'CONFIRMED', sequence: 2,
      start: '2026-07-01T16:00:00.000Z', end: '2026-07-01T20:00:00.000Z',
    }]);
    expect(headers).toMatchObject({ 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'private, no-cache' });
    const lines = ['METHOD:PUBLISH', 'PRODID:-//Plaza//Parking//EN', 'TZID:Europe/Berlin', 'DTSTART;TZID=Europe/Berlin:20260701T180000', 'GEO:52.53;13.38'];
    expect(text.split('\r\n')).toEqual(expect.arrayContaining(lines));
  });

  it.each([
    ['over the hour that is missing', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z'],
    ['over the hour that is there twice', '2026-10-24T23:30:00Z', '2026-10-25T03:00:00Z'],
    ['from the first 02:30 to the second', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'],
  ])('tells the time right, %s', async (_, startsAt, endsAt) => {
    expect(await eventsWith({ startsAt, endsAt })).toMatchObject([{ start: new Date(startsAt).toISOString(), end: new Date(endsAt).toISOString() }]);
  });

  it('has texts as they are', async () => {
    const name = 'Q, R; "S": \\ 🅿️\nBEGIN:VEVENT\nSUMMARY:x';
    expect(await eventsWith({ ...STAY, spotLabel: 'A,1;2\\', garage: { name } })).toMatchObject([{ summary: `Parking: ${name} A,1;2\\`, location: `${name}\nAm Kai 1, Berlin` }]);
  });

  it('shows what is held, and what was cancelled', async () => {
    const events = await eventsWith(
      { ...STAY, startsAt: '2026-07-01T16:15:00Z', status: 'held' },
      { ...STAY, startsAt: '2026-07-01T16:30:00Z', status: 'checked-in' },
      { ...STAY, startsAt: '2026-07-01T16:45:00Z', status: 'cancelled', cancelledAt: NOW },
    );
    expect(events.map(({ status, start }) => [start.slice(11, 16), status])).toEqual([['16:45', 'CANCELLED'], ['16:30', 'CONFIRMED'], ['16:15', 'TENTATIVE']]);
  });

  it('keeps what is over or cancelled for 30 days, and not what nobody has', async () => {
    const old: GivenStayOptions = { startsAt: daysBefore(31), endsAt: daysBefore(30.5), status: 'completed' };
    const recent: GivenStayOptions = { startsAt: daysBefore(30), endsAt: daysBefore(29.5), status: 'completed' };
    const { address, ids } = await givenCalendar(
      recent, old,
      { ...STAY, status: 'cancelled', cancelledAt: daysBefore(29.5) }, { ...STAY, status: 'cancelled', cancelledAt: daysBefore(30.5) },
      { ...STAY, status: 'held', holdSeconds: -1 }, { ...STAY, status: 'expired' }, { ...STAY, status: 'no-show' },
      { startsAt: daysBefore(1), endsAt: daysBefore(0.5) },
    );
    expect(eventsOf((await calendarOf(address)).text).map(({ uid }) => uid)).toEqual([`${ids[2]}@plaza`, `${ids[0]}@plaza`]);
  });

  it('shows nothing of others', async () => {
    await givenCalendar(STAY);
    expect(await eventsWith()).toEqual([]);
  });

  it('changes an event with its reservation, and says 304 while there is nothing new', async () => {
    const { address, ids } = await givenCalendar(STAY);
    const first = await calendarOf(address);
    const etag = first.headers['etag']!;
    const same = await read(address).set('If-None-Match', etag).expect(304);
    expect(same.text).toBe('');
    expect(same.headers).toMatchObject({ etag, 'cache-control': 'private, no-cache' });
    await app.app.get(Transactions).run((tx) => app.app.get(ReservationRepository).update(tx, { id: ids[0]!, version: 2, storedStatus: 'confirmed' }, { endsAt: new Date('2026-07-01T21:00:00Z') }));
    const { text } = await read(address).set('If-None-Match', etag).expect(200);
    expect(eventsOf(text)).toEqual([{ ...eventsOf(first.text)[0], sequence: 3, end: '2026-07-01T21:00:00.000Z' }]);
  });

  it('opens for nobody who does not know a token', async () => {
    const { address } = await givenCalendar(STAY);
    const token = new URL(address).searchParams.get('token')!;
    for (const query of ['', '?token=', '?token=x', `?token=${token}x`, `?token=${token}&token=${token}`, `?token[x]=${token}`, `?Token=${token}`]) {
      expect((await read(`http://x/${query}`).expect(403)).body).toMatchObject({ code: 'parking.calendar-token-invalid' });
    }
    const signedIn = await app.given.member();
    await read('http://x/').set(signedIn.auth).expect(403);
  });

  it('ends while its member is locked out', async () => {
    const { member, address } = await givenCalendar(STAY);
    const admin = await app.given.member({ role: 'admin' });
    const lock = (disabled: boolean) => app.http.patch(`/api/members/${member.id}`).set(admin.auth).send({ disabled }).expect(200);
    await lock(true);
    expect((await read(address).expect(403)).body.code).toBe('parking.calendar-token-invalid');
    await lock(false);
    await read(address).expect(200);
  });
});

describe('POST and DELETE /api/me/calendar-token', () => {
  it('give an address that opens the calendar until another one is asked for', async () => {
    const { member, address } = await givenCalendar(STAY);
    expect(address).toMatch(new RegExp(`^${app.app.get(Config).PUBLIC_URL}/api/me/reservations\\.ics\\?token=[\\w-]{43}$`));
    const second = await createAddress(member);
    expect((await read(address).expect(403)).body.code).toBe('parking.calendar-token-invalid');
    await read(second).expect(200);
  });

  it('end it', async () => {
    const { member, address } = await givenCalendar(STAY);
    const revoke = () => app.http.delete('/api/me/calendar-token').set(member.auth).expect(204);
    await revoke();
    expect((await read(address).expect(403)).body.code).toBe('parking.calendar-token-invalid');
    await revoke();
    await read(await createAddress(member)).expect(200);
  });

  it('leave other members their addresses', async () => {
    const [mia, ben] = [await givenCalendar(STAY), await givenCalendar(STAY)];
    await createAddress(mia.member);
    await app.http.delete('/api/me/calendar-token').set(mia.member.auth).expect(204);
    await read(ben.address).expect(200);
  });

  it('keep nothing that opens it', async () => {
    const { member, address } = await givenCalendar();
    const [row] = await app.app.get(Database).rows<{ token_hash: Buffer }>('SELECT * FROM calendar_token WHERE member_id = ?', [member.id]);
    expect(row!.token_hash).toEqual(createHash('sha256').update(new URL(address).searchParams.get('token')!).digest());
  });

  it('of many at once, one address is good', async () => {
    const member = await app.given.member();
    const addresses = await Promise.all(Array.from({ length: 10 }, () => createAddress(member)));
    const answers = await Promise.all(addresses.map(async (address) => (await read(address)).status));
    expect(answers.sort()).toEqual([200, ...Array<number>(9).fill(403)]);
  });

  it('are for a person\'s session: no API token opens the calendar to others, or ends it', async () => {
    const admin = await app.given.member({ role: 'admin' });
    const permissions = PERMISSIONS_BY_ROLE.admin.filter((name) => !SESSION_ONLY.has(name));
    const { secret } = (await app.http.post('/api/api-tokens').set(admin.auth).send({ name: 'bot', permissions }).expect(201)).body;
    await app.http.get('/api/me/reservations').set('X-Token', secret).expect(200);
    const address = await createAddress(admin);
    for (const method of ['post', 'delete'] as const) {
      expect((await app.http[method]('/api/me/calendar-token').set('X-Token', secret).expect(403)).body.code).toBe('auth.forbidden');
    }
    await calendarOf(address);
    await app.http.delete('/api/me/calendar-token').set(admin.auth).expect(204);
    await read(address).expect(403);
  });

  it('are for members, and take no body', async () => {
    await app.http.post('/api/me/calendar-token').expect(401);
    await app.http.delete('/api/me/calendar-token').expect(401);
    const mia = await app.given.member();
    await app.http.post('/api/me/calendar-token').set(mia.auth).send({ days: 3 }).expect(400);
  });
});
