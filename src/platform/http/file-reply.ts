import { Readable } from 'node:stream';
import { applyDecorators } from '@nestjs/common';
import { ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fileAnswer, type ByteRange, type FileFacts } from './file-answer.js';

/** Whatever is in a file runs nothing and loads nothing, even where a browser shows it. */
const INERT = "default-src 'none'; sandbox";

/** A file of somebody's, and how to read it. */
export interface SentFile extends FileFacts {
  open(range?: ByteRange): Promise<Readable>;
}

/** Documents what {@link sendFile} answers with. */
export const SendsFile = () =>
  applyDecorators(
    ApiProduces('application/octet-stream', 'image/*', 'video/*', 'audio/*', 'text/plain'),
    ApiResponse({ status: 200, description: 'the file' }),
    ApiResponse({ status: 206, description: 'the range asked for' }),
    ApiResponse({ status: 304, description: 'the client has it already (If-None-Match)' }),
    ApiResponse({ status: 416, description: 'the file is shorter than that; Content-Range has its size' }),
  );

/**
 * Sends a file that a member has uploaded, or the part of it that was asked for, so that it does no harm wherever it is shown.
 *
 * @param embeddedBy whose pages may show it
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: SentFile, embeddedBy: 'same-origin' | 'cross-origin'): Promise<void> {
  const { status, headers, body } = fileAnswer(request, file);
  // Fastify destroys the stream when the client goes away. On HEAD it replaces the Content-Length of anything but a stream.
  const bytes = body ? await file.open(body === 'whole' ? undefined : body) : Readable.from([]);
  // Also with a 304, whose headers replace those that the client has kept.
  await reply.status(status).headers({ ...headers, 'Content-Security-Policy': INERT, 'Cross-Origin-Resource-Policy': embeddedBy }).send(bytes);
}
