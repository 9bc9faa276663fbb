import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { openTestDatabase } from '../support/database.js';

let app: TestApp;
let admin: GivenMember;
let member: GivenMember;

beforeAll(async () => {
  const db = await openTestDatabase();
  await db.truncate();
  await db.close();
  app = await createTestApp();
  admin = await app.given.member({ role: 'admin' });
  member = await app.given.member();
});
afterAll(() => app.close());

/** Calls that take no body, each with what it needs to succeed. */
const CALLS: Record<string, () => Promise<{ path: string; who: GivenMember; status: number }>> = {
  'the daily credits': async () => ({ path: '/api/admin/credits/accrual', who: admin, status: 200 }),
  'the cancelling of an export': async () => {
    const { body } = await app.http.post('/api/exports').set(member.auth).send({ source: 'credits', format: 'csv' });
    return { path: `/api/exports/${body.id}/cancel`, who: member, status: 200 };
  },
  'a new secret for an API token': async () => {
    const { body } = await app.http.post('/api/api-tokens').set(member.auth).send({ name: 'a wall' }).expect(201);
    return { path: `/api/api-tokens/${body.id}/rotate`, who: member, status: 201 };
  },
};

it.each(Object.keys(CALLS))('%s takes nothing, in either spelling', async (call) => {
  const { path, who, status } = await CALLS[call]!();
  await app.http.post(path).set(who.auth).expect(status);
  await app.http.post(path).set(who.auth).send({}).expect(status);
});

it.each(Object.keys(CALLS))('%s refuses a body', async (call) => {
  const { path, who } = await CALLS[call]!();
  const { body } = await app.http.post(path).set(who.auth).send({ date: '2199-01-01' }).expect(400);
  expect(body).toMatchObject({ code: 'request.invalid', errors: [{ path: '', message: 'this call takes no body' }] });
});

it('who may not call is told so first, body or none', async () => {
  await app.http.post('/api/admin/credits/accrual').set(member.auth).send({ date: '2199-01-01' }).expect(403);
  await app.http.post('/api/admin/credits/accrual').send({ date: '2199-01-01' }).expect(401);
});
