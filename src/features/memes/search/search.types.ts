/** What the index must know of a meme. `Doc` of {@link SearchIndex} adds whatever answers show. */
export interface SearchDocument {
  /** UUIDv7: ids in order are memes in the order they were made. */
  readonly id: string;
  readonly caption: string;
  readonly template: string;
  readonly tags: readonly string[];
  /** Degrees north and east, WGS 84; both or neither. */
  readonly lat: number | null;
  readonly lon: number | null;
  readonly rating: string;
  readonly likes: number;
  /** The logarithm of its likes, decayed: larger is hotter. Null without likes. */
  readonly trend: number | null;
}

export type SearchSort = 'relevance' | 'distance' | 'trending' | 'new';

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

export interface SearchRequest {
  /** Undefined or without any visible character: everything. A text without words finds nothing. */
  readonly query?: string;
  readonly fuzzy: boolean;
  readonly near?: Place;
  /** Only what is at most so far from `near`. */
  readonly radiusKm?: number;
  /** Name of the template, whole; case, accents and width do not matter. */
  readonly template?: string;
  readonly rating?: string;
  /** `relevance` without a query is `distance` when there is a place, else `new`. */
  readonly sort: SearchSort;
  /** At least 1. */
  readonly limit: number;
  /** Position of the last hit of the page before. */
  readonly after?: SearchPosition;
}

/** Where a hit stands: the sort key of its list, opaque outside of search/. Survives JSON. */
export type SearchPosition = readonly (string | number)[];

/** A part of a text to be shown marked: UTF-16 offsets, the end not included. */
export interface Highlight {
  readonly field: 'caption' | 'template';
  readonly start: number;
  readonly end: number;
}

export interface SearchHit<Doc extends SearchDocument> {
  readonly doc: Doc;
  /** Only when the request has a place and the meme too. */
  readonly distanceKm?: number;
  /** Empty without a query. */
  readonly highlights: readonly Highlight[];
  readonly position: SearchPosition;
}

export interface SearchResult<Doc extends SearchDocument> {
  readonly hits: readonly SearchHit<Doc>[];
  /** Whether there is something after the last hit. */
  readonly more: boolean;
  /** The query as it was probably meant, when a word of it is known to nobody and a similar one is. */
  readonly corrected?: string;
  /** True when nothing was found as asked, and more typos were allowed. */
  readonly widened: boolean;
}

export interface Suggestion {
  /** The query with its last word completed, or the name of a template. */
  readonly text: string;
  /** Memes that have the completing word, or the template. */
  readonly memes: number;
}

export interface TemplateCount {
  readonly name: string;
  readonly memes: number;
}
