/** How ballots are written and counted. */
export const POLL_METHODS = ['single', 'approval', 'score', 'irv', 'schulze'] as const;
export type PollMethod = (typeof POLL_METHODS)[number];

/** Who may vote: every member, those on a list, or anybody with a device token. */
export const ELECTORATES = ['all', 'list', 'public'] as const;
export type Electorate = (typeof ELECTORATES)[number];

/** Whether a ballot can be led back to its voter. */
export const SECRECIES = ['named', 'secret'] as const;
export type Secrecy = (typeof SECRECIES)[number];

/** From when on, and to whom, the counts are shown. */
export const RESULT_VISIBILITIES = ['live', 'after-vote', 'after-close', 'admins'] as const;
export type ResultVisibility = (typeof RESULT_VISIBILITIES)[number];

export const POLL_STATES = ['draft', 'open', 'closed', 'certified', 'cancelled'] as const;
export type PollState = (typeof POLL_STATES)[number];

/** How a poll ended, once that is written. Until then its times decide. */
export type PollEnd = Extract<PollState, 'closed' | 'certified' | 'cancelled'>;

/**
 * What is on a ballot, in one spelling: sets sorted, scores by candidate, no rank empty. Ballots that say the
 * same are the same JSON, and so share a row of the tally.
 */
export type Choice = SingleChoice | ApprovalChoice | ScoreChoice | RankedChoice;
export interface SingleChoice {
  readonly candidateId: string;
}
export interface ApprovalChoice {
  readonly approve: readonly string[];
}
export interface ScoreChoice {
  readonly scores: Readonly<Record<string, number>>;
}
export interface RankedChoice {
  /** Most preferred first; candidates of one rank are equal, and who is left out comes last. */
  readonly ranking: readonly (readonly string[])[];
}

/** All ballots that say the same. */
export interface TallyRow {
  readonly choice: Choice;
  readonly votes: number;
}

export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** Removed from every ballot before anything is counted. */
  readonly withdrawn: boolean;
}

/** At least so many voters, or so many percent of the electorate; either may be missing. */
export interface Quorum {
  readonly min?: number;
  readonly percent?: number;
}

/** A poll as every part of voting knows it. */
export interface Poll {
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
  readonly method: PollMethod;
  /** In the order in which they were given. */
  readonly candidates: readonly Candidate[];
  readonly electorate: Electorate;
  readonly allowChange: boolean;
  readonly secrecy: Secrecy;
  readonly results: ResultVisibility;
  /** Null while nobody has said when. */
  readonly opensAt: Date | null;
  /** Null for a poll that somebody has to close. */
  readonly closesAt: Date | null;
  readonly quorum: Quorum | null;
  readonly maxScore: number;
  /** SHA-256 of the seed of lots, in hexadecimal. */
  readonly seedCommitment: string;
  /** The seed itself, once there are final counts; null before. */
  readonly seed: string | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  /** Set once the end is written: from then on the counts are final. */
  readonly ended: PollEnd | null;
  /** Moves with every batch of votes, and with everything else that changes the result. */
  readonly version: number;
  /** Moves when a draft is edited. */
  readonly edition: number;
  /** What the times meant when it was read, by the database's clock. */
  readonly state: PollState;
  /** The database's clock when it was read. */
  readonly readAt: Date;
}
