import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See {@link TakesRawBody}. */
    takesRawBody?: boolean;
  }
}

/** Stands for every content type on routes that take their body as it is; on others it is 415 like any unknown one. */
const RAW = 'application/vnd.plaza.raw';

/** A route that takes its body as it is, whatever its content type: what is signed is the bytes. Larger than 1 MiB it is 413 `request.too-large`. */
export const TakesRawBody = () => RouteConfig({ takesRawBody: true });

/** The bytes of the body, as a Buffer, of a route that says `@TakesRawBody()`; none where there is no body. */
export const RawBody = createParamDecorator((_: unknown, context: ExecutionContext): Buffer => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
});

/** Reads the bodies of routes that say {@link TakesRawBody}. */
export function readRawBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser<Buffer>(RAW, { parseAs: 'buffer' }, (request, body, done) => {
    if (takesRaw(request)) done(null, body);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    // For the choice of the parser alone: `request.raw` keeps what was sent.
    if (takesRaw(request)) request.headers = { 'content-type': RAW };
    done();
  });
}

function takesRaw(request: FastifyRequest): boolean {
  return request.routeOptions.config.takesRawBody === true;
}
