import { fieldOf, type Documents } from './documents.js';
import { MATCH_BITS, MATCH_MASK, type Expansion } from './expansion.js';
import type { Highlight, SearchDocument } from './search.types.js';
import { MOST_TERMS } from './tally.js';

/** Words farther apart than this are not near each other. */
export const FARTHEST = 8;
/** The name of each field that highlights are in, by its number. */
const HIGHLIGHTED: readonly (Highlight['field'] | undefined)[] = ['caption', 'template'];
/** A place far from all words, and another for each term: two that were not seen yet are not near each other either. */
const nowhere = (term: number): number => -(term + 1) * 2 ** 26;

/** Where in a document its best matches of the terms are. Walks through its words, so only for those that matter. */
export class Alignment {
  /** By term: its best level in the document plus one, or zero. */
  private readonly best = new Uint8Array(MOST_TERMS);
  private readonly lastSlots = new Int32Array(MOST_TERMS);
  /** By term: the least distance to the matched term before it. */
  private readonly gaps = new Int32Array(MOST_TERMS);

  /**
   * How far the matches of neighbouring terms are from each other, added up over the matched terms in the
   * order of the query: at most 8 for each two, and 8 for those that share no field.
   */
  proximity(expansion: Expansion, documents: Documents<SearchDocument>, ordinal: number): number {
    const { matches } = expansion.segment.vocabulary;
    const { starts, words, slots } = documents;
    const terms = expansion.terms.length;
    this.findBest(documents, matches, ordinal);
    for (let term = 0; term < terms; term++) {
      this.lastSlots[term] = nowhere(term);
      this.gaps[term] = FARTHEST;
    }
    const end = starts[ordinal + 1]!;
    for (let token = starts[ordinal]!; token < end; token++) {
      const match = matches[words[token]!]!;
      if (match !== 0 && this.place(match, slots[token]!)) this.measure(terms);
    }
    // The first matched term has none before it, so its gap is still the widest.
    let sum = -FARTHEST;
    for (let term = 0; term < terms; term++) if (this.best[term] !== 0) sum += this.gaps[term]!;
    return sum;
  }

  /** The parts of caption and template that matched a term as well as anything in the document does. */
  highlights(expansion: Expansion, documents: Documents<SearchDocument>, ordinal: number): Highlight[] {
    const { matches } = expansion.segment.vocabulary;
    this.findBest(documents, matches, ordinal);
    const highlights: Highlight[] = [];
    for (let token = documents.starts[ordinal]!; token < documents.starts[ordinal + 1]!; token++) {
      const match = matches[documents.words[token]!]!;
      const field = HIGHLIGHTED[fieldOf(documents.slots[token]!)];
      if (match === 0 || field === undefined || !this.isBest(match)) continue;
      const start = documents.froms[token]!;
      const last = highlights.at(-1);
      // A word that was cut into several has all of them in one place.
      if (last?.field !== field || last.start !== start) highlights.push({ field, start, end: documents.ends[token]! });
    }
    return highlights;
  }

  private findBest(documents: Documents<SearchDocument>, matches: Int32Array, ordinal: number): void {
    this.best.fill(0);
    const end = documents.starts[ordinal + 1]!;
    for (let token = documents.starts[ordinal]!; token < end; token++) {
      for (let rest = matches[documents.words[token]!]!, term = 0; rest !== 0; rest >>>= MATCH_BITS, term++) {
        const level = rest & MATCH_MASK;
        if (level !== 0 && (this.best[term] === 0 || level < this.best[term]!)) this.best[term] = level;
      }
    }
  }

  private isBest(match: number): boolean {
    for (let rest = match, term = 0; rest !== 0; rest >>>= MATCH_BITS, term++) {
      if ((rest & MATCH_MASK) !== 0 && (rest & MATCH_MASK) === this.best[term]) return true;
    }
    return false;
  }

  /** Notes where the terms were seen last, those that this word matches best. Whether there are any. */
  private place(match: number, slot: number): boolean {
    let isPlaced = false;
    for (let rest = match, term = 0; rest !== 0; rest >>>= MATCH_BITS, term++) {
      if ((rest & MATCH_MASK) === 0 || (rest & MATCH_MASK) !== this.best[term]) continue;
      this.lastSlots[term] = slot;
      isPlaced = true;
    }
    return isPlaced;
  }

  /** The nearest two of anything are seen as the latest two, when the later of them comes. */
  private measure(terms: number): void {
    let before = -1;
    for (let term = 0; term < terms; term++) {
      if (this.best[term] === 0) continue;
      if (before >= 0) this.gaps[term] = Math.min(this.gaps[term]!, Math.abs(this.lastSlots[term]! - this.lastSlots[before]!));
      before = term;
    }
  }
}

