import type { ScoreChoice } from '../poll.types.js';
import type { Contest, Outcome } from './count.types.js';
import { listed, NO_VOTES, plural } from './explanation.rules.js';
import { byLot } from './lot.rules.js';
import { layersByVotes, sumOf } from './most-votes.rules.js';
import { pairwiseOf, type Matrix, type RankedBallot } from './pairwise.rules.js';

/**
 * The highest sum of scores wins. Of equal sums comes first whom more voters prefer, that is gave the higher
 * score; then a lot decides. So there is one winner as soon as anybody has voted.
 */
export function countScores(contest: Contest<ScoreChoice>): Outcome {
  const { ids, tally, totalVotes, nameOf } = contest;
  const votes = sumOf(ids, tally, ({ scores }, add) => {
    for (const [id, score] of Object.entries(scores)) add(id, score);
  });
  const layers = layersByVotes(votes);
  const [top] = layers;
  if (!top || totalVotes === 0) return { votes, winners: [], ranking: layers, explanation: NO_VOTES };

  const order = layers.flatMap((tied) => ordered(tied, contest));
  const winner = nameOf(order[0]!.id);
  const points = plural(votes.get(order[0]!.id)!, 'point');
  const explanation = top.length === 1
    ? `${winner} wins with ${points} from ${plural(totalVotes, 'voter')}.`
    : `${listed(top.map(nameOf))} have ${points} each. ${order[0]!.byLot
      ? `Comparing them voter by voter did not settle it, so a lot did: ${winner} wins.`
      : `Comparing them voter by voter, ${winner} comes first and wins.`}`;
  return { votes, winners: [order[0]!.id], ranking: order.map(({ id }) => [id]), explanation };
}

interface Place {
  readonly id: string;
  readonly byLot: boolean;
}

/** Puts candidates of the same sum in order, best first. */
function ordered(tied: readonly string[], { tally, seed }: Contest<ScoreChoice>): Place[] {
  if (tied.length === 1) return [{ id: tied[0]!, byLot: false }];
  const pairwise = pairwiseOf(tied, ranked(tied, tally));
  const left = new Set(tied.keys());
  const order: Place[] = [];
  while (left.size > 0) {
    const best = preferred([...left], pairwise);
    const id = byLot(best.map((place) => tied[place]!), seed, 1).at(-1)!;
    order.push({ id, byLot: best.length > 1 });
    left.delete(tied.indexOf(id));
  }
  return order;
}

/**
 * Those who win most of the comparisons among the tied, less those they lose; again among these, until that
 * tells nobody from the others. Two are told apart by whom more voters prefer, and of more, one whom more voters
 * prefer to each of the others is first.
 */
function preferred(tied: readonly number[], pairwise: Matrix): readonly number[] {
  const balances = tied.map((a) => tied.reduce((sum, b) => sum + Math.sign(pairwise[a]![b]! - pairwise[b]![a]!), 0));
  const best = Math.max(...balances);
  const ahead = tied.filter((_, place) => balances[place] === best);
  return ahead.length === tied.length ? tied : preferred(ahead, pairwise);
}

/** Scores of the tied as ranks; no score is a score of 0. */
function* ranked(tied: readonly string[], tally: Contest<ScoreChoice>['tally']): Iterable<RankedBallot> {
  for (const { choice: { scores }, votes } of tally) {
    const ranks = new Map<number, string[]>();
    for (const id of tied) {
      const score = Object.hasOwn(scores, id) ? scores[id]! : 0;
      const rank = ranks.get(score);
      if (rank) rank.push(id);
      else ranks.set(score, [id]);
    }
    yield { ranking: [...ranks].sort(([a], [b]) => b - a).map(([, rank]) => rank), votes };
  }
}
