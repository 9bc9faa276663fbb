import { STATUS_CODES } from 'node:http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { HttpException } from '@nestjs/common';
import { DomainError, STATUS_BY_KIND, type ErrorDetails } from '../errors/domain-error.js';
import { INTERNAL_CODE, notFound, requestInvalid, requestTooLarge, serverBusy, type InvalidField } from '../errors/house.errors.js';
import { isDatabaseUnreachable } from '../database/sql-errors.js';

/** One fault of a request's shape. */
export class InvalidFieldDto implements InvalidField {
  @ApiProperty({ example: 'amount' })
  path: string;

  @ApiProperty({ example: 'must be a positive integer' })
  message: string;
}

/** The body of every error answer, as `application/problem+json` (RFC 9457). */
export class ProblemDto {
  @ApiProperty({ example: 'about:blank' })
  type: string;

  @ApiProperty({ example: 'Bad Request', description: 'The status in words' })
  title: string;

  @ApiProperty({ example: 400 })
  status: number;

  @ApiProperty({ example: 'The request is not of the expected shape; see errors.', description: 'What went wrong and what to do' })
  detail: string;

  @ApiProperty({ example: 'request.invalid', description: 'Which error exactly; stable, for programs' })
  code: string;

  @ApiProperty({ example: '019b2c7e-6a51-7cc3-a1f0-0d3f7a3e9f11', description: 'Name this when you report the error' })
  requestId: string;

  @ApiPropertyOptional({ type: [InvalidFieldDto], description: 'With request.invalid: each fault' })
  errors?: InvalidFieldDto[];
}

/** What any thrown thing means to a caller. The one mapper, for HTTP answers and for socket acknowledgements. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
  details: ErrorDetails;
  /** True when the fault is ours and the log needs the whole error. */
  unexpected: boolean;
}

/** Maps an error to the refusal that callers see; nothing of an unknown error leaks. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof DomainError) {
    return { status: STATUS_BY_KIND[error.kind], code: error.code, message: error.message, details: error.details, unexpected: false };
  }
  if (isDatabaseUnreachable(error)) return { ...refusalOf(serverBusy({ retryAfterSeconds: 2 })), unexpected: true };
  const status = clientStatusOf(error);
  // 414: a part of the path that is longer than any of ours is the name of nothing.
  if (status === 404 || status === 414) return refusalOf(notFound());
  if (status === 413) return refusalOf(requestTooLarge());
  if (status !== undefined) {
    const message = status === 415 ? 'send JSON with Content-Type: application/json' : isBadAddress(error) ? 'the address cannot be decoded' : 'the body must be well-formed JSON';
    return { ...refusalOf(requestInvalid({ errors: [{ path: '', message }] })), status: status === 415 ? 415 : 400 };
  }
  return { status: 500, code: INTERNAL_CODE, message: 'Something went wrong on our side. Name the requestId when you report it.', details: {}, unexpected: true };
}

/** A 4xx that the framework raised before our code: Fastify's parsers and router, Nest's router. */
function clientStatusOf(error: unknown): number | undefined {
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function isBadAddress(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'FST_ERR_BAD_URL';
}

/** The problem+json body of a refusal. */
export function problemOf(refusal: Refusal, requestId: string): ProblemDto & ErrorDetails {
  return {
    ...refusal.details,
    type: 'about:blank',
    title: STATUS_CODES[refusal.status] ?? 'Error',
    status: refusal.status,
    detail: refusal.message,
    code: refusal.code,
    requestId,
  };
}
