import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { finished, PassThrough } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { requestInvalid } from '../errors/house.errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See {@link StreamsBody}. */
    streamsBody?: boolean;
    /** See {@link BodyLimit}. */
    bodyLimit?: number;
  }
}

/** Stands for every content type on routes that stream their body; on others it is 415 like any unknown one. */
const UNREAD = 'application/vnd.plaza.unread';

/** Between the socket and what reads it: as much as one read of the socket brings. */
const BUFFER_BYTES = 64 * 1024;

/** So long a client may go on sending what nobody waits for any more, to hear the answer after it. */
const DRAIN_MS = 30_000;

/**
 * A route that reads its body itself, whatever its content type, for as long as bytes come: neither the time
 * limit for whole requests nor the one for handlers holds for it, and of the socket's 60 s without a byte the
 * handler hears as the end of the body. The handler takes the body with `@BodyStream()`. What is left of it when
 * the answer has gone out is read and dropped here.
 */
export const StreamsBody = () => RouteConfig({ streamsBody: true });

/** A route that takes larger JSON bodies than the others, up to `bytes`. */
export const BodyLimit = (bytes: number) => RouteConfig({ bodyLimit: bytes });

/**
 * A body as it comes in. It can be broken off at any byte without breaking the connection, over which the
 * answer still has to go; it fails with `requestInvalid` when the client goes away before its end.
 */
export class StreamedBody extends PassThrough {
  /** Those of the request. */
  readonly headers: IncomingHttpHeaders;

  constructor(request: IncomingMessage) {
    super({ highWaterMark: BUFFER_BYTES });
    this.headers = request.headers;
    // Nobody may be listening yet, or any more.
    this.on('error', () => undefined);
    // Also when the client was gone before this began.
    finished(request, (error) => {
      if (error) this.destroy(requestInvalid({ errors: [{ path: '', message: 'the body must arrive whole' }] }));
    });
    request.pipe(this);
  }
}

/** The body of a route that says `@StreamsBody()`. */
export const BodyStream = createParamDecorator((_: unknown, context: ExecutionContext) => new StreamedBody(context.switchToHttp().getRequest<FastifyRequest>().raw));

/** Requests to streaming routes, by the connection they come over. */
const streams = new WeakMap<Socket, IncomingMessage>();

/** True while the body of a streaming route comes in over this connection: it may take longer than other requests. */
export function isStreaming(socket: Socket): boolean {
  return streams.get(socket)?.complete === false;
}

/** What {@link StreamsBody} and {@link BodyLimit} say of routes that are declared after this. */
export function streamBodies(fastify: FastifyInstance, drainMs = DRAIN_MS): void {
  fastify.addHook('onRoute', (route) => {
    if (route.config?.bodyLimit !== undefined) route.bodyLimit = route.config.bodyLimit;
  });
  fastify.addContentTypeParser(UNREAD, (request, _body, done) => {
    done(isStreamed(request) ? null : new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isStreamed(request)) {
      // For the choice of the parser alone: `request.raw` keeps what was sent.
      request.headers = { 'content-type': UNREAD };
      streams.set(request.raw.socket, request.raw);
    }
    done();
  });
  fastify.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (isArriving(raw)) answerBeforeTheEnd(raw, reply);
    done(null, payload);
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    if (isStreamed(request) && isArriving(request.raw)) {
      request.raw.unpipe();
      request.raw.resume();
      const timer = setTimeout(() => request.raw.destroy(), drainMs).unref();
      finished(request.raw, () => clearTimeout(timer));
    }
    done();
  });
}

/**
 * A connection that is closed with bytes unread is reset, and the answer may be lost on its way: this one closes
 * only when the rest has come, or when the time for that is up, and only when the client wants it closed.
 */
function answerBeforeTheEnd(request: IncomingMessage, reply: FastifyReply): void {
  const closes = !reply.raw.shouldKeepAlive;
  reply.removeHeader('Connection');
  reply.raw.shouldKeepAlive = true;
  const { socket } = request;
  if (closes) reply.raw.once('finish', () => finished(request, () => socket.end()));
}

function isArriving({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);
}

function isStreamed(request: FastifyRequest): boolean {
  return request.routeOptions.config.streamsBody === true;
}
