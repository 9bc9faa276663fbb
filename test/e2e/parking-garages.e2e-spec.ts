import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import type { GivenMember } from '../support/app.js';
import { openParking, type GivenGarage, type Parking } from '../support/parking.js';

let parking: Parking;
let operator: GivenMember;
let mia: GivenMember;

beforeAll(async () => {
  parking = await openParking();
  ({ operator } = parking);
  mia = await parking.given.member();
});
afterEach(async () => expect(await parking.violations()).toEqual([]));
afterAll(() => parking.close());

const RATE = { hourlyMinor: 200 };
const GARAGE = { name: 'Harbour', address: 'Am Kai 1', zipcode: '10115', lat: 52.53, lon: 13.38, timeZone: 'Europe/Berlin', currency: 'EUR', rates: { compact: RATE, regular: RATE, large: RATE } };
const make = (body: object, as: GivenMember = operator) => parking.http.post('/api/garages').set(as.auth).send(body);
const edit = (id: string, body: object, as: GivenMember = operator) => parking.http.patch(`/api/garages/${id}`).set(as.auth).send(body);
const setTariff = (id: string, elements: unknown, as: GivenMember = operator) => parking.http.put(`/api/garages/${id}/tariff`).set(as.auth).send({ elements });
const addSpot = (id: string, body: object, as: GivenMember = operator) => parking.http.post(`/api/garages/${id}/spots`).set(as.auth).send(body);
const desk = (id: string, query = '', as: GivenMember = operator) => parking.http.get(`/api/garages/${id}/reservations${query}`).set(as.auth);
const recorded = async (id: string) => (await parking.database.rows<{ action: string }>('SELECT action FROM audit_entry WHERE subject_id = ? ORDER BY seq', [id])).map(({ action }) => action);
const pathsOf = (body: { errors: { path: string }[] }) => [...new Set(body.errors.map(({ path }) => path))].sort();
const ALWAYS = ['compact', 'regular', 'large'].map((size) => ({ size, hourlyMinor: 100, stepMinutes: 60 }));

