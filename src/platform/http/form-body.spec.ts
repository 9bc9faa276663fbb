import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { FORM_TYPE, readFormBodies } from './form-body.js';
import { readJsonBodies } from './json-body.js';

let server: FastifyInstance;
beforeEach(() => {
  server = fastify({ bodyLimit: 1_000 });
  readJsonBodies(server);
  readFormBodies(server);
  server.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => reply.status(error.statusCode ?? 400).send({ code: error.code }));
  server.post('/form', { config: { takesForm: true } }, async ({ body }) => ({ body }));
  server.post('/other', async ({ body }) => ({ body }));
});
afterEach(() => server.close());

const post = async (path: string, payload: string, type: string = FORM_TYPE) => {
  const { statusCode, body } = await server.inject({ method: 'POST', url: path, headers: { 'content-type': type }, payload });
  return [statusCode, JSON.parse(body)];
};

describe('a form', () => {
  it.each([
    ['outcome=pay&copies=2', { outcome: 'pay', copies: '2' }], ['a=1+2%263%C3%A9&b=', { a: '1 2&3é', b: '' }], ['a', { a: '' }],
  ])('%s is read where a route takes forms', async (text, body) => expect(await post('/form', text, `${FORM_TYPE}; charset=utf-8`)).toEqual([200, { body }]));

  it('is read beside JSON', async () => expect(await post('/form', '{"copies":2}', 'application/json')).toEqual([200, { body: { copies: 2 } }]));

  it('is an unknown content type anywhere else', async () => expect(await post('/other', 'a=1')).toEqual([415, { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }]));

  it.each(['a=1&a=2', '__proto__=1', 'constructor=1', 'toString'])('is refused with %s', async (text) => expect(await post('/form', text)).toEqual([400, { code: 'request.invalid' }]));

  it('is not of any size', async () => expect((await post('/form', 'x'.repeat(1_001)))[0]).toBe(413));
});
