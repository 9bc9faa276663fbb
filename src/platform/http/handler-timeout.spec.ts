import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { serverBusy } from '../errors/house.errors.js';
import { limitHandlerTime } from './handler-timeout.js';

const TIMEOUT_MS = 20;

let server: FastifyInstance;
let refused: unknown[];
let release: () => void;
beforeEach(() => {
  server = fastify();
  refused = [];
  const released = new Promise<void>((resolve) => (release = resolve));
  limitHandlerTime(
    server,
    (error, _request, reply) => {
      refused.push(error);
      void reply.status(503).send('too slow');
    },
    TIMEOUT_MS,
  );
  server.get('/quick', async () => 'done');
  server.get('/stuck', async () => {
    await released;
    return 'late';
  });
  server.get('/receiving', { config: { streamsBody: true } }, async () => {
    await released;
    return 'received';
  });
  server.get('/stream', (_request, reply) => {
    const body = new Readable({ read: () => undefined });
    body.push('begun ');
    void released.then(() => {
      body.push('and ended');
      body.push(null);
    });
    return reply.send(body);
  });
});
afterEach(async () => {
  release();
  await server.close();
});

describe('a handler', () => {
  it('that takes too long is answered for, and its own answer goes nowhere', async () => {
    const { statusCode, body } = await server.inject('/stuck');
    expect([statusCode, body]).toEqual([503, 'too slow']);
    expect(serverBusy.matches(refused[0])).toBe(true);
    release();
    await sleep(0);
    expect(refused).toHaveLength(1);
  });

  it('that answers in time is left alone', async () => {
    expect((await server.inject('/quick')).body).toBe('done');
    expect(refused).toEqual([]);
  });

  it('may take what it is sent for as long as it comes, where the route streams its body', async () => {
    const receiving = server.inject('/receiving');
    expect((await server.inject('/stuck')).statusCode).toBe(503);
    release();
    expect((await receiving).body).toBe('received');
  });

  it('may stream for as long as it likes once it has begun', async () => {
    const url = await server.listen({ port: 0 });
    const answer = await fetch(`${url}/stream`);
    // A stuck request beside it shows that the time is up and somebody looked.
    expect((await fetch(`${url}/stuck`)).status).toBe(503);
    release();
    expect(await answer.text()).toBe('begun and ended');
    expect(refused).toHaveLength(1);
  });
});
