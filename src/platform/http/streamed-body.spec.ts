import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { eventually } from '../../../test/support/eventually.js';
import { refuseUnreadable } from './connections.js';
import { readJsonBodies } from './json-body.js';
import { streamBodies, StreamedBody } from './streamed-body.js';

const SHORT_MS = 100;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

let server: FastifyInstance;
let port: number;
/** What became of each body: the bytes of a whole one, or the error. */
let outcomes: unknown[];
let letHandlerBegin: () => void;

/** @param limitMs for whole requests, and for what comes after an answer */
async function serve(limitMs: number): Promise<void> {
  outcomes = [];
  const begun = new Promise<void>((resolve) => (letHandlerBegin = resolve));
  server = fastify({ requestTimeout: limitMs, clientErrorHandler: refuseUnreadable, http: { headersTimeout: limitMs, connectionsCheckingInterval: SHORT_MS }, bodyLimit: 1_000 });
  readJsonBodies(server);
  streamBodies(server, limitMs);
  const receive = async (body: StreamedBody): Promise<number> => {
    let bytes = 0;
    for await (const chunk of body) bytes += (chunk as Buffer).length;
    return bytes;
  };
  const streaming = { config: { streamsBody: true } };
  server.put('/count', streaming, async ({ raw }) => {
    const outcome = await receive(new StreamedBody(raw)).catch((error: unknown) => error);
    outcomes.push(outcome);
    return { bytes: outcome, type: raw.headers['content-type'] };
  });
  server.put('/late', streaming, async ({ raw }) => {
    await begun;
    outcomes.push(await receive(new StreamedBody(raw)).catch((error: unknown) => error));
  });
  server.put('/refuse', streaming, async ({ raw }, reply) => {
    const body = new StreamedBody(raw);
    await once(body, 'data');
    body.destroy();
    return reply.status(413).send('enough');
  });
  server.put('/unread', streaming, (_request, reply) => reply.status(401).send('no'));
  server.put('/json', async ({ body }) => body ?? 'nothing');
  server.put('/large-json', { config: { bodyLimit: 5_000 } }, async ({ body }) => Object.keys(body as object).length);
  await server.listen({ port: 0, host: '127.0.0.1' });
  port = (server.server.address() as net.AddressInfo).port;
}

beforeEach(() => serve(30_000));
afterEach(async () => {
  letHandlerBegin();
  await server.close();
});

/** Where time is short. */
async function serveShortly(): Promise<void> {
  await server.close();
  await serve(SHORT_MS);
}

/** A connection on which a test writes what it likes. */
function connect(head: string): { socket: net.Socket; answer: () => string } {
  const socket = net.connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(`${head}\r\nHost: x\r\n`);
  return { socket, answer: () => answer };
}

const put = (path: string, headers: Record<string, string>, body: string | Buffer) =>
  server.inject({ method: 'PUT', url: path, headers, payload: body });

