import { defineError } from '../errors/domain-error.js';

export const idempotencyKeyRequired = defineError('idempotency.key-required', 'malformed', 'Send an Idempotency-Key header: a new random value for each new order.');
export const idempotencyInProgress = defineError<{ retryAfterSeconds: number }>('idempotency.in-progress', 'conflict', 'The first request with this Idempotency-Key is still at work. Send it again in a moment.');
export const idempotencyKeyReused = defineError('idempotency.key-reused', 'unprocessable', 'This Idempotency-Key was used for another request. Use a new key for a new request.');
