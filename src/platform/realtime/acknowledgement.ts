import { applyDecorators, Catch, Injectable, Logger, UseFilters, UseInterceptors, type ArgumentsHost, type CallHandler, type ExceptionFilter, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { map, type Observable } from 'rxjs';
import { refusalOf } from '../http/problem.js';

/** What every socket event with an acknowledgement is answered with. */
export type Acknowledgement<T = unknown> = { ok: true; data: T } | { ok: false; error: { code: string; message: string; retryAfterMs?: number } };

/** The acknowledgement that refuses, from the same mapping as HTTP's problem+json. */
export function refusedAcknowledgement(error: unknown): Acknowledgement {
  const { code, message, details } = refusalOf(error);
  const { retryAfterSeconds, ...rest } = details;
  return { ok: false, error: { ...rest, code, message, ...(typeof retryAfterSeconds === 'number' && { retryAfterMs: retryAfterSeconds * 1000 }) } };
}

@Injectable()
class AcknowledgeResult implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<Acknowledgement> {
    return next.handle().pipe(map((data: unknown) => ({ ok: true, data: data ?? null })));
  }
}

/** Answers the acknowledgement of a handler that threw: a client must never wait for one in vain. */
@Catch()
class AcknowledgeError implements ExceptionFilter {
  private readonly logger = new Logger('socket');

  catch(error: unknown, host: ArgumentsHost): void {
    if (refusalOf(error).unexpected) this.logger.error({ err: error, event: host.switchToWs().getPattern() }, 'socket event failed');
    const acknowledge = host.getArgs<unknown[]>().find((argument) => typeof argument === 'function') as ((answer: Acknowledgement) => void) | undefined;
    acknowledge?.(refusedAcknowledgement(error));
  }
}

/**
 * A gateway of the house: one server, and each event answered `{ok:true, data}` or `{ok:false, error}`.
 *
 * @param namespace `/` where none is given
 */
export const Gateway = (namespace?: string) =>
  applyDecorators(WebSocketGateway(namespace === undefined ? {} : { namespace }), UseInterceptors(AcknowledgeResult), UseFilters(AcknowledgeError));
