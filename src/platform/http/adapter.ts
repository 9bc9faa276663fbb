import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import { Logger } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import { httpDuration } from '../observability/metrics.js';
import { requestActor } from '../auth/actor-context.js';
import { Answer } from './answer.js';
import { leaveNoConnectionOpen, refuseUnreadable } from './connections.js';
import { readFormBodies } from './form-body.js';
import { limitHandlerTime } from './handler-timeout.js';
import { readJsonBodies } from './json-body.js';
import { sendProblem } from './problem.filter.js';
import { limitRefusedCredentials } from './rate-limit.js';
import { readRawBodies } from './raw-body.js';
import { requestIdOf } from './request-id.js';
import { streamBodies } from './streamed-body.js';

const JSON_BODY_BYTES = 1024 * 1024;
/** A connection on which nothing moves for this long is closed: half-sent bodies and stalled downloads. */
const IDLE_CONNECTION_MS = 60_000;
/** A request that has not arrived whole by then is cut off, unless its route streams: a byte now and then would hold its connection for ever. */
const WHOLE_REQUEST_MS = 30_000;

/** Sent with every answer. Set by hand: @fastify/helmet on each answer halved the throughput when measured. */
const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
} as const;

const PRODUCTION_HEADERS = { ...SECURITY_HEADERS, 'Strict-Transport-Security': 'max-age=31536000' } as const;

/** Swagger UI is the one page of ours: its own scripts and styles, and pictures it draws itself. */
const PAGE_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
/** Levels at which each request is a line of the log. */
const LOGS_REQUESTS: ReadonlySet<string> = new Set(['info', 'debug', 'trace']);

export const DOCS_PATH = 'api/docs';

/** Knows the house's {@link Answer}. Here and not in an interceptor: without one, Nest does without RxJS. */
class PlazaAdapter extends FastifyAdapter {
  override reply(...[reply, body, status]: Parameters<FastifyAdapter['reply']>): ReturnType<FastifyAdapter['reply']> {
    if (!(body instanceof Answer)) return super.reply(reply, body, status);
    const answer = (reply as FastifyReply).headers(body.headers);
    // Text and bytes need nothing of what Nest looks for in a body: streams, errors, bodies that do not fit their type.
    return typeof body.body === 'string' || body.body instanceof Uint8Array ? answer.status(body.status).send(body.body) : super.reply(answer, body.body, body.status);
  }
}

/** Fastify as the house runs it. Body parsing is ours: create the app with `bodyParser: false`. */
export function httpAdapter(config: Config): FastifyAdapter {
  return new PlazaAdapter({
    // The house has no Express middleware.
    skipMiddie: true,
    bodyLimit: JSON_BODY_BYTES,
    connectionTimeout: IDLE_CONNECTION_MS,
    requestTimeout: WHOLE_REQUEST_MS,
    // Node takes the smaller of its two limits for the headers, whichever it is; this one would else be 60 s, and then that of the whole.
    http: { headersTimeout: WHOLE_REQUEST_MS },
    // Ids and signed parts are far shorter; a longer one reaches the route and is nobody's there.
    routerOptions: { maxParamLength: 2_000 },
    clientErrorHandler: refuseUnreadable,
    // Only the peer is believed, and so the last entry, which it wrote. What stands before that is the client's word.
    trustProxy: config.TRUST_PROXY ? (_address: string, hop: number) => hop === 0 : false,
    // What never reaches a route, such as a URL that cannot be decoded, is answered like everything else.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // No hook runs for these.
      setCommonHeaders(request, reply, config);
      sendProblem(error, request, reply, new Logger('http'));
    },
    genReqId: requestIdOf,
  });
}

/** Parsers, headers, compression, request log and metrics, on the Fastify instance itself. */
export async function configureFastify(fastify: FastifyInstance, config: Config): Promise<void> {
  const logger = new Logger('http');

  readJsonBodies(fastify);
  readFormBodies(fastify);
  readRawBodies(fastify);
  streamBodies(fastify);
  const isClosing = leaveNoConnectionOpen(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    setCommonHeaders(request, reply, config);
    if (request.url.startsWith(`/${DOCS_PATH}`)) void reply.header('Content-Security-Policy', PAGE_POLICY);
    done();
  });
  const logsRequests = LOGS_REQUESTS.has(config.LOG_LEVEL);
  fastify.addHook('onResponse', (request, reply, done) => {
    // The pattern, never the path: ids, tokens and signed links stay out of labels and logs.
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) };
    httpDuration.observe(labels, reply.elapsedTime / 1000);
    if (logsRequests) logger.log({ ...labels, milliseconds: Math.round(reply.elapsedTime), requestId: request.id, memberId: requestActor(request)?.memberId });
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    // Where ranges are served, ETag, Content-Length and ranges count the stored bytes. The plugin knows
    // this request header only; its list of types adds to the ones it compresses anyway. It spares it looking where nobody asked.
    if (request.headers['accept-encoding'] === undefined || reply.hasHeader('Accept-Ranges')) request.headers['x-no-compression'] = '1';
    if (isClosing()) void reply.header('Connection', 'close');
    done(null, payload);
  });
  const refuse = (error: Error, request: FastifyRequest, reply: FastifyReply) => sendProblem(error, request, reply, logger);
  limitRefusedCredentials(fastify, config.RATE_LIMIT_SCALE, refuse);
  limitHandlerTime(fastify, refuse);
  await fastify.register(compress, {
    threshold: 1024,
    // Answers only: a compressed request body is a way around the body limit.
    globalDecompression: false,
    encodings: ['br', 'gzip'],
    // Quality 4 compresses like gzip's best at its speed; the default of 11 is for files packed once.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    customTypes: /^(?:application\/problem\+json|image\/svg\+xml)/,
  });
}

function setCommonHeaders(request: FastifyRequest, reply: FastifyReply, config: Config): void {
  void reply.headers(config.NODE_ENV === 'production' ? PRODUCTION_HEADERS : SECURITY_HEADERS).header('X-Request-Id', request.id);
}
