import { distance } from './edit-distance.rules.js';
import type { Segment } from './segment.js';
import type { SearchDocument } from './search.types.js';
import type { Vocabulary } from './vocabulary.js';

/** How well a word matches a term, best first: twice the typos, plus one for a mere beginning. */
export const EXACT = 0;
export const PREFIX = 1;
export const levelOfTypos = (typos: number): number => typos * 2;

/** A term's level in the four bits that {@link Vocabulary.matches} has for it; zero is no match. */
export const MATCH_BITS = 4;
export const MATCH_MASK = 15;

/** Typos that a term may have. Nothing of one or two letters is ever corrected. */
export type Tolerance = 'none' | 'normal' | 'widened';

/** How many edits a term may be away from a word, by its length in code points. */
export function editsAllowed(term: string, tolerance: Tolerance): number {
  if (tolerance === 'none') return 0;
  const length = [...term].length;
  if (tolerance === 'normal') return length < 5 ? 0 : length < 9 ? 1 : 2;
  return length < 3 ? 0 : length < 5 ? 1 : 2;
}

/** The words of a segment that match the terms of a query, by term and level. */
export class Expansion {
  /** Words of all terms, those of one term together, better levels first. */
  readonly words: number[] = [];
  readonly levels: number[] = [];
  /** Those of term n end here, and those of the next begin. */
  readonly ends: number[] = [];
  /** Whether some word matches more than one term. */
  isShared = false;
  private readonly sizes: number[];

  constructor(
    readonly segment: Segment<SearchDocument>,
    readonly terms: readonly string[],
    tolerance: Tolerance,
  ) {
    this.sizes = terms.map(() => 0);
    terms.forEach((term, index) => {
      this.expand(term, index, editsAllowed(term, tolerance));
      this.ends.push(this.words.length);
    });
  }

  /** Where the words of a term begin. */
  start(term: number): number {
    return term === 0 ? 0 : this.ends[term - 1]!;
  }

  /** Documents of all words of a term; one that has several is counted for each. */
  postings(term: number): number {
    return this.sizes[term]!;
  }

  /** Wipes what it wrote into the scratch of the vocabulary: the next search must find it empty. */
  clear(): void {
    const { matches } = this.segment.vocabulary;
    for (const word of this.words) matches[word] = 0;
  }

  private expand(term: string, index: number, edits: number): void {
    const { vocabulary } = this.segment;
    const exact = vocabulary.find(term);
    if (exact !== undefined) this.add(exact, index, EXACT);
    if (index === this.terms.length - 1) {
      for (const word of vocabulary.startingWith(term)) if (word !== exact) this.add(word, index, PREFIX);
    }
    if (edits > 0) this.addSimilar(vocabulary, term, index, edits);
  }

  private addSimilar(vocabulary: Vocabulary, term: string, index: number, edits: number): void {
    const similar: number[][] = Array.from({ length: edits + 1 }, () => []);
    for (const word of vocabulary.candidates(term, edits)) {
      if (this.isMatched(vocabulary, word, index)) continue;
      const typos = distance(term, vocabulary.words[word]!, edits);
      if (typos > 0 && typos <= edits) similar[typos]!.push(word);
    }
    similar.forEach((words, typos) => words.forEach((word) => this.add(word, index, levelOfTypos(typos))));
  }

  private isMatched(vocabulary: Vocabulary, word: number, index: number): boolean {
    return ((vocabulary.matches[word]! >>> (index * MATCH_BITS)) & MATCH_MASK) !== 0;
  }

  private add(word: number, index: number, level: number): void {
    const { documents, matches } = this.segment.vocabulary;
    if (documents[word] === 0) return;
    if (matches[word] !== 0) this.isShared = true;
    this.sizes[index]! += documents[word]!;
    this.words.push(word);
    this.levels.push(level);
    matches[word]! |= (level + 1) << (index * MATCH_BITS);
  }
}
