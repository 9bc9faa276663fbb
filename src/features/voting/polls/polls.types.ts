import type { Electorate, Poll, PollMethod, Quorum, ResultVisibility, Secrecy } from '../poll.types.js';

interface NewCandidate {
  readonly name: string;
  readonly description?: string | null;
}

/** What a manager says about a poll. */
export interface PollSettings {
  readonly title: string;
  readonly description?: string | null;
  readonly method: PollMethod;
  readonly candidates: readonly NewCandidate[];
  readonly electorate: Electorate;
  /** With the electorate `list` alone. */
  readonly memberIds?: readonly string[];
  readonly allowChange: boolean;
  readonly secrecy: Secrecy;
  readonly results: ResultVisibility;
  /** Without one somebody has to open it. */
  readonly opensAt?: Date | null;
  /** Without one somebody has to close it. */
  readonly closesAt?: Date | null;
  readonly quorum?: Quorum | null;
  readonly maxScore: number;
}

/** What is left out stays as it is. */
export type PollEdit = Partial<PollSettings>;

/** What managers do to polls. */
export type PollAct = 'edit' | 'open' | 'close' | 'certify' | 'cancel' | 'withdraw';

/** What a viewer can do here right now. */
export interface PollRights {
  readonly vote: boolean;
  readonly change: boolean;
  readonly seeResults: boolean;
}

/** A poll as one viewer is shown it. */
export interface ShownPoll {
  readonly poll: Poll;
  readonly can: PollRights;
  /** For managers, where the electorate is a list. */
  readonly memberIds?: readonly string[];
}
