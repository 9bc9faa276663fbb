import { EXACT, PREFIX, type Expansion } from './expansion.js';

/**
 * The query as it was probably meant: terms that no word of the segments equals (nor, for the last, begins
 * with) replaced by the most similar word. Undefined when there is nothing to replace.
 */
export function correctedQuery(terms: readonly string[], expansions: readonly Expansion[]): string | undefined {
  const corrected = terms.map((term, index) => similarWord(index, expansions) ?? term);
  return corrected.some((word, index) => word !== terms[index]) ? corrected.join(' ') : undefined;
}

/** Of the words with the fewest typos the one in most documents, then the first by code units. */
function similarWord(term: number, expansions: readonly Expansion[]): string | undefined {
  let least = Infinity;
  for (const expansion of expansions) {
    // The best level comes first.
    if (expansion.start(term) < expansion.ends[term]!) least = Math.min(least, expansion.levels[expansion.start(term)]!);
  }
  if (least === EXACT || least === PREFIX || least === Infinity) return undefined;
  const documents = new Map<string, number>();
  for (const expansion of expansions) {
    const { words, documents: counts } = expansion.segment.vocabulary;
    for (let at = expansion.start(term); at < expansion.ends[term]! && expansion.levels[at] === least; at++) {
      const word = words[expansion.words[at]!]!;
      documents.set(word, (documents.get(word) ?? 0) + counts[expansion.words[at]!]!);
    }
  }
  return [...documents].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))[0]![0];
}

