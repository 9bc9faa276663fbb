import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import net from 'node:net';
import { Health } from '../../src/platform/observability/health.service.js';
import { connectionRefusal } from '../support/sockets.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/app.js';
import { testDatabaseUrl } from '../support/database.js';
import { eventually } from '../support/eventually.js';

/** A wire to the database that can be cut: connections end, and new ones are refused, as from a server that stopped. */
class Wire {
  private server: net.Server | undefined;
  private readonly sockets = new Set<net.Socket>();
  port = 0;

  constructor(private readonly target: URL) {}

  get url(): string {
    return Object.assign(new URL(this.target), { port: String(this.port) }).href;
  }

  async join(): Promise<void> {
    this.server = net.createServer((client) => {
      const database = net.connect(Number(this.target.port), this.target.hostname);
      for (const [from, to] of [[client, database], [database, client]] as const) {
        this.sockets.add(from);
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as net.AddressInfo).port;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server!.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }
}

describe('a process', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it('says that it lives, is ready and how it is doing', async () => {
    await app.http.get('/api/livez').expect(200, { status: 'ok' });
    await app.http.get('/api/readyz').expect(200, { status: 'ok' });
    const { body } = await app.http.get('/api/health').expect(200);
    expect(body).toEqual({ status: 'ok', name: 'Plaza', version: '0.1.0', uptimeSeconds: expect.any(Number), database: { reachable: true, latencyMs: expect.any(Number) } });
  });

  it('shows metrics by route pattern and never by id', async () => {
    const { auth } = await app.given.member();
    const id = '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11';
    await app.http.get(`/api/memes/${id}`).set(auth).expect(404);
    await app.http.get(`/api/nothing-${id}`).expect(404);
    const { text } = await app.http.get('/metrics').expect(200).expect('Content-Type', /^text\/plain/);
    expect(text).toContain('plaza_http_request_duration_seconds_count{method="GET",route="/api/memes/:id",status="404"}');
    expect(text).toContain('process_cpu_user_seconds_total');
    expect(text).not.toContain(id);
  });

  it('shows metrics to loopback alone: not to what a proxy on the same machine passes on', async () => {
    for (const header of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via']) {
      expect((await app.http.get('/metrics').set(header, '127.0.0.1').expect(403)).body.code).toBe('auth.forbidden');
    }
  });

  it('shows metrics to who has the token', async () => {
    const guarded = await createTestApp({ METRICS_TOKEN: 'a token for the watchman', TRUST_PROXY: 'true' });
    try {
      const from = (address: string) => guarded.http.get('/metrics').set('X-Forwarded-For', address);
      await from('203.0.113.7').expect(403);
      await from('127.0.0.1').expect(403);
      await from('203.0.113.7').set('Authorization', 'Bearer a token for the watchmaN').expect(403);
      await from('203.0.113.7').set('Authorization', 'Bearer ').expect(403);
      await from('203.0.113.7').set('Authorization', 'Bearer a token for the watchman').expect(200);
    } finally {
      await guarded.close();
    }
  });

  it('that is stopping is not ready any more', async () => {
    const stopping = await createTestApp();
    stopping.app.get(Health).onModuleDestroy();
    try {
      const { body, headers } = await stopping.http.get('/api/readyz').expect(503);
      expect(body.code).toBe('server.busy');
      expect(headers['retry-after']).toBe('5');
      expect((await stopping.http.get('/api/health')).body.status).toBe('draining');
      await stopping.http.get('/api/livez').expect(200);
    } finally {
      await stopping.close();
    }
  });
});

describe('without its database', () => {
  it('answers 503 server.busy, goes on living, and recovers by itself', async () => {
    const wire = new Wire(new URL(testDatabaseUrl()));
    await wire.join();
    const app = await createTestApp({ DATABASE_URL: wire.url });
    try {
      const member = await app.given.member();
      await wire.cut();
      for (const request of [
        app.http.get('/api/me').set(member.auth),
        app.http.post('/api/credits/transfers').set(member.auth).send({ toMemberId: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11', amount: 1 }),
        app.http.post('/api/sessions').send({ email: member.email, password: member.password }),
        app.http.post('/api/members').send({ email: 'late@example.org', password: member.password, displayName: 'Late' }),
        app.http.get('/api/readyz'),
      ]) {
        const { status, body, headers, text } = await request;
        expect({ status, code: body.code }).toEqual({ status: 503, code: 'server.busy' });
        expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
        expect(text).not.toMatch(/ECONN|127\.0\.0\.1|mysql/i);
      }
      await app.http.get('/api/livez').expect(200);
      expect((await app.http.get('/api/health').expect(200)).body).toMatchObject({ status: 'degraded', database: { reachable: false } });
      expect((await connectionRefusal(app.url, { token: (await signedIn(member.email)).accessToken })).data?.code).toBe('server.busy');

      await wire.join();
      await eventually(() => app.http.get('/api/readyz').expect(200), 10_000);
      await eventually(() => app.http.get('/api/me').set(member.auth).expect(200), 10_000);
    } finally {
      await app.close();
      await wire.cut();
    }

    /** Tokens of a session that the cut-off process has not seen yet. */
    async function signedIn(email: string): Promise<{ accessToken: string }> {
      const other = await createTestApp({ APP_SECRET: app.secret });
      try {
        return (await other.http.post('/api/sessions').send({ email, password: PASSWORD }).expect(201)).body;
      } finally {
        await other.close();
      }
    }
  });
});
