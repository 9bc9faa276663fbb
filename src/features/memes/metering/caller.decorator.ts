import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../../platform/auth/actor.js';
import { actorOf } from '../../../platform/auth/actor-context.js';
import type { Caller } from './metering.types.js';

class HttpCaller implements Caller {
  constructor(
    readonly actor: Actor,
    readonly free: boolean,
    readonly revalidates: boolean,
    private readonly reply: FastifyReply,
  ) {}

  get answered(): boolean {
    return this.reply.sent;
  }

  tell(charged: 0 | 1, remaining?: number): void {
    void this.reply.header('X-Credits-Charged', charged);
    if (remaining !== undefined) void this.reply.header('X-Credits-Remaining', remaining);
  }
}

/** The caller of a metered route. Says at once that nothing was charged: what is refused before it is metered is free. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const actor = actorOf(context);
  if (actor === undefined) throw new Error('@CurrentCaller() on a public handler');
  const http = context.switchToHttp();
  const { method, headers } = http.getRequest<FastifyRequest>();
  const caller = new HttpCaller(actor, method === 'HEAD', headers['if-none-match'] !== undefined, http.getResponse<FastifyReply>());
  if (actor.apiTokenId !== undefined) caller.tell(0);
  return caller;
});
