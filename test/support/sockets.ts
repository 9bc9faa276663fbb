import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

const PATIENCE_MS = 10_000;

/** A refusal as socket.io-client reports it. */
export interface ConnectError extends Error {
  data?: { code: string; message: string };
}

/** A client that does not come back by itself: what ends it is part of what is tested. */
export function openSocket(url: string, auth: Record<string, unknown>, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  return io(url, { auth, transports: ['websocket'], reconnection: false, forceNew: true, ...options });
}

/** Connects with an access token. @throws ConnectError when refused */
export async function connectSocket(url: string, token: string, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<Socket> {
  const socket = openSocket(url, { token }, options);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return socket;
}

/** The refusal of a connection that must not be let in. */
export async function connectionRefusal(url: string, auth: Record<string, unknown>): Promise<ConnectError> {
  const socket = openSocket(url, auth);
  try {
    return await new Promise<ConnectError>((resolve, reject) => {
      socket.once('connect_error', resolve).once('connect', () => reject(new Error('the socket was let in')));
    });
  } finally {
    socket.disconnect();
  }
}

/** The acknowledgement of an event. @throws when none comes */
export function acknowledgementOf(socket: Socket, event: string, ...payload: unknown[]): Promise<unknown> {
  return socket.timeout(PATIENCE_MS).emitWithAck(event, ...payload) as Promise<unknown>;
}

/** The next payload of an event. @throws when none comes */
export function nextEvent<Payload>(socket: Socket, event: string): Promise<Payload> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    socket.once(event, (payload: Payload) => {
      clearTimeout(timer);
      resolve(payload);
    });
  });
}
