import { RequestMethod } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import cors from '@fastify/cors';
import { Config } from './platform/config/config.js';
import { configureFastify } from './platform/http/adapter.js';
import { serveDocs } from './platform/http/openapi.js';
import { validationPipe } from './platform/http/validation.js';
import { SocketAdapter } from './platform/realtime/socket.adapter.js';

/** The plugin's own list has only those that need no leave. */
const BROWSER_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** What a page may read of an answer besides the few headers that it always may. */
const EXPOSED_HEADERS = [
  'ETag', 'Idempotency-Replayed', 'Location', 'RateLimit', 'Retry-After', 'X-Request-Id', 'X-Credits-Charged', 'X-Credits-Remaining',
  'Tus-Resumable', 'Tus-Version', 'Tus-Extension', 'Tus-Max-Size', 'Tus-Checksum-Algorithm',
  'Upload-Offset', 'Upload-Length', 'Upload-Defer-Length', 'Upload-Metadata', 'Upload-Expires', 'Upload-Concat',
];

/**
 * Everything between a created application and one that listens. Used by main.ts and by every
 * end-to-end test, so that what is tested is what runs.
 */
export async function configureApp(app: NestFastifyApplication): Promise<void> {
  const config = app.get(Config);
  await configureFastify(app.getHttpAdapter().getInstance(), config);
  if (config.CORS_ORIGINS.length > 0) await app.register(cors, { origin: config.CORS_ORIGINS, methods: BROWSER_METHODS, exposedHeaders: EXPOSED_HEADERS });
  app.setGlobalPrefix('api', { exclude: [{ path: '/', method: RequestMethod.GET }, { path: '/metrics', method: RequestMethod.GET }] });
  app.useGlobalPipes(validationPipe());
  app.useWebSocketAdapter(new SocketAdapter(app, { origins: config.CORS_ORIGINS, redisUrl: config.REDIS_URL }));
  serveDocs(app);
}
