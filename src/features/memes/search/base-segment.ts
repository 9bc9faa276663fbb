import { firstNotBefore } from './columns.js';
import type { Documents } from './documents.js';
import type { NearestSearch } from './nearest.js';
import type { Places } from './places.js';
import type { SearchDocument } from './search.types.js';
import { bury, type Segment } from './segment.js';
import type { Vocabulary } from './vocabulary.js';

/** Many documents in the order of their ids, put together once by a merge. Only what a document's columns hold may change. */
export class BaseSegment<Doc extends SearchDocument> implements Segment<Doc> {
  readonly byId: Int32Array;
  readonly ranks: Int32Array;

  constructor(
    readonly documents: Documents<Doc>,
    readonly vocabulary: Vocabulary,
    /** The postings of word n are those from postingStarts[n] up to postingStarts[n + 1], by ordinal. */
    private readonly allPostings: Int32Array,
    private readonly postingStarts: Int32Array,
    private readonly places: Places,
  ) {
    this.byId = new Int32Array(documents.count);
    for (let ordinal = 0; ordinal < documents.count; ordinal++) this.byId[ordinal] = ordinal;
    this.ranks = this.byId;
  }

  find(id: string): number | undefined {
    const { ids, alive, count } = this.documents;
    const ordinal = firstNotBefore(count, (index) => ids[index]! < id);
    return ids[ordinal] === id && alive[ordinal] === 1 ? ordinal : undefined;
  }

  kill(ordinal: number): void {
    bury(this.documents, this.vocabulary, ordinal);
  }

  postings(): Int32Array {
    return this.allPostings;
  }

  firstPosting(word: number): number {
    return this.postingStarts[word]!;
  }

  lastPosting(word: number): number {
    return this.postingStarts[word + 1]!;
  }

  nearest(search: NearestSearch): void {
    this.places.nearest(search);
  }
}
