import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A signal that is aborted when the caller hangs up before there is an answer: nobody waits for it any more. */
export const CallerGone = createParamDecorator((_: unknown, context: ExecutionContext): AbortSignal => {
  const [, reply] = context.getArgs<[FastifyRequest, FastifyReply]>();
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
});
