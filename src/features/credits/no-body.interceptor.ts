import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { requestInvalid } from '../../platform/errors/house.errors.js';

/** Refuses a body where there is nothing to say: no date, no amount, no member. An empty object passes. */
@Injectable()
export class NoBodyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { body } = context.switchToHttp().getRequest<{ body?: unknown }>();
    const isEmpty = body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
    if (!isEmpty) throw requestInvalid({ errors: [{ path: 'body', message: 'this call takes no body' }] });
    return next.handle();
  }
}
