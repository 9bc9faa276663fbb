import type { Actor } from '../../../platform/auth/actor.js';

/** Who asks, and how their answer is told what it cost. */
export interface Caller {
  readonly actor: Actor;
  /** Costs nothing whatever the answer is: HEAD. */
  readonly free: boolean;
  /** Has an answer already and asks whether it is still true: 304 costs nothing. */
  readonly revalidates: boolean;
  /** True once an answer has gone out, as when the handler took too long: what comes now reaches nobody. */
  readonly answered: boolean;
  /**
   * Says in the headers of the answer, whichever it becomes, what it costs.
   *
   * @param remaining calls that the token still has; left out where that is not known without asking the database
   */
  tell(charged: 0 | 1, remaining?: number): void;
}

/** Calls of one caller on one day of the community. */
export interface CallUsage {
  readonly memberId: string;
  /** Empty for calls through sessions. */
  readonly tokenId: string;
  readonly day: string;
  readonly calls: number;
  /** How many of them were paid. */
  readonly charged: number;
  readonly lastCallAt: Date;
}

/** What was counted so far; `month` is the calendar month of the community. */
export interface UsageSums {
  readonly today: number;
  readonly month: number;
  readonly total: number;
  readonly charged: number;
  readonly lastCallAt: Date | null;
}

/** How much a member, or one of their API tokens, has called. */
export interface Userstat extends UsageSums {
  readonly memberId: string;
  /** Id of the token; null for all of a member. */
  readonly tokenId: string | null;
  /** Calls that can still be made. */
  readonly balance: number;
}
