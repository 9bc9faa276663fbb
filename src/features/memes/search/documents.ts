import { grown } from './columns.js';
import type { SearchDocument } from './search.types.js';
import { tokensOf } from './text.rules.js';

/** The fields of a document in the order of their weight. */
export const FIELDS = { caption: 0, template: 1, tags: 2 } as const;
/**
 * Where a word stands: its position within the field, plus so much for each field. Fields lie so far apart
 * that words of different ones are never near each other.
 */
const FIELD_SPAN = 1 << 24;
/** Sorts after every trend there is, and survives JSON where an infinity would not. */
export const NO_TREND = -Number.MAX_VALUE;

/** The number of a field, from where a word stands. */
export function fieldOf(slot: number): number {
  return Math.floor(slot / FIELD_SPAN);
}

/** What a segment knows of its documents, in columns by ordinal, and the words of each in the order of its text. */
export class Documents<Doc extends SearchDocument> {
  /** Ordinals given so far, the dead included. */
  count = 0;
  /** Those that are alive. */
  living = 0;
  readonly ids: string[] = [];
  readonly docs: (Doc | undefined)[] = [];
  alive: Uint8Array;
  likes: Float64Array;
  trends: Float64Array;
  /** Numbers of the folded template and of the rating, as the partition numbers them. */
  templates: Int32Array;
  ratings: Int32Array;
  /** Degrees; not a number without a place. */
  lats: Float64Array;
  lons: Float64Array;
  /** The words of document n are the tokens from starts[n] up to starts[n + 1]. */
  starts: Int32Array;
  words: Int32Array;
  slots: Int32Array;
  /** UTF-16 offsets of each token in its field. */
  froms: Int32Array;
  ends: Int32Array;

  /** @param documents and @param tokens how many are expected */
  constructor(documents = 16, tokens = 256) {
    this.alive = new Uint8Array(documents);
    this.likes = new Float64Array(documents);
    this.trends = new Float64Array(documents);
    this.templates = new Int32Array(documents);
    this.ratings = new Int32Array(documents);
    this.lats = new Float64Array(documents);
    this.lons = new Float64Array(documents);
    this.starts = new Int32Array(documents + 1);
    this.words = new Int32Array(tokens);
    this.slots = new Int32Array(tokens);
    this.froms = new Int32Array(tokens);
    this.ends = new Int32Array(tokens);
  }

  /** Tokens written so far. */
  get tokens(): number {
    return this.starts[this.count]!;
  }

  /** Adds a document whose words are numbered by `numberOf`; answers its ordinal. */
  append(doc: Doc, template: number, rating: number, numberOf: (word: string) => number): number {
    const ordinal = this.open(doc, template, rating);
    const texts: [number, string][] = [[FIELDS.caption, doc.caption], [FIELDS.template, doc.template], ...doc.tags.map((tag): [number, string] => [FIELDS.tags, tag])];
    let field = -1;
    let slot = 0;
    for (const [textField, text] of texts) {
      // The words of one tag follow those of the tag before.
      if (textField !== field) slot = textField * FIELD_SPAN;
      field = textField;
      for (const { word, start, end } of tokensOf(text)) this.addToken(numberOf(word), slot++, start, end);
    }
    return ordinal;
  }

  /** Adds a document of another segment, its words renumbered; answers its ordinal. */
  copy(from: Documents<Doc>, source: number, renumbered: Int32Array): number {
    const ordinal = this.open(from.docs[source]!, from.templates[source]!, from.ratings[source]!);
    for (let token = from.starts[source]!; token < from.starts[source + 1]!; token++) {
      this.addToken(renumbered[from.words[token]!]!, from.slots[token]!, from.froms[token]!, from.ends[token]!);
    }
    return ordinal;
  }

  /** Takes over what may change without the text: likes, trend, and whatever answers show. */
  refresh(ordinal: number, doc: Doc): void {
    this.docs[ordinal] = doc;
    this.likes[ordinal] = doc.likes;
    this.trends[ordinal] = doc.trend ?? NO_TREND;
  }

  /** Its ordinal stays taken, and its words stay listed, until the next merge. */
  kill(ordinal: number): void {
    this.docs[ordinal] = undefined;
    this.alive[ordinal] = 0;
    this.living -= 1;
  }

  /** The different words of a document. */
  wordsOf(ordinal: number): Set<number> {
    return new Set(this.words.subarray(this.starts[ordinal], this.starts[ordinal + 1]));
  }

  /** The living document before which there are `skip` others. */
  nthLiving(skip: number): Doc | undefined {
    let left = skip;
    for (let ordinal = 0; ordinal < this.count; ordinal++) {
      if (this.alive[ordinal] === 1 && left-- === 0) return this.docs[ordinal];
    }
    return undefined;
  }

  private open(doc: Doc, template: number, rating: number): number {
    const ordinal = this.count;
    this.makeRoom(ordinal + 1);
    this.ids.push(doc.id);
    this.docs.push(undefined);
    this.refresh(ordinal, doc);
    this.alive[ordinal] = 1;
    this.templates[ordinal] = template;
    this.ratings[ordinal] = rating;
    this.lats[ordinal] = doc.lat ?? NaN;
    this.lons[ordinal] = doc.lon ?? NaN;
    this.count += 1;
    this.living += 1;
    this.starts[this.count] = this.starts[ordinal]!;
    return ordinal;
  }

  private addToken(word: number, slot: number, start: number, end: number): void {
    const token = this.starts[this.count]!++;
    if (token >= this.words.length) {
      this.words = grown(this.words, token + 1);
      this.slots = grown(this.slots, token + 1);
      this.froms = grown(this.froms, token + 1);
      this.ends = grown(this.ends, token + 1);
    }
    this.words[token] = word;
    this.slots[token] = slot;
    this.froms[token] = start;
    this.ends[token] = end;
  }

  private makeRoom(documents: number): void {
    if (documents <= this.alive.length) return;
    this.alive = grown(this.alive, documents);
    this.likes = grown(this.likes, documents);
    this.trends = grown(this.trends, documents);
    this.templates = grown(this.templates, documents);
    this.ratings = grown(this.ratings, documents);
    this.lats = grown(this.lats, documents);
    this.lons = grown(this.lons, documents);
    this.starts = grown(this.starts, this.alive.length + 1);
  }
}
