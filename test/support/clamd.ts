import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What a clamd does with a stream: `received` grows while it comes, `whole` is settled when it has come to its end. */
export interface ClamdStream {
  readonly socket: Socket;
  readonly received: () => number;
  readonly whole: Promise<Buffer>;
}

/** A server on loopback, on a free port or the given one, that speaks as much of clamd's protocol as INSTREAM needs. */
export async function startClamd(handle: (stream: ClamdStream) => Promise<void> | void, port = 0) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const { received, whole } = reading(socket);
    void Promise.resolve(handle({ socket, received, whole })).catch(() => socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers as a clamd whose only signature is `needle`. */
export function finding(needle: string) {
  return async ({ socket, whole }: ClamdStream): Promise<void> => {
    socket.end((await whole).includes(needle) ? 'stream: Test.Signature FOUND\0' : 'stream: OK\0');
  };
}

const COMMAND = 'zINSTREAM\0';

function reading(socket: Socket): { received: () => number; whole: Promise<Buffer> } {
  let received = 0;
  const whole = new Promise<Buffer>((resolve, reject) => {
    let pending = Buffer.alloc(0);
    let begun = false;
    const chunks: Buffer[] = [];
    socket.on('data', (data: Buffer) => {
      received += data.length;
      pending = Buffer.concat([pending, data]);
      if (!begun && pending.length >= COMMAND.length) {
        if (pending.toString('latin1', 0, COMMAND.length) !== COMMAND) return reject(new Error('not INSTREAM'));
        begun = true;
        pending = pending.subarray(COMMAND.length);
      }
      while (begun && pending.length >= 4) {
        const length = pending.readUInt32BE(0);
        if (length === 0) return resolve(Buffer.concat(chunks));
        if (pending.length < 4 + length) return;
        chunks.push(pending.subarray(4, 4 + length));
        pending = pending.subarray(4 + length);
      }
    });
    socket.on('close', () => reject(new Error('closed in mid-stream')));
  });
  whole.catch(() => undefined);
  return { received: () => received, whole };
}
