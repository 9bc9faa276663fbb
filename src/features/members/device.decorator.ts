import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Device } from './sessions.service.js';

/** The device a request comes from, as far as it says; cut to what the table holds. */
export const RequestDevice = createParamDecorator((_: unknown, context: ExecutionContext): Device => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { userAgent: (request.headers['user-agent'] ?? '').slice(0, 255), ip: request.ip.slice(0, 45) };
});
