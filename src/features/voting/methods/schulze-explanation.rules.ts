import { listed, NO_VOTES } from './explanation.rules.js';
import type { Matrix } from './pairwise.rules.js';

const PATHS = 'A path leads from a candidate to one whom fewer voters prefer, and so on, and is as strong as its weakest step has voters behind it.';

/**
 * Tells why the first layer won: by beating everybody, or by the strongest paths.
 *
 * @param layers places of the candidates, best first; none while nobody has voted
 */
export function explainSchulze(names: readonly string[], layers: readonly (readonly number[])[], pairwise: Matrix, strengths: Matrix): string {
  const [winners, ...others] = layers.map((layer) => layer.map((place) => ({ place, name: names[place]! })));
  if (!winners) return NO_VOTES;
  const { place: winner, name } = winners[0]!;
  const losers = others.flat();
  const results = (matrix: Matrix) => listed(losers.map(({ place, name: loser }) => `${matrix[winner]![place]!} to ${matrix[place]![winner]!} against ${loser}`));

  if (names.length === 1) return `${name} wins, being the only candidate.`;
  const order = orderOf([winners, ...others].map((layer) => layer.map((candidate) => candidate.name)));
  if (winners.length > 1) return `${listed(winners.map((tied) => tied.name))} tie: among them, no strongest path is stronger than the one back. ${PATHS} ${order}`;
  if (losers.every(({ place }) => pairwise[winner]![place]! > pairwise[place]![winner]!)) {
    return `${name} wins, preferred by more voters to each other candidate: ${results(pairwise)}. ${order}`;
  }
  return `${name} wins by the strongest paths, since nobody is preferred by more voters to each other candidate: ${results(strengths)}. ${PATHS} ${order}`;
}

function orderOf(layers: readonly (readonly string[])[]): string {
  const most = 5;
  const more = layers.slice(most).flat().length;
  const shown = layers.slice(0, most).map((layer) => listed(layer, 2));
  return `The order: ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join('; then ')}.`;
}