describe('POST /api/garages', () => {
  it('makes one with what is usual', async () => {
    const { body, headers } = await make(GARAGE).expect(201);
    const { rates: _, ...settings } = GARAGE;
    expect(body).toEqual({
      ...settings, id: expect.any(String), holdSeconds: 600, maxAdvanceDays: 90, minMinutes: 15, maxMinutes: 20160, graceMinutes: 10, noShowMinutes: 60,
      cancellation: [{ minutesBefore: 0, refundPercent: 100 }],
      tariff: { version: 1, elements: ['compact', 'regular', 'large'].map((size) => ({ size, hourlyMinor: 200, stepMinutes: 60 })) },
      spots: { compact: 0, regular: 0, large: 0 }, createdAt: expect.stringMatching(/Z$/),
    });
    expect(headers['location']).toBe(`/api/garages/${body.id}`);
    expect(await recorded(body.id)).toEqual(['garage.made']);
  });

  it('keeps everything that is said', async () => {
    const said = {
      holdSeconds: 5, maxAdvanceDays: 400, minMinutes: 30, maxMinutes: 44640, graceMinutes: 0, noShowMinutes: 15,
      cancellation: [{ minutesBefore: 60, refundPercent: 50 }, { minutesBefore: 1440, refundPercent: 100 }],
    };
    const rates = { compact: { hourlyMinor: 0, stepMinutes: 1 }, regular: { hourlyMinor: 10_000_000, stepMinutes: 1440, dailyCapMinor: 0 }, large: RATE };
    const { body } = await make({ ...GARAGE, ...said, rates, name: '  Nord  ', timeZone: 'Asia/Kathmandu', currency: 'JPY', lat: -90, lon: 180 }).expect(201);
    expect(body).toMatchObject({ ...said, name: 'Nord', timeZone: 'Asia/Kathmandu', currency: 'JPY', lat: -90, lon: 180 });
    expect(body.tariff.elements).toEqual([
      { size: 'compact', hourlyMinor: 0, stepMinutes: 1 }, { size: 'regular', hourlyMinor: 10_000_000, stepMinutes: 1440, dailyCapMinor: 0 }, { size: 'large', hourlyMinor: 200, stepMinutes: 60 },
    ]);
  });

  it.each<[string, object, string[]]>([
    ['nothing', { name: undefined, rates: undefined }, ['name', 'rates']],
    ['an empty name', { name: ' ' }, ['name']],
    ['a time zone that is none', { timeZone: 'Mars/Olympus' }, ['timeZone']],
    ['an offset for a time zone', { timeZone: '+01:00' }, ['timeZone']],
    ['a currency that is none', { currency: 'EUX' }, ['currency']],
    ['a currency in lower case', { currency: 'eur' }, ['currency']],
    ['a place beyond the pole', { lat: 90.1, lon: -181 }, ['lat', 'lon']],
    ['a text for a place', { lat: '52' }, ['lat']],
    ['numbers out of range', { holdSeconds: 4, maxAdvanceDays: 401, graceMinutes: -1, noShowMinutes: 0 }, ['graceMinutes', 'holdSeconds', 'maxAdvanceDays', 'noShowMinutes']],
    ['no quarter-hours', { minMinutes: 20, maxMinutes: 100 }, ['maxMinutes', 'minMinutes']],
    ['a shortest stay that is longer than the longest', { minMinutes: 120, maxMinutes: 60 }, ['minMinutes']],
    ['null', { holdSeconds: null, cancellation: null }, ['cancellation', 'holdSeconds']],
    ['tiers that rise with less time', { cancellation: [{ minutesBefore: 60, refundPercent: 50 }, { minutesBefore: 0, refundPercent: 60 }] }, ['cancellation.1.refundPercent']],
    ['tiers out of range', { cancellation: [{ minutesBefore: -1, refundPercent: 101 }] }, ['cancellation.0.minutesBefore', 'cancellation.0.refundPercent']],
    ['a rate of money that has parts', { rates: { compact: RATE, regular: { hourlyMinor: 1.5 }, large: RATE } }, ['rates.regular.hourlyMinor']],
    ['a rate too high', { rates: { compact: { hourlyMinor: 10_000_001 }, regular: { hourlyMinor: 1, stepMinutes: 0 }, large: { hourlyMinor: 1, stepMinutes: 1441 } } }, ['rates.compact.hourlyMinor', 'rates.large.stepMinutes', 'rates.regular.stepMinutes']],
    ['a size without a rate', { rates: { compact: RATE, regular: RATE } }, ['rates.large']],
    ['a field of its own', { frees: 1 }, ['frees']],
  ])('refuses %s', async (_, change, paths) => {
    const { body } = await make({ ...GARAGE, ...change }).expect(400);
    expect(body.code).toBe('request.invalid');
    expect(pathsOf(body)).toEqual(paths);
  });

  it('is for operators', async () => {
    const moderator = await parking.given.member({ role: 'moderator' });
    const admin = await parking.given.member({ role: 'admin' });
    await parking.http.post('/api/garages').send(GARAGE).expect(401);
    for (const one of [mia, moderator]) expect((await make(GARAGE, one).expect(403)).body.code).toBe('auth.forbidden');
    await make(GARAGE, admin).expect(201);
  });
});

