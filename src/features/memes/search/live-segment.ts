import { firstNotBefore, grown } from './columns.js';
import { Documents, fieldOf } from './documents.js';
import { kilometres, type NearestSearch } from './nearest.js';
import type { SearchDocument } from './search.types.js';
import { bury, postedDocument, posting, type Segment } from './segment.js';
import { Vocabulary } from './vocabulary.js';

/** What was put in since the base was made: grows document by document, small enough to be simple. */
export class LiveSegment<Doc extends SearchDocument> implements Segment<Doc> {
  readonly documents = new Documents<Doc>();
  readonly vocabulary = new Vocabulary();
  readonly byId: number[] = [];
  private readonly lists: Int32Array[] = [];
  private readonly lengths: number[] = [];
  private ranked = new Int32Array(0);
  private isRanked = true;

  /** Adds a document; a living one with its id was killed before. */
  add(doc: Doc, template: number, rating: number): void {
    const { documents, vocabulary } = this;
    const ordinal = documents.append(doc, template, rating, (word) => vocabulary.add(word));
    for (let token = documents.starts[ordinal]!; token < documents.starts[ordinal + 1]!; token++) {
      this.post(documents.words[token]!, ordinal, fieldOf(documents.slots[token]!));
    }
    const place = this.placeOf(doc.id);
    // A dead document with the same id gives up its place.
    const isThere = this.documents.ids[this.byId[place]!] === doc.id;
    if (place === this.byId.length) this.byId.push(ordinal);
    else this.byId.splice(place, isThere ? 1 : 0, ordinal);
    this.isRanked = false;
  }

  find(id: string): number | undefined {
    const ordinal = this.byId[this.placeOf(id)];
    return ordinal !== undefined && this.documents.ids[ordinal] === id && this.documents.alive[ordinal] === 1 ? ordinal : undefined;
  }

  kill(ordinal: number): void {
    bury(this.documents, this.vocabulary, ordinal);
  }

  /** Counted when they are first asked for after a change. */
  get ranks(): Int32Array {
    if (!this.isRanked) {
      this.ranked = grown(this.ranked, this.documents.count);
      for (let rank = 0; rank < this.byId.length; rank++) this.ranked[this.byId[rank]!] = rank;
      this.isRanked = true;
    }
    return this.ranked;
  }

  postings(word: number): Int32Array {
    return this.lists[word]!;
  }

  firstPosting(): number {
    return 0;
  }

  lastPosting(word: number): number {
    return this.lengths[word]!;
  }

  nearest({ near, withinKm, top, accepts }: NearestSearch): void {
    const { documents, ranks } = this;
    for (let ordinal = 0; ordinal < documents.count; ordinal++) {
      const km = kilometres(near, documents.lats[ordinal]!, documents.lons[ordinal]!);
      if (km <= withinKm && accepts(ordinal)) top.offer(ordinal, -km, ranks[ordinal]!);
    }
  }

  private post(word: number, ordinal: number, field: number): void {
    const list = this.lists[word];
    const length = this.lengths[word] ?? 0;
    // Fields come in their order, so the first posting of a document has its first field.
    if (list !== undefined && postedDocument(list[length - 1]!) === ordinal) return;
    const roomy = grown(list ?? new Int32Array(2), length + 1);
    roomy[length] = posting(ordinal, field);
    this.lists[word] = roomy;
    this.lengths[word] = length + 1;
    this.vocabulary.documents[word]! += 1;
  }

  private placeOf(id: string): number {
    const { byId, documents } = this;
    const last = byId.at(-1);
    if (last === undefined || documents.ids[last]! < id) return byId.length;
    return firstNotBefore(byId.length, (place) => documents.ids[byId[place]!]! < id);
  }
}
