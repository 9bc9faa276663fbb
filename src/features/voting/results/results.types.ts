import type { Count } from '../methods/count.types.js';
import type { PollEnd, PollMethod, TallyRow } from '../poll.types.js';

/** What a poll came to so far, or in the end: what `GET …/result` answers, and what is certified. */
export interface PollResult extends Count {
  readonly method: PollMethod;
  /** Votes of the last 600 seconds. */
  readonly votesLast10Minutes: number;
  readonly votesInWindow?: number;
  /** By the database's clock, as RFC 3339. */
  readonly asOf: string;
  /** That of the poll when it was counted: the same version is the same count. */
  readonly version: number;
  /** Nothing can change it any more, save that a candidate withdraws. */
  readonly final: boolean;
  /** Anybody could vote, as often as they found devices. */
  readonly unverified: boolean;
  readonly quorum?: QuorumState;
  /** Of a certified result: random, so that whoever may not see the counts cannot find them by trying which have the hash in the chain. */
  readonly certificationSalt?: string;
}

export interface QuorumState {
  /** Voters. */
  readonly required: number;
  readonly reached: boolean;
}

/** All that a result is made of, as of one moment. */
export interface Tally {
  readonly version: number;
  readonly ended: PollEnd | null;
  /** Decides lots. */
  readonly seed: string;
  /** How many might have voted, where that was written down at the end. */
  readonly electorateSize: number | null;
  /** By the database's clock. */
  readonly at: Date;
  readonly votesLast10Minutes: number;
  /** Ids of candidates. */
  readonly withdrawn: ReadonlySet<string>;
  readonly rows: readonly TallyRow[];
}
