import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Namespace, Socket } from 'socket.io';
import type { Actor } from '../auth/actor.js';
import { ActorSource } from '../auth/actor-source.js';
import { setSocketActor, socketActor } from '../auth/actor-context.js';
import { Authenticator } from '../auth/authenticator.js';
import { Config } from '../config/config.js';
import { accessTokenInvalid, notFound, rateLimited, requestInvalid, timedOut } from '../errors/house.errors.js';
import { faultOf } from '../http/json-body.js';
import { refusalOf } from '../http/problem.js';
import { consume } from '../http/rate-limit.js';
import { refusedAcknowledgement, type Acknowledgement } from './acknowledgement.js';
import { memberRoom, sessionRoom } from './realtime.js';
import { RealtimeTimings } from './realtime-timings.js';

/** How often sessions that ended in another process are looked for, and sockets that stall; with the query this stays under 5 s. */
const ENDED_SESSIONS_EVERY_MS = 3_000;
const SESSIONS_PER_QUERY = 1_000;
/** Packets that wait for a socket that does not take them. */
const MOST_UNSENT = 4_096;
/** Clients of a stopping server come back spread over this time. */
const RECONNECT_WITHIN_MS = 5_000;
/** Before RATE_LIMIT_SCALE: of one member over all namespaces, and with bad tokens from one address. */
const CONNECTS_PER_MINUTE = 300;
const REFUSALS_PER_MINUTE = 300;

type Acknowledge = (answer: Acknowledgement) => void;

/** Lets members' sockets into a namespace, puts them into their rooms, answers for them, and shows them out when their session ends. */
@Injectable()
export class SocketDoor implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(SocketDoor.name);
  private readonly namespaces: Namespace[] = [];
  private readonly connects: RateLimiterMemory;
  private readonly refusals: RateLimiterMemory;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly source: ActorSource,
    private readonly timings: RealtimeTimings,
    private readonly config: Config,
  ) {
    const perMinute = (most: number) => new RateLimiterMemory({ points: Math.max(1, Math.floor(most * config.RATE_LIMIT_SCALE)), duration: 60 });
    [this.connects, this.refusals] = [perMinute(CONNECTS_PER_MINUTE), perMinute(REFUSALS_PER_MINUTE)];
  }

  /** @param admit what else is done for a socket before it is told that it is connected; a refusal keeps it out */
  open(namespace: Namespace, admit: (socket: Socket, actor: Actor) => Promise<void> = () => Promise.resolve()): void {
    this.namespaces.push(namespace);
    namespace.use((socket, next) => {
      this.admit(socket)
        .then((actor) => admit(socket, actor))
        .then(
          () => next(),
          (error: unknown) => next(connectError(error)),
        );
    });
    namespace.on('connection', (socket) => answerEverything(socket, this.timings.answerWithin));
    this.source.onSessionEnded((sessionId) => namespace.in(sessionRoom(sessionId)).disconnectSockets(true));
    this.watch ??= setInterval(() => void this.disconnectEnded(), ENDED_SESSIONS_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.watch);
  }

  /** Tells every client to come back elsewhere or later, each after its own random pause, and hangs up. */
  beforeApplicationShutdown(): void {
    for (const socket of this.sockets()) socket.emit('server.draining', { reconnectInMs: Math.floor(Math.random() * RECONNECT_WITHIN_MS) });
    for (const socket of this.sockets()) socket.disconnect(true);
  }

  private sockets(): Socket[] {
    return this.namespaces.flatMap(({ sockets }) => [...sockets.values()]);
  }

  private async admit(socket: Socket): Promise<Actor> {
    const { actor, sessionId } = await this.identify(socket);
    await consume(this.connects, actor.memberId);
    setSocketActor(socket, actor);
    await socket.join([memberRoom(actor.memberId), sessionRoom(sessionId)]);
    return actor;
  }

  /** @throws rateLimited for an address that keeps coming with bad tokens, before another one is looked at */
  private async identify({ handshake }: Socket): Promise<{ actor: Actor; sessionId: string }> {
    const address = addressOf(handshake, this.config.TRUST_PROXY);
    const refused = await this.refusals.get(address);
    if (refused !== null && refused.remainingPoints <= 0) throw rateLimited({ retryAfterSeconds: Math.max(1, Math.ceil(refused.msBeforeNext / 1_000)) });
    try {
      const token: unknown = (handshake.auth as { token?: unknown }).token;
      if (typeof token !== 'string') throw accessTokenInvalid();
      const actor = await this.authenticator.authenticate({ authorization: `Bearer ${token}` });
      // A socket lives as long as a session: an API token has none.
      if (actor.sessionId === undefined) throw accessTokenInvalid();
      return { actor, sessionId: actor.sessionId };
    } catch (error) {
      if (refusalOf(error).status === 401) await consume(this.refusals, address);
      throw error;
    }
  }

  /** Whoever takes nothing in while everything is kept for them is better off by coming back: memory is not theirs alone. */
  private disconnectStalled(): void {
    for (const { conn } of this.sockets()) {
      // Not by `close`, which waits for what is unsent.
      if ((conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length > MOST_UNSENT) conn.request.socket.destroy();
    }
  }

  private async disconnectEnded(): Promise<void> {
    this.disconnectStalled();
    const sessions = [...new Set(this.sockets().map((socket) => socketActor(socket)?.sessionId))].filter((id) => id !== undefined);
    try {
      for (let first = 0; first < sessions.length; first += SESSIONS_PER_QUERY) {
        for (const ended of await this.source.endedSessions(sessions.slice(first, first + SESSIONS_PER_QUERY))) {
          for (const namespace of this.namespaces) namespace.local.in(sessionRoom(ended)).disconnectSockets(true);
        }
      }
    } catch (error) {
      // The database is away: the next look is in 3 s.
      this.logger.warn(error, 'could not look for ended sessions');
    }
  }
}

