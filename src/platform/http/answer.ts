import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';

/** An HTTP answer as a value: what a handler returns when status or headers depend on what happened. */
export class Answer<Body = unknown> {
  constructor(
    readonly status: number,
    readonly body: Body,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** Turns a returned {@link Answer} into status, headers and body. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    return next.handle().pipe(
      map((result: unknown): unknown => {
        if (!(result instanceof Answer)) return result;
        const reply = context.switchToHttp().getResponse<FastifyReply>();
        void reply.status(result.status).headers(result.headers);
        return result.body;
      }),
    );
  }
}
