import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { readJsonBodies } from './json-body.js';
import { readRawBodies } from './raw-body.js';

let server: FastifyInstance;
beforeEach(() => {
  server = fastify({ bodyLimit: 1_000 });
  readJsonBodies(server);
  readRawBodies(server);
  server.post('/raw', { config: { takesRawBody: true } }, async ({ body, raw, headers }) => ({
    hex: Buffer.isBuffer(body) ? body.toString('hex') : String(body), type: raw.headers['content-type'], signature: headers['x-signature'],
  }));
  server.post('/other', async ({ body }) => ({ body }));
});
afterEach(() => server.close());

const post = (path: string, headers: Record<string, string>, payload?: Buffer) => server.inject({ method: 'POST', url: path, headers, payload });

describe('a route that takes its body as it is', () => {
  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'nonsense', undefined])('gets the very bytes under the content type %s, and the other headers', async (type) => {
    const bytes = Buffer.from([0xff, 0x00, 0x7b, 0x0d, 0x0a]);
    const { statusCode, body } = await post('/raw', { 'x-signature': 's', ...(type !== undefined && { 'content-type': type }) }, bytes);
    expect([statusCode, JSON.parse(body)]).toEqual([200, { hex: bytes.toString('hex'), signature: 's', ...(type !== undefined && { type }) }]);
  });

  it('takes 1,000 bytes and not 1,001 where that is the limit', async () => {
    expect((await post('/raw', {}, Buffer.alloc(1_000))).statusCode).toBe(200);
    expect((await post('/raw', {}, Buffer.alloc(1_001))).statusCode).toBe(413);
  });

  it('leaves other routes as they are', async () => {
    expect((await post('/other', { 'content-type': 'application/json' }, Buffer.from('{"a":1}'))).json()).toEqual({ body: { a: 1 } });
    expect((await post('/other', { 'content-type': 'application/vnd.plaza.raw' }, Buffer.from('x'))).statusCode).toBe(415);
  });
});
