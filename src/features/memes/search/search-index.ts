import type { BaseSegment } from './base-segment.js';
import { LiveSegment } from './live-segment.js';
import { emptyBase, mergeSegments } from './merge.js';
import type { SearchDocument } from './search.types.js';
import type { Segment } from './segment.js';
import { TemplateNames } from './template-names.js';

/** Fewer changes than this are not worth a merge. */
const LEAST_CHANGES = 1_000;

/** A merge under way: what is being merged, and what has changed in it since, to be repeated in the result. */
interface Merge<Doc extends SearchDocument> {
  readonly sources: readonly [BaseSegment<Doc>, LiveSegment<Doc>];
  readonly changed: Set<string>;
  readonly steps: Generator<void, BaseSegment<Doc>>;
}

/**
 * One partition of the memes: an immutable base, and a live segment of what came since. Changes are seen by
 * the next search.
 *
 * Now and then both are merged into a new base. Whoever owns the index does it, a little at a time, letting
 * others run in between: `while (index.wantsMerge) { index.mergeStep(3, () => performance.now()); await nextTurn(); }`.
 * Answers are the same before, during and after a merge.
 */
export class SearchIndex<Doc extends SearchDocument> {
  readonly templates = new TemplateNames();
  private base: BaseSegment<Doc> = emptyBase<Doc>();
  private live = new LiveSegment<Doc>();
  private merge: Merge<Doc> | undefined;
  private readonly ratings = new Map<string, number>();
  private changes = 0;

  /** How many documents there are. */
  get size(): number {
    return this.segments().reduce((size, segment) => size + segment.documents.living, 0);
  }

  /** Another number after every change of what answers may say. Merges do not count. */
  get version(): number {
    return this.changes;
  }

  /** Inserts the document, or replaces the one with its id. A change of neither text, rating nor place is made in place. */
  put(doc: Doc): void {
    this.changes += 1;
    const known = this.find(doc.id);
    if (known !== undefined && isAsSearched(known.segment.documents.docs[known.ordinal]!, doc)) {
      known.segment.documents.refresh(known.ordinal, doc);
      this.merge?.changed.add(doc.id);
      return;
    }
    if (known !== undefined) this.kill(known.segment, known.ordinal);
    this.live.add(doc, this.templates.add(doc.template), this.numberOfRating(doc.rating));
  }

  /** Removes the document. False when there is none. */
  remove(id: string): boolean {
    const known = this.find(id);
    if (known === undefined) return false;
    this.changes += 1;
    this.kill(known.segment, known.ordinal);
    return true;
  }

  get(id: string): Doc | undefined {
    const known = this.find(id);
    return known?.segment.documents.docs[known.ordinal];
  }

  /** Whether a merge is running, or so much has changed that one is worth it. */
  get wantsMerge(): boolean {
    if (this.merge !== undefined) return true;
    const worthIt = Math.max(LEAST_CHANGES, this.base.documents.count / 4);
    const dead = this.base.documents.count - this.base.documents.living;
    return this.live.documents.count > worthIt || dead > worthIt;
  }

  /** Begins a merge, wanted or not. Does nothing while one is running. */
  startMerge(): void {
    if (this.merge !== undefined) return;
    const sources = [this.base, this.live] as const;
    const changed = new Set<string>();
    this.merge = { sources, changed, steps: mergeAndCatchUp(sources, changed) };
    this.live = new LiveSegment();
  }

  /**
   * Goes on with the merge for about `budgetMs`, at least by one short step; begins it when it is wanted.
   *
   * @param now milliseconds of a clock that never goes back
   * @returns whether there is more to do
   */
  mergeStep(budgetMs: number, now: () => number): boolean {
    if (!this.wantsMerge) return false;
    this.startMerge();
    const until = now() + budgetMs;
    do {
      const step = this.merge!.steps.next();
      if (step.done === true) {
        this.base = step.value;
        this.merge = undefined;
        return this.wantsMerge;
      }
    } while (now() < until);
    return true;
  }

  /** What a search walks through. Each living document is in exactly one of them. */
  segments(): readonly Segment<Doc>[] {
    return this.merge === undefined ? [this.base, this.live] : [...this.merge.sources, this.live];
  }

  /** What the columns say for a rating; undefined for one that no document ever had. */
  ratingNumber(rating: string): number | undefined {
    return this.ratings.get(rating);
  }

  private find(id: string): { segment: Segment<Doc>; ordinal: number } | undefined {
    for (const segment of this.segments()) {
      const ordinal = segment.find(id);
      if (ordinal !== undefined) return { segment, ordinal };
    }
    return undefined;
  }

  private kill(segment: Segment<Doc>, ordinal: number): void {
    const doc = segment.documents.docs[ordinal]!;
    this.templates.remove(doc.template);
    segment.kill(ordinal);
    this.merge?.changed.add(doc.id);
  }

  private numberOfRating(rating: string): number {
    const number = this.ratings.get(rating) ?? this.ratings.size;
    this.ratings.set(rating, number);
    return number;
  }
}

/** The merged base with what changed in its sources meanwhile. */
function* mergeAndCatchUp<Doc extends SearchDocument>(sources: Merge<Doc>['sources'], changed: Set<string>): Generator<void, BaseSegment<Doc>> {
  const base = yield* mergeSegments<Doc>(sources);
  // What is added to a set while it is walked through is visited too.
  for (const id of changed) {
    changed.delete(id);
    const copy = base.find(id);
    const source = sources.find((segment) => segment.find(id) !== undefined);
    if (copy !== undefined) {
      if (source === undefined) base.kill(copy);
      else base.documents.refresh(copy, source.documents.docs[source.find(id)!]!);
    }
    yield;
  }
  return base;
}

/** Whether two versions of a document differ in nothing that is looked for. */
function isAsSearched(a: SearchDocument, b: SearchDocument): boolean {
  return (
    a.caption === b.caption &&
    a.template === b.template &&
    a.rating === b.rating &&
    a.lat === b.lat &&
    a.lon === b.lon &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index])
  );
}
