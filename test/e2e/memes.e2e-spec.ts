import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemeImporter } from '../../src/features/memes/index.js';
import { MemeChanges } from '../../src/features/memes/meme-changes.service.js';
import type { NewMeme } from '../../src/features/memes/meme.repository.js';
import { newId } from '../../src/platform/database/columns.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { bareRequest } from '../support/bare-request.js';
import { insertMeme, subscribed } from '../support/given-memes.js';

let app: TestApp;
let member: GivenMember;
let subscriber: GivenMember;
let sample: number;

beforeAll(async () => {
  app = await createTestApp();
  member = await app.given.member();
  subscriber = await subscribed(app, await app.given.member({ role: 'admin' }), await app.given.member());
  sample = (await app.app.get(MemeImporter).importSample()).imported;
});
afterAll(() => app.close());

const post = (meme: Partial<NewMeme>): Promise<string> => insertMeme(app, { template: 'Tram', ...meme });
const change = (id: string, columns: string, ...values: unknown[]) =>
  app.app.get(Transactions).run(async (tx) => tx.write(`UPDATE meme SET ${columns}, change_seq = ? WHERE id = ?`, [...values, await app.app.get(MemeChanges).number(tx), id]));

const get = (query: Record<string, unknown> = {}, path = '/api/memes') => app.http.get(path).query(query).set(member.auth);
const captions = async (query: Record<string, unknown>, as = member): Promise<string[]> =>
  (await app.http.get('/api/memes').query(query).set(as.auth).expect(200)).body.items.map(({ caption }: { caption: string }) => caption);

const READS = ['/api/memes', '/api/memes?query=coffee', '/api/memes/random', '/api/memes/trending', '/api/memes/suggest?q=cof', '/api/memes/templates', '/api/memes/019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01'];
const KEEPABLE = ['/api/memes?query=watered&fuzzy=true', '/api/memes?limit=3', '/api/memes/trending', '/api/memes/suggest?q=cof', '/api/memes/templates'];

