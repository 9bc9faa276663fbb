import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { requestInvalid } from '../errors/house.errors.js';
import { problemOf, refusalOf } from './problem.js';
import { nextRequestId } from './request-id.js';
import { isStreaming } from './streamed-body.js';

/**
 * Closing ends the connections that wait for their next request at that moment, and then waits for all the
 * others. Two sorts would hold it up until its patience ends: those that never sent a request, as browsers
 * open in advance, which count as busy; and those whose last answer goes out later and keeps them alive.
 *
 * @returns whether it is closing: answers must then end their connection
 */
export function leaveNoConnectionOpen(fastify: FastifyInstance): () => boolean {
  let closing = false;
  const silent = new Set<Socket>();
  fastify.server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  fastify.server.on('request', ({ socket }) => silent.delete(socket));
  fastify.server.on('upgrade', ({ socket }) => silent.delete(socket));
  fastify.addHook('preClose', (done) => {
    closing = true;
    for (const socket of silent) socket.destroy();
    done();
  });
  return () => closing;
}

/** What is not even HTTP never becomes a request: answered on the bare socket, in the form of every other error. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // Node tells this once for each request, and leaves it to us to end the connection.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isStreaming(socket)) return;
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const refusal = refusalOf(requestInvalid({ errors: [{ path: '', message: 'must be a whole and well-formed HTTP request' }] }));
  const body = JSON.stringify(problemOf({ ...refusal, status }, nextRequestId()));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