describe('PATCH /api/garages/:id', () => {
  let garage: GivenGarage;
  beforeAll(async () => {
    garage = await parking.garage();
  });

  it('changes what is given, and says so on record', async () => {
    const { body } = await edit(garage.id, { name: 'Süd', maxMinutes: 60, cancellation: [] }).expect(200);
    expect(body).toMatchObject({ id: garage.id, name: 'Süd', maxMinutes: 60, minMinutes: 15, cancellation: [], holdSeconds: 600 });
    expect((await edit(garage.id, {}).expect(200)).body).toEqual(body);
    expect(await recorded(garage.id)).toEqual(['garage.made', 'garage.edited']);
    await edit(garage.id, { maxMinutes: 20160, cancellation: [{ minutesBefore: 0, refundPercent: 100 }] }).expect(200);
  });

  it('leaves time zone, currency and prices alone', async () => {
    for (const change of [{ timeZone: 'UTC' }, { currency: 'USD' }, { rates: GARAGE.rates }, { tariffVersion: 7 }]) expect(pathsOf((await edit(garage.id, change).expect(400)).body)).toEqual(Object.keys(change));
  });

  it('looks at all of the settings', async () => {
    expect(pathsOf((await edit(garage.id, { minMinutes: 30_000 }).expect(400)).body)).toEqual(['minMinutes']);
    expect(pathsOf((await edit(garage.id, { name: null }).expect(400)).body)).toEqual(['name']);
    const faults = await edit(garage.id, { cancellation: [{ minutesBefore: 5, refundPercent: 1 }, { minutesBefore: 5, refundPercent: 1 }] }).expect(400);
    expect(pathsOf(faults.body)).toEqual(['cancellation.1.minutesBefore']);
  });

  it('never ends with a shortest stay that is longer than the longest, whoever comes first', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await parking.garage({ minMinutes: 60, maxMinutes: 120 });
      const statuses = (await Promise.all([edit(id, { minMinutes: 105 }), edit(id, { maxMinutes: 75 })])).map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 400]);
    }
  });

  it('is for operators, and of garages', async () => {
    await edit(garage.id, { name: 'x' }, mia).expect(403);
    await edit(newId(), { name: 'x' }).expect(404);
    await edit('x', { name: 'x' }).expect(404);
  });
});

describe('PUT /api/garages/:id/tariff', () => {
  it('is for new reservations: those that there are keep theirs', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, 2);
    const car = await parking.vehicle(mia);
    const before = await parking.booked(mia, garage.id, car.id, parking.window(1, 60));
    const elements = [
      { size: 'regular', hourlyMinor: 50, stepMinutes: 15, daysOfWeek: ['SATURDAY', 'SUNDAY'], startTime: '22:00', endTime: '06:00', dailyCapMinor: 300 },
      ...ALWAYS.map((element) => ({ ...element, hourlyMinor: 700 })),
    ];
    expect((await setTariff(garage.id, elements).expect(200)).body).toEqual({ version: 2, elements });
    const after = await parking.booked(mia, garage.id, car.id, parking.window(100, 60));
    const keptOf = (id: string) => parking.database.rows('SELECT tariff_version AS version, price_minor AS price FROM reservation WHERE id = ?', [id]);
    expect(await keptOf(before.id)).toEqual([{ version: 1, price: 200 }]);
    // The hour may be one of a weekend's night.
    expect([[{ version: 2, price: 700 }], [{ version: 2, price: 50 }]]).toContainEqual(await keptOf(after.id));
    expect((await edit(garage.id, {}).expect(200)).body.tariff.version).toBe(2);
    expect(await recorded(garage.id)).toEqual(['garage.made', 'garage.tariff-changed']);
  });

  it.each<[string, unknown, string]>([
    ['a size that has no price at some time', ALWAYS.slice(0, 2), 'elements'],
    ['a price that never applies', [...ALWAYS, { size: 'large', hourlyMinor: 1 }], 'elements.3'],
    ['hours that are none', [{ size: 'compact', hourlyMinor: 1, startTime: '24:00', endTime: '06:00' }, ...ALWAYS], 'elements.0.startTime'],
    ['an end without a start', [{ size: 'compact', hourlyMinor: 1, endTime: '06:00' }, ...ALWAYS], 'elements.0.startTime'],
    ['no days', [{ size: 'compact', hourlyMinor: 1, daysOfWeek: [] }, ...ALWAYS], 'elements.0.daysOfWeek'],
    ['no elements', [], 'elements'],
  ])('refuses %s', async (_, elements, path) => {
    const garage = await parking.garage();
    const { body } = await setTariff(garage.id, elements).expect(422);
    expect(body).toMatchObject({ code: 'parking.tariff-invalid', path });
  });

  it.each<[string, unknown, string]>([
    ['what is no list', 'cheap', 'elements'],
    ['a day that is none', [{ size: 'compact', hourlyMinor: 1, daysOfWeek: ['SOMEDAY'] }, ...ALWAYS], 'elements.0.daysOfWeek'],
    ['a day twice', [{ size: 'compact', hourlyMinor: 1, daysOfWeek: ['MONDAY', 'MONDAY'] }, ...ALWAYS], 'elements.0.daysOfWeek'],
    ['a size that is none', [{ size: 'huge', hourlyMinor: 1 }, ...ALWAYS], 'elements.0.size'],
    ['more than anybody reads', Array.from({ length: 101 }, () => ALWAYS[0]), 'elements'],
  ])('refuses the shape of %s', async (_, elements, path) => {
    const garage = await parking.garage();
    expect(pathsOf((await setTariff(garage.id, elements).expect(400)).body)).toContain(path);
  });

  it('gives each of those who set it at once a version of their own', async () => {
    const garage = await parking.garage();
    const answers = await Promise.all(Array.from({ length: 4 }, (_, at) => setTariff(garage.id, ALWAYS.map((element) => ({ ...element, hourlyMinor: at })))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers.map(({ body }) => body.version).sort()).toEqual([2, 3, 4, 5]);
    const last = answers.find(({ body }) => body.version === 5)!;
    expect((await edit(garage.id, {}).expect(200)).body.tariff).toEqual(last.body);
  });

  it('is for operators, and of garages', async () => {
    await setTariff(newId(), ALWAYS).expect(404);
    await setTariff((await parking.garage()).id, ALWAYS, mia).expect(403);
  });
});

