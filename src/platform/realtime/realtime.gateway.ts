import { Logger, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import type { OnGatewayConnection, OnGatewayInit } from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { ActorSource } from '../auth/actor-source.js';
import { setSocketActor, socketActor } from '../auth/actor-context.js';
import { Authenticator } from '../auth/authenticator.js';
import { accessTokenInvalid, notFound } from '../errors/house.errors.js';
import { Gateway, refusedAcknowledgement, type Acknowledgement } from './acknowledgement.js';
import { memberRoom, Realtime, sessionRoom } from './realtime.js';
import { refusalOf } from '../http/problem.js';

/** How often sessions that ended in another process are looked for; with the query this stays under 5 s. */
const ENDED_SESSIONS_EVERY_MS = 3_000;
const SESSIONS_PER_QUERY = 1_000;
/** Clients of a stopping server come back spread over this time. */
const RECONNECT_WITHIN_MS = 5_000;

/** Lets members' sockets in, puts them into their rooms, and shows them out when their session ends. */
@Gateway()
export class RealtimeGateway implements OnGatewayInit<Server>, OnGatewayConnection<Socket>, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(RealtimeGateway.name);
  private server: Server | undefined;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly source: ActorSource,
    private readonly realtime: Realtime,
  ) {}

  afterInit(server: Server): void {
    this.server = server;
    server.use((socket, next) => {
      this.admit(socket).then(
        () => next(),
        (error: unknown) => next(connectError(error)),
      );
    });
    this.realtime.attach(server);
    this.source.onSessionEnded((sessionId) => server.in(sessionRoom(sessionId)).disconnectSockets(true));
    this.watch = setInterval(() => void this.disconnectEnded(server), ENDED_SESSIONS_EVERY_MS).unref();
  }

  handleConnection(socket: Socket): void {
    socket.onAny((event: string, ...parameters: unknown[]) => {
      const acknowledge = parameters.at(-1);
      // Socket.IO itself listens to `error` on every socket, and answers nobody.
      if (typeof acknowledge !== 'function' || (event !== 'error' && socket.listenerCount(event) > 0)) return;
      (acknowledge as (answer: Acknowledgement) => void)(refusedAcknowledgement(notFound({}, `There is no event ${event}.`)));
    });
  }

  onModuleDestroy(): void {
    clearInterval(this.watch);
  }

  /** Tells every client to come back elsewhere or later, each after its own random pause, and hangs up. */
  beforeApplicationShutdown(): void {
    for (const socket of this.server?.sockets.sockets.values() ?? []) {
      socket.emit('server.draining', { reconnectInMs: Math.floor(Math.random() * RECONNECT_WITHIN_MS) });
      socket.disconnect(true);
    }
  }

  private async admit(socket: Socket): Promise<void> {
    const token: unknown = (socket.handshake.auth as { token?: unknown }).token;
    if (typeof token !== 'string') throw accessTokenInvalid();
    const actor = await this.authenticator.authenticate({ authorization: `Bearer ${token}` });
    // A socket lives as long as a session: an API token has none.
    if (actor.sessionId === undefined) throw accessTokenInvalid();
    setSocketActor(socket, actor);
    await socket.join([memberRoom(actor.memberId), sessionRoom(actor.sessionId)]);
  }

  private async disconnectEnded(server: Server): Promise<void> {
    const sessions = [...new Set([...server.sockets.sockets.values()].map((socket) => socketActor(socket)?.sessionId))].filter((id) => id !== undefined);
    try {
      for (let first = 0; first < sessions.length; first += SESSIONS_PER_QUERY) {
        for (const ended of await this.source.endedSessions(sessions.slice(first, first + SESSIONS_PER_QUERY))) {
          server.local.in(sessionRoom(ended)).disconnectSockets(true);
        }
      }
    } catch (error) {
      // The database is away: the next look is in 3 s.
      this.logger.warn(error, 'could not look for ended sessions');
    }
  }
}

/** Socket.IO hands `data` to the client's connect_error. */
function connectError(error: unknown): Error {
  const refusal = refusalOf(error);
  // Whatever is wrong with it, a socket's token is asked for anew: there is one code for that.
  const code = refusal.status === 401 ? accessTokenInvalid.code : refusal.code;
  return Object.assign(new Error(refusal.message), { data: { code, message: refusal.message } });
}
