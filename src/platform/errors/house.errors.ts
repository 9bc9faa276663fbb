import { defineError } from './domain-error.js';

/** One fault of a request's shape: where it is and what would be right. */
export interface InvalidField {
  path: string;
  message: string;
}

export const authRequired = defineError('auth.required', 'unauthenticated', 'Sign in: send an access token as "Authorization: Bearer …".');
export const accessTokenInvalid = defineError('auth.token-invalid', 'unauthenticated', 'This access token is not valid. Sign in again.');
export const accessTokenExpired = defineError('auth.token-expired', 'unauthenticated', 'This access token has expired. Refresh the session.');
export const apiTokenInvalid = defineError('token.invalid', 'unauthenticated', 'This API token is unknown, expired or revoked.');
export const forbidden = defineError('auth.forbidden', 'forbidden', 'Your role or token does not include this.');
export const notFound = defineError('not-found', 'not-found', 'There is nothing here under that name or id.');
export const rateLimited = defineError<{ retryAfterSeconds: number }>('rate.limited', 'too-many', 'Too many requests. Wait as long as Retry-After says.');
export const requestInvalid = defineError<{ errors: InvalidField[] }>('request.invalid', 'malformed', 'The request is not of the expected shape; see errors.');
export const requestTooLarge = defineError('request.too-large', 'too-large', 'The body is larger than this route takes.');
export const serverBusy = defineError<{ retryAfterSeconds: number }>('server.busy', 'unavailable', 'The server cannot take this right now. Try again shortly.');
/** Of socket events; a request is told that the server is busy. */
export const timedOut = defineError('timeout', 'unavailable', 'This was not answered in time. Whether it was done is not known: send it again as it was.');
/** Stands for every fault that is ours: the log has the rest under the same request id. */
export const INTERNAL_CODE = 'internal';
