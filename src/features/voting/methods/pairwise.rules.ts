/** One number for each pair of candidates, by their places in a list: `matrix[a][b]`. */
export type Matrix = readonly Float64Array[];

/** A ballot: most preferred first. Candidates of one rank are equal, and who is left out comes last. */
export interface RankedBallot {
  readonly ranking: readonly (readonly string[])[];
  readonly votes: number;
}

/** How many voters prefer one candidate to another, for each pair of `ids`; the ballots may name others. */
export function pairwiseOf(ids: readonly string[], ballots: Iterable<RankedBallot>): Matrix {
  const size = ids.length;
  const index = new Map(ids.map((id, place) => [id, place]));
  const matrix = ids.map(() => new Float64Array(size));
  // Those a ballot has named come before `from`, those it has yet to name after. Any order will do to begin with.
  const order = Uint32Array.from(ids.keys());
  const placeIn = Uint32Array.from(ids.keys());
  for (const { ranking, votes } of ballots) {
    let from = 0;
    for (const rank of ranking) {
      const first = from;
      for (const id of rank) {
        const candidate = index.get(id);
        if (candidate === undefined || placeIn[candidate]! < from) continue;
        const other = order[from]!;
        order[placeIn[candidate]!] = other;
        placeIn[other] = placeIn[candidate]!;
        order[from] = candidate;
        placeIn[candidate] = from;
        from += 1;
      }
      for (let winner = first; winner < from; winner += 1) {
        const wins = matrix[order[winner]!]!;
        for (let loser = from; loser < size; loser += 1) wins[order[loser]!]! += votes;
      }
    }
  }
  return matrix;
}
