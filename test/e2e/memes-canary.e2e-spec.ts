import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { newId } from '../../src/platform/database/columns.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { insertMeme, subscribed } from '../support/given-memes.js';

/** Stands in every field of a generated meme, and nowhere else. The requests carry words that are near it, never itself. */
const CANARY = 'zzcanaryzz';
const NEAR = 'zzcanarizz';
const GENERATED = newId();

let app: TestApp;
let subscriber: GivenMember;
/** Everybody for whom generated memes must not exist, by what they send. */
const others: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  app = await createTestApp();
  const admin = await app.given.member({ role: 'admin' });
  const member = await app.given.member();
  subscriber = await subscribed(app, admin, await app.given.member());
  const token = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'reader' }).expect(201);
  await app.http.post(`/api/api-tokens/${token.body.id}/calls`).set(member.auth).send({ credits: 5 }).expect(({ status }) => expect(status).toBeLessThan(300));
  Object.assign(others, {
    guest: {},
    member: member.auth,
    moderator: (await app.given.member({ role: 'moderator' })).auth,
    admin: admin.auth,
    'API token': { 'X-Token': token.body.secret },
  });
  await insertMeme(app, { caption: 'a plant on a desk', template: 'Plant' });
}, 60_000);
afterAll(() => app.close());

const makeGenerated = () =>
  insertMeme(app, {
    id: GENERATED, kind: 'ai', template: CANARY, caption: `${CANARY} on a desk`, upper: CANARY, lower: 'on a desk', tags: [CANARY], lat: 52.5, lon: 13.4,
    imageUrl: `/api/memes/render/${CANARY}/${CANARY}/on_a_desk.webp`, createdBy: subscriber.id,
  });

/** Reading requests that a generated meme could show in. */
const READS = [
  '/api/memes', '/api/memes?limit=50', '/api/memes?kind=ai', '/api/memes?kind=normal', '/api/memes?sort=trending', '/api/memes?sort=new',
  ...['query', 'template', 'rating', 'sort'].map((name) => `/api/memes?${name}=${NEAR}`),
  `/api/memes?query=${NEAR}&fuzzy=true`, `/api/memes?query=${NEAR.slice(0, 6)}`, `/api/memes?query=${NEAR.slice(0, 6)}&fuzzy=true`, '/api/memes?query=desk&fuzzy=true', '/api/memes?query=z',
  '/api/memes?lat=52.5&lon=13.4', '/api/memes?lat=52.5&lon=13.4&radiusKm=1', '/api/memes?lat=52.5&lon=13.4&sort=distance',
  `/api/memes/${GENERATED}`, '/api/memes/random', '/api/memes/trending', '/api/memes/suggest', `/api/memes/suggest?q=${NEAR}`, '/api/memes/suggest?q=zz', '/api/memes/suggest?q=z',
  '/api/memes/templates', '/api/memes/reported', `/api/memes/render/${NEAR}/a/b.png`, `/api/memes/render/${GENERATED}/a/b.png`,
];

/** What an answer says, without what is different each time anyway; its length is that of the time it took. */
function said({ status, headers, body, text }: Response): unknown {
  const { date: _date, 'x-request-id': _id, ratelimit: _limit, 'x-credits-remaining': _credits, 'content-length': _length, ...lasting } = headers as Record<string, string>;
  return JSON.parse(JSON.stringify({ status, headers: lasting, text: Buffer.isBuffer(body) ? body.toString('base64') : (text ?? '') }).replaceAll(/\\"(tookMicros|requestId)\\":(\d+|\\"[^"]*\\")/g, ''));
}

async function askEverything({ http } = app): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const [who, headers] of Object.entries(others)) {
    for (const path of READS) {
      const answer = await http.get(path).set(headers);
      expect(answer.status).toBeLessThan(500);
      answers[`${who}: ${path}`] = said(answer);
      expect([who, path, JSON.stringify([answer.headers, answer.text ?? String(answer.body)]).includes('canary')]).toEqual([who, path, false]);
    }
  }
  return answers;
}

