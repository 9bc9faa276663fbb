import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ExportSweep } from '../../src/features/exports/export-sweep.service.js';
import { Clock } from '../../src/platform/clock/clock.js';
import { Datasets } from '../../src/platform/datasets/datasets.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { createTestApp, PASSWORD, type GivenMember, type TestApp } from '../support/app.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { MemoryDataset } from '../support/exports-harness.js';
import { startProcess } from '../support/process.js';
import { unzipped } from '../support/unzipped.js';

interface ExportBody { id: string; state: string; source: string; format: string; compression: string; attempt: number; bytes: number; sha256: string }
type Headers = Record<string, string>;

const EVERYTHING = { source: 'everything' };

/** Waits for the end of an export and answers it, however it came to it. */
function ended(get: () => Promise<ExportBody>): Promise<ExportBody> {
  return eventually(async () => {
    const body = await get();
    expect(body.state).not.toMatch(/queued|running/);
    return body;
  }, 30_000);
}

describe('the copy of everything over HTTP', () => {
  let plaza: TestApp;
  let mia: GivenMember;

  const order = (headers: Headers, body: object = EVERYTHING) => plaza.http.post('/api/exports').set(headers).send(body);
  const made = async (headers: Headers): Promise<ExportBody> => {
    const { body: ordered } = (await order(headers).expect(202)) as { body: ExportBody };
    return ended(async () => ((await plaza.http.get(`/api/exports/${ordered.id}`).set(headers).expect(200)) as { body: ExportBody }).body);
  };
  const filesOf = async (headers: Headers, id: string): Promise<Map<string, Buffer>> => {
    const response = await fetch(`${plaza.url}/api/exports/${id}/download`, { headers });
    expect(response.headers.get('content-type')).toBe('application/zip');
    return unzipped(Buffer.from(await response.arrayBuffer()));
  };
  const linesOf = (files: Map<string, Buffer>, name: string) =>
    files.get(`${name}.ndjson`)!.toString().trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  const tokenFor = async (member: GivenMember, ...permissions: string[]): Promise<{ id: string; secret: string }> =>
    ((await plaza.http.post('/api/api-tokens').set(member.auth).send({ name: 'copier', permissions }).expect(201)) as { body: { id: string; secret: string } }).body;

  beforeAll(async () => {
    plaza = await createTestApp({ RATE_LIMIT_SCALE: '1' });
    mia = await plaza.given.member({ credits: 0, displayName: 'Mia' });
  });
  afterAll(() => plaza.close());

  it('gives a member all that is known of them, for nothing, and of others nothing', async () => {
    const other = await plaza.given.member({ displayName: 'Noah the other' });
    const token = await tokenFor(mia, 'memes.read');
    await plaza.http.post('/api/sessions').set('User-Agent', 'second device').send({ email: mia.email, password: PASSWORD }).expect(201);

    const done = await made(mia.auth);
    expect(done).toMatchObject({ state: 'succeeded', source: 'everything', format: 'ndjson', compression: 'zip', errorCode: null, percent: 100 });
    const files = await filesOf(mia.auth, done.id);
    const own = ['api-tokens', 'credits', 'entitlements', 'exports', 'identities', 'messages', 'own-votes', 'profile', 'sessions'].map((name) => `${name}.ndjson`);
    expect([...files.keys()]).toEqual(expect.arrayContaining([...own, 'manifest.json']));
    expect([...files.keys()]).not.toContain('memes.ndjson');

    expect(linesOf(files, 'profile')).toEqual([expect.objectContaining({ id: mia.id, email: mia.email, displayName: 'Mia', role: 'member', createdAt: expect.any(String) })]);
    expect(linesOf(files, 'sessions')).toMatchObject([{ revokedAt: null }, { userAgent: 'second device', ip: expect.any(String) }]);
    expect(linesOf(files, 'api-tokens')).toMatchObject([{ id: token.id, name: 'copier', permissions: 'memes.read', revokedAt: null }]);
    expect(linesOf(files, 'credits').at(0)).toMatchObject({ kind: 'signup' });
    expect(linesOf(files, 'exports')).toMatchObject([{ id: done.id, source: 'everything', state: 'running' }]);

    const whole = Buffer.concat([...files.values()]).toString();
    for (const foreign of [other.id, other.email, 'Noah']) expect(whole).not.toContain(foreign);
    for (const secret of [token.secret, token.secret.slice(-43), mia.refreshToken, '$argon2', 'Hash']) expect(whole).not.toContain(secret);
    expect((await plaza.http.get('/api/credits').set(mia.auth).expect(200)).body).toMatchObject({ posted: 0, held: 0 });
  });

  it('is refused until midnight once the day\'s is taken, and says so before anything else happens', async () => {
    const { body, headers } = await order(mia.auth).expect(429);
    const { retryAt } = body as { retryAt: string };
    expect(body).toMatchObject({ code: 'export.quota', retryAt: plaza.app.get(Clock).nextMidnight().toISOString() });
    const seconds = (Date.parse(retryAt) - Date.now()) / 1000;
    expect(Math.abs(Number(headers['retry-after']) - seconds)).toBeLessThan(5);
  });

  it('is found among the sources, and ordered by its name alone', async () => {
    const { body: sources } = (await plaza.http.get('/api/exports/sources').set(mia.auth).expect(200)) as { body: { name: string }[] };
    expect(sources).toContainEqual({ name: 'everything', columns: [], filters: [] });
    expect(sources.map(({ name }) => name)).toEqual([...sources.map(({ name }) => name)].sort());
    for (const [extra, status, code] of [
      [{ format: 'ndjson' }, 422, 'export.unknown-format'],
      [{ compression: 'zip' }, 422, 'export.unknown-format'],
      [{ columns: ['id'] }, 422, 'export.unknown-column'],
      [{ filters: { kind: 'x' } }, 422, 'export.unknown-filter'],
      [{ format: null }, 400, 'request.invalid'],
      [{ format: 7 }, 400, 'request.invalid'],
    ] as const) {
      expect((await order(mia.auth, { ...EVERYTHING, ...extra }).expect(status)).body).toMatchObject({ code });
    }
  });

  it('answers twins of one Idempotency-Key with one copy', async () => {
    const ada = await plaza.given.member();
    const key = { ...ada.auth, 'Idempotency-Key': 'everything-once' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => order(key).expect(202)));
    expect(new Set(answers.map(({ body }) => (body as ExportBody).id)).size).toBe(1);
  });

  it('gives a token no more than it may read: neither in a copy of its own nor in one that its owner ordered', async () => {
    const [ada, bob] = [await plaza.given.member(), await plaza.given.member()];
    const wide = await tokenFor(ada, 'exports.order', 'profile.read', 'credits.read');
    const full = await made(ada.auth);
    const refused = await plaza.http.get(`/api/exports/${full.id}/download`).set('X-Token', wide.secret).expect(403);
    expect(refused.body).toMatchObject({ code: 'export.source-forbidden' });

    const narrow = { 'X-Token': (await tokenFor(bob, 'exports.order', 'credits.read')).secret };
    const partial = await made(narrow);
    expect([...(await filesOf(narrow, partial.id)).keys()]).toEqual(['credits.ndjson', 'exports.ndjson', 'manifest.json']);
    expect([...(await filesOf(bob.auth, partial.id)).keys()]).toEqual(['credits.ndjson', 'exports.ndjson', 'manifest.json']);
    await plaza.http.post('/api/exports').set('X-Token', (await tokenFor(bob, 'credits.read')).secret).send(EVERYTHING).expect(403);
  });

  it('has the data of a feature that exports has never heard of', async () => {
    const poems = new MemoryDataset('poems', [{ number: 1, text: 'roses', at: null }]);
    poems.personal = true;
    plaza.app.get(Datasets).register(poems);
    const ada = await plaza.given.member();
    const files = await filesOf(ada.auth, (await made(ada.auth)).id);
    expect(linesOf(files, 'poems')).toEqual([{ number: 1, text: 'roses', at: null }]);
  });
});

