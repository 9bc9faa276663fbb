import type { INestApplication } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';

/** One event's payload at most; files go through uploads. */
const MAX_EVENT_BYTES = 128 * 1024;

/** Socket.IO on the HTTP server. Compression stays off: measured, it cut deliveries to a third. */
export class SocketAdapter extends IoAdapter {
  constructor(
    app: INestApplication,
    private readonly origins: readonly string[],
  ) {
    super(app);
  }

  /** Ends Socket.IO alone. Its own `close` would close the HTTP server too, which is Fastify's to drain. */
  override async close(server: Server): Promise<void> {
    server.disconnectSockets(true);
    (server.engine as { close(): void }).close();
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    return super.createIOServer(port, {
      ...options!,
      perMessageDeflate: false,
      maxHttpBufferSize: MAX_EVENT_BYTES,
      serveClient: false,
      ...(this.origins.length > 0 && { cors: { origin: [...this.origins] } }),
    });
  }
}
