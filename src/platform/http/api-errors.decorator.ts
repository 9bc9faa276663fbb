import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { STATUS_BY_KIND, type ErrorDefinition } from '../errors/domain-error.js';
import { ProblemDto } from './problem.js';

/** Documents which errors a route answers with, one response per status, naming each code. */
export const ApiErrors = (...errors: readonly Pick<ErrorDefinition, 'code' | 'kind' | 'message'>[]) => {
  const byStatus = new Map<number, typeof errors>();
  for (const error of errors) {
    const status = STATUS_BY_KIND[error.kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), error]);
  }
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...[...byStatus].map(([status, group]) =>
      ApiResponse({
        status,
        description: group.map(({ code, message }) => `\`${code}\`: ${message}`).join('\n\n'),
        content: {
          'application/problem+json': {
            schema: { allOf: [{ $ref: getSchemaPath(ProblemDto) }, { type: 'object', properties: { code: { type: 'string', enum: group.map(({ code }) => code) } } }] },
          },
        },
      }),
    ),
  );
};
