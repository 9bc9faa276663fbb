import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, throwError, timeout, TimeoutError, type Observable } from 'rxjs';
import { serverBusy } from '../errors/house.errors.js';

const HANDLER_TIMEOUT_MS = 15_000;

/** Answers 503 when a handler takes longer than 15 s; streams count only until they begin. */
@Injectable()
export class HandlerTimeout implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    return next.handle().pipe(
      timeout({ first: HANDLER_TIMEOUT_MS }),
      catchError((error: unknown) => throwError(() => (error instanceof TimeoutError ? serverBusy({ retryAfterSeconds: 5 }) : error))),
    );
  }
}
