import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemeImporter } from '../../src/features/memes/index.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
let auth: { Authorization: string };
let sample: number;

beforeAll(async () => {
  app = await createTestApp();
  ({ auth } = await app.given.member());
  // Other spec files may have left some in this worker's database.
  await app.app.get(Transactions).run((tx) => tx.write('DELETE FROM meme'));
  sample = (await app.app.get(MemeImporter).importSample()).imported;
});
afterAll(() => app.close());

const get = (query: Record<string, unknown> = {}) => app.http.get('/api/memes').query(query).set(auth);

describe('GET /api/memes', () => {
  it('wants a sign-in', async () => {
    await app.http.get('/api/memes').expect(401);
    await app.http.get('/api/memes/019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01').expect(401);
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
    const { body } = await get({ limit: 1, query: 'croissants watered' });
    expect(body).toEqual({ items: [], nextCursor: null });
    const { body: found } = await get({ query: 'watered NEIGHBOURS' }).expect(200);
    expect(found).toEqual({
      items: [
        {
          id: expect.any(String), caption: 'I WAS WATERED by four neighbours in one day', template: 'Hopeful Plant',
          imageUrl: 'https://example.org/memes/1.jpg', likes: 0, kind: 'normal',
        },
      ],
      nextCursor: null,
    });
    await app.http.get(`/api/memes/${found.items[0].id}`).set(auth).expect(200, found.items[0]);
  });

  it('finds words without regard to case and accents, in any script', async () => {
    for (const query of ['reunion ronronner', 'пять минут', '猫より']) expect((await get({ query })).body.items).toHaveLength(1);
  });

  it('keeps to one template or kind', async () => {
    const { body } = await get({ template: 'Library Owl', limit: 50 }).expect(200);
    expect(new Set(body.items.map((meme: { template: string }) => meme.template))).toEqual(new Set(['Library Owl']));
    expect((await get({ kind: 'ai' }).expect(200)).body.items).toEqual([]);
  });

  it.each([
    ['limit', { limit: 51 }],
    ['limit', { limit: 0 }],
    ['limit', { limit: 'many' }],
    ['query', { query: 'x'.repeat(257) }],
    ['query', { query: 'one two three four five six seven eight nine' }],
    ['query', { query: ['a', 'b'] }],
    ['kind', { kind: 'odd' }],
    ['cursor', { cursor: 'made-up' }],
    ['colour', { colour: 'red' }],
  ])('refuses a wrong %s: %j', async (path, query) => {
    const { body } = await get(query).expect(400).expect('Content-Type', /application\/problem\+json/);
    expect(body).toMatchObject({ code: 'request.invalid', errors: expect.arrayContaining([expect.objectContaining({ path })]) });
  });

  it.each(['019a7c1e-6f2b-7c3d-8a4e-5b6c7d8e9f01', 'seven', '%00', '0%27%20OR%201=1'])('knows no meme %s', async (id) => {
    const { body } = await app.http.get(`/api/memes/${id}`).set(auth).expect(404);
    expect(body.code).toBe('not-found');
  });
});
