import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type Parking, type Window } from '../support/parking.js';

interface Line {
  from: string;
  to: string;
  size: string;
  total: string;
  taken: string;
  free: string;
}

const HOUR = 3_600_000;
let parking: Parking;
let mia: GivenMember;

beforeAll(async () => {
  parking = await openParking();
  mia = await parking.given.member({ credits: 500 });
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const ask = (id: string, type: 'svg' | 'csv', query: object = {}, as: { auth: object } = mia) =>
  parking.http.get(`/api/garages/${id}/occupancy.${type}`).query(query).set(as.auth as Record<string, string>);
const lines = async (id: string, query: object = {}): Promise<Line[]> => parse((await ask(id, 'csv', query).expect(200)).text, { columns: true });
const taken = async (id: string, query: object) => (await lines(id, query)).filter(({ size }) => size === 'regular').map((line) => Number(line.taken));
const window = (hours: number, minutes: number) => queryOf(parking.window(hours, minutes));
const queryOf = ({ startsAt, endsAt }: Window) => ({ from: startsAt, to: endsAt });
const picture = async (id: string, query: object = {}): Promise<string> => (await ask(id, 'svg', query).expect(200)).body.toString();
const booked = async (garageId: string, when: Window) => parking.booked(mia, garageId, (await parking.vehicle(mia)).id, when);
const paid = async (garageId: string, when: Window) => {
  const stay = await booked(garageId, when);
  await parking.http.post(`/api/reservations/${stay.id}/payment`).set(mia.auth).send({ method: 'credits' }).expect(201);
  return stay;
};

describe('GET /api/garages/:id/occupancy.csv', () => {
  it('has a line for each step and size, of which spots are taken by stays and blackouts', async () => {
    const { id } = await parking.garage();
    const [, , , last] = await parking.spots(id, [{ size: 'compact' }, {}, {}, {}]);
    await paid(id, parking.window(4, 60));
    await booked(id, parking.window(5, 60));
    const { startsAt, endsAt } = parking.window(4, 120);
    await parking.http.post(`/api/garages/${id}/blackouts`).set(parking.operator.auth).send({ spotId: last!.id, from: startsAt, to: endsAt, reason: 'cleaning' }).expect(201);
    const answer = await ask(id, 'csv', { ...window(3, 240), step: '1h' }).expect(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="occupancy-${id}.csv"` });
    const all: Line[] = parse(answer.text, { columns: true });
    expect(all).toHaveLength(12);
    expect(all[0]).toEqual({ from: parking.window(3, 60).startsAt, to: parking.window(3, 60).endsAt, size: 'compact', total: '1', taken: '0', free: '1' });
    const regular = all.filter(({ size }) => size === 'regular');
    expect(regular.map(({ total, taken: t, free }) => [total, t, free].join(' '))).toEqual(['3 0 3', '3 2 1', '3 2 1', '3 0 3']);
  });

  it('has no holds past their time and nothing that was cancelled', async () => {
    const { id } = await parking.garage();
    await parking.spots(id, 1);
    const hold = await booked(id, parking.window(8, 60));
    expect(await taken(id, window(8, 60))).toEqual([1]);
    await parking.lapse(hold.id);
    expect(await taken(id, window(8, 60))).toEqual([0]);
    const stay = await paid(id, parking.window(9, 60));
    expect(await taken(id, window(9, 60))).toEqual([1]);
    await parking.http.post(`/api/reservations/${stay.id}/cancel`).set(mia.auth).send({}).expect(200);
    expect(await taken(id, window(9, 60))).toEqual([0]);
  });

  it('knows the past: until when somebody stayed, and how long a spot waited for nobody', async () => {
    const { id } = await parking.garage({ noShowMinutes: 30 });
    await parking.spots(id, 1);
    const hour = Math.floor(Date.now() / HOUR) * HOUR;
    const at = (hours: number) => new Date(hour + hours * HOUR);
    // Booked today, and moved into the past with all that they have.
    const [left, missed] = [await paid(id, parking.window(20, 120)), await paid(id, parking.window(30, 120))];
    await parking.transactions.run(async (tx) => {
      const move = (stay: { id: string }, status: string, hours: number, checkedOutAt: Date | null) =>
        tx.write('UPDATE reservation SET status = ?, starts_at = ?, ends_at = ?, checked_out_at = ? WHERE id = ?', [status, at(hours), at(hours + 2), checkedOutAt, stay.id]);
      await move(left, 'completed', -30, at(-29.2));
      await move(missed, 'no-show', -20, null);
      await tx.write('UPDATE spot_day d JOIN spot s ON s.id = d.spot_id SET d.lo = 0, d.hi = 0 WHERE s.garage_id = ?', [id]);
      await tx.write('UPDATE vehicle_day SET lo = 0, hi = 0 WHERE vehicle_id IN (?)', [[left['vehicleId'], missed['vehicleId']]]);
    });
    const quarters = async (hours: number) => taken(id, { from: at(hours).toISOString(), to: at(hours + 2).toISOString(), step: '15m' });
    expect(await quarters(-30)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect(await quarters(-20)).toEqual([1, 1, 0, 0, 0, 0, 0, 0]);
    expect(await taken(id, { from: at(-30).toISOString(), to: at(-18).toISOString() })).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
  });

  it('is of the week around now unless somebody asks for another', async () => {
    const { id } = await parking.garage();
    const all = (await lines(id)).filter(({ size }) => size === 'regular');
    expect(all.length).toBeGreaterThanOrEqual(7 * 24 - 1);
    expect(all.length).toBeLessThanOrEqual(7 * 24 + 1);
    const now = new Date().toISOString();
    expect(all.some(({ from, to }) => from <= now && now < to)).toBe(true);
    expect((await lines(id, { step: '1d' })).length).toBe(7 * 3);
  });

  it('has at most 31 days of quarter-hours, and 400 days', async () => {
    const { id } = await parking.garage();
    const from = '2026-06-01T00:00:00Z';
    const to = (days: number, minutes = 0) => new Date(Date.parse(from) + days * 24 * HOUR + minutes * 60_000).toISOString();
    expect(await lines(id, { from, to: to(31), step: '15m' })).toHaveLength(31 * 96 * 3);
    expect(await lines(id, { from, to: to(400), step: '1d' })).toHaveLength(401 * 3);
    for (const query of [{ to: to(31, 15), step: '15m' }, { to: to(124, 15), step: '1h' }, { to: to(401), step: '1d' }]) {
      expect((await ask(id, 'csv', { from, ...query }).expect(400)).body).toMatchObject({ code: 'parking.window-invalid', path: 'to' });
    }
  });
});

describe('GET /api/garages/:id/occupancy.svg', () => {
  it('is a picture in which nothing runs, whatever the garage is called', async () => {
    const { id } = await parking.garage({ name: '<script>alert("1")</script> & sons' });
    await parking.spots(id, [{ size: 'compact' }, {}, {}]);
    await paid(id, parking.window(4, 60));
    const { headers, body } = await ask(id, 'svg', window(3, 180)).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox", 'x-content-type-options': 'nosniff', 'cache-control': 'private',
    });
    const svg = body.toString();
    expect(svg).toMatch(/^<svg /);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; sons: taken spots');
    expect(svg).toContain('Europe/Berlin');
    expect(svg).toMatch(/regular, of 2: [^.]*lowest 0, highest 1, last 0 spots/);
    expect(svg).toMatch(/compact, of 1: [^.]*lowest 0, highest 0, last 0 spots/);
    expect(svg).not.toContain('large');
  });

  it('says so when there is nothing to draw', async () => {
    const { id } = await parking.garage();
    expect(await picture(id)).toContain('nothing yet');
  });

  it('draws days where there are more than 31', async () => {
    const { id } = await parking.garage();
    await parking.spots(id, 1);
    const svg = await picture(id, { from: '2026-06-01T00:00:00+02:00', to: '2027-06-01T00:00:00+02:00' });
    expect(svg).toMatch(/regular, of 1: /);
    expect(svg.length).toBeLessThan(20_000);
  });
});

describe.each(['svg', 'csv'] as const)('occupancy.%s', (type) => {
  it('is for members, about garages that are there', async () => {
    const { id } = await parking.garage();
    await ask(id, type, {}, { auth: {} }).expect(401);
    await ask(newId(), type).expect(404);
    await ask('here', type).expect(404);
    await ask(id, type, {}, await parking.given.member()).expect(200);
    await ask(id, type, {}, parking.operator).expect(200);
  });

  it.each<[object, string, string]>([
    [{ from: '2026-06-01T00:00:00Z' }, 'request.invalid', 'to'],
    [{ to: '2026-06-01T00:00:00Z' }, 'request.invalid', 'from'],
    [{ from: '2026-06-01', to: '2026-06-02' }, 'parking.window-invalid', 'from'],
    [{ from: '2026-06-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }, 'parking.window-invalid', 'to'],
    [{ from: '2026-06-01T00:00:00Z', to: '2028-06-01T00:00:00Z' }, 'parking.window-invalid', 'to'],
    [{ size: 'large' }, 'request.invalid', 'size'],
  ])('refuses %j', async (query, code, path) => {
    const { id } = await parking.garage();
    const { body } = await ask(id, type, query).expect(400);
    expect(body.code ?? JSON.parse(body.toString()).code).toBe(code);
    expect(body.path ?? body.errors[0].path).toBe(path);
  });
});