describe('a route that streams its body', () => {
  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/offset+octet-stream', undefined])('leaves it to the handler under the content type %s', async (type) => {
    const { statusCode, body } = await put('/count', type === undefined ? {} : { 'content-type': type }, CHUNK);
    expect([statusCode, JSON.parse(body)]).toEqual([200, { bytes: CHUNK.length, ...(type !== undefined && { type }) }]);
  });

  it('may take longer than any other request', async () => {
    await serveShortly();
    const streamed = connect('PUT /count HTTP/1.1');
    streamed.socket.write('Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    const json = connect('PUT /json HTTP/1.1');
    json.socket.write('Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    // The other one shows that the time is up, and that somebody looked.
    await once(json.socket, 'close');
    expect(json.answer()).toMatch(/^HTTP\/1\.1 408 /);
    const second = connect('PUT /json HTTP/1.1');
    second.socket.write('Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    await once(second.socket, 'close');
    streamed.socket.write('1\r\nb\r\n0\r\n\r\n');
    await eventually(() => expect(streamed.answer()).toMatch(/^HTTP\/1\.1 200 /));
    expect(outcomes).toEqual([2]);
    streamed.socket.destroy();
  });

  it('may take that long once: the next request over its connection has no such right', async () => {
    await serveShortly();
    const { socket, answer } = connect('PUT /count HTTP/1.1');
    socket.write('Content-Length: 1\r\n\r\na');
    await eventually(() => expect(answer()).toMatch(/^HTTP\/1\.1 200 /));
    socket.write('PUT /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    await once(socket, 'close');
    expect(answer()).toMatch(/HTTP\/1\.1 408 /);
  });

  it('hears of a client that goes away in the middle', async () => {
    const { socket } = connect('PUT /count HTTP/1.1');
    socket.write('Content-Length: 5\r\n\r\nabc', () => socket.destroy());
    await eventually(() => expect(outcomes).toEqual([expect.objectContaining({ code: 'request.invalid' })]));
  });

  it('hears of a client that was gone before it looked', async () => {
    const gone = new Promise((resolve) => server.server.once('connection', (socket: net.Socket) => socket.once('close', resolve)));
    const { socket } = connect('PUT /late HTTP/1.1');
    socket.write('Content-Length: 5\r\n\r\nabc');
    await eventually(async () => expect(await new Promise((resolve) => server.server.getConnections((_, count) => resolve(count)))).toBe(1));
    socket.destroy();
    await gone;
    letHandlerBegin();
    await eventually(() => expect(outcomes).toEqual([expect.objectContaining({ code: 'request.invalid' })]));
  });
});

describe('an answer before the end of the body', () => {
  it.each(['/refuse', '/unread'])('reaches a client that goes on writing (%s), and the connection serves the next request', async (path) => {
    const { socket, answer } = connect(`PUT ${path} HTTP/1.1`);
    const total = 40 * CHUNK.length;
    socket.write(`Content-Length: ${total}\r\n\r\n`);
    socket.write(CHUNK);
    await eventually(() => expect(answer()).toMatch(/^HTTP\/1\.1 (413|401) /));
    for (let chunk = 1; chunk < 40; chunk += 1) socket.write(CHUNK);
    socket.write('PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc');
    await eventually(() => expect(answer()).toMatch(/HTTP\/1\.1 200 /));
    expect(outcomes).toEqual([3]);
    socket.destroy();
  });

  it.each(['/refuse', '/unread', '/json'])('reaches a client that writes all before it reads, and wants the connection closed (%s)', async (path) => {
    const status = await new Promise((resolve, reject) => {
      const request = http.request({ port, path, method: 'PUT', agent: false, headers: { Connection: 'close', 'Content-Type': 'application/json', 'Content-Length': 200 * CHUNK.length } });
      request.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
      request.on('error', reject);
      for (let chunk = 0; chunk < 200; chunk += 1) request.write(CHUNK);
      request.end();
    });
    expect([413, 401]).toContain(status);
    await eventually(async () => expect(await new Promise((resolve) => server.server.getConnections((_, count) => resolve(count)))).toBe(0));
  });

  it.each(['/refuse', '/unread'])('ends the connection after the body when the client wants it so (%s)', async (path) => {
    const { socket, answer } = connect(`PUT ${path} HTTP/1.1\r\nConnection: close`);
    socket.write('Content-Length: 5\r\n\r\nab');
    await eventually(() => expect(answer()).toMatch(/^HTTP\/1\.1 (413|401) /));
    socket.write('cde');
    await once(socket, 'close');
  });

  it('waits for its end only so long', async () => {
    await serveShortly();
    const { socket, answer } = connect('PUT /refuse HTTP/1.1');
    socket.write('Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    await once(socket, 'close');
    expect(answer()).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('other routes', () => {
  it('keep their connection after a body that is too large, for the next request of a client that may reuse it', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const statusOf = (bytes: number) =>
      new Promise((resolve, reject) => {
        const request = http.request({ port, path: '/json', method: 'PUT', agent, headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } });
        request.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
        request.on('error', reject);
        request.end(JSON.stringify({ text: 'x'.repeat(bytes) }));
      });
    for (const bytes of [3_000_000, 10, 3_000_000, 10]) expect(await statusOf(bytes)).toBe(bytes > 10 ? 413 : 200);
    agent.destroy();
  });

  it.each(['text/plain', 'application/octet-stream', 'application/vnd.plaza.unread'])('take no %s', async (type) => {
    expect((await put('/json', { 'content-type': type }, 'x')).statusCode).toBe(415);
  });

  it('take no larger JSON than before, but for those that say so', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(2_000) });
    const json = { 'content-type': 'application/json' };
    expect((await put('/json', json, body)).statusCode).toBe(413);
    expect((await put('/large-json', json, body)).statusCode).toBe(200);
    expect((await put('/large-json', json, JSON.stringify({ text: 'x'.repeat(5_000) }))).statusCode).toBe(413);
  });
});
