import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serverBusy } from '../errors/house.errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See {@link WaitsForNews}. */
    waitsForNews?: boolean;
  }
}

/** A route whose handler is to take long, and sees to it itself that it ends. */
export const WaitsForNews = () => RouteConfig({ waitsForNews: true });

const HANDLER_TIMEOUT_MS = 15_000;
const CHECK_EVERY_MS = 500;

/**
 * Answers 503 when a handler takes longer than 15 s; a stream counts only until it begins, and a
 * route that streams its body not at all: its connection ends after 60 s without a byte. One timer
 * looks after all requests: a timer for each was a tenth of the work of a small request when measured.
 *
 * @param refuse sends the error as an answer
 */
export function limitHandlerTime(fastify: FastifyInstance, refuse: (error: Error, request: FastifyRequest, reply: FastifyReply) => void, timeoutMs = HANDLER_TIMEOUT_MS): void {
  // In the order of arrival, and so of the deadlines: looking ends at the first that is not due.
  const waiting = new Map<FastifyRequest, { reply: FastifyReply; deadline: number }>();

  fastify.addHook('preHandler', (request, reply, done) => {
    const { streamsBody, waitsForNews } = request.routeOptions.config;
    if (streamsBody !== true && waitsForNews !== true) waiting.set(request, { reply, deadline: performance.now() + timeoutMs });
    done();
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    waiting.delete(request);
    done();
  });

  const timer = setInterval(() => {
    for (const [request, { reply, deadline }] of waiting) {
      if (deadline > performance.now()) break;
      waiting.delete(request);
      // A stream that has begun takes as long as it takes.
      if (!reply.raw.headersSent) refuse(serverBusy({ retryAfterSeconds: 5 }), request, reply);
    }
  }, CHECK_EVERY_MS).unref();
  fastify.addHook('onClose', (_instance, done) => {
    clearInterval(timer);
    done();
  });
}
