import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { STATUS_BY_KIND, declaredErrors } from '../errors/domain-error.js';
import { accessTokenExpired, accessTokenInvalid, apiTokenInvalid, authRequired, forbidden, rateLimited, requestInvalid, serverBusy } from '../errors/house.errors.js';
import { VERSION } from '../observability/version.js';
import { ProblemDto } from './problem.js';
import { DOCS_PATH } from './adapter.js';

/** Errors that any operation may answer with, added so that routes name only their own. */
const EVERYWHERE = [requestInvalid, rateLimited, serverBusy];
const SIGNED_IN = [authRequired, accessTokenInvalid, accessTokenExpired, apiTokenInvalid, forbidden];

/** The OpenAPI document of the whole application, as served at /api/openapi.json. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const options = new DocumentBuilder()
    .setTitle('Plaza')
    .setDescription(
      'The backend of a member community. Sign up or sign in, press Authorize and paste the access token; every example then works as it stands.\n\n' +
        'Errors are `application/problem+json` (RFC 9457) with a stable `code`.\n\n' +
        `<details><summary>All codes</summary>\n\n${errorTable()}\n\n</details>`,
    )
    .setVersion(VERSION)
    .setLicense('Proprietary', 'https://spdx.org/licenses/')
    .addServer('/', 'This server')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Token' }, 'apiToken')
    .build();
  const document = SwaggerModule.createDocument(app, options, { extraModels: [ProblemDto], ignoreGlobalPrefix: false });
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path as Record<string, Operation>)) {
      const errors = operation.security === undefined ? EVERYWHERE : [...EVERYWHERE, ...SIGNED_IN];
      for (const { code, kind, message } of errors) addError(operation, STATUS_BY_KIND[kind], code, message);
      // Said outright: an operation without a word on security could as well have been forgotten.
      operation.security ??= [];
    }
  }
  return document;
}

/** Serves Swagger UI at /api/docs and the document at /api/openapi.json. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Plaza API',
    swaggerOptions: { persistAuthorization: true, tryItOutEnabled: true },
  });
}

interface Operation {
  security?: unknown[];
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
}

function addError(operation: Operation, status: number, code: string, message: string): void {
  const existing = operation.responses[status];
  if (existing === undefined) {
    operation.responses[status] = {
      description: `\`${code}\`: ${message}`,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDto' } } },
    };
  } else if (!existing.description.includes(`\`${code}\``)) {
    existing.description += `\n\n\`${code}\`: ${message}`;
  }
}

function errorTable(): string {
  const rows = declaredErrors()
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, kind, message }) => `| \`${code}\` | ${STATUS_BY_KIND[kind]} | ${message.replaceAll('|', '\\|')} |`);
  return ['| code | status | meaning |', '| --- | --- | --- |', ...rows, '| `internal` | 500 | Something went wrong on our side. |'].join('\n');
}