describe('a copy of everything whose process is killed in the middle', () => {
  let db: TestDatabase;
  let dataDir: string;

  beforeAll(async () => {
    db = await openTestDatabase();
    await db.truncate();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-everything-'));
  });
  afterAll(async () => {
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is made by the next one, is still free, and leaves no stray file', async () => {
    const environment = { DATABASE_URL: db.url, DATA_DIR: dataDir, RATE_LIMIT_SCALE: '1' };
    const dying = await startProcess({ ...environment, PLAZA_FAULT: 'export.mid-page' });
    const signedUp = await fetch(`${dying.url}/api/members`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'mia@example.org', password: PASSWORD, displayName: 'Mia' }),
    });
    const { accessToken } = (await signedUp.json()) as { accessToken: string };
    const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' };
    // The process may die before it can answer; what counts is what it has committed.
    await fetch(`${dying.url}/api/exports`, { method: 'POST', headers, body: JSON.stringify(EVERYTHING) }).catch(() => undefined);
    expect(await dying.stopped).toBe('SIGKILL');
    // A minute goes by: the lease of the dead lapses.
    await db.dataSource.query('UPDATE export_queue SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND');

    const next = await startProcess(environment);
    const call = async (route: string) => (await fetch(`${next.url}/api${route}`, { headers })).json();
    const done = await ended(async () => ((await call('/exports')) as { items: ExportBody[] }).items[0]!);
    expect(done).toMatchObject({ state: 'succeeded', source: 'everything', attempt: 2 });
    expect(await call('/credits')).toMatchObject({ posted: 5, held: 0, available: 5 });
    const file = await fetch(`${next.url}/api/exports/${done.id}/download`, { headers });
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(done.sha256);
    expect((await unzipped(bytes)).has('profile.ndjson')).toBe(true);
    next.kill('SIGTERM');
    await next.stopped;

    // The hourly sweep, by an application on the same data that takes no part in the work.
    const sweeper = await createTestApp({ EXPORT_WORKERS: '0', DATA_DIR: dataDir });
    await sweeper.app.get(ExportSweep).removeUnreferenced();
    const kept: string[] = [];
    for await (const { key } of sweeper.app.get(Storage).list('exports')) kept.push(key);
    await sweeper.close();
    expect(kept).toEqual([expect.stringMatching(new RegExp(`^exports/${done.id}/[^/]+\\.zip$`))]);
  });
});
