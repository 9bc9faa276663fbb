import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import http from 'node:http';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { Public } from '../../src/platform/auth/decorators.js';
import { createTestApp, type GivenMember, type TestApp } from '../support/app.js';

const SECRET_TEXT = 'SELECT secret FROM somewhere: out of coffee';

@ApiExcludeController()
@Controller('broken')
@Public()
class BrokenController {
  @Get('error')
  error(): never {
    throw Object.assign(new Error(SECRET_TEXT), { password: 'hunter2' });
  }

  @Get('text')
  text(): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do
    throw SECRET_TEXT;
  }

  @Get('nothing')
  nothing(): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do
    throw undefined;
  }

  @Get('large')
  large(): { text: string } {
    return { text: 'plaza '.repeat(1_000) };
  }

  @Post('nobody')
  nobody(): { ok: boolean } {
    return { ok: true };
  }
}

@Module({ controllers: [BrokenController] })
class BrokenModule {}

let app: TestApp;
let member: GivenMember;

beforeAll(async () => {
  app = await createTestApp({}, [BrokenModule]);
  member = await app.given.member();
});
afterAll(() => app.close());

const signUp = (body: string | object, type = 'application/json') => app.http.post('/api/members').set('Content-Type', type).send(body);

/** What the server says to bytes that no client library would send. */
async function raw(request: string): Promise<string> {
  const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.write(request);
  await new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
  return answer;
}

describe('a body', () => {
  it.each([
    ['cut off', '{"email": "a@exam'],
    ['not quoted', '{email: 1}'],
    ['a bare word', 'nonsense'],
    ['two values', '{} {}'],
    ['a trailing comma', '{"a": 1,}'],
    ['a NUL byte', '\u0000'],
    ['__proto__', '{"__proto__": {"role": "admin"}}'],
    ['constructor.prototype', '{"constructor": {"prototype": {"role": "admin"}}}'],
  ])('that is malformed JSON (%s) is 400', async (_, body) => {
    const answer = await signUp(body).expect(400).expect('Content-Type', 'application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400, code: 'request.invalid', requestId: expect.any(String) });
    expect(answer.body.errors[0].message).toMatch(/well-formed JSON/);
  });

  it.each(['null', '[]', '"text"', '7', 'true', '[{"email":"a@example.org","password":"a quiet corner desk","displayName":"Ada"}]', '{}'])('of the wrong type (%s) is 400', async (body) => {
    const answer = await signUp(body).expect(400);
    expect(answer.body.code).toBe('request.invalid');
    for (const fault of answer.body.errors) expect(fault).toEqual({ path: expect.any(String), message: expect.any(String) });
  });

  it('of 2 MiB is 413, one of just under 1 MiB is read', async () => {
    const answer = await signUp({ email: 'x'.repeat(2 * 1024 * 1024) }).expect(413);
    expect(answer.body.code).toBe('request.too-large');
    await signUp({ email: 'x'.repeat(1024 * 1024 - 100) }).expect(400);
    await app.http.get('/api/livez').expect(200);
  });

  it('of 2 MiB sent in chunks without a length is 413', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const request = http.request(`${app.url}/api/members`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      });
      request.on('error', reject);
      request.end(Buffer.alloc(2 * 1024 * 1024, 'x'));
    });
    expect(status).toBe(413);
  });

  it('that unpacks to 64 MiB is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const status = await new Promise<number>((resolve, reject) => {
      const request = http.request(`${app.url}/api/members`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Content-Length': bomb.length } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      });
      request.on('error', reject);
      request.end(bomb);
    });
    expect([400, 413, 415]).toContain(status);
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'text/json'])('of type %s is 415', async (type) => {
    const answer = await signUp('email=a', type).expect(415).expect('Content-Type', /problem\+json/);
    expect(answer.body).toMatchObject({ code: 'request.invalid', status: 415, title: 'Unsupported Media Type' });
  });

  it('in JSON with a charset is read', async () => {
    await signUp('{}', 'application/json; charset=utf-8').expect(400, /email/);
  });

  it('that is empty under a JSON type is no body', async () => {
    await app.http.post('/api/broken/nobody').set('Content-Type', 'application/json').expect(201, { ok: true });
    await app.http.post('/api/broken/nobody').expect(201);
    const { auth } = await app.given.member();
    await app.http.delete('/api/sessions/current').set(auth).set('Content-Type', 'application/json').expect(204);
  });
});

describe('an address', () => {
  it.each(['/api/nothing', '/api', '/api/', '/nothing', '/api/members/', '/api/me/x', '/API/ME', '//api/me', '/api/../etc/passwd', `/api/exports/${'x'.repeat(2001)}`])('that leads nowhere (%s) is 404', async (path) => {
    const { body } = await app.http.get(path).expect(404).expect('Content-Type', /problem\+json/);
    expect(body).toMatchObject({ code: 'not-found', status: 404 });
  });

  it.each(['put', 'patch', 'delete', 'options'] as const)('knows no %s where there is none', async (method) => {
    await app.http[method]('/api/credits').expect(404);
  });

  it.each(['/api/%', '/api/memes/%E0%A4%A', '/%zz'])('that cannot be decoded (%s) is 400 and says so', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"request.invalid"');
    expect(answer).toContain('"message":"the address cannot be decoded"');
    expect(answer).toMatch(/x-content-type-options: nosniff/i);
    expect(answer).toMatch(/x-request-id: /i);
  });

  it('is answered without a body to HEAD', async () => {
    const answer = await app.http.head('/api/livez').expect(200);
    expect(answer.text).toBeUndefined();
    await app.http.head('/api/me').expect(401);
    await app.http.head('/api/me').set(member.auth).expect(200);
  });

  it('welcomes at the root', async () => {
    await app.http.get('/').expect(200, { name: 'Plaza', version: '0.1.0', docs: '/api/docs', health: '/api/health' });
  });
});

