import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

const read = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const token = context.getArgByIndex<FastifyRequest>(0).headers['x-device-token'];
  return typeof token === 'string' ? token : undefined;
});

/** The X-Device-Token of somebody who votes in a public poll without signing in. */
export const DeviceToken = (): ParameterDecorator => (target, method, index) => {
  read()(target, method, index);
  ApiHeader({ name: 'X-Device-Token', required: false, description: 'Of a public poll, for whoever is not signed in', schema: { type: 'string' } })(
    target, method!, Object.getOwnPropertyDescriptor(target, method!)!,
  );
};
