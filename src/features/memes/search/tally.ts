import { grown } from './columns.js';
import type { Expansion } from './expansion.js';
import { postedDocument, postedField } from './segment.js';

/** The most terms that a query has. */
export const MOST_TERMS = 8;
const SUM_BITS = 5;
/** What a matched term is worth: more than all typos of all other terms together. */
const TERM = 64;
/** Tiers are below this. */
export const TIERS = MOST_TERMS * TERM + 1;

/**
 * A document's sum says all of its relevance that can be added up: its tier (terms matched, then typos, then
 * beginnings; larger is better) and, below it, the fields of its matches (smaller is better).
 */
export function tierOf(sum: number): number {
  return (sum + (1 << SUM_BITS) - 1) >> SUM_BITS;
}

export function fieldsOf(sum: number): number {
  return (tierOf(sum) << SUM_BITS) - sum;
}

/** The best tier of the documents that match so many terms; the worst comes after the best of one term less. */
export function bestTier(matchedTerms: number): number {
  return matchedTerms * TERM;
}

/**
 * Adds up what the words of an expansion are worth to each document that has them. One for all searches:
 * nothing is wiped, as stamps of an older search are smaller than those of a newer.
 */
export class Tally {
  /** The documents found, each once, `count` of them. */
  readonly found = { documents: new Int32Array(0), count: 0 };
  /** By document; of those found only. */
  sums = new Int32Array(0);
  /** By document: the term and level that was added last, times four, and the field it was added with. */
  private stamps = new Int32Array(0);
  private stamp = 0;
  private firstOfSearch = 0;

  /** Forgets the search before. `documents` is how many the segment has. */
  begin(documents: number): void {
    if (this.stamps.length < documents || this.stamp > 2 ** 30) {
      this.stamps = new Int32Array(Math.max(documents, this.stamps.length));
      this.sums = grown(this.sums, documents);
      this.found.documents = grown(this.found.documents, documents);
      this.stamp = 0;
    }
    this.firstOfSearch = this.stamp + 4;
    this.found.count = 0;
  }

  /**
   * Adds a term to the documents that have it, level by level.
   *
   * @param finds false when only documents of other terms shall get it, and no more be found
   * @param afterLevel answers whether to go on with worse levels
   */
  addTerm(expansion: Expansion, term: number, finds = true, afterLevel: () => boolean = () => true): void {
    const { segment, words, levels, ends } = expansion;
    const first = expansion.start(term);
    const firstOfTerm = this.stamp + 4;
    for (let at = first; at < ends[term]!; at++) {
      const word = words[at]!;
      const level = levels[at]!;
      if (at === first || level !== levels[at - 1]) this.stamp += 4;
      const worth = (TERM - level) << SUM_BITS;
      this.addWord(segment.postings(word), segment.firstPosting(word), segment.lastPosting(word), { firstOfTerm, worth, finds });
      if ((at + 1 === ends[term] || level !== levels[at + 1]) && !afterLevel()) return;
    }
  }

  private addWord(postings: Int32Array, from: number, to: number, { firstOfTerm, worth, finds }: { firstOfTerm: number; worth: number; finds: boolean }): void {
    const { stamps, sums, stamp, firstOfSearch } = this;
    const { documents } = this.found;
    let { count } = this.found;
    for (let at = from; at < to; at++) {
      const entry = postings[at]!;
      const document = postedDocument(entry);
      const last = stamps[document]!;
      if (last < firstOfSearch) {
        if (!finds) continue;
        documents[count++] = document;
        sums[document] = worth - postedField(entry);
        stamps[document] = stamp + postedField(entry);
      } else if (last < firstOfTerm) {
        sums[document]! += worth - postedField(entry);
        stamps[document] = stamp + postedField(entry);
      } else if (last > stamp + postedField(entry)) {
        // Another word of this level, in a better field.
        sums[document]! += last - stamp - postedField(entry);
        stamps[document] = stamp + postedField(entry);
      }
    }
    this.found.count = count;
  }
}
