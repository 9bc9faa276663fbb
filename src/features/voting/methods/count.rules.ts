import type { ApprovalChoice, Choice, RankedChoice, ScoreChoice, SingleChoice } from '../poll.types.js';
import type { Contest, Count, Election, Outcome } from './count.types.js';
import { shortened } from './explanation.rules.js';
import { countIrv } from './irv.rules.js';
import { byVotes, countMostVotes } from './most-votes.rules.js';
import { countSchulze } from './schulze.rules.js';
import { countScores } from './score.rules.js';

/**
 * Counts an election: a function of the ballots, the candidates and the seed, and of nothing else.
 *
 * @throws Error when a ballot for irv has equal ranks, which no poll accepts
 */
export function count({ method, candidates, tally, seed }: Election): Count {
  const names = new Map(candidates.filter(({ withdrawn }) => !withdrawn).map(({ id, name }) => [id, name]));
  const totalVotes = tally.reduce((sum, row) => sum + row.votes, 0);
  const contest = { ids: [...names.keys()], tally: tally.filter((row) => row.votes > 0), totalVotes, seed, nameOf: (id: string) => shortened(names.get(id)!) };
  const { votes, ...outcome } = METHODS[method](contest);
  return { candidates: byVotes(votes).map((id) => ({ candidateId: id, name: names.get(id)!, votes: votes.get(id)! })), totalVotes, ...outcome };
}

/** Ballots are checked at the door, so a poll has only those of its method. */
const METHODS: Record<Election['method'], (contest: Contest<Choice>) => Outcome> = {
  single: (contest) => countMostVotes(contest as Contest<SingleChoice>, ({ candidateId }) => [candidateId]),
  approval: (contest) => countMostVotes(contest as Contest<ApprovalChoice>, ({ approve }) => approve),
  score: (contest) => countScores(contest as Contest<ScoreChoice>),
  irv: (contest) => countIrv(contest as Contest<RankedChoice>),
  schulze: (contest) => countSchulze(contest as Contest<RankedChoice>),
};