/** Where a socket comes from, as Fastify has it: behind a proxy what that one has added is believed, and nothing before it. */
function addressOf({ address, headers }: Socket['handshake'], isProxied: boolean): string {
  const forwarded = isProxied ? headers['x-forwarded-for'] : undefined;
  return String(forwarded ?? '').split(',').at(-1)!.trim() || address;
}

/** Sees to it that no event is left without an answer: not one that nobody knows, and not one whose handler hangs. */
function answerEverything(socket: Socket, withinMs: number): void {
  socket.onAny((event: string, ...parameters: unknown[]) => {
    const acknowledge = parameters.at(-1);
    // Socket.IO itself listens to `error` on every socket, and answers nobody.
    if (typeof acknowledge !== 'function' || (event !== 'error' && socket.listenerCount(event) > 0)) return;
    (acknowledge as Acknowledge)(refusedAcknowledgement(notFound({}, `There is no event ${event}.`)));
  });
  socket.use((packet, next) => {
    const acknowledge: unknown = packet.at(-1);
    const fault = faultOf({ payload: packet.slice(1).filter((parameter) => typeof parameter === 'object') });
    if (fault !== undefined) {
      if (typeof acknowledge === 'function') (acknowledge as Acknowledge)(refusedAcknowledgement(requestInvalid({ errors: [fault] })));
      return;
    }
    if (typeof acknowledge === 'function') packet[packet.length - 1] = answeredInTime(acknowledge as Acknowledge, withinMs);
    next();
  });
}

/** Answers once: what the handler says, or that it said nothing in time. */
function answeredInTime(acknowledge: Acknowledge, withinMs: number): Acknowledge {
  let isAnswered = false;
  const answer: Acknowledge = (answer) => {
    if (isAnswered) return;
    isAnswered = true;
    clearTimeout(timer);
    acknowledge(answer);
  };
  const timer = setTimeout(() => answer(refusedAcknowledgement(timedOut())), withinMs).unref();
  return answer;
}

/** Socket.IO hands `data` to the client's connect_error. */
function connectError(error: unknown): Error {
  const refusal = refusalOf(error);
  // Whatever is wrong with it, a socket's token is asked for anew: there is one code for that.
  const code = refusal.status === 401 ? accessTokenInvalid.code : refusal.code;
  return Object.assign(new Error(refusal.message), { data: { code, message: refusal.message } });
}
