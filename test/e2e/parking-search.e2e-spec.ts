import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SpotRepository } from '../../src/features/parking/garages/spot.repository.js';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenVehicle, type Parking } from '../support/parking.js';

let parking: Parking;
let mia: GivenMember;
let car: GivenVehicle;
let places = 0;

beforeAll(async () => {
  parking = await openParking();
  mia = await parking.given.member();
  car = await parking.vehicle(mia);
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const rate = (hourlyMinor: number) => ({ hourlyMinor });
const rates = (hourlyMinor: number) => ({ compact: rate(hourlyMinor / 2), regular: rate(hourlyMinor), large: rate(hourlyMinor * 2) });
/** A place, and a zip code, that no other test has. */
const somewhere = () => ({ lat: -40 + (places += 1), lon: 100, zipcode: `Z${String(places).padStart(3, '0')}-` });
const search = (query: object, as: { auth: object } = mia) => parking.http.get('/api/garages').query(query).set(as.auth as Record<string, string>);
const found = async (query: object, as?: { auth: object }) => (await search(query, as).expect(200)).body;
const names = async (query: object) => (await found(query)).items.map(({ name }: { name: string }) => name);
const get = (id: string, query: object = {}, as: { auth: object } = mia) => parking.http.get(`/api/garages/${id}`).query(query).set(as.auth as Record<string, string>);
const asked = (hours: number, minutes: number) => {
  const { startsAt, endsAt } = parking.window(hours, minutes);
  return { from: startsAt, to: endsAt };
};
/** A member who may have accessible spots. */
async function givenEntitled(): Promise<{ auth: object }> {
  const [{ id, email, password }, admin] = [await parking.given.member(), await parking.given.member({ role: 'admin' })];
  await parking.http.put(`/api/members/${id}/entitlements/parking.accessible`).set(admin.auth).send({ until: '2099-01-01T00:00:00Z' }).expect(200);
  const { body } = await parking.http.post('/api/sessions').send({ email, password }).expect(201);
  return { auth: { Authorization: `Bearer ${body.accessToken}` } };
}
/** The metres of a degree of latitude. */
const METRES = 111_195;

describe('GET /api/garages', () => {
  it('shows what a garage is, and who asks at a time also what it has then', async () => {
    const { zipcode: zip, ...place } = somewhere();
    const garage = await parking.garage({ ...place, zipcode: zip, rates: rates(300) });
    await parking.spots(garage.id, [{ size: 'compact' }, { size: 'regular' }, { size: 'regular' }, { size: 'large' }]);
    const { items, nextCursor } = await found({ zip });
    expect(nextCursor).toBeNull();
    const shown = { ...garage, spots: { compact: 1, regular: 2, large: 1 } };
    expect(items).toEqual([shown]);
    await parking.booked(mia, garage.id, car.id, parking.window(5, 60));
    const window = asked(4, 120);
    expect((await found({ zip, ...window })).items).toEqual([{ ...shown, free: { compact: 1, regular: 1, large: 1 }, priceMinor: 600, credits: 6 }]);
    expect((await found({ zip, ...window, size: 'compact' })).items[0]).toMatchObject({ free: { compact: 1, regular: 1, large: 1 }, priceMinor: 300, credits: 3 });
    expect((await found({ zip, ...asked(6, 120) })).items[0].free).toEqual({ compact: 1, regular: 2, large: 1 });
    expect((await found({ near: `${place.lat},${place.lon}`, ...window })).items).toEqual([{ ...shown, distanceM: 0, free: { compact: 1, regular: 1, large: 1 }, priceMinor: 600, credits: 6 }]);
  });

  it('finds what is near, the nearest first', async () => {
    const { lat, lon, zipcode } = somewhere();
    for (const metres of [4_900, 300, 5_100, 0, 2_000]) await parking.garage({ name: `${metres}`, zipcode, lat: lat + metres / METRES, lon });
    const near = `${lat},${lon}`;
    expect(await names({ near })).toEqual(['0', '300', '2000', '4900']);
    expect(await names({ near, sort: 'distance', radiusM: 6_000 })).toEqual(['0', '300', '2000', '4900', '5100']);
    expect(await names({ near, radiusM: 299 })).toEqual(['0']);
    expect((await found({ near, radiusM: 500 })).items.map(({ distanceM }: { distanceM: number }) => distanceM)).toEqual([0, 300]);
    expect(await names({ near, zip: 'nowhere' })).toEqual([]);
  });

  it('finds what is near across the antimeridian, and around a pole', async () => {
    await parking.garage({ name: 'east', lat: -17, lon: 179.99 });
    await parking.garage({ name: 'west', lat: -17, lon: -179.99 });
    await parking.garage({ name: 'pole', lat: 89.99, lon: 12 });
    expect(await names({ near: '-17,179.995' })).toEqual(['east', 'west']);
    expect(await names({ near: '-17,-179.995' })).toEqual(['west', 'east']);
    expect(await names({ near: '-17,-180' })).toHaveLength(2);
    expect(await names({ near: '89.99,-168' })).toEqual(['pole']);
  });

  it('finds zip codes by how they begin, to the letter', async () => {
    const zip = (code: string) => ({ zip: code });
    for (const zipcode of ['77%1', '7701', '770', '77_2', '77!3']) await parking.garage({ name: zipcode, zipcode });
    expect(await names(zip('770'))).toEqual(['770', '7701']);
    expect(await names(zip('77%'))).toEqual(['77%1']);
    expect(await names(zip('77_'))).toEqual(['77_2']);
    expect(await names(zip('77!'))).toEqual(['77!3']);
    expect(await names(zip('%77'))).toEqual([]);
  });

  it('orders by name, or by price', async () => {
    const { zipcode: zip } = somewhere();
    for (const [name, price] of [['Garage 10', 300], ['garage 9', 100], ['Zoo', 200]] as const) await parking.garage({ name, zipcode: zip, rates: rates(price) });
    expect(await names({ zip })).toEqual(['garage 9', 'Garage 10', 'Zoo']);
    const window = asked(4, 120);
    expect(await names({ zip, ...window })).toEqual(['garage 9', 'Garage 10', 'Zoo']);
    expect(await names({ zip, ...window, sort: 'price' })).toEqual(['garage 9', 'Zoo', 'Garage 10']);
    expect((await found({ zip, ...window, sort: 'price', size: 'large' })).items.map(({ priceMinor }: { priceMinor: number }) => priceMinor)).toEqual([400, 800, 1_200]);
  });

  it.each(['name', 'distance', 'price'] as const)('comes page by page, by %s', async (sort) => {
    const { lat, lon, zipcode } = somewhere();
    for (let n = 0; n < 5; n += 1) await parking.garage({ name: `N${n % 3}`, zipcode, lat: lat + (n % 2) / METRES, lon, rates: rates(100 * (n % 2) + 100) });
    const query = { zip: zipcode, ...(sort === 'name' ? {} : { sort, near: `${lat},${lon}`, ...asked(4, 60) }), limit: 2 };
    const pages: { id: string }[][] = [];
    let cursor: string | null | undefined;
    do {
      const page = await found({ ...query, ...(cursor && { cursor }) });
      pages.push(page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    const whole = (await found({ ...query, limit: 100 })).items;
    expect(pages.flat()).toEqual(whole);
    expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(5);
    const { nextCursor } = await found(query);
    const another = { ...query, ...asked(4, 60), near: `${lat},${lon}`, sort: sort === 'price' ? 'distance' : 'price', cursor: nextCursor };
    expect((await search(another).expect(400)).body).toMatchObject({ code: 'request.invalid', errors: [{ path: 'cursor' }] });
  });

  it('leaves out garages that do not take reservations of that time', async () => {
    const { zipcode: zip } = somewhere();
    await parking.garage({ name: 'any', zipcode: zip });
    await parking.garage({ name: 'short', zipcode: zip, maxMinutes: 60 });
    await parking.garage({ name: 'long', zipcode: zip, minMinutes: 240 });
    await parking.garage({ name: 'soon', zipcode: zip, maxAdvanceDays: 1 });
    expect(await names({ zip })).toEqual(['any', 'long', 'short', 'soon']);
    expect(await names({ zip, ...asked(48, 120) })).toEqual(['any']);
    expect(await names({ zip, ...asked(2, 60) })).toEqual(['any', 'short', 'soon']);
  });

  it('counts accessible spots only for who may have them', async () => {
    const { zipcode: zip } = somewhere();
    const garage = await parking.garage({ zipcode: zip });
    await parking.spots(garage.id, [{ features: ['accessible'] }, { features: ['ev', 'accessible'] }, {}]);
    const window = asked(4, 60);
    expect((await found({ zip, ...window })).items[0]).toMatchObject({ spots: { regular: 3 }, free: { regular: 1 } });
    expect((await get(garage.id, window).expect(200)).body.free.regular).toBe(1);
    const entitled = await givenEntitled();
    expect((await found({ zip, ...window }, entitled)).items[0].free.regular).toBe(3);
    expect((await get(garage.id, window, entitled).expect(200)).body.free.regular).toBe(3);
  });

  it('counts no spot that is retired, and none that somebody has for a part of the time', async () => {
    const { zipcode: zip } = somewhere();
    const garage = await parking.garage({ zipcode: zip });
    const [spot] = await parking.spots(garage.id, 2);
    await parking.http.post(`/api/spots/${spot!.id}/retire`).set(parking.operator.auth).send({}).expect(201);
    expect((await found({ zip, ...asked(4, 60) })).items[0]).toMatchObject({ free: { regular: 1 } });
    await parking.booked(mia, garage.id, car.id, parking.window(7, 60));
    expect((await found({ zip, ...asked(6, 75) })).items[0]).toMatchObject({ free: { regular: 0 } });
    expect((await found({ zip, ...asked(6, 60) })).items[0]).toMatchObject({ free: { regular: 1 } });
  });

  it.each<[string, object, string, string]>([
    ['a place that is none', { near: 'Berlin' }, 'request.invalid', 'near'],
    ['half a place', { near: '52.5' }, 'request.invalid', 'near'],
    ['a place with a third number', { near: '1,2,3' }, 'request.invalid', 'near'],
    ['a place in hexadecimal', { near: '0x1,2' }, 'request.invalid', 'near'],
    ['a latitude beyond the pole', { near: '90.001,0' }, 'request.invalid', 'near'],
    ['a longitude beyond the antimeridian', { near: '0,-180.5' }, 'request.invalid', 'near'],
    ['a radius of nothing', { near: '1,2', radiusM: 0 }, 'request.invalid', 'radiusM'],
    ['a radius of 100.001 km', { near: '1,2', radiusM: 100_001 }, 'request.invalid', 'radiusM'],
    ['a fraction of a metre', { near: '1,2', radiusM: '1.5' }, 'request.invalid', 'radiusM'],
    ['a long zip code', { zip: 'x'.repeat(21) }, 'request.invalid', 'zip'],
    ['an unknown size', { size: 'huge' }, 'request.invalid', 'size'],
    ['an unknown order', { sort: 'name' }, 'request.invalid', 'sort'],
    ['the distance from nowhere', { sort: 'distance' }, 'request.invalid', 'near'],
    ['the price of no time', { sort: 'price' }, 'request.invalid', 'from'],
    ['a start without an end', { from: '2099-01-01T10:00:00Z' }, 'request.invalid', 'to'],
    ['an end without a start', { to: '2099-01-01T10:00:00Z' }, 'request.invalid', 'from'],
    ['a cursor of somebody else', { cursor: 'abc.def' }, 'request.invalid', 'cursor'],
    ['101 at once', { limit: 101 }, 'request.invalid', 'limit'],
    ['what is unknown', { city: 'Berlin' }, 'request.invalid', 'city'],
    ['a time without an offset', { from: '2099-01-01T10:00:00', to: '2099-01-01T12:00:00Z' }, 'parking.window-invalid', 'from'],
    ['a time beside the quarter-hours', { from: '2099-01-01T10:00:00Z', to: '2099-01-01T12:00:01Z' }, 'parking.window-invalid', 'to'],
    ['an end that is the start', { from: '2099-01-01T10:00:00Z', to: '2099-01-01T10:00:00Z' }, 'parking.window-invalid', 'to'],
  ])('refuses %s', async (_name, query, code, path) => {
    const { body } = await search(query).expect(400);
    expect(body.code).toBe(code);
    expect(body.path ?? body.errors[0].path).toBe(path);
  });

  it('refuses the past, and takes the quarter-hour that has begun', async () => {
    const window = (from: number) => ({ from: new Date(from).toISOString(), to: new Date(from + 3_600_000).toISOString() });
    const quarter = Math.floor(Date.now() / 900_000) * 900_000;
    expect((await search(window(quarter - 900_000)).expect(422)).body.code).toBe('parking.past');
    expect((await search({ ...window(quarter), zip: 'nowhere' })).status).toBe(Date.now() < quarter + 900_000 ? 200 : 422);
  });

  it('is for members', async () => {
    await search({}, { auth: {} }).expect(401);
    for (const role of ['moderator', 'operator', 'admin'] as const) await search({}, await parking.given.member({ role })).expect(200);
  });
});

describe('the spots of garages', () => {
  it('count from the moment they are in use up to the one at which they are not', async () => {
    const [one, other, empty] = [await parking.garage(), await parking.garage(), await parking.garage()];
    const [old, young] = await parking.spots(one.id, [{ size: 'compact' }, { size: 'large' }, {}]);
    await parking.spots(other.id, 2);
    const at = new Date('2026-05-01T08:00:00Z');
    await parking.transactions.run(async (tx) => {
      await tx.write('UPDATE spot SET active_to = ? WHERE id = ?', [at, old!.id]);
      await tx.write('UPDATE spot SET active_from = ? WHERE id = ?', [at, young!.id]);
    });
    const count = async (now: Date) => [...await parking.app.app.get(SpotRepository).count(parking.database, [one.id, other.id, empty.id], now)];
    const others = [[other.id, { compact: 0, regular: 2, large: 0 }], [empty.id, { compact: 0, regular: 0, large: 0 }]];
    expect(await count(new Date(at.getTime() - 1))).toEqual([[one.id, { compact: 1, regular: 1, large: 0 }], ...others]);
    expect(await count(at)).toEqual([[one.id, { compact: 0, regular: 1, large: 1 }], ...others]);
  });
});

describe('GET /api/garages/:id', () => {
  it('is one of them', async () => {
    const { zipcode, ...place } = somewhere();
    const garage = await parking.garage({ ...place, zipcode, rates: rates(200) });
    await parking.spots(garage.id, 2);
    expect((await get(garage.id.toUpperCase()).expect(200)).body).toEqual({ ...garage, spots: { compact: 0, regular: 2, large: 0 } });
    const window = asked(4, 120);
    expect((await get(garage.id, { ...window, size: 'large' }).expect(200)).body).toMatchObject({ free: { compact: 0, regular: 2, large: 0 }, priceMinor: 800, credits: 8 });
    const { items: [listed] } = await found({ zip: zipcode, ...window });
    expect((await get(garage.id, window).expect(200)).body).toEqual(listed);
  });

  it('refuses times as a reservation would', async () => {
    const { id } = await parking.garage({ minMinutes: 60, maxMinutes: 120, maxAdvanceDays: 2 });
    const codeOf = async (query: object, status: number) => (await get(id, query).expect(status)).body.code;
    expect(await codeOf(asked(4, 45), 422)).toBe('parking.too-short');
    expect(await codeOf(asked(4, 135), 422)).toBe('parking.too-long');
    expect(await codeOf(asked(49, 60), 422)).toBe('parking.too-far');
    expect(await codeOf(asked(-3, 60), 422)).toBe('parking.past');
    expect(await codeOf({ from: asked(4, 60).from }, 400)).toBe('request.invalid');
    // 29 March 2026, 02:30 in Berlin: no clock there showed it.
    expect(await codeOf({ from: '2026-03-29T02:30:00+01:00', to: '2026-03-29T05:00:00+02:00' }, 400)).toBe('parking.window-invalid');
  });

  it('knows no garage that is not there', async () => {
    await get(newId()).expect(404);
    await get('here').expect(404);
    await get(newId(), {}, { auth: {} }).expect(401);
  });
});