describe('spots', () => {
  it('are listed in the order of the garage', async () => {
    const garage = await parking.garage();
    const { body } = await addSpot(garage.id, { label: ' B-1 ', size: 'large', features: ['ev', 'covered'], ord: 7 }).expect(201);
    expect(body).toEqual({ id: expect.any(String), garageId: garage.id, label: 'B-1', size: 'large', features: ['ev', 'covered'], ord: 7, activeTo: null });
    const { body: plain } = await addSpot(garage.id, { label: 'C', size: 'compact' }).expect(201);
    expect(plain).toMatchObject({ features: [], ord: 0 });
    expect((await parking.http.get(`/api/garages/${garage.id}/spots`).set(mia.auth).expect(200)).body).toEqual({ items: [plain, body] });
    expect((await edit(garage.id, {}).expect(200)).body.spots).toEqual({ compact: 1, regular: 0, large: 1 });
    expect(await recorded(body.id)).toEqual(['spot.added']);
  });

  it('have labels of their own, in each garage', async () => {
    const [one, other] = [await parking.garage(), await parking.garage()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => addSpot(one.id, { label: 'A', size: 'regular' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)!.body.code).toBe('parking.label-taken');
    await addSpot(other.id, { label: 'A', size: 'regular' }).expect(201);
  });

  it.each<[string, object, string[]]>([
    ['nothing', { label: undefined, size: undefined }, ['label', 'size']],
    ['a size that is none', { size: 'huge' }, ['size']],
    ['a feature that is none', { features: ['pool'] }, ['features']],
    ['a feature twice', { features: ['ev', 'ev'] }, ['features']],
    ['a label that is too long', { label: 'x'.repeat(41) }, ['label']],
    ['a place that is none', { ord: -1 }, ['ord']],
  ])('are refused with %s', async (_, change, paths) => {
    const garage = await parking.garage();
    expect(pathsOf((await addSpot(garage.id, { label: 'A', size: 'regular', ...change }).expect(400)).body)).toEqual(paths);
  });

  it('are added by operators, to garages', async () => {
    const garage = await parking.garage();
    await addSpot(garage.id, { label: 'A', size: 'regular' }, mia).expect(403);
    await addSpot(newId(), { label: 'A', size: 'regular' }).expect(404);
    await parking.http.get(`/api/garages/${newId()}/spots`).set(mia.auth).expect(404);
    await parking.http.get(`/api/garages/${garage.id}/spots`).expect(401);
  });

  it('make a garage that was full one that is not', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, 1);
    const window = parking.window(3, 60);
    const [car, van] = [await parking.vehicle(mia), await parking.vehicle(mia)];
    await parking.booked(mia, garage.id, car.id, window);
    expect((await parking.book(mia, garage.id, van.id, window).expect(409)).body.code).toBe('parking.full');
    const [frees] = await parking.database.rows<{ frees: number }>('SELECT frees FROM garage WHERE id = ?', [garage.id]);
    await parking.spots(garage.id, [{ label: 'new' }]);
    expect(await parking.database.rows('SELECT frees FROM garage WHERE id = ?', [garage.id])).toEqual([{ frees: frees!.frees + 1 }]);
    expect(await parking.booked(mia, garage.id, van.id, window)).toMatchObject({ spotLabel: 'new' });
  });

  it('that are new go to who waits for one', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, 1);
    const window = parking.window(4, 26 * 60);
    const ben = await parking.given.member();
    const [car, van] = [await parking.vehicle(mia), await parking.vehicle(ben, { size: 'regular' })];
    await parking.booked(mia, garage.id, car.id, window);
    const { body: entry } = await parking.http.post('/api/waitlist').set(ben.auth).send({ garageId: garage.id, vehicleId: van.id, ...window }).expect(201);
    expect(entry.status).toBe('waiting');
    await addSpot(garage.id, { label: 'too small', size: 'compact' }).expect(201);
    const { body: spot } = await addSpot(garage.id, { label: 'new', size: 'regular' }).expect(201);
    const { body } = await parking.http.get('/api/me/reservations').set(ben.auth).expect(200);
    expect(body.items).toEqual([expect.objectContaining({ spotId: spot.id, status: 'held', startsAt: window.startsAt, endsAt: window.endsAt })]);
  });
});

