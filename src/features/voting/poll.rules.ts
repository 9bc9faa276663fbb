import type { Poll, PollEnd, PollState } from './poll.types.js';

/** The closing time of a poll that somebody has to close, in the last year that a DATETIME has: in SQL a comparison with NULL would hold for nobody. */
export const NEVER = new Date('9999-12-31T00:00:00.000Z');

/** What stands in the poll and its guard about when it is open. */
export interface PollTimes {
  readonly ended: PollEnd | null;
  /** Null while nobody has said when. */
  readonly opensAt: Date | null;
  /** Null for a poll that somebody has to close. */
  readonly closesAt: Date | null;
}

/** A poll opens and closes by its times, whether or not anything runs at that moment. @param now by the database's clock */
export function stateOf({ ended, opensAt, closesAt }: PollTimes, now: Date): PollState {
  if (ended !== null) return ended;
  if (opensAt === null || now < opensAt) return 'draft';
  return closesAt !== null && now >= closesAt ? 'closed' : 'open';
}

/** Whether the time for votes is over, and nobody has written that down yet. */
export function isToBeClosed({ state, ended }: Pick<Poll, 'state' | 'ended'>): boolean {
  return state === 'closed' && ended === null;
}
