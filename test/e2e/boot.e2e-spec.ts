import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import supertest from 'supertest';
import { PASSWORD } from '../support/app.js';
import { createEmptyDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess, type PlazaProcess } from '../support/process.js';
import { connectSocket, nextEvent } from '../support/sockets.js';

/** An operator at a terminal waits this long. */
const STOP_WITHIN_MS = 5_000;

const running: PlazaProcess[] = [];
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plaza-boot-'));
  folders.push(folder);
  return folder;
}

async function start(environment: NodeJS.ProcessEnv): Promise<PlazaProcess> {
  const plaza = await startProcess(environment);
  running.push(plaza);
  return plaza;
}

/** What a process prints that does not come up, and how it ends. */
async function failure(environment: NodeJS.ProcessEnv): Promise<string> {
  try {
    await start(environment);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it started');
}

async function expectStops(plaza: PlazaProcess, signal: NodeJS.Signals): Promise<void> {
  const started = Date.now();
  plaza.kill(signal);
  expect(await plaza.stopped).toBe(0);
  expect(Date.now() - started).toBeLessThan(STOP_WITHIN_MS);
}

/** Processes that have a folder in their command line: its database server. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((command) => command.includes(folder));
}

const register = (url: string, email: string) => supertest(url).post('/api/members').send({ email, password: PASSWORD, displayName: 'Ada' });
const signIn = (url: string, email: string, password = PASSWORD) => supertest(url).post('/api/sessions').send({ email, password });

afterEach(async () => {
  for (const plaza of running.splice(0)) {
    plaza.kill('SIGKILL');
    await plaza.stopped;
  }
});
afterAll(async () => {
  for (const folder of folders) {
    await eventually(() => expect(processesOf(folder)).toEqual([]), 10_000);
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('with an embedded database', () => {
  const dataDir = newFolder();
  const development = { NODE_ENV: 'development', DEMO: 'true', DATA_DIR: dataDir };

  it('comes up with the demo community and says where it is', async () => {
    const plaza = await start(development);
    const output = plaza.output();
    for (const path of ['/api/docs', '/api/openapi.json', '/api/health']) {
      expect(output).toContain(`${plaza.url}${path}`);
      await supertest(plaza.url).get(path).redirects(1).expect(200);
    }
    const logins = [...output.matchAll(/^ +(\S+@\S+) +(\w+)$/gm)];
    const password = /password "(.+)"/.exec(output)![1]!;
    expect(logins.map(([, , role]) => role)).toEqual(['admin', 'moderator', 'operator', 'member', 'member']);
    for (const [, email, role] of logins) {
      const { body } = await signIn(plaza.url, email!, password).expect(201);
      expect(body.member.role).toBe(role);
    }
    expect(processesOf(dataDir)).toHaveLength(1);
    await expectStops(plaza, 'SIGINT');
    expect(processesOf(dataDir)).toEqual([]);
  }, 120_000);

  it('keeps its data, the demo community is not made twice, and sessions go on', async () => {
    const first = await start(development);
    const { body } = await register(first.url, 'kept@example.org').expect(201);
    await expectStops(first, 'SIGTERM');
    expect(processesOf(dataDir)).toEqual([]);

    const second = await start(development);
    await supertest(second.url).get('/api/me').set('Authorization', `Bearer ${body.accessToken}`).expect(200);
    await signIn(second.url, 'mia@demo.plaza', 'plaza demo 2026').expect(201);
  }, 120_000);

  it('loses no acknowledged sign-up when it is killed right after, and leaves no server behind', async () => {
    const first = await start(development);
    await register(first.url, 'killed@example.org').expect(201);
    first.kill('SIGKILL');
    expect(await first.stopped).toBe('SIGKILL');
    await eventually(() => expect(processesOf(dataDir)).toEqual([]), 10_000);

    const second = await start(development);
    const { body } = await signIn(second.url, 'killed@example.org').expect(201);
    const credits = await supertest(second.url).get('/api/credits').set('Authorization', `Bearer ${body.accessToken}`).expect(200);
    expect(credits.body).toMatchObject({ posted: 5, seq: 1 });
    await expectStops(second, 'SIGTERM');
    expect(processesOf(dataDir)).toEqual([]);
  }, 120_000);
});

describe('with a database of the operator\'s', () => {
  let database: { url: string; drop(): Promise<void> };
  let environment: NodeJS.ProcessEnv;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    environment = { DATABASE_URL: database.url, DATA_DIR: newFolder() };
  });
  afterAll(() => database.drop());

  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends it within 5 s, with connections and sockets open', async (signal) => {
    const plaza = await start(environment);
    const { body } = await register(plaza.url, `${signal}@example.org`).expect(201);
    const socket = await connectSocket(plaza.url, body.accessToken);
    const told = nextEvent(socket, 'server.draining');
    const agent = new http.Agent({ keepAlive: true });
    await supertest(plaza.url).get('/api/livez').agent(agent).expect(200);
    const silent = net.connect(Number(new URL(plaza.url).port), '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    silent.on('error', () => undefined);
    try {
      await expectStops(plaza, signal);
      await told;
    } finally {
      agent.destroy();
      silent.destroy();
      socket.disconnect();
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('%s lets requests under way be finished, on connections that would stay open', async (signal) => {
    const plaza = await start(environment);
    const agent = new http.Agent({ keepAlive: true });
    try {
      // Two hash at a time: when the first is answered, the others are under way.
      const requests = Array.from({ length: 12 }, (_, n) => register(plaza.url, `draining-${n}-${signal}@example.org`).agent(agent).then(({ status }) => status));
      await Promise.race(requests);
      await expectStops(plaza, signal);
      expect(await Promise.all(requests)).toEqual(Array<number>(12).fill(201));
    } finally {
      agent.destroy();
    }
  });

  it('names every wrong variable and exits with 1', async () => {
    const output = await failure({ PORT: 'hunter2', COMMUNITY_TIMEZONE: 'hunter2', NODE_ENV: 'production', PLAZA_FAULT: 'hunter2', DATA_DIR: environment['DATA_DIR'] });
    expect(output).toContain('ended with 1');
    for (const name of ['PORT', 'COMMUNITY_TIMEZONE', 'PLAZA_FAULT', 'APP_SECRET']) expect(output).toContain(`- ${name}: `);
    expect(output).not.toMatch(/hunter2|^ +at /m);
  });

  it('says plainly that its port is taken, and exits with 1', async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as net.AddressInfo;
    try {
      const output = await failure({ ...environment, PORT: String(port) });
      expect(output).toContain('ended with 1');
      expect(output).toContain(`address already in use 127.0.0.1:${port}`);
      expect(output).not.toMatch(/^ +at /m);
    } finally {
      other.close();
    }
  });

  it('says plainly that the database is not there, without its password, and exits with 1', async () => {
    const output = await failure({ ...environment, DATABASE_URL: 'mysql://plaza:hunter2@127.0.0.1:1/plaza' });
    expect(output).toContain('ended with 1');
    expect(output).toContain('127.0.0.1:1');
    expect(output).not.toMatch(/hunter2|^ +at /m);
  });
});

describe('in an empty database', () => {
  let database: { url: string; drop(): Promise<void> };
  let environment: NodeJS.ProcessEnv;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    environment = { DATABASE_URL: database.url, DATA_DIR: newFolder() };
  });
  afterAll(() => database.drop());

  it('makes the first admin, once, of a password that is not a common one', async () => {
    const admin = { ADMIN_EMAIL: 'Boss@example.org', ADMIN_PASSWORD: 'password123' };
    const output = await failure({ ...environment, ...admin });
    expect(output).toContain('ended with 1');
    expect(output).toContain('- ADMIN_PASSWORD: ');
    expect(output).not.toMatch(/password123|^ +at /m);

    const plaza = await start({ ...environment, ...admin, ADMIN_PASSWORD: PASSWORD });
    expect((await signIn(plaza.url, 'boss@example.org').expect(201)).body.member.role).toBe('admin');
    await signIn(plaza.url, 'mia@demo.plaza', 'plaza demo 2026').expect(401);
    await expectStops(plaza, 'SIGTERM');

    const again = await start({ ...environment, ...admin, ADMIN_PASSWORD: 'another good one' });
    await signIn(again.url, 'boss@example.org').expect(201);
  });

  it('gives one credit for each of three nights, at the first instant of the local day', async () => {
    const havana = { ...environment, COMMUNITY_TIMEZONE: 'America/Havana' };
    const before = await start({ ...havana, PLAZA_TEST_CLOCK: '2024-03-08T17:00:00Z' });
    const { body } = await register(before.url, 'night@example.org').expect(201);
    const auth = { Authorization: `Bearer ${body.accessToken}` };
    await expectStops(before, 'SIGTERM');

    const after = await start({ ...havana, PLAZA_TEST_CLOCK: '2024-03-11T17:00:00Z' });
    for (let twice = 0; twice < 2; twice += 1) {
      const { body: credits } = await supertest(after.url).get('/api/credits').set(auth).expect(200);
      expect(credits).toMatchObject({ posted: 8, seq: 4, nextAccrualAt: '2024-03-12T04:00:00.000Z', timeZone: 'America/Havana' });
    }
    const { body: entries } = await supertest(after.url).get('/api/credits/entries').set(auth).query({ kind: 'accrual' }).expect(200);
    // On 10 March there is no midnight in Havana: that day begins at one.
    expect(entries.items.map((entry: { amount: number; effectiveAt: string }) => [entry.amount, entry.effectiveAt])).toEqual([
      [1, '2024-03-11T04:00:00.000Z'],
      [1, '2024-03-10T05:00:00.000Z'],
      [1, '2024-03-09T05:00:00.000Z'],
    ]);
  });
});
