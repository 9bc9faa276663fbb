import { storageFull, storageUnavailable } from './storage.errors.js';

/** How a connection ends in the middle of an answer. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_STREAM_PREMATURE_CLOSE']);
const RETRY_AFTER_SECONDS = 5;

interface S3Failure {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

export const statusOf = (error: unknown): number | undefined => (error as S3Failure).$metadata?.httpStatusCode;

/** S3's name for what went wrong, such as `NoSuchKey`. */
export const nameOf = (error: unknown): string => (error as S3Failure).name ?? '';

/** HEAD has no body, and so only a status to tell it by. */
export const isMissing = (error: unknown): boolean => statusOf(error) === 404;

/** Whether the server does not know the operation: those that only resemble S3 leave some out. */
export const isNotImplemented = (error: unknown): boolean => statusOf(error) === 501 || nameOf(error) === 'NotImplemented' || nameOf(error) === 'MethodNotAllowed';

/** The SDK has tried, and knows of no answer. */
const isUnanswered = (error: unknown): boolean => (error as S3Failure).$metadata !== undefined && statusOf(error) === undefined;

/** A failure of the server as the storage's own error, where it has one for it; anything else as it is. */
export function faultOf(error: unknown): unknown {
  const status = statusOf(error);
  if (status === 507 || (status !== undefined && /quota|storagefull/i.test(nameOf(error)))) return storageFull();
  const refuses = status === 429 || (status !== undefined && status >= 500 && status !== 501);
  const broken = nameOf(error) === 'TimeoutError' || BROKEN.has((error as S3Failure).code ?? '');
  return refuses || broken || isUnanswered(error) ? storageUnavailable({ retryAfterSeconds: RETRY_AFTER_SECONDS }) : error;
}
