import { afterEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/platform/database/columns.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';
import { acknowledgementOf, connectSocket, openSocket, type ConnectError } from '../support/sockets.js';

const apps: TestApp[] = [];
async function appWith(environment: NodeJS.ProcessEnv): Promise<TestApp> {
  const app = await createTestApp(environment);
  apps.push(app);
  return app;
}
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

describe('rate limits', () => {
  it('are told with every answer', async () => {
    const app = await appWith({ RATE_LIMIT_SCALE: '1' });
    const first = await app.http.get('/api/health').expect(200);
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"read";q=1200;w=60', ratelimit: expect.stringMatching(/^"read";r=1199;t=(60|59)$/) });
    const signIn = await app.http.post('/api/sessions').send({ email: 'nobody@example.org', password: 'wrong password' }).expect(401);
    expect(signIn.headers['ratelimit-policy']).toBe('"auth";q=60;w=60');
    const { auth } = await app.given.member();
    const write = await app.http.patch('/api/me').set(auth).send({}).expect(200);
    expect(write.headers['ratelimit-policy']).toBe('"write";q=300;w=60');
    // Pieces of an upload: a GiB of them is no flood.
    const piece = await app.http.patch(`/api/files/tus/${newId()}`).set(auth).set('Tus-Resumable', '1.0.0').set('Content-Type', 'application/offset+octet-stream').expect(404);
    expect(piece.headers['ratelimit-policy']).toBe('"frequent";q=6000;w=60');
  });

  it('refuse with 429 and say how long to wait, class by class', async () => {
    // 1200, 300 and 60 a minute become 6, 1 and 1.
    const app = await appWith({ RATE_LIMIT_SCALE: '0.005' });
    for (let request = 0; request < 6; request += 1) await app.http.get('/api/livez').expect(200);
    const { body, headers } = await app.http.get('/api/livez').expect(429).expect('Content-Type', /problem\+json/);
    expect(body).toMatchObject({ code: 'rate.limited', status: 429 });
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(headers['ratelimit']).toMatch(/^"read";r=0;t=\d+$/);
    await app.http.post('/api/sessions').send({}).expect(400);
    await app.http.post('/api/sessions').send({}).expect(429);
  });

  it('count socket events as well, with the requests of the member', async () => {
    const roomy = await appWith({});
    const ada = await roomy.given.member();
    const app = await appWith({ RATE_LIMIT_SCALE: '0.005', APP_SECRET: roomy.secret });
    await app.http.get('/api/me').set(ada.auth).expect(200);
    const socket = await connectSocket(app.url, ada.accessToken);
    const answers: unknown[] = [];
    for (let event = 0; event < 6; event += 1) answers.push(await acknowledgementOf(socket, 'poll.unsubscribe', { pollId: newId() }));
    socket.disconnect();
    expect(answers.slice(0, 5)).toEqual(Array(5).fill(expect.objectContaining({ ok: true })));
    expect(answers[5]).toEqual({ ok: false, error: { code: 'rate.limited', message: expect.any(String), retryAfterMs: expect.any(Number) } });
  });

  describe('of sockets', () => {
    /** 'connect', or the code of the refusal. */
    const connect = async (url: string, token: unknown, from?: string): Promise<string> => {
      const socket = openSocket(url, { token }, from === undefined ? {} : { extraHeaders: { 'X-Forwarded-For': from } });
      try {
        return await new Promise((resolve) => socket.once('connect', () => resolve('connect')).once('connect_error', (error: ConnectError) => resolve(error.data?.code ?? error.message)));
      } finally {
        socket.disconnect();
      }
    };
    /** 300 a minute become 3. */
    const strict = async (environment: NodeJS.ProcessEnv = {}): Promise<{ app: TestApp; members: GivenMember[] }> => {
      const roomy = await appWith({});
      return { members: [await roomy.given.member(), await roomy.given.member()], app: await appWith({ RATE_LIMIT_SCALE: '0.01', APP_SECRET: roomy.secret, ...environment }) };
    };

    it('count the connects of a member, to all namespaces together', async () => {
      const { app, members: [ada, ben] } = await strict();
      const outcomes: string[] = [];
      for (const namespace of ['/', '/chat', '/', '/', '/chat']) outcomes.push(await connect(`${app.url}${namespace}`, ada!.accessToken));
      expect(outcomes).toEqual(['connect', 'connect', 'connect', 'rate.limited', 'rate.limited']);
      expect(await connect(app.url, ben!.accessToken)).toBe('connect');
    });

    it('count what an address was refused for, and look at no more tokens of it', async () => {
      const { app, members: [ada] } = await strict();
      const outcomes: string[] = [];
      for (const token of ['nonsense', undefined, 'a.b.c', 'nonsense', ada!.accessToken]) outcomes.push(await connect(`${app.url}/chat`, token));
      expect(outcomes).toEqual(['auth.token-invalid', 'auth.token-invalid', 'auth.token-invalid', 'rate.limited', 'rate.limited']);
    });

    it('cannot be got round by naming another address, and do not count the proxy', async () => {
      const alone = await strict();
      for (let i = 0; i < 3; i += 1) expect(await connect(alone.app.url, 'nonsense', `203.0.113.${i}`)).toBe('auth.token-invalid');
      expect(await connect(alone.app.url, 'nonsense', '203.0.113.9')).toBe('rate.limited');
      const proxied = await strict({ TRUST_PROXY: 'true' });
      for (let i = 0; i < 3; i += 1) expect(await connect(proxied.app.url, 'nonsense', `198.51.100.${i}, 203.0.113.7`)).toBe('auth.token-invalid');
      expect(await connect(proxied.app.url, 'nonsense', '198.51.100.9, 203.0.113.7')).toBe('rate.limited');
      expect(await connect(proxied.app.url, proxied.members[0]!.accessToken, '203.0.113.8')).toBe('connect');
    });
  });

  it('count a member and not the address once somebody is signed in', async () => {
    const roomy = await appWith({});
    const [ada, ben] = [await roomy.given.member(), await roomy.given.member()];
    const { body: token } = await roomy.http.post('/api/api-tokens').set(ada.auth).send({ name: 'bot' }).expect(201);
    const app = await appWith({ RATE_LIMIT_SCALE: '0.005', APP_SECRET: roomy.secret });
    const me = (headers: Record<string, string>) => app.http.get('/api/me').set(headers);
    for (let request = 0; request < 6; request += 1) await me(ada.auth).expect(200);
    await me(ada.auth).expect(429);
    // Another session or API token of the same member is no way out.
    await me({ 'X-Token': token.secret }).expect(429);
    await me(ben.auth).expect(200);
    await app.http.get('/api/livez').expect(200);
  });

  it('cannot be got round by naming another address, nor with a made-up one behind a proxy', async () => {
    const alone = await appWith({ RATE_LIMIT_SCALE: '0.005' });
    for (let request = 0; request < 6; request += 1) await alone.http.get('/api/livez').set('X-Forwarded-For', `203.0.113.${request}`).expect(200);
    await alone.http.get('/api/livez').set('X-Forwarded-For', '203.0.113.99').expect(429);

    const proxied = await appWith({ RATE_LIMIT_SCALE: '0.005', TRUST_PROXY: 'true' });
    const from = (forwarded: string) => proxied.http.get('/api/livez').set('X-Forwarded-For', forwarded);
    // The proxy adds the address it sees at the end; what stands before is the client's invention.
    for (let request = 0; request < 6; request += 1) await from(`198.51.100.${request}, 203.0.113.7`).expect(200);
    await from('198.51.100.99, 203.0.113.7').expect(429);
    await from('203.0.113.8').expect(200);
  });
});