describe('a request', () => {
  it('that is no HTTP gets a 400 and the connection is closed', async () => {
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('with two lengths or both framings is refused', async () => {
    for (const framing of ['Content-Length: 5\r\nContent-Length: 6', 'Content-Length: 5\r\nTransfer-Encoding: chunked']) {
      expect(await raw(`POST /api/members HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${framing}\r\n\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it('keeps its X-Request-Id in the header and in the problem', async () => {
    const { body, headers } = await app.http.get('/api/me').set('X-Request-Id', 'trace-1.a:B_2').expect(401);
    expect([headers['x-request-id'], body.requestId]).toEqual(['trace-1.a:B_2', 'trace-1.a:B_2']);
  });

  it.each(['', 'with blank', 'x'.repeat(65), '<script>', 'a"b', "a'b", 'a;b', 'ü'])('gets another X-Request-Id for %j', async (given) => {
    const { headers } = await app.http.get('/api/livez').set('X-Request-Id', given).expect(200);
    expect(headers['x-request-id']).toMatch(/^[\w-]{10,36}$/);
  });

  it('gets the security headers, whatever the answer is', async () => {
    for (const [path, status] of [['/api/livez', 200], ['/api/me', 401], ['/api/nothing', 404], ['/api/broken/error', 500], ['/', 200]] as const) {
      const { headers } = await app.http.get(path).expect(status);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
  });

  it('for Swagger UI gets a page that runs its own scripts alone', async () => {
    const { headers, text } = await app.http.get('/api/docs').expect(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'self';/);
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
    expect(text).toContain('swagger-ui');
    await app.http.get('/api/openapi.json').expect(200).expect('Content-Type', /application\/json/);
  });

  it.each([['br'], ['gzip'], ['gzip, br']])('that takes %s gets answers over 1 KiB packed, and others as they are', async (encoding) => {
    const large = await app.http.get('/api/broken/large').set('Accept-Encoding', encoding).buffer(true).expect(200);
    expect(large.headers['content-encoding']).toBe(encoding === 'gzip' ? 'gzip' : 'br');
    expect(large.headers['vary']).toMatch(/accept-encoding/i);
    const small = await app.http.get('/api/livez').set('Accept-Encoding', encoding).expect(200);
    expect(small.headers).not.toHaveProperty('content-encoding');
  });

  it.each(['identity', 'deflate', 'nonsense', '*;q=0'])('that takes %s gets plain answers', async (encoding) => {
    const { headers, body } = await app.http.get('/api/broken/large').set('Accept-Encoding', encoding).expect(200);
    expect(headers).not.toHaveProperty('content-encoding');
    expect(body.text).toHaveLength(6_000);
  });
});

describe('an error nobody expected', () => {
  it.each(['error', 'text', 'nothing'])('(%s) is 500, leaks nothing and is logged once under its request id', async (kind) => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      lines.push(String(chunk));
      return true;
    });
    const loud = await createTestApp({ LOG_LEVEL: 'error' }, [BrokenModule]);
    try {
      const { body, text } = await loud.http.get(`/api/broken/${kind}`).set('X-Request-Id', `find-me-${kind}`).expect(500);
      expect(body).toEqual({
        type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal', requestId: `find-me-${kind}`,
        detail: 'Something went wrong on our side. Name the requestId when you report it.',
      });
      expect(text).not.toContain('coffee');
    } finally {
      await loud.close();
      write.mockRestore();
    }
    const about = lines.filter((line) => line.includes(`find-me-${kind}`));
    expect(about).toHaveLength(1);
    expect(JSON.parse(about[0]!)).toMatchObject({ level: 50, requestId: `find-me-${kind}`, route: `/api/broken/${kind}`, method: 'GET' });
    if (kind === 'error') expect(about[0]).toContain(SECRET_TEXT);
    expect(lines.join('')).not.toContain('hunter2');
  });
});

describe('the request log', () => {
  it('names the route pattern and the member, and no id, token or body', async () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      lines.push(String(chunk));
      return true;
    });
    const loud = await createTestApp({ LOG_LEVEL: 'info' });
    let given: GivenMember;
    try {
      given = await loud.given.member();
      await loud.http.get('/api/memes/019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11?token=topsecret').set(given.auth).expect(404);
    } finally {
      await loud.close();
      write.mockRestore();
    }
    const log = lines.join('');
    expect(log).toContain('"route":"/api/memes/:id"');
    expect(log).toContain(`"memberId":"${given.id}"`);
    for (const secret of ['019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11', 'topsecret', given.accessToken, given.refreshToken, given.password, given.email]) expect(log).not.toContain(secret);
  });
});

describe('behind an allow-list of origins', () => {
  it('lets listed pages in and no others', async () => {
    const open = await createTestApp({ CORS_ORIGINS: 'https://plaza.example, https://app.example' });
    try {
      const listed = await open.http.options('/api/me').set({ Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' });
      expect(listed.headers['access-control-allow-origin']).toBe('https://app.example');
      const other = await open.http.get('/api/livez').set('Origin', 'https://evil.example');
      expect(other.headers).not.toHaveProperty('access-control-allow-origin');
    } finally {
      await open.close();
    }
    expect((await app.http.get('/api/livez').set('Origin', 'https://app.example')).headers).not.toHaveProperty('access-control-allow-origin');
  });
});
