import type { Choice, PollMethod, TallyRow } from '../poll.types.js';

/** All that a result depends on. */
export interface Election {
  readonly method: PollMethod;
  /** In the order in which they were given; who has withdrawn is removed from every ballot before any other rule. */
  readonly candidates: readonly { readonly id: string; readonly name: string; readonly withdrawn: boolean }[];
  /** In any order. Choices may be in several rows, and rows may have no votes. */
  readonly tally: readonly TallyRow[];
  /** Decides lots. */
  readonly seed: string;
}

interface CandidateVotes {
  candidateId: string;
  name: string;
  /** Votes (single), approvals, the sum of scores, or first preferences (irv and schulze). */
  votes: number;
}

/** How an election came out. Candidates are ids, and only those who have not withdrawn. */
export interface Count {
  /** By votes, most first, then by id. */
  candidates: CandidateVotes[];
  /** Several where a tie stands; none while no vote is for anybody. */
  winners: string[];
  /** Layers, best first; ids within a layer sorted. One layer of all while there are no winners. */
  ranking: string[][];
  /** Voters, also those who have named nobody still standing. */
  totalVotes: number;
  /** irv */
  rounds?: Round[];
  /** schulze: `pairwise[a][b]` voters prefer a to b. */
  pairwise?: Record<string, Record<string, number>>;
  /** schulze: how strong the strongest path from a to b is, in winning votes; 0 for none. */
  strengths?: Record<string, Record<string, number>>;
  /** Why, in plain English, in less than 2,000 characters. */
  explanation?: string;
}

export interface Round {
  /** Votes of those who were left. */
  counts: Record<string, number>;
  /** Ballots that name nobody who was left. */
  exhausted: number;
  /** Who went after this round: one; none in the last. */
  eliminated: string[];
}

/** An election as a method sees it: without those who withdrew. */
export interface Contest<C extends Choice> {
  readonly ids: readonly string[];
  readonly tally: readonly { readonly choice: C; readonly votes: number }[];
  readonly totalVotes: number;
  readonly seed: string;
  /** The name in sentences: long ones are cut. */
  readonly nameOf: (candidateId: string) => string;
}

/** Who goes after a round of irv, and what told them from others with as few votes: an earlier round, or a lot. */
export interface Elimination {
  readonly id: string;
  /** All with the fewest votes. */
  readonly tied: readonly string[];
  readonly brokenBy: number | 'lot' | null;
}

/** What a method makes of it. */
export interface Outcome extends Omit<Count, 'candidates' | 'totalVotes'> {
  readonly votes: ReadonlyMap<string, number>;
}
