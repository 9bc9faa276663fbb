import { sha256 } from '../chain.rules.js';

/**
 * A lot that everybody can draw again once the seed is known: SHA-256, in hexadecimal, of `seed|round|candidateId`.
 * Of those who are tied the lowest loses. Rounds are numbered from 1.
 */
export function lotOf(seed: string, round: number, candidateId: string): string {
  return sha256(`${seed}|${round}|${candidateId}`);
}

/** Puts those who are tied in the order of their lots: the first loses, the last wins. */
export function byLot(tied: readonly string[], seed: string, round: number): string[] {
  const lots = new Map(tied.map((id) => [id, lotOf(seed, round, id)]));
  return [...tied].sort((a, b) => (lots.get(a)! < lots.get(b)! ? -1 : 1));
}
