import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import { Database } from '../../src/platform/database/database.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { says, sends, startAiEndpoint, type AiEndpoint } from '../support/ai-endpoint.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { testDatabaseUrl } from '../support/database.js';
import { subscribed } from '../support/given-memes.js';
import { startProcess } from '../support/process.js';

const KEY = 'sk-a-key-that-nobody-sees';
const PROMPT = 'a prompt that nobody else reads';

let endpoint: AiEndpoint;
/** The process that stays. */
let app: TestApp;
let member: GivenMember;

const start = (environment: NodeJS.ProcessEnv) =>
  startProcess({ DATABASE_URL: testDatabaseUrl(), APP_SECRET: app.secret, AI_BASE_URL: endpoint.url, AI_API_KEY: KEY, AI_MODEL: 'owl-7b', ...environment });
const order = (url: string, key = newId()) =>
  fetch(`${url}/api/memes/ai`, { method: 'POST', headers: { ...member.auth, 'Content-Type': 'application/json', 'Idempotency-Key': key }, body: JSON.stringify({ prompt: PROMPT }) });
const balance = async (): Promise<object> => {
  const { posted, held } = (await app.http.get('/api/credits').set(member.auth).expect(200)).body;
  return { posted, held };
};
const memes = async () => (await app.app.get(Database).rows('SELECT id FROM meme WHERE created_by = ?', [member.id])).length;
const letHoldsLapse = () => app.app.get(Transactions).run((tx) => tx.write("UPDATE credit_hold SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE status = 'open'"));

beforeAll(async () => {
  endpoint = await startAiEndpoint();
  app = await createTestApp();
  const admin = await app.given.member({ role: 'admin' });
  member = await subscribed(app, admin, await app.given.member({ credits: 10 }));
});
afterAll(async () => {
  await app.close();
  await endpoint.stop();
});

describe('an order of a process that is killed', () => {
  it.each(['memes.ai-held', 'memes.ai-written'])('at %s is charged with nothing once the hold is over, and may be sent again', async (point) => {
    const [before, made] = [await balance(), await memes()];
    const key = newId();
    const plaza = await start({ PLAZA_FAULT: point });
    await expect(order(plaza.url, key)).rejects.toThrow();
    expect(await plaza.stopped).toBe('SIGKILL');
    expect(await balance()).toMatchObject({ held: 1 });
    await letHoldsLapse();
    expect(await balance()).toEqual(before);
    expect(await memes()).toBe(made);

    expect((await order(app.url, key)).status).toBe(201);
    expect(await memes()).toBe(made + 1);
  });

  it('after its meme was stored is charged once, and answered when it is sent again', async () => {
    const { posted } = (await balance()) as { posted: number };
    const made = await memes();
    const key = newId();
    endpoint.answer(says('up\ndown'));
    const plaza = await start({ PLAZA_FAULT: 'memes.ai-stored' });
    await expect(order(plaza.url, key)).rejects.toThrow();
    expect(await plaza.stopped).toBe('SIGKILL');
    expect(await balance()).toEqual({ posted: posted - 1, held: 0 });

    const again = await order(app.url, key);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(await again.json()).toMatchObject({ caption: 'up down', generatedBy: 'owl-7b' });
    expect(await balance()).toEqual({ posted: posted - 1, held: 0 });
    expect(await memes()).toBe(made + 1);
  });
});

it('the log says that an endpoint failed and how, and nothing of key, prompt and answer', async () => {
  const plaza = await start({ LOG_LEVEL: 'trace', OPENAI_LOG: 'debug' });
  try {
    endpoint.answer(sends(JSON.stringify({ error: { message: `${KEY} may not ask: ${PROMPT}` } }), 401));
    expect((await order(plaza.url)).status).toBe(502);
    expect(plaza.output()).toMatch(/owl-7b wrote no caption: \w+, status 401/);
    endpoint.answer(says('zzanswerzz\nup'));
    expect((await order(plaza.url)).status).toBe(201);
    for (const secret of [KEY, PROMPT, 'zzanswerzz']) expect(plaza.output()).not.toContain(secret);
  } finally {
    plaza.kill('SIGTERM');
    await plaza.stopped;
  }
});