describe('GET /api/memes', () => {
  it.each(READS)('is not for guests: %s', async (path) => {
    const { body } = await app.http.get(path).expect(401);
    expect(body.code).toBe('auth.required');
  });

  it('pages through all of them, the newest first', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: { items: { id: string }[]; nextCursor: string | null } } = await get({ limit: 15, ...(cursor === null ? {} : { cursor }) }).expect(200);
      ids.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(ids).toHaveLength(sample);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
  });

  it('shows what a client needs and nothing else', async () => {
    const { body, headers } = await get({ query: 'watered NEIGHBOURS' }).expect(200);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(body).toEqual({ items: expect.any(Array), nextCursor: null, tookMicros: expect.any(Number) });
    const shown = {
      id: expect.any(String), caption: 'I WAS WATERED by four neighbours in one day', template: 'Hopeful Plant', imageUrl: '/api/memes/render/Hopeful_Plant/I_WAS_WATERED/by_four_neighbours_in_one_day.webp', likes: 0, kind: 'normal',
    };
    expect(body.items[0]).toEqual({ ...shown, highlights: [{ field: 'caption', start: 6, end: 13 }, { field: 'caption', start: 22, end: 32 }] });
    const { body: one } = await app.http.get(`/api/memes/${body.items[0].id}`).set(member.auth).expect(200);
    expect(one).toEqual({ ...shown, upper: 'I WAS WATERED', lower: expect.any(String), tags: [], rating: 'unrated', language: null, createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
  });

  it('finds words without regard to case and accents, in any script', async () => {
    for (const query of ['reunion ronronner', 'ПЯТЬ минут', '会議室']) expect((await captions({ query })).length).toBeGreaterThan(0);
  });

  it('forgives typos when it is asked to, and says what was probably meant', async () => {
    expect(await captions({ query: 'neihgbours' })).toEqual([]);
    const { body } = await get({ query: 'neihgbours', fuzzy: true }).expect(200);
    expect(body.items.length).toBeGreaterThan(0);
    expect(body.corrected).toBe('neighbours');
    expect(body).not.toHaveProperty('widened');
    const { body: widened } = await get({ query: 'wtaerde', fuzzy: true }).expect(200);
    expect(widened).toMatchObject({ corrected: 'watered', widened: true });
  });

  it('finds what is near, and says how far', async () => {
    const suva = await post({ caption: 'bula from the tram', lat: -18.1416, lon: 178.4419 });
    await post({ caption: 'talofa from the tram', lat: -13.8333, lon: -171.7667 });
    const { body } = await get({ query: 'tram', lat: -16, lon: -179.9, sort: 'distance' }).expect(200);
    expect(body.items.map(({ caption, distanceKm }: { caption: string; distanceKm: number }) => [caption, distanceKm])).toEqual([
      ['bula from the tram', expect.any(Number)], ['talofa from the tram', expect.any(Number)],
    ]);
    expect(body.items[0]).toMatchObject({ id: suva, lat: -18.1416, lon: 178.4419 });
    expect(String(body.items[0].distanceKm)).toMatch(/^\d+(\.\d{1,3})?$/);
    expect(Math.round(body.items[0].distanceKm)).toBe(296);
    expect(await captions({ lat: -18.14, lon: 178.44, radiusKm: 5 })).toEqual(['bula from the tram']);
    expect((await captions({ lat: -18.14, lon: 178.44, limit: 2 }))[0]).toBe('bula from the tram');
    for (const id of body.items.map((item: { id: string }) => item.id)) await change(id, "status = 'deleted'");
  });

  it('keeps to one template, rating or kind', async () => {
    const { body } = await get({ template: 'library OWL', limit: 50 }).expect(200);
    expect(new Set(body.items.map((meme: { template: string }) => meme.template))).toEqual(new Set(['Library Owl']));
    expect(await captions({ kind: 'ai' })).toEqual([]);
    expect(await captions({ rating: 'safe' })).toEqual([]);
    const id = await post({ caption: 'rated' });
    await change(id, "rating = 'safe'");
    expect(await captions({ rating: 'safe' })).toEqual(['rated']);
    await change(id, "status = 'deleted'");
  });

  it('puts the hottest first where that is asked for', async () => {
    const [cold, hot] = [await post({ caption: 'cold' }), await post({ caption: 'hot' })];
    await change(cold, 'likes = 9, trend = 1.5');
    await change(hot, 'likes = 1, trend = 20');
    expect((await captions({ sort: 'trending', limit: 2 }))).toEqual(['hot', 'cold']);
    const { body } = await get({ limit: 1 }, '/api/memes/trending').expect(200);
    expect(body.items).toMatchObject([{ caption: 'hot', likes: 1 }]);
    const { body: next } = await get({ limit: 1, cursor: body.nextCursor }, '/api/memes/trending').expect(200);
    expect(next.items).toMatchObject([{ caption: 'cold', likes: 9 }]);
    for (const id of [cold, hot]) await change(id, "status = 'deleted'");
  });

  it.each([
    ['nothing but white space', ' \t'], ['empty', ''],
  ])('takes a query that is %s for none', async (_, query) => {
    expect((await captions({ query, limit: 50 }))).toHaveLength(sample);
  });

  it.each(['😀🦉', '…', '?', '.*', '(', '[^-', '\\', '%', '_', "'", '"; --', '^$', '\u0000', '\u200d'])('finds nothing in a query without words: %j', async (query) => {
    const { body } = await get({ query, fuzzy: true }).expect(200);
    expect(body).toMatchObject({ items: [], nextCursor: null });
  });

  it.each(["watered' OR '1'='1", '(watered|.*)', 'watered%', 'watered_', '$watered\\b', '<b>watered</b>'])('takes %j for its words', async (query) => {
    expect((await captions({ query }))[0]).toContain('WATERED');
  });

  it.each([
    ['limit', { limit: 51 }],
    ['limit', { limit: 0 }],
    ['limit', { limit: 'many' }],
    ['query', { query: 'x'.repeat(257) }],
    ['query', { query: 'one two three four five six seven eight nine' }],
    ['query', { query: ['a', 'b'] }],
    ['kind', { kind: 'odd' }],
    ['fuzzy', { fuzzy: 'perhaps' }],
    ['lon', { lat: 1 }],
    ['lat', { lon: 1 }],
    ['lat', { lat: 'NaN', lon: 0 }],
    ['lat', { lat: 90.0001, lon: 0 }],
    ['lat', { lat: -90.0001, lon: 0 }],
    ['lon', { lat: 0, lon: 180.0001 }],
    ['sort', { sort: 'distance' }],
    ['radiusKm', { radiusKm: 10 }],
    ['cursor', { cursor: 'made-up' }],
    ['colour', { colour: 'red' }],
    ['query[]', { 'query[]': 'a' }],
    ['constructor', { constructor: 'a' }],
  ])('refuses a wrong %s: %j', async (path, query) => {
    const { body } = await get(query).expect(400).expect('Content-Type', /application\/problem\+json/);
    expect(body).toMatchObject({ code: 'request.invalid', errors: expect.arrayContaining([expect.objectContaining({ path })]) });
  });

  it('refuses parameters by the name of a prototype', async () => {
    for (const query of ['__proto__=x', '__proto__=x&__proto__=y', '__proto__=x&query=']) {
      const { body } = await app.http.get(`/api/memes?${query}`).set(member.auth).expect(400);
      expect(body.errors).toEqual([{ path: '__proto__', message: 'property __proto__ should not exist' }]);
    }
  });

  it('refuses a query of 100,000 characters', async () => {
    const { body } = await get({ query: 'x'.repeat(10_000) }).expect(400);
    expect(body.errors).toEqual([{ path: 'query', message: 'query must be a text of at most 256 characters' }]);
    const { closed, answer } = bareRequest(app.url, 'GET', `/api/memes?query=${'x'.repeat(100_000)}`, { ...member.auth, Connection: 'close' });
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('survives what cannot be decoded', async () => {
    for (const query of ['%', '%ff', '%E0%A4%A', '%ud800', '%00']) {
      const { status } = await app.http.get(`/api/memes?query=${query}`).set(member.auth);
      expect([query, [200, 400].includes(status)]).toEqual([query, true]);
    }
  });
});

describe('GET /api/memes/:id', () => {
  it.each(['019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01', 'seven', '%00', '0%27%20OR%201=1'])('knows no meme %s', async (id) => {
    const { body } = await app.http.get(`/api/memes/${id}`).set(member.auth).expect(404);
    expect(body.code).toBe('not-found');
  });

  it('shows a meme as long as it is visible', async () => {
    const id = await post({ caption: 'here', upper: 'he', lower: 're', tags: ['one', 'two'], language: 'en', lat: 1.5, lon: -2 });
    const { body } = await app.http.get(`/api/memes/${id.toUpperCase()}`).set(member.auth).expect(200);
    expect(body).toMatchObject({ id, caption: 'here', upper: 'he', lower: 're', tags: ['one', 'two'], language: 'en', lat: 1.5, lon: -2 });
    await change(id, "status = 'hidden'");
    await app.http.get(`/api/memes/${id}`).set(member.auth).expect(404);
  });
});

describe('GET /api/memes/random', () => {
  it('is any meme, and never kept', async () => {
    const { body, headers } = await get({}, '/api/memes/random').expect(200);
    const { body: same } = await app.http.get(`/api/memes/${body.id}`).set(member.auth).expect(200);
    expect(body).toEqual(same);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['etag']).toBeUndefined();
  });
});

describe('GET /api/memes/suggest', () => {
  it('completes what is typed', async () => {
    const { body } = await get({ q: 'coff', limit: 3 }, '/api/memes/suggest').expect(200);
    expect(body.items.length).toBeLessThanOrEqual(3);
    expect(body.items).toContainEqual({ text: 'Coffee Machine Prophet', memes: expect.any(Number) });
    expect((await get({}, '/api/memes/suggest').expect(200)).body.items.length).toBeGreaterThan(0);
    await get({ limit: 21 }, '/api/memes/suggest').expect(400);
    await get({ q: 'x'.repeat(257) }, '/api/memes/suggest').expect(400);
  });
});

describe('GET /api/memes/templates', () => {
  it('lists them with a picture each', async () => {
    const { body } = await get({ query: 'plant' }, '/api/memes/templates').expect(200);
    expect(body).toEqual({ items: [{ name: 'Hopeful Plant', memes: 4, imageUrl: '/api/memes/render/Hopeful_Plant/_/_.jpg' }], nextCursor: null });
    await app.http.get(body.items[0].imageUrl).expect(200).expect('Content-Type', 'image/jpeg');
    await get({ limit: 101 }, '/api/memes/templates').expect(400);
    await get({ cursor: 'made-up' }, '/api/memes/templates').expect(400);
  });
});

describe('what a client has already', () => {
  it.each(KEEPABLE)('is not sent again: %s', async (path) => {
    const first = await app.http.get(path).set(member.auth).expect(200);
    expect(first.headers).toMatchObject({ etag: expect.stringMatching(/^W\/"[\w-]+"$/), 'cache-control': 'private, no-cache', vary: expect.stringContaining('Authorization, X-Token') });
    for (const tags of [first.headers['etag']!, `"x", ${first.headers['etag']}`, '*']) {
      const again = await app.http.get(path).set(member.auth).set('If-None-Match', tags).expect(304);
      expect([again.text, again.headers['etag']]).toEqual(['', first.headers['etag']]);
    }
    await app.http.get(path).set(member.auth).set('If-None-Match', '"other"').expect(200);
    const id = await post({ caption: 'something new' });
    const changed = await app.http.get(path).set(member.auth).set('If-None-Match', first.headers['etag']!).expect(200);
    expect(changed.headers['etag']).not.toBe(first.headers['etag']);
    await change(id, "status = 'deleted'");
    // The same memes as before are the same state.
    await app.http.get(path).set(member.auth).set('If-None-Match', first.headers['etag']!).expect(304);
  });

  it.each(KEEPABLE)('is the same however often it is asked for: %s', async (path) => {
    const said = async () => (await app.http.get(path).set(member.auth).expect(200)).text.replace(/"tookMicros":\d+/, '');
    const first = await said();
    for (let time = 0; time < 3; time += 1) expect(await said()).toBe(first);
  });

  it('is, for one meme, good until that meme changes', async () => {
    const id = await post({ caption: 'steady' });
    const { headers } = await app.http.get(`/api/memes/${id}`).set(member.auth).expect(200);
    const again = () => app.http.get(`/api/memes/${id}`).set(member.auth).set('If-None-Match', headers['etag']!);
    const other = await post({ caption: 'another' });
    await again().expect(304);
    await change(id, 'likes = 1');
    expect((await again().expect(200)).body.likes).toBe(1);
    for (const one of [id, other]) await change(one, "status = 'deleted'");
    await again().expect(404);
  });

  it('differs with the request', async () => {
    const paths = ['/api/memes', '/api/memes?limit=2', '/api/memes?query=coffee', '/api/memes?query=tea', '/api/memes?query=tea&fuzzy=true', '/api/memes?lat=1&lon=2', '/api/memes?lat=2&lon=1', '/api/memes?sort=new', '/api/memes/suggest', '/api/memes/templates'];
    const etags = await Promise.all(paths.map(async (path) => (await app.http.get(path).set(member.auth).expect(200)).headers['etag']));
    expect(new Set(etags).size).toBe(paths.length);
  });

  it('may be asked about by HEAD', async () => {
    for (const path of [...KEEPABLE, '/api/memes/random']) {
      const { headers } = await app.http.get(path).set(member.auth);
      const head = await app.http.head(path).set(member.auth).expect(200);
      expect([head.text ?? '', head.headers['etag'], head.headers['content-type']]).toEqual(['', headers['etag'], 'application/json; charset=utf-8']);
    }
  });
});

describe('a caller', () => {
  it('may not come with two tokens at once, nor with one that is no more', async () => {
    const owner = await app.given.member();
    const { body: token } = await app.http.post('/api/api-tokens').set(owner.auth).send({ name: 'wall' }).expect(201);
    await app.http.post(`/api/api-tokens/${token.id}/calls`).set(owner.auth).send({ credits: 1 }).expect(({ status }) => expect(status).toBeLessThan(300));
    for (const path of READS.slice(0, -1)) {
      const { headers } = await app.http.get(path).set('X-Token', token.secret).expect(200);
      expect(headers['x-credits-charged']).toBe('1');
      await app.http.get(path).set('X-Token', token.secret).set(owner.auth).expect(400);
    }
    const { headers } = await app.http.get('/api/memes/templates').set('X-Token', token.secret).expect(200);
    const kept = await app.http.get('/api/memes/templates').set('X-Token', token.secret).set('If-None-Match', headers['etag']!).expect(304);
    expect(kept.headers['x-credits-charged']).toBe('0');
    await app.http.delete(`/api/api-tokens/${token.id}`).set(owner.auth).expect(204);
    for (const path of READS) expect((await app.http.get(path).set('X-Token', token.secret).expect(401)).body.code).toBe('token.invalid');
  });

  it('needs the right to read memes', async () => {
    const { body: token } = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'other', permissions: ['credits.read'] }).expect(201);
    for (const path of READS) expect((await app.http.get(path).set('X-Token', token.secret).expect(403)).body.code).toBe('auth.forbidden');
  });
});

