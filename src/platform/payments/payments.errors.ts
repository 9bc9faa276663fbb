import { defineError } from '../errors/domain-error.js';

export const paymentsUnavailable = defineError<{ retryAfterSeconds: number }>('payments.unavailable', 'unavailable', 'The payment provider does not take this right now. Try again shortly.');
/** Below or above what the provider takes, or in a currency that it does not know. */
export const paymentRefused = defineError('payments.refused', 'unprocessable', 'The payment provider does not take this amount or currency. Pay with credits.');
export const signatureInvalid = defineError('payments.signature-invalid', 'malformed', 'This is not signed by the payment provider, was altered, or is older than 300 seconds.');
export const paymentClosed = defineError('payments.closed', 'conflict', 'This can no longer be paid. Order again.');