describe('a generated meme', () => {
  it('is nowhere for those without the entitlement: not a byte of any answer depends on it', async () => {
    const before = await askEverything();
    await makeGenerated();
    const found = await app.http.get(`/api/memes?query=${CANARY}`).set(subscriber.auth).expect(200);
    expect(found.body.items).toMatchObject([{ id: GENERATED, kind: 'ai' }]);
    // Answers that are asked for again are kept: those of the entitled must not be given to others.
    for (const path of READS) for (let time = 0; time < 3; time += 1) await app.http.get(path).set(subscriber.auth);
    expect(await askEverything()).toEqual(before);
    // One that has kept no answer from before.
    const fresh = await createTestApp({ APP_SECRET: app.secret });
    try {
      expect(await askEverything(fresh)).toEqual(before);
    } finally {
      await fresh.close();
    }
  }, 120_000);

  it('leaves its own answers and validators to the entitled', async () => {
    const { headers } = await app.http.get('/api/memes?query=desk').set(subscriber.auth).expect(200);
    const other = await app.http.get('/api/memes?query=desk').set(others['member']!).set('If-None-Match', headers['etag']!).expect(200);
    expect(other.text).not.toContain('canary');
  });

  it('is the same stranger as an unknown one to whoever would change it', async () => {
    const unknown = newId();
    const attempts = (id: string) =>
      [
        ['patch', `/api/memes/${id}`, { lower: 'mine' }], ['delete', `/api/memes/${id}`, undefined], ['put', `/api/memes/${id}/like`, undefined], ['delete', `/api/memes/${id}/like`, undefined],
        ['post', `/api/memes/${id}/reports`, { reason: 'I guessed its id' }], ['post', '/api/memes/render', { template: id, upper: 'a', lower: 'b', format: 'png' }],
      ] as const;
    for (const [who, headers] of Object.entries(others)) {
      const answers: unknown[][] = [[], []];
      for (const [i, id] of [GENERATED, unknown].entries()) {
        for (const [method, path, body] of attempts(id)) {
          const answer = await app.http[method](path).set(headers).send(body);
          answers[i]!.push(JSON.parse(JSON.stringify(said(answer)).replaceAll(id, 'id')));
        }
      }
      expect([who, answers[0]]).toEqual([who, answers[1]]);
    }
  });

  it('is in no other answer of the interface either', async () => {
    const { body } = await app.http.get('/api/openapi.json').expect(200);
    const paths = Object.entries(body.paths as Record<string, object>).filter(([, operations]) => 'get' in operations).map(([path]) => path.replaceAll(/\{[^}]+\}/g, GENERATED));
    expect(paths.length).toBeGreaterThan(20);
    for (const [who, headers] of Object.entries(others)) {
      for (const path of paths) {
        // Who waits for news need not wait here.
        const answer = await app.http.get(path === '/api/chat/poll' ? `${path}?timeout=0` : path).set(headers).redirects(0);
        expect([who, path, JSON.stringify([answer.headers, answer.text ?? String(answer.body)]).includes('canary')]).toEqual([who, path, false]);
      }
    }
  }, 60_000);

  it('is in no export of theirs', async () => {
    const member = await app.given.member();
    const order = await app.http.post('/api/exports').set(member.auth).send({ source: 'memes', format: 'ndjson' }).expect(({ status }) => expect(status).toBeLessThan(300));
    await eventually(async () => expect((await app.http.get(`/api/exports/${order.body.id}`).set(member.auth).expect(200)).body.state).toBe('succeeded'));
    const { headers } = await app.http.get(`/api/exports/${order.body.id}/download`).set(member.auth).redirects(0).expect(302);
    const { text } = await app.http.get(new URL(headers['location']!, app.url).pathname + new URL(headers['location']!, app.url).search).buffer(true).expect(200);
    expect(text).toContain('a plant on a desk');
    expect(text).not.toContain('canary');
  }, 30_000);
});
