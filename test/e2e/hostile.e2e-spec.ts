import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { once } from 'node:events';
import { createTestApp, type TestApp } from '../support/app.js';

/** Requests that nobody sends by mistake. Each was a hang, a 500 or worse once. */
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const json = (text: string) => app.http.post('/api/sessions').set('Content-Type', 'application/json').send(text);

describe('a body made to be expensive', () => {
  it.each([
    ['70,000 unknown fields', `{${Array.from({ length: 70_000 }, (_, field) => `"f${field}":1`).join(',')}}`],
    ['an array of 500,000', `[${'1,'.repeat(499_999)}1]`],
    ['5,000 levels', `{"email":"a@b.c","password":"x","z":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ])('of %s is refused in few words', async (_, text) => {
    const answer = await json(text).expect(400);
    expect(answer.body.code).toBe('request.invalid');
    expect(answer.text.length).toBeLessThan(1_000);
  });

  it('with many faults names the first of them', async () => {
    const { body } = await json(`{${Array.from({ length: 9_000 }, (_, field) => `"f${field}":1`).join(',')}}`).expect(400);
    expect(body.errors).toHaveLength(50);
  });
});

describe('a field that every object has', () => {
  it.each(['hasOwnProperty', 'constructor', 'toString', 'valueOf', '__defineGetter__'])('is unknown: %s', async (name) => {
    const { auth } = await app.given.member();
    const { body } = await app.http.patch('/api/me').set(auth).send({ [name]: { a: 1 } }).expect(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ path: name }] });
  });
});

describe('an address that keeps coming with bad credentials', () => {
  it('is stopped, and a good token from there with it, until the minute is over', async () => {
    const strict = await createTestApp({ RATE_LIMIT_SCALE: '1' });
    try {
      const { auth } = await strict.given.member();
      const statuses: number[] = [];
      for (let guess = 0; guess < 302; guess += 1) statuses.push((await strict.http.get('/api/me').set('X-Token', `plz_guess${guess}`)).status);
      expect(statuses.slice(0, 300).every((status) => status === 401)).toBe(true);
      expect(statuses.slice(300)).toEqual([429, 429]);
      const refused = await strict.http.get('/api/me').set(auth).expect(429);
      expect(refused.body.code).toBe('rate.limited');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      await strict.http.get('/api/livez').expect(200);
    } finally {
      await strict.close();
    }
  });
});

describe('what is not HTTP', () => {
  it('is answered with problem+json all the same', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write('NONSENSE\r\n\r\n');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*\r\nContent-Type: application\/problem\+json/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ code: 'request.invalid', status: 400 });
  });
});

describe('an id of any length', () => {
  it('is nobody\'s: 401 without a token, 404 with one', async () => {
    const { auth } = await app.given.member();
    await app.http.get(`/api/memes/${'a'.repeat(300)}`).expect(401);
    expect((await app.http.get(`/api/memes/${'a'.repeat(300)}`).set(auth).expect(404)).body.code).toBe('not-found');
  });
});

describe('a cursor of another list', () => {
  it('is 400 everywhere', async () => {
    const { auth } = await app.given.member();
    for (let order = 0; order < 2; order += 1) await app.http.post('/api/api-tokens').set(auth).send({ name: `token ${order}` }).expect(201);
    const { body } = await app.http.get('/api/api-tokens?limit=1').set(auth).expect(200);
    for (const list of ['/api/credits/entries', '/api/memes', '/api/exports', '/api/members/directory']) {
      expect((await app.http.get(list).query({ cursor: body.nextCursor }).set(auth).expect(400)).body.code).toBe('request.invalid');
    }
    for (const cursor of [`${body.nextCursor}=`, `${body.nextCursor}.zzz`]) await app.http.get('/api/api-tokens').query({ cursor }).set(auth).expect(400);
  });
});
