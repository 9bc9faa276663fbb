import { defineError } from '../../platform/errors/domain-error.js';

/** `nextAccrualAt` is an RFC 3339 time, null when the account gains nothing by waiting. */
export const insufficientCredits = defineError<{ available: number; required: number; nextAccrualAt: string | null }>(
  'credits.insufficient',
  'payment-required',
  'There are not enough credits for this. See available and required; nextAccrualAt says when there will be more.',
);
export const holdClosed = defineError(
  'credits.hold-closed',
  'conflict',
  'These credits are no longer set aside: the hold was captured, released or has lapsed.',
);
export const selfTransfer = defineError('credits.self-transfer', 'unprocessable', 'Credits cannot be transferred to oneself.');
export const belowHeld = defineError<{ posted: number; held: number }>(
  'credits.below-held',
  'conflict',
  'The balance would fall below what is set aside for work in progress. Wait for it to end, or take less.',
);
export const alreadyReversed = defineError(
  'credits.already-reversed',
  'conflict',
  'This entry has been reversed already, and an entry is reversed once. To undo a reversal, reverse the reversal.',
);
/** `taken` is what the entry took, `returned` what of it has been given back so far. */
export const refundExceeds = defineError<{ taken: number; returned: number }>(
  'credits.refund-exceeds',
  'conflict',
  'More would be given back than was taken. To reverse an entry that was refunded in part, reverse its refunds first.',
);
export const balanceLimit = defineError<{ limit: number }>(
  'credits.balance-limit',
  'conflict',
  'The balance would grow past the limit, beyond which it could no longer be counted exactly.',
);
