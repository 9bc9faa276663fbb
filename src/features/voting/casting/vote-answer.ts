import { Answer } from '../../../platform/http/answer.js';
import type { CastVote } from './casting.types.js';

/** A vote as it is answered, and kept for a retry. */
export function answerOf({ receipt, castAt, replayed }: CastVote, status = 201): Answer<{ receipt: string; castAt?: string }> {
  return new Answer(status, { receipt, ...(castAt && { castAt: castAt.toISOString() }) }, replayed ? { 'Idempotency-Replayed': 'true' } : {});
}

/** What was answered. */
export function castVoteOf({ body }: Answer): CastVote {
  const { receipt, castAt } = body as { receipt: string; castAt: string };
  return { receipt, castAt: new Date(castAt), replayed: true };
}
