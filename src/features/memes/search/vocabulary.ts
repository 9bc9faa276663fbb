import { firstNotBefore, grown } from './columns.js';
import { DeleteDictionary } from './delete-dictionary.js';

/** The words of a segment, each with a number: found exactly, by their beginning, or by similarity. */
export class Vocabulary {
  readonly words: string[] = [];
  /** How many living documents have the word. A word that none has is still listed until the next merge. */
  documents: Int32Array;
  /**
   * Scratch of one search: how each word matches the terms, four bits per term (the level plus one, or zero).
   * All zero between searches.
   */
  matches: Int32Array;
  /** Numbers in the order of their words. */
  readonly sorted: number[] = [];
  private readonly dictionary: DeleteDictionary;

  /** @param expected how many words will be added */
  constructor(expected = 16) {
    this.documents = new Int32Array(expected);
    this.matches = new Int32Array(expected);
    this.dictionary = new DeleteDictionary(expected);
  }

  /** The number of the word; undefined when it is not known. */
  find(word: string): number | undefined {
    const id = this.sorted[this.lowerBound(word)];
    return id !== undefined && this.words[id] === word ? id : undefined;
  }

  /** The number of the word, a new one when it is not known. Words that come in order are added fastest. */
  add(word: string): number {
    const last = this.sorted.at(-1);
    const place = last === undefined || this.words[last]! < word ? this.sorted.length : this.lowerBound(word);
    const known = this.sorted[place];
    if (known !== undefined && this.words[known] === word) return known;
    const id = this.words.push(word) - 1;
    if (place === this.sorted.length) this.sorted.push(id);
    else this.sorted.splice(place, 0, id);
    this.documents = grown(this.documents, id + 1);
    this.matches = grown(this.matches, id + 1);
    this.dictionary.add(word, id);
    return id;
  }

  /** Numbers of the words that begin so, in the order of the words. */
  startingWith(prefix: string): number[] {
    const from = this.lowerBound(prefix);
    let to = from;
    while (to < this.sorted.length && this.words[this.sorted[to]!]!.startsWith(prefix)) to += 1;
    return this.sorted.slice(from, to);
  }

  /** Numbers of words that may be within so many edits of the term, among them all that are. */
  candidates(term: string, edits: number): number[] {
    return this.dictionary.candidates(term, edits);
  }

  private lowerBound(word: string): number {
    return firstNotBefore(this.sorted.length, (index) => this.words[this.sorted[index]!]! < word);
  }
}
