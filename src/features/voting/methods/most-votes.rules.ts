import type { Choice } from '../poll.types.js';
import type { Contest, Outcome } from './count.types.js';
import { listed, NO_VOTES, plural } from './explanation.rules.js';

/** Most votes win, and a tie stands. `named` says whom a ballot gives a vote. */
export function countMostVotes<C extends Choice>({ ids, tally, totalVotes, nameOf }: Contest<C>, named: (choice: C) => readonly string[]): Outcome {
  const votes = sumOf(ids, tally, (choice, add) => named(choice).forEach((id) => add(id, 1)));
  const ranking = layersByVotes(votes);
  const most = Math.max(0, ...votes.values());
  const winners = most > 0 ? ranking[0]! : [];
  const share = `${most} of ${plural(totalVotes, 'voter')}`;
  const explanation = winners.length === 0 ? NO_VOTES
    : winners.length === 1 ? `${nameOf(winners[0]!)} wins with the votes of ${share}.`
      : `${listed(winners.map(nameOf))} tie with the votes of ${share} each.`;
  return { votes, winners, ranking, explanation };
}

/** What the ballots give to each candidate; what they give to others is lost. */
export function sumOf<C extends Choice>(
  ids: readonly string[], tally: Contest<C>['tally'], give: (choice: C, add: (id: string, times: number) => void) => void,
): Map<string, number> {
  const place = new Map(ids.map((id, index) => [id, index]));
  const sums = ids.map(() => 0);
  for (const { choice, votes } of tally) {
    give(choice, (id, times) => {
      const index = place.get(id);
      if (index !== undefined) sums[index]! += times * votes;
    });
  }
  return new Map(ids.map((id, index) => [id, sums[index]!]));
}

/** Most votes first, then by id. */
export function byVotes(votes: ReadonlyMap<string, number>): string[] {
  return [...votes.keys()].sort((a, b) => votes.get(b)! - votes.get(a)! || (a < b ? -1 : 1));
}

/** Who has as many votes is in one layer. */
export function layersByVotes(votes: ReadonlyMap<string, number>): string[][] {
  const layers = new Map<number, string[]>();
  for (const id of byVotes(votes)) {
    const layer = layers.get(votes.get(id)!);
    if (layer) layer.push(id);
    else layers.set(votes.get(id)!, [id]);
  }
  return [...layers.values()];
}
