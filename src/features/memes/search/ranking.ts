import type { Alignment } from './alignment.js';
import { grown } from './columns.js';
import type { Expansion } from './expansion.js';
import { kilometres } from './nearest.js';
import type { Place, SearchDocument, SearchSort } from './search.types.js';
import type { Segment } from './segment.js';
import { bestTier, fieldsOf, Tally, tierOf, TIERS } from './tally.js';
import type { TopList } from './top-list.js';

/** What is wanted of one segment. */
export interface Wanted {
  readonly segment: Segment<SearchDocument>;
  /** The words of the query in this segment; undefined without a query. */
  readonly expansion: Expansion | undefined;
  readonly sort: SearchSort;
  readonly near: Place | undefined;
  readonly withinKm: number;
  /** Whether a document is alive and fulfils the conditions. */
  readonly accepts: (ordinal: number) => boolean;
  readonly top: TopList;
}

/** What a key tells apart: proximities up to 56, sums of fields up to 16, and likes (an INT of the database). */
const PROXIMITIES = 64;
const FIELDS = 32;
const LIKES = 2 ** 31;

/** All of a document's relevance in one number, larger is better; exact, since it is below 2 ** 53. */
function relevanceKey(tier: number, proximity: number, fields: number, likes: number): number {
  return ((tier * PROXIMITIES + (PROXIMITIES - 1 - proximity)) * FIELDS + (FIELDS - 1 - fields)) * LIKES + likes;
}

/** Finds the best documents of a segment. Its scratch is used by one search after the other. */
export class Ranking {
  private readonly tally = new Tally();
  private tiered = new Int32Array(0);
  private readonly tierEnds = new Int32Array(TIERS + 1);

  constructor(private readonly alignment: Alignment) {}

  /** Offers the documents that are wanted to the list, at least those that belong into it. */
  rank(wanted: Wanted): void {
    const { expansion, sort } = wanted;
    if (expansion === undefined) this.rankAll(wanted);
    else if (sort !== 'relevance') this.rankFound(wanted, expansion);
    else this.rankByRelevance(wanted, expansion);
  }

  private rankAll({ segment, sort, near, withinKm, accepts, top }: Wanted): void {
    const { byId, documents } = segment;
    if (sort === 'distance') {
      segment.nearest({ near: near!, withinKm, top, accepts });
    } else if (sort === 'trending') {
      const { trends } = documents;
      for (let rank = byId.length - 1; rank >= 0; rank--) {
        const ordinal = byId[rank]!;
        if (top.takes(trends[ordinal]!, rank) && accepts(ordinal)) top.offer(ordinal, trends[ordinal]!, rank);
      }
    } else {
      for (let rank = top.lastRank(byId.length); rank >= 0 && !top.isFull; rank--) {
        const ordinal = byId[rank]!;
        if (accepts(ordinal)) top.offer(ordinal, 0, rank);
      }
    }
  }

  /** The query finds, and something else sorts. */
  private rankFound({ segment, sort, near, accepts, top }: Wanted, expansion: Expansion): void {
    const { ranks, documents } = segment;
    const { trends, lats, lons } = documents;
    this.tally.begin(documents.count);
    for (let term = 0; term < expansion.terms.length; term++) this.tally.addTerm(expansion, term);
    const { found } = this.tally;
    for (let at = 0; at < found.count; at++) {
      const ordinal = found.documents[at]!;
      // The distance of what has no place is not a number, which no list takes.
      const key = sort === 'new' ? 0 : sort === 'trending' ? trends[ordinal]! : -kilometres(near!, lats[ordinal]!, lons[ordinal]!);
      if (top.takes(key, ranks[ordinal]!) && accepts(ordinal)) top.offer(ordinal, key, ranks[ordinal]!);
    }
  }

