import { createHash } from 'node:crypto';
import { SearchIndex } from '../search/search-index.js';
import type { CataloguedMeme } from './catalogued-meme.js';

/** The visible memes of one kind. */
export class MemePartition {
  readonly index = new SearchIndex<CataloguedMeme>();
  private readonly fingerprint = Buffer.alloc(12);
  private text: string | undefined = undefined;

  put(meme: CataloguedMeme): void {
    const before = this.index.get(meme.id);
    if (before !== undefined) this.mark(before);
    this.mark(meme);
    this.index.put(meme);
  }

  remove(id: string): void {
    const before = this.index.get(id);
    if (before === undefined) return;
    this.mark(before);
    this.index.remove(id);
  }

  /**
   * Names the memes in it and the state of each: the same in every process that knows the same, however it came
   * to know it. Validators are made of it. It says nothing of memes that are not visible or of another kind.
   */
  get state(): string {
    return (this.text ??= this.fingerprint.toString('base64url'));
  }

  /** Adds a meme to the fingerprint, or takes it out again: each bit of it is the parity of the same bit of all hashes. */
  private mark({ id, changeSeq }: CataloguedMeme): void {
    const hash = createHash('sha256').update(`${id} ${changeSeq}`).digest();
    for (let at = 0; at < this.fingerprint.length; at += 1) this.fingerprint[at]! ^= hash[at]!;
    this.text = undefined;
  }
}
