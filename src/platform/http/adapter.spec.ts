import { afterAll, expect, it } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import type { Config } from '../config/config.js';
import { httpAdapter } from './adapter.js';
import { Answer } from './answer.js';

const adapter = httpAdapter({ NODE_ENV: 'test', TRUST_PROXY: false } as Config);
const fastify = adapter.getInstance();
const answers: Record<string, unknown> = {
  '/json-text': Answer.json('{"price": 1.50}'),
  '/json-text-with-headers': Answer.json('[1]', { ETag: '"1"' }),
  '/json-bytes': new Answer(203, Buffer.from('{"price": 1.50}'), { 'Content-Type': 'application/json; charset=utf-8' }),
  '/text': new Answer(201, 'a < b', { 'Content-Type': 'text/plain; charset=utf-8' }),
  '/object': new Answer(202, { price: 1.5 }, { Location: '/there' }),
  '/empty': new Answer(304, undefined, { ETag: '"1"' }),
};
for (const [path, answer] of Object.entries(answers)) fastify.get(path, (_request: unknown, reply: FastifyReply) => void adapter.reply(reply, answer, 200));
afterAll(() => fastify.close());

it.each([
  ['/json-text', 200, 'application/json; charset=utf-8', '{"price": 1.50}', {}],
  ['/json-text-with-headers', 200, 'application/json; charset=utf-8', '[1]', { etag: '"1"' }],
  ['/json-bytes', 203, 'application/json; charset=utf-8', '{"price": 1.50}', {}],
  ['/text', 201, 'text/plain; charset=utf-8', 'a < b', {}],
  ['/object', 202, 'application/json; charset=utf-8', '{"price":1.5}', { location: '/there' }],
  ['/empty', 304, undefined, '', { etag: '"1"' }],
])('%s answers %d', async (url, status, type, body, headers) => {
  const answer = await fastify.inject(url);
  expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([status, type, body]);
  expect(answer.headers).toMatchObject(headers);
});