  private rankByRelevance(wanted: Wanted, expansion: Expansion): void {
    const terms = expansion.terms.map((_, term) => term).filter((term) => expansion.postings(term) > 0);
    terms.sort((a, b) => expansion.postings(a) - expansion.postings(b));
    if (terms.length === 1) this.rankByLevel(wanted, expansion, terms[0]!);
    else if (terms.length > 1) this.rankByTier(wanted, expansion, terms);
  }

  /** One term: each level is a tier, and when the list is full, worse ones need not be looked at. */
  private rankByLevel(wanted: Wanted, expansion: Expansion, term: number): void {
    let ranked = 0;
    this.tally.begin(wanted.segment.documents.count);
    this.tally.addTerm(expansion, term, true, () => {
      this.rankOneTerm(wanted, ranked);
      ranked = this.tally.found.count;
      return !wanted.top.isFull;
    });
  }

  private rankOneTerm({ segment, accepts, top }: Wanted, from: number): void {
    const { ranks, documents: { likes } } = segment;
    const { found: { documents, count }, sums } = this.tally;
    for (let at = from; at < count; at++) {
      const ordinal = documents[at]!;
      const sum = sums[ordinal]!;
      const key = relevanceKey(tierOf(sum), 0, fieldsOf(sum), likes[ordinal]!);
      if (top.takes(key, ranks[ordinal]!) && accepts(ordinal)) top.offer(ordinal, key, ranks[ordinal]!);
    }
  }

  /**
   * Several terms, the commonest last: most often enough documents have two of them, so that those with
   * nothing but the commonest, which are many, need not be looked at.
   */
  private rankByTier(wanted: Wanted, expansion: Expansion, terms: readonly number[]): void {
    const { tally } = this;
    const commonest = terms.at(-1)!;
    for (const findsCommonest of [false, true]) {
      tally.begin(wanted.segment.documents.count);
      for (const term of terms) tally.addTerm(expansion, term, findsCommonest || term !== commonest);
      this.sortIntoTiers();
      if (findsCommonest) this.rankTiers(wanted, expansion, 1);
      else for (let matched = terms.length; matched > 1; matched--) this.rankTiers(wanted, expansion, matched);
      if (wanted.top.isFull) return;
    }
  }

  /** The documents that match so many terms, tier by tier, until the list is full. */
  private rankTiers({ segment, accepts, top }: Wanted, expansion: Expansion, matched: number): void {
    const { ranks, documents } = segment;
    const { likes } = documents;
    const { tiered, tierEnds, tally, alignment } = this;
    // Two terms are at least one word apart, as long as no word is a match of both.
    const nearest = expansion.isShared ? 0 : matched - 1;
    for (let tier = bestTier(matched); tier > bestTier(matched - 1) && !top.isFull; tier--) {
      for (let at = tierEnds[tier - 1]!; at < tierEnds[tier]!; at++) {
        const ordinal = tiered[at]!;
        const rank = ranks[ordinal]!;
        const fields = fieldsOf(tally.sums[ordinal]!);
        if (!top.takes(relevanceKey(tier, nearest, fields, likes[ordinal]!), rank) || !accepts(ordinal)) continue;
        // A walk through the text, so only for those that can still get in.
        const proximity = matched === 1 ? 0 : alignment.proximity(expansion, documents, ordinal);
        top.offer(ordinal, relevanceKey(tier, proximity, fields, likes[ordinal]!), rank);
      }
    }
  }

  /** A counting sort: afterwards tier n is the part of `tiered` from tierEnds[n - 1] up to tierEnds[n]. */
  private sortIntoTiers(): void {
    const { found, sums } = this.tally;
    const { documents, count } = found;
    const { tierEnds } = this;
    this.tiered = grown(this.tiered, count);
    tierEnds.fill(0);
    for (let at = 0; at < count; at++) tierEnds[tierOf(sums[documents[at]!]!) + 1]! += 1;
    for (let tier = 1; tier <= TIERS; tier++) tierEnds[tier]! += tierEnds[tier - 1]!;
    for (let at = 0; at < count; at++) this.tiered[tierEnds[tierOf(sums[documents[at]!]!)]!++] = documents[at]!;
  }
}
