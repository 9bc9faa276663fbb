import { Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { requestInvalid } from '../errors/house.errors.js';

/** A guard and not an interceptor: without any of those, Nest does without RxJS. */
@Injectable()
class NoBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body } = context.switchToHttp().getRequest<{ body?: unknown }>();
    if (!isNothing(body)) throw requestInvalid({ errors: [{ path: '', message: 'this call takes no body' }] });
    return true;
  }
}

/** Many clients send an empty object with every POST. */
function isNothing(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0);
}

/** A route that takes no body: whoever sends one expects it to matter, and gets 400. Asked after the permission. */
export const NoBody = () => UseGuards(NoBodyGuard);