describe('generated memes', () => {
  /** All that a member sees, to the byte, apart from what differs each time. */
  const everything = async (as: GivenMember, id: string) => {
    const answers = [];
    for (const path of [...KEEPABLE, '/api/memes?query=generated&fuzzy=true', '/api/memes?query=genarated&fuzzy=true', '/api/memes?kind=ai', '/api/memes/suggest?q=gener', '/api/memes/suggest', `/api/memes/${id}`]) {
      const { status, text, headers } = await app.http.get(path).set(as.auth);
      answers.push([path, status, text.replace(/"(tookMicros|requestId)":[^,}]+/, ''), headers['etag'], headers['content-length']?.length]);
    }
    return answers;
  };

  it('come first for those entitled to them, and do not exist for others', async () => {
    const id = newId();
    const before = await everything(member, id);
    await post({ id, kind: 'ai', caption: 'generated coffee', template: 'Generated Template', tags: ['generated'] });
    expect(await everything(member, id)).toEqual(before);

    expect((await captions({ query: 'coffee' }, subscriber))[0]).toBe('generated coffee');
    expect(await captions({ kind: 'ai' }, subscriber)).toEqual(['generated coffee']);
    expect(await captions({ kind: 'normal', query: 'generated' }, subscriber)).toEqual([]);
    const read = async (path: string) => JSON.stringify((await app.http.get(path).set(subscriber.auth).expect(200)).body);
    expect(await read(`/api/memes/${id}`)).toContain('generated coffee');
    expect(await read('/api/memes/templates')).toContain('Generated Template');
    expect(await read('/api/memes/suggest?q=gener')).toContain('generated');
    expect(await read('/api/memes/trending')).toContain('generated coffee');
    expect(await read('/api/memes?query=genarated&fuzzy=true')).toContain('"corrected":"generated"');
  });
});
