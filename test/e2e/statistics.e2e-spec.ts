import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { openTestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

interface MetricBody {
  name: string;
  unit: string;
  description: string;
  points: { hour: string; value: number }[];
}

describe('the hours of a community', () => {
  let app: TestApp;
  let moderator: GivenMember;

  /** A day in the life of Plaza; then it is stopped, and started two hours later. */
  beforeAll(async () => {
    // No daily credits: the test may run over a midnight.
    const first = await createTestApp({ CREDITS_PER_DAY: '0' });
    const ada = await first.given.member();
    moderator = await first.given.member({ role: 'moderator' });
    const { body } = await first.http.post('/api/exports').set(ada.auth).send({ source: 'credits', format: 'csv' }).expect(202);
    await eventually(async () => expect((await first.http.get(`/api/exports/${body.id}`).set(ada.auth)).body.state).toBe('succeeded'), 20_000);
    await first.http.delete(`/api/exports/${body.id}`).set(ada.auth).expect(204);
    await first.close();
    app = await createTestApp({ PLAZA_TEST_CLOCK: inHours(2), CREDITS_PER_DAY: '0', COMMUNITY_TIMEZONE: 'Asia/Kathmandu' });
    const { body: session } = await app.http.post('/api/sessions').send({ email: moderator.email, password: moderator.password }).expect(201);
    moderator = { ...moderator, auth: { Authorization: `Bearer ${session.accessToken}` } };
  });
  afterAll(() => app.close());

  const get = (query: Record<string, string> = {}, path = '/api/statistics') => app.http.get(path).query(query).set(moderator.auth);
  /** All hours together: the test may run over the end of one. */
  const sums = async (): Promise<Record<string, number>> => {
    const { body } = await get().expect(200);
    return Object.fromEntries((body.metrics as MetricBody[]).map(({ name, points }) => [name, points.reduce((sum, { value }) => sum + value, 0)]));
  };

  it('are counted once they are over: who was there, what was given out, spent and ordered', async () => {
    await eventually(async () => {
      const found = await sums();
      expect(found).toMatchObject({ 'credits.issued': 10, 'credits.spent': 1, 'exports.failed': 0, 'exports.ordered': 1, 'exports.succeeded': 1, 'members.joined': 2 });
      expect(found['members.active']).toBeGreaterThanOrEqual(1);
    });
  });

  it('are answered with what each metric means', async () => {
    const { body } = await get({ metric: 'members.joined' }).expect(200);
    expect(body).toEqual({
      from: expect.any(String), to: expect.any(String),
      metrics: [{ name: 'members.joined', unit: 'members', description: 'Members who joined', points: expect.any(Array) }],
    });
    expect(Date.parse(body.to) - Date.parse(body.from)).toBe(7 * 24 * HOUR_MS);
    for (const { hour } of body.metrics[0].points) expect(hour).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/);
    expect((await get().expect(200)).body.metrics.map(({ name }: MetricBody) => name)).toEqual([
      'credits.issued', 'credits.spent', 'exports.failed', 'exports.ordered', 'exports.succeeded', 'members.active', 'members.joined', 'messages.sent', 'reservations.made', 'votes.cast',
    ]);
  });

  it('are read for a period of 92 days at most', async () => {
    const read = (from: string, to: string) => get({ from, to });
    expect((await read('2026-02-01T01:00:00+01:00', '2026-05-04T00:00:00Z').expect(200)).body).toMatchObject({ from: '2026-02-01T00:00:00.000Z', to: '2026-05-04T00:00:00.000Z' });
    for (const [from, to] of [['2026-02-01T00:00:00Z', '2026-05-04T00:00:00.001Z'], ['2026-02-01T00:00:00Z', '2026-02-01T00:00:00Z'], ['2026-02-02T00:00:00Z', '2026-02-01T00:00:00Z']] as const) {
      expect((await read(from, to).expect(400)).body).toMatchObject({ code: 'request.invalid', errors: [{ path: 'from' }] });
      await get({ from, to }, '/api/statistics.svg').expect(400);
    }
    for (const [field, value] of [['from', 'yesterday'], ['to', '2026-02-30T00:00:00Z'], ['metric', 'x'.repeat(65)], ['unknown', 'field']] as const) await get({ [field]: value }).expect(400);
    await app.http.get('/api/statistics?metric=members.joined&metric=members.active').set(moderator.auth).expect(400);
    await get({ from: '', to: '', metric: '' }).expect(200);
    await get({ to: '0001-01-01T00:00:00Z' }).expect(200);
  });

  it('of an unknown metric are refused with those there are', async () => {
    for (const path of ['/api/statistics', '/api/statistics.svg']) {
      const { body } = await get({ metric: 'members.happy' }, path).expect(422);
      expect(body).toMatchObject({ code: 'statistics.unknown-metric', known: expect.arrayContaining(['members.active', 'credits.spent']) });
    }
  });

  it('are charts in the time of the community, which a browser can only look at', async () => {
    const db = await openTestDatabase();
    const points = Array.from({ length: 24 }, (_, hour) => ['members.active', new Date(Date.UTC(2026, 4, 3, hour)), hour]);
    await db.transactions.run((tx) => tx.write('INSERT INTO statistic (metric, hour, value) VALUES ?', [points]));
    await db.close();
    const { body, headers } = await get({ from: '2026-05-03T00:00:00Z', to: '2026-05-04T00:00:00Z', metric: 'members.active' }, '/api/statistics.svg').expect(200);
    const svg = (body as Buffer).toString();
    expect(headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff', 'cache-control': 'private',
    });
    expect(svg).toContain('members per hour · Asia/Kathmandu');
    expect([...svg.matchAll(/<text class="middle"[^>]*>([^<]*)</g)].map(([, label]) => label)).toEqual(['3 May, 06:00', '12:00', '18:00', '4 May']);
    expect(svg).toMatch(/<text class="value s0"[^>]*>23</);
  });

  it('make one picture of all metrics, also of those that are empty', async () => {
    const svg = ((await get({}, '/api/statistics.svg').expect(200)).body as Buffer).toString();
    expect(svg.match(/role="img"/g)).toHaveLength(10);
    const before = ((await get({ to: '2020-01-01T00:00:00Z' }, '/api/statistics.svg').expect(200)).body as Buffer).toString();
    expect(before.match(/nothing yet/gi)!.length).toBeGreaterThanOrEqual(10);
  });
});
