import type { RankedChoice } from '../poll.types.js';
import type { Contest, Elimination, Outcome, Round } from './count.types.js';
import { explainIrv } from './irv-explanation.rules.js';
import { byLot } from './lot.rules.js';
import { layersByVotes } from './most-votes.rules.js';

/** The ballots that count for a candidate now. */
interface Pile {
  votes: number;
  readonly ballots: Ballot[];
}

interface Ballot {
  readonly ranking: RankedChoice['ranking'];
  readonly votes: number;
  /** Which rank it counts for. */
  rank: number;
}

/**
 * Instant-runoff: until somebody has more than half of the votes that still count, or is alone, whoever has the
 * fewest is eliminated and their ballots go on to the next name that is left.
 *
 * @throws Error when a ballot has equal ranks
 */
export function countIrv({ ids, tally, totalVotes, seed, nameOf }: Contest<RankedChoice>): Outcome {
  const piles = new Map<string, Pile>(ids.map((id) => [id, { votes: 0, ballots: [] }]));
  const place = (ballot: Ballot): void => {
    for (; ballot.rank < ballot.ranking.length; ballot.rank += 1) {
      const pile = piles.get(ballot.ranking[ballot.rank]![0]!);
      if (!pile) continue;
      pile.votes += ballot.votes;
      pile.ballots.push(ballot);
      return;
    }
  };
  for (const { choice: { ranking }, votes } of tally) {
    if (ranking.some((rank) => rank.length > 1)) throw new Error('A ballot for irv cannot rank candidates as equal.');
    place({ ranking, votes, rank: 0 });
  }

  const history: ReadonlyMap<string, number>[] = [];
  const eliminations: Elimination[] = [];
  for (;;) {
    const counts = new Map([...piles].map(([id, pile]) => [id, pile.votes]));
    history.push(counts);
    if (isDecided(counts)) break;
    const loser = fewest(history, seed);
    eliminations.push(loser);
    const { ballots } = piles.get(loser.id)!;
    piles.delete(loser.id);
    ballots.forEach(place);
  }

  const last = layersByVotes(history.at(-1)!);
  const winners = sum(history.at(-1)!) > 0 ? last[0]! : [];
  return {
    votes: history[0]!,
    winners,
    ranking: [...last, ...eliminations.map(({ id }) => [id]).reverse()],
    rounds: history.map((counts, round) => roundOf(counts, eliminations[round], totalVotes)),
    explanation: explainIrv(winners[0], history, eliminations, totalVotes, nameOf),
  };
}

function roundOf(counts: ReadonlyMap<string, number>, elimination: Elimination | undefined, totalVotes: number): Round {
  return { counts: Object.fromEntries(counts), exhausted: totalVotes - sum(counts), eliminated: elimination ? [elimination.id] : [] };
}

/** Also where there is nothing to decide: without a vote that counts nobody is eliminated. */
function isDecided(counts: ReadonlyMap<string, number>): boolean {
  const votes = sum(counts);
  return votes === 0 || counts.size === 1 || Math.max(...counts.values()) * 2 > votes;
}

/** Of those with the fewest votes, who had the fewest in the latest round that tells them apart; else a lot decides. */
function fewest(history: readonly ReadonlyMap<string, number>[], seed: string): Elimination {
  const counts = history.at(-1)!;
  const tied = lowest([...counts.keys()], counts);
  let left = tied;
  let round = history.length;
  while (left.length > 1 && round > 1) {
    round -= 1;
    left = lowest(left, history[round - 1]!);
  }
  const brokenBy = tied.length === 1 ? null : left.length === 1 ? round : 'lot';
  return { id: byLot(left, seed, history.length)[0]!, tied, brokenBy };
}

function lowest(ids: readonly string[], counts: ReadonlyMap<string, number>): string[] {
  const least = Math.min(...ids.map((id) => counts.get(id)!));
  return ids.filter((id) => counts.get(id) === least);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, votes) => total + votes, 0);
}
