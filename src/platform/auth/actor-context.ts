import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Socket } from 'socket.io';
import type { Actor } from './actor.js';

/** Where the actor is kept between the guard and the handler. */
const ACTOR = Symbol('actor');
type Carrier = { [ACTOR]?: Actor };

/** The actor of a request or socket event; undefined before the guard and on public routes. */
export function actorOf(context: ExecutionContext): Actor | undefined {
  // The first argument either way. `switchToHttp()` makes an object of functions each time, and this is asked often.
  return context.getType() === 'ws' ? socketActor(context.getArgByIndex<Socket>(0)) : requestActor(context.getArgByIndex<FastifyRequest>(0));
}

export function requestActor(request: FastifyRequest): Actor | undefined {
  return (request as FastifyRequest & Carrier)[ACTOR];
}

export function setRequestActor(request: FastifyRequest, actor: Actor): void {
  (request as FastifyRequest & Carrier)[ACTOR] = actor;
}

export function socketActor(socket: Socket): Actor | undefined {
  return (socket.data as Carrier)[ACTOR];
}

/** Remembers who a socket belongs to; done once, when it connects. */
export function setSocketActor(socket: Socket, actor: Actor): void {
  (socket.data as Carrier)[ACTOR] = actor;
}
