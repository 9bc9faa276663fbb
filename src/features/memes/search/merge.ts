import { BaseSegment } from './base-segment.js';
import { Documents, fieldOf } from './documents.js';
import { makePlaces } from './places.js';
import type { SearchDocument } from './search.types.js';
import { posting, type Segment } from './segment.js';
import { Vocabulary } from './vocabulary.js';

const DROPPED = -1;

/** A base with no document. */
export function emptyBase<Doc extends SearchDocument>(): BaseSegment<Doc> {
  const making = mergeSegments<Doc>([]);
  for (;;) {
    const step = making.next();
    if (step.done === true) return step.value;
  }
}

/**
 * A new base of the living documents of some segments, in short steps. The segments can be searched meanwhile,
 * and documents of them may die or change; none may be added. What changes after a document was copied is the
 * caller's to repeat.
 */
export function* mergeSegments<Doc extends SearchDocument>(segments: readonly Segment<Doc>[]): Generator<void, BaseSegment<Doc>> {
  const { vocabulary, renumbered } = yield* mergeVocabularies(segments);
  const documents = yield* mergeDocuments(segments, renumbered);
  const { postings, starts } = yield* invert(documents, vocabulary);
  const places = yield* makePlaces(documents.lats, documents.lons, documents.count);
  return new BaseSegment(documents, vocabulary, postings, starts, places);
}

/** The words that a living document has, in order, and for each segment the new numbers of its words. */
function* mergeVocabularies(segments: readonly Segment<SearchDocument>[]): Generator<void, { vocabulary: Vocabulary; renumbered: Int32Array[] }> {
  const vocabulary = new Vocabulary(sum(segments.map((segment) => segment.vocabulary.words.length)));
  const renumbered = segments.map((segment) => new Int32Array(segment.vocabulary.words.length).fill(DROPPED));
  const queues = segments.map(({ vocabulary: { words, documents, sorted } }, index) => ({ index, documents, order: sorted, names: words, at: 0 }));
  for (;;) {
    const next = takeSmallest(queues);
    if (next === undefined) return { vocabulary, renumbered };
    if (next.queue.documents[next.item]! > 0) renumbered[next.queue.index]![next.item] = vocabulary.add(next.queue.names[next.item]!);
    yield;
  }
}

/** The living documents by id. */
function* mergeDocuments<Doc extends SearchDocument>(segments: readonly Segment<Doc>[], renumbered: readonly Int32Array[]): Generator<void, Documents<Doc>> {
  const merged = new Documents<Doc>(sum(segments.map(({ documents }) => documents.living)), sum(segments.map(({ documents }) => documents.tokens)));
  const queues = segments.map(({ documents, byId }, index) => ({ index, documents, order: byId, names: documents.ids, at: 0 }));
  for (;;) {
    const next = takeSmallest(queues);
    if (next === undefined) return merged;
    if (next.queue.documents.alive[next.item] === 1) merged.copy(next.queue.documents, next.item, renumbered[next.queue.index]!);
    yield;
  }
}

/** The words of each document turned into the documents of each word. Counts the documents on the way. */
function* invert(documents: Documents<SearchDocument>, vocabulary: Vocabulary): Generator<void, { postings: Int32Array; starts: Int32Array }> {
  const words = vocabulary.words.length;
  const lastDocument = new Int32Array(words).fill(-1);
  for (let ordinal = 0; ordinal < documents.count; ordinal++) {
    for (let token = documents.starts[ordinal]!; token < documents.starts[ordinal + 1]!; token++) {
      const word = documents.words[token]!;
      if (lastDocument[word] !== ordinal) vocabulary.documents[word]! += 1;
      lastDocument[word] = ordinal;
    }
    yield;
  }
  const starts = new Int32Array(words + 1);
  for (let word = 0; word < words; word++) starts[word + 1] = starts[word]! + vocabulary.documents[word]!;
  const postings = new Int32Array(starts[words]!);
  const cursors = starts.slice();
  lastDocument.fill(-1);
  for (let ordinal = 0; ordinal < documents.count; ordinal++) {
    for (let token = documents.starts[ordinal]!; token < documents.starts[ordinal + 1]!; token++) {
      const word = documents.words[token]!;
      // Fields come in their order, so the first token of a word is in its first field.
      if (lastDocument[word] !== ordinal) postings[cursors[word]!++] = posting(ordinal, fieldOf(documents.slots[token]!));
      lastDocument[word] = ordinal;
    }
    yield;
  }
  return { postings, starts };
}

interface Queue {
  readonly order: ArrayLike<number>;
  readonly names: readonly string[];
  at: number;
}

/** The first item of sorted queues, taken off; of equal ones that of the earlier queue. */
function takeSmallest<Q extends Queue>(queues: readonly Q[]): { queue: Q; item: number } | undefined {
  let smallest: Q | undefined;
  for (const queue of queues) {
    if (queue.at === queue.order.length) continue;
    if (smallest === undefined || queue.names[queue.order[queue.at]!]! < smallest.names[smallest.order[smallest.at]!]!) smallest = queue;
  }
  return smallest === undefined ? undefined : { queue: smallest, item: smallest.order[smallest.at++]! };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
