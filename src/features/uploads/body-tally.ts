import { createHash } from 'node:crypto';
import { HEAD_BYTES } from './uploads.rules.js';

/** What is told of a body by its bytes as they pass: how many they are, their hash, and the first of them. */
export class BodyTally {
  private readonly hash = createHash('sha256');
  private readonly first: Buffer[] = [];
  private count = 0;

  /** So far. */
  get bytes(): number {
    return this.count;
  }

  /** Whether the head is all that it will be, however many bytes there are to come. */
  get hasWholeHead(): boolean {
    return this.count >= HEAD_BYTES;
  }

  /** The first HEAD_BYTES, or all where there are fewer. */
  get head(): Buffer {
    return Buffer.concat(this.first);
  }

  add(chunk: Buffer): void {
    if (!this.hasWholeHead) this.first.push(chunk.subarray(0, HEAD_BYTES - this.count));
    this.count += chunk.length;
    this.hash.update(chunk);
  }

  /** Of all of them, in hex: to be asked for once, at the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }
}
