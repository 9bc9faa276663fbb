import { randomBytes } from 'node:crypto';

const REQUEST_ID = /^[\w.:-]{1,64}$/;
const PROCESS_ID = randomBytes(6).toString('base64url');
let requests = 0;

/** Unique over processes and restarts, and cheaper than a UUID: a random process and the number of the request. */
export function nextRequestId(): string {
  requests += 1;
  return `${PROCESS_ID}-${requests.toString(36)}`;
}

/** The id that a proxy or client gave in X-Request-Id, if it is fit for a log line; else a new one. */
export function requestIdOf({ headers }: { headers: Readonly<Record<string, unknown>> }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : nextRequestId();
}