describe('GET /api/garages/:id/reservations', () => {
  it('shows who comes, with the plates, page by page', async () => {
    const garage = await parking.garage();
    await parking.spots(garage.id, 3);
    const ben = await parking.given.member();
    const [car, van] = [await parking.vehicle(mia, { license: 'B-MI 1' }), await parking.vehicle(ben, { license: 'Z 99', country: 'at', size: 'compact' })];
    const late = await parking.booked(mia, garage.id, car.id, parking.window(30, 60));
    const early = await parking.booked(ben, garage.id, van.id, parking.window(10, 60));
    const middle = await parking.booked(mia, garage.id, car.id, parking.window(20, 60));
    await parking.lapse(middle.id);
    const { body } = await desk(garage.id, '?limit=2').expect(200);
    expect(body.items).toEqual([
      { ...early, memberId: ben.id, license: 'Z 99', country: 'AT' }, { ...middle, status: 'expired', holdExpiresAt: null, memberId: mia.id, license: 'B-MI 1', country: 'DE' },
    ]);
    const { body: next } = await desk(garage.id, `?limit=2&cursor=${encodeURIComponent(body.nextCursor)}`).expect(200);
    expect(next).toEqual({ items: [expect.objectContaining({ id: late.id })], nextCursor: null });
    const idsOf = async (query: string) => (await desk(garage.id, query).expect(200)).body.items.map(({ id }: { id: string }) => id);
    expect(await idsOf('?status=expired')).toEqual([middle.id]);
    expect(await idsOf('?status=held')).toEqual([early.id, late.id]);
    expect(await idsOf('?status=no-show')).toEqual([]);
    const window = parking.window(20, 60);
    expect(await idsOf(`?from=${window.startsAt}&to=${window.endsAt}`)).toEqual([middle.id]);
    expect(await idsOf(`?from=${window.endsAt}`)).toEqual([late.id]);
    expect(await idsOf(`?to=${window.startsAt}`)).toEqual([early.id]);
  });

  it('refuses what it does not know, and who it is not for', async () => {
    const garage = await parking.garage();
    expect(pathsOf((await desk(garage.id, '?status=lost&from=noon&limit=0').expect(400)).body)).toEqual(['from', 'limit', 'status']);
    expect(pathsOf((await desk(garage.id, '?cursor=x').expect(400)).body)).toEqual(['cursor']);
    await desk(newId()).expect(404);
    await desk(garage.id, '', mia).expect(403);
  });
});
