import type { RankedChoice } from '../poll.types.js';
import type { Contest, Outcome } from './count.types.js';
import { sumOf } from './most-votes.rules.js';
import { pairwiseOf, type Matrix, type RankedBallot } from './pairwise.rules.js';
import { explainSchulze } from './schulze-explanation.rules.js';

/**
 * The Schulze method with winning votes (M. Schulze, "A new monotonic, clone-independent, reversal symmetric,
 * and Condorcet-consistent single-winner election method", 2011). Ties stand. Who shares the first rank of a
 * ballot is a first preference each.
 */
export function countSchulze({ ids, tally, nameOf }: Contest<RankedChoice>): Outcome {
  const standing = new Set(ids);
  const votes = sumOf(ids, tally, ({ ranking }, add) => {
    ranking.find((rank) => rank.some((id) => standing.has(id)))?.forEach((id) => add(id, 1));
  });
  const pairwise = pairwiseOf(ids, ballots(tally));
  const strengths = strongestPaths(pairwise);
  const layers = layersOf(strengths);
  const ranking = layers.map((layer) => layer.map((place) => ids[place]!).sort());
  const winners = [...votes.values()].some((first) => first > 0) ? ranking[0]! : [];
  const explanation = explainSchulze(ids.map(nameOf), winners.length > 0 ? layers : [], pairwise, strengths);
  return { votes, winners, ranking, pairwise: table(ids, pairwise), strengths: table(ids, strengths), explanation };
}

function* ballots(tally: Contest<RankedChoice>['tally']): Iterable<RankedBallot> {
  for (const { choice, votes } of tally) yield { ranking: choice.ranking, votes };
}

/**
 * A path goes from candidate to candidate, each preferred to the next by more voters than the other way round,
 * and is as strong as the fewest of these majorities. Floyd and Warshall's algorithm.
 */
function strongestPaths(pairwise: Matrix): Matrix {
  const strengths = pairwise.map((wins, a) => wins.map((votes, b) => (votes > pairwise[b]![a]! ? votes : 0)));
  for (const [via, onward] of strengths.entries()) {
    for (const [from, paths] of strengths.entries()) {
      if (from === via) continue;
      const toVia = paths[via]!;
      for (let to = 0; to < paths.length; to += 1) {
        const throughVia = toVia < onward[to]! ? toVia : onward[to]!;
        if (to !== from && throughVia > paths[to]!) paths[to] = throughVia;
      }
    }
  }
  return strengths;
}

/** Again and again those whom nobody left has a stronger path to than they have back. There always are some: "stronger" is transitive. */
function layersOf(strengths: Matrix): number[][] {
  const layers: number[][] = [];
  let left = [...strengths.keys()];
  while (left.length > 0) {
    const best = left.filter((a) => left.every((b) => strengths[a]![b]! >= strengths[b]![a]!));
    layers.push(best);
    left = left.filter((a) => !best.includes(a));
  }
  return layers;
}

/** `{a: {b: n}}` for each two candidates. fromEntries makes a key of any id, be it `__proto__`. */
function table(ids: readonly string[], matrix: Matrix): Record<string, Record<string, number>> {
  const row = (a: number) => ids.flatMap((id, b) => (a === b ? [] : [[id, matrix[a]![b]!] as const]));
  return Object.fromEntries(ids.map((id, a) => [id, Object.fromEntries(row(a))]));
}
