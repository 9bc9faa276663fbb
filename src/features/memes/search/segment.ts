import type { Documents } from './documents.js';
import type { SearchDocument } from './search.types.js';
import type { NearestSearch } from './nearest.js';
import type { Vocabulary } from './vocabulary.js';

/** A number of documents with all that is needed to search them. A partition is its segments. */
export interface Segment<Doc extends SearchDocument> {
  readonly documents: Documents<Doc>;
  readonly vocabulary: Vocabulary;
  /** Ordinals in the order of their ids, of which each is there once. */
  readonly byId: ArrayLike<number>;
  /** The inverse: the place of a living document in that order. */
  readonly ranks: Int32Array;
  /**
   * The documents that have a word: from {@link firstPosting} up to {@link lastPosting} of this column, each
   * a {@link posting}. By ordinal in the base, by time in the live segment.
   */
  postings(word: number): Int32Array;
  firstPosting(word: number): number;
  lastPosting(word: number): number;
  /** Offers the documents with a place, at least those that can be among the nearest. */
  nearest(search: NearestSearch): void;
  /** The ordinal of the living document with this id. */
  find(id: string): number | undefined;
  /** Removes a living document. */
  kill(ordinal: number): void;
}

const FIELD_BITS = 2;

/** A document, and the first field of it that has the word. */
export function posting(ordinal: number, field: number): number {
  return (ordinal << FIELD_BITS) | field;
}

export function postedDocument(entry: number): number {
  return entry >>> FIELD_BITS;
}

export function postedField(entry: number): number {
  return entry & ((1 << FIELD_BITS) - 1);
}

/** Takes a living document out of a segment's counts. */
export function bury<Doc extends SearchDocument>(documents: Documents<Doc>, vocabulary: Vocabulary, ordinal: number): void {
  for (const word of documents.wordsOf(ordinal)) vocabulary.documents[word]! -= 1;
  documents.kill(ordinal);
}
