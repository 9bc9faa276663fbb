import type { Election } from '../../src/features/voting/methods/count.types.js';
import type { PollMethod, TallyRow } from '../../src/features/voting/poll.types.js';

/** What `42:M>N=C>K` says: 42 ballots that rank M first, then N and C alike, then K. */
export interface Ranked {
  readonly votes: number;
  readonly ranking: string[][];
}

/** Ranked ballots, parted by blanks. */
export function ranked(text: string): Ranked[] {
  return text.trim().split(/\s+/).map((row) => {
    const [votes, ranking] = row.split(':') as [string, string];
    return { votes: Number(votes), ranking: ranking === '' ? [] : ranking.split('>').map((rank) => rank.split('=')) };
  });
}

/** An election among candidates whose ids and names are letters. */
export function electionOf(method: PollMethod, letters: string, tally: readonly TallyRow[], { withdrawn = '', seed = 'seed' } = {}): Election {
  const candidates = [...letters].map((id) => ({ id, name: id, withdrawn: withdrawn.includes(id) }));
  return { method, candidates, tally, seed };
}

/** An election by ranked ballots; for `single` their first names are the votes. */
export function rankedElection(method: 'single' | 'irv' | 'schulze', letters: string, text: string, more?: { withdrawn?: string; seed?: string }): Election {
  const tally = ranked(text).map(({ votes, ranking }) => ({ votes, choice: method === 'single' ? { candidateId: ranking[0]![0]! } : { ranking } }));
  return electionOf(method, letters, tally, more);
}
