import { grown } from './columns.js';

/** Only so many letters of a word are looked at; the rest is checked by the edit distance. */
const PREFIX = 7;
/** Edits that can be found. */
const MOST_DELETES = 2;
/** Of a word: itself, and its prefix without any one or two letters. */
const ENTRIES_PER_WORD = 1 + PREFIX + (PREFIX * (PREFIX - 1)) / 2;
const NONE = -1;

/**
 * Words by what is left of them when up to two letters are taken away (symmetric delete, as in SymSpell).
 *
 * Two words within two edits of each other have such a remainder in common, so similar words are found by a
 * few look-ups instead of a walk through the vocabulary. Remainders are kept as hashes in chains: what is
 * found may be similar, and all that is similar is found.
 */
export class DeleteDictionary {
  private heads: Int32Array;
  private hashes: Int32Array;
  private words: Int32Array;
  private nexts: Int32Array;
  private count = 0;
  private readonly letters = new Int32Array(PREFIX);
  /** By word: the last look-up that found it, so that each is told once. */
  private seen: Int32Array;
  private lookUps = 0;

  /** @param expected how many words will be added; more may be, at the price of moving them */
  constructor(expected = 16) {
    this.heads = new Int32Array(powerOfTwo(expected * ENTRIES_PER_WORD)).fill(NONE);
    this.hashes = new Int32Array(expected * ENTRIES_PER_WORD);
    this.words = new Int32Array(this.hashes.length);
    this.nexts = new Int32Array(this.hashes.length);
    this.seen = new Int32Array(expected);
  }

  /** Adds a word under a small number of its own. */
  add(word: string, id: number): void {
    this.makeRoom(id);
    this.eachRemainder(word, MOST_DELETES, (hash) => {
      const entry = this.count++;
      this.hashes[entry] = hash;
      this.words[entry] = id;
      this.link(entry);
    });
  }

  /** Words that may be within `edits` (at most 2) of the term, among them all that are. Each once. */
  candidates(term: string, edits: number): number[] {
    const found: number[] = [];
    this.lookUps += 1;
    this.eachRemainder(term, edits, (hash) => {
      for (let entry = this.heads[hash & (this.heads.length - 1)]!; entry !== NONE; entry = this.nexts[entry]!) {
        const word = this.words[entry]!;
        if (this.hashes[entry] !== hash || this.seen[word] === this.lookUps) continue;
        this.seen[word] = this.lookUps;
        found.push(word);
      }
    });
    return found;
  }

  private eachRemainder(word: string, deletes: number, visit: (hash: number) => void): void {
    let length = 0;
    for (let at = 0; at < word.length && length < PREFIX; at++) {
      const point = word.codePointAt(at)!;
      this.letters[length++] = point;
      if (point > 0xffff) at += 1;
    }
    visit(this.hash(length, NONE, NONE));
    if (deletes < 1) return;
    for (let first = 0; first < length; first++) {
      visit(this.hash(length, first, NONE));
      if (deletes < 2) continue;
      for (let second = first + 1; second < length; second++) visit(this.hash(length, first, second));
    }
  }

  /** FNV-1a over the letters without two of them, its bits mixed once more because the low ones choose the chain. */
  private hash(length: number, without: number, andWithout: number): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < length; at++) {
      if (at !== without && at !== andWithout) hash = Math.imul(hash ^ this.letters[at]!, 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return hash ^ (hash >>> 13);
  }

  private link(entry: number): void {
    const chain = this.hashes[entry]! & (this.heads.length - 1);
    this.nexts[entry] = this.heads[chain]!;
    this.heads[chain] = entry;
  }

  private makeRoom(id: number): void {
    this.seen = grown(this.seen, id + 1);
    this.hashes = grown(this.hashes, this.count + ENTRIES_PER_WORD);
    this.words = grown(this.words, this.hashes.length);
    this.nexts = grown(this.nexts, this.hashes.length);
    if (this.heads.length >= this.count) return;
    this.heads = new Int32Array(this.heads.length * 2).fill(NONE);
    for (let entry = 0; entry < this.count; entry++) this.link(entry);
  }
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)));
}
