import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorDetails } from '../errors/domain-error.js';
import { problemOf, refusalOf } from './problem.js';

/** Answers every error of an HTTP request with problem+json, and logs those that are our fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.logger);
  }
}

/** Also Fastify's own error handler: what fails before Nest is reached looks the same. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const refusal = refusalOf(error);
  if (refusal.unexpected) logger.error({ err: error, requestId: request.id, method: request.method, route: request.routeOptions?.url }, 'request failed');
  // A handler that failed after its time was up: the answer has long gone out.
  if (reply.raw.writableEnded) return;
  // A stream that breaks after the headers went out cannot be turned into an error answer: cut the connection.
  if (reply.sent || reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  const retryAfter = retryAfterOf(refusal.details);
  if (retryAfter !== undefined) void reply.header('Retry-After', String(Math.max(1, Math.ceil(retryAfter))));
  if (refusal.status === 401) void reply.header('WWW-Authenticate', 'Bearer');
  void reply
    .status(refusal.status)
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .send(JSON.stringify(problemOf(refusal, request.id)));
}

/** Seconds to wait, when the refusal says for how long or until when. */
function retryAfterOf({ retryAfterSeconds, retryAt }: ErrorDetails): number | undefined {
  if (typeof retryAfterSeconds === 'number') return retryAfterSeconds;
  return typeof retryAt === 'string' ? (Date.parse(retryAt) - Date.now()) / 1000 : undefined;
}
