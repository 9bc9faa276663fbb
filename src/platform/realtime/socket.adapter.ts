import { Logger, type INestApplication, type WsMessageHandler } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis, type RedisOptions } from 'ioredis';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Namespace, Server, ServerOptions, Socket } from 'socket.io';

/** One event's payload at most; files go through uploads. */
const MAX_EVENT_BYTES = 128 * 1024;

export interface SocketOptions {
  /** Whose pages may connect. */
  readonly origins: readonly string[];
  /** Carries events to the sockets of other processes. */
  readonly redisUrl?: string;
}

/** Socket.IO on the HTTP server. Compression stays off: measured, it cut deliveries to a third. */
export class SocketAdapter extends IoAdapter {
  private readonly log = new Logger(SocketAdapter.name);
  private readonly redis: Redis[] = [];

  constructor(
    app: INestApplication,
    private readonly options: SocketOptions,
  ) {
    super(app);
  }

  /** Ends Socket.IO alone. Its own `close` would close the HTTP server too, which is Fastify's to drain. */
  override async close(server: Server | Namespace): Promise<void> {
    // Nest closes the server and each namespace, and the server has them all.
    if (!('engine' in server)) return;
    // Those of this process: the others go on.
    server.local.disconnectSockets(true);
    (server.engine as { close(): void }).close();
    for (const { adapter } of server._nsps.values()) await adapter.close();
    for (const client of this.redis.splice(0)) client.disconnect();
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const { origins, redisUrl } = this.options;
    return super.createIOServer(port, {
      ...options!,
      perMessageDeflate: false,
      maxHttpBufferSize: MAX_EVENT_BYTES,
      serveClient: false,
      ...(origins.length > 0 && { cors: { origin: [...origins] } }),
      ...(redisUrl !== undefined && { adapter: createAdapter(this.client(redisUrl)) }),
    });
  }

  /**
   * One plain listener for each event, where Nest has a stream: many sockets are a matter of memory. An event is never
   * the end of its listener, whatever becomes of it.
   */
  override bindMessageHandlers(socket: Socket, handlers: readonly WsMessageHandler<string>[]): void {
    for (const { message, callback } of handlers) {
      socket.on(message, (...parameters: unknown[]) => {
        const acknowledge = typeof parameters.at(-1) === 'function' ? (parameters.pop() as (answer: unknown) => void) : undefined;
        this.answer(callback, parameters.length > 1 ? parameters : parameters[0], acknowledge).catch((error: unknown) => this.log.error(error, `${message} could not be answered`));
      });
    }
  }

  private async answer(handle: WsMessageHandler<string>['callback'], payload: unknown, acknowledge?: (answer: unknown) => void): Promise<void> {
    const result: unknown = await handle(payload, acknowledge);
    // Of what was refused there is none: the filter has answered.
    const answer = isObservable(result) ? await lastValueFrom(result, { defaultValue: undefined }) : result;
    if (answer !== undefined) acknowledge?.(answer);
  }

  /**
   * Writes fail at once while Redis is away, so that the sockets of this process hear what concerns them all the same;
   * reading, which the adapter does with a duplicate, waits until it is back.
   */
  private client(url: string): Redis {
    const client = this.connected(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    client.duplicate = () => this.connected(url, { maxRetriesPerRequest: null });
    return client;
  }

  private connected(url: string, options: RedisOptions): Redis {
    const client = new Redis(url, options);
    // The bus, which has connections of its own, complains.
    client.on('error', () => undefined);
    this.redis.push(client);
    return client;
  }
}
