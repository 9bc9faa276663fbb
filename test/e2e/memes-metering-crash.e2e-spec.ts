import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreditsService } from '../../src/features/credits/index.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startProcess, type PlazaProcess } from '../support/process.js';

const CALLS = 100_000;
const CLIENTS = 8;

/** Two processes that serve one token's calls, and end. */
describe('calls to processes that end', () => {
  let db: TestDatabase;
  let dataDir: string;
  /** Neither serves nor settles calls: it looks. */
  let observer: TestApp;
  let member: GivenMember;
  let processes: PlazaProcess[] = [];
  let token: { id: string; secret: string };

  const start = async (): Promise<PlazaProcess> => {
    const started = await startProcess({ DATABASE_URL: db.url, DATA_DIR: dataDir, APP_SECRET: observer.secret, UPLOAD_WORKERS: '0', EXPORT_WORKERS: '0', LOG_LEVEL: 'trace' });
    processes.push(started);
    return started;
  };
  const account = async () => {
    const { posted, held } = await observer.app.get(CreditsService).balance({ kind: 'api_token', id: token.id });
    const [usage] = await db.database.rows<{ charged: string | null }>('SELECT SUM(charged) AS charged FROM meme_usage WHERE token_id = ?', [token.id]);
    return { charged: CALLS - posted, held, counted: Number(usage!.charged) };
  };
  const statusOf = async (url: string): Promise<number | undefined> => {
    try {
      const answer = await fetch(`${url}/api/memes?limit=1`, { headers: { 'X-Token': token.secret } });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return undefined;
    }
  };
  /** Clients that call one process until it is gone or `enough`; answers how many calls were answered with 200. */
  const load = ({ url }: PlazaProcess, enough: () => boolean) => {
    let served = 0;
    const client = async (): Promise<void> => {
      while (!enough()) {
        const status = await statusOf(url);
        if (status === 200) served += 1;
        else if (status !== 503) return;
      }
    };
    const done = Promise.all(Array.from({ length: CLIENTS }, client)).then(() => served);
    return { served: () => served, done };
  };

  beforeAll(async () => {
    db = await openTestDatabase();
    dataDir = await mkdtemp(path.join(tmpdir(), 'plaza-metering-'));
    observer = await createTestApp({ CALLS_AT_TOKEN: String(CALLS) });
    member = await observer.given.member();
  });
  afterAll(async () => {
    for (const process of processes) process.kill('SIGKILL');
    await Promise.all(processes.map(({ stopped }) => stopped));
    processes = [];
    await observer.close();
    await db.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const newToken = async () => {
    token = (await observer.http.post('/api/api-tokens').set(member.auth).send({ name: 'bot' }).expect(201)).body;
  };

  it('are charged exactly as they were served when the processes are stopped under load', async () => {
    await newToken();
    const [one, two] = await Promise.all([start(), start()]);
    const loads = [load(one, () => false), load(two, () => false)] as const;
    await eventually(() => expect(loads[0].served()).toBeGreaterThan(100), 20_000);
    one.kill('SIGTERM');
    await eventually(() => expect(loads[1].served()).toBeGreaterThan(200), 20_000);
    two.kill('SIGTERM');
    const [first, second] = [await loads[0].done, await loads[1].done];
    expect(await Promise.all([one.stopped, two.stopped])).toEqual([0, 0]);
    const served = first + second;
    expect(await account()).toEqual({ charged: served, held: 0, counted: served });
  });

  it('are never charged beyond what was served when one is killed, and what it had leased comes back', async () => {
    await newToken();
    const [doomed, survivor] = await Promise.all([start(), start()]);
    let enough = false;
    const loads = [load(doomed, () => false), load(survivor, () => enough)] as const;
    await eventually(() => expect(Math.min(loads[0].served(), loads[1].served())).toBeGreaterThan(100), 20_000);
    doomed.kill('SIGKILL');
    expect(await doomed.stopped).toBe('SIGKILL');
    const lost = await loads[0].done;
    enough = true;
    const kept = await loads[1].done;
    survivor.kill('SIGTERM');
    expect(await survivor.stopped).toBe(0);

    const killed = await account();
    expect(killed.held).toBeGreaterThan(0);
    expect(killed.charged).toBeGreaterThanOrEqual(kept);
    // An answer may have been on its way to each of its clients.
    expect(killed.charged).toBeLessThanOrEqual(kept + lost + CLIENTS);
    expect(killed.counted).toBe(killed.charged);
    await db.transactions.run((tx) => tx.write("UPDATE credit_hold SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE status = 'open'"));
    expect(await account()).toEqual({ ...killed, held: 0 });
  });

  it('show no token in the log, neither of those that are served nor of those that fail', async () => {
    await newToken();
    const plaza = await start();
    const ask = (query: string) => fetch(`${plaza.url}/api/userstats?${query}`, { headers: member.auth });
    expect((await ask(`token=${token.secret}`)).status).toBe(200);
    expect((await ask(`token=${token.secret}&uid=${member.id}`)).status).toBe(400);
    expect(await statusOf(plaza.url)).toBe(200);
    await db.database.rows('RENAME TABLE meme_usage TO meme_usage_away, api_token TO api_token_away');
    try {
      const failed = await ask(`token=${token.secret}`);
      expect(failed.status).toBe(500);
      expect(await failed.text()).not.toContain(token.secret);
    } finally {
      await db.database.rows('RENAME TABLE meme_usage_away TO meme_usage, api_token_away TO api_token');
    }
    plaza.kill('SIGTERM');
    await plaza.stopped;
    expect(plaza.output()).toContain('request failed');
    expect(plaza.output()).toContain('/api/userstats');
    // Its 32 random bytes in base64url, in which there may be underscores too.
    expect(plaza.output()).not.toContain(token.secret.slice(-43));
  });
});
