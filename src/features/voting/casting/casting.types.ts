import type { IdempotencyRequest } from '../../../platform/http/idempotency.js';
import type { Poll } from '../poll.types.js';
import type { SealedChoice } from './ballot.rules.js';

/** A poll as those who vote in it find it in memory. */
export interface BallotBox {
  readonly poll: Poll;
  /** Who may vote, where the poll lists them; else empty. */
  readonly electors: ReadonlySet<string>;
  /** Null once the poll is certified. */
  readonly voterSecret: Buffer | null;
}

/** A vote that was checked, on its way into the box. */
export interface Vote {
  /** The member or device. */
  readonly voterId: string;
  /** Of the poll, when the vote was checked. */
  readonly edition: number;
  readonly choice: SealedChoice;
  /** Random in named polls; the hash of the nonce in secret ones. */
  readonly receipt: string;
  readonly opinion?: string;
  /** What it is refused with, unless it was stored before: what is wrong with it now may have been right then. */
  readonly refusal?: Error;
  /** In named polls, when the client sent a key. */
  readonly idempotency?: NonNullable<IdempotencyRequest>;
}

/** What a voter is told, and may keep. */
export interface CastVote {
  readonly receipt: string;
  /** When the vote was cast; absent in secret polls. */
  readonly castAt?: Date;
  /** True when the same request had stored it before. */
  readonly replayed: boolean;
}

/** What became of a vote: stored, or refused with an error to throw. */
export type Outcome = CastVote | Error;
