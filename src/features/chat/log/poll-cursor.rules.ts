import type { LogHead } from '../chat.types.js';

/** Cursors go into an address, which has its limit: of so many logs it is remembered how far they were had. */
export const MOST_LISTED = 800;
/** The end of an id is random. Should two of them be alike, the one that is farther is sent again what it has, and loses nothing. */
const TAIL_BYTES = 5;

/** How far a client has the logs of its conversations. */
export class PollCursor {
  private constructor(
    private readonly seqs: ReadonlyMap<string, number>,
    /** There were more. */
    private readonly isCut: boolean,
  ) {}

  /** @param heads the one with the newest message first: those that come last are not remembered where there are too many */
  static of(heads: readonly LogHead[], seqs: ReadonlyMap<string, number>): PollCursor {
    const listed = new Map<string, number>();
    for (const { conversationId } of heads.slice(0, MOST_LISTED)) {
      const tail = tailOf(conversationId);
      listed.set(tail, Math.min(seqs.get(conversationId)!, listed.get(tail) ?? Infinity));
    }
    return new PollCursor(listed, heads.length > MOST_LISTED);
  }

  /** @param text what `text` was */
  static from(text: string): PollCursor {
    const bytes = Buffer.from(text, 'base64url');
    const seqs = new Map<string, number>();
    let at = 1;
    while (at < bytes.length) {
      const tail = bytes.toString('hex', at, at + TAIL_BYTES);
      at += TAIL_BYTES;
      let [seq, factor] = [0, 1];
      for (; bytes[at]! >= 0x80; at += 1, factor *= 0x80) seq += (bytes[at]! & 0x7f) * factor;
      seqs.set(tail, seq + bytes[at]! * factor);
      at += 1;
    }
    return new PollCursor(seqs, bytes[0] === 1);
  }

  get text(): string {
    const bytes = [this.isCut ? 1 : 0];
    for (const [tail, seq] of this.seqs) {
      bytes.push(...Buffer.from(tail, 'hex'));
      let rest = seq;
      for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
      bytes.push(rest);
    }
    return Buffer.from(bytes).toString('base64url');
  }

  /** How far the client has a log. What was joined since is had up to the joining; what was not remembered, up to now. A log may have lost its beginning, or, out of a backup, its end. */
  seqOf({ conversationId, firstSeq, seq: lastSeq, joinedSeq }: LogHead & { readonly joinedSeq: number }): number {
    const seq = this.seqs.get(tailOf(conversationId)) ?? (this.isCut ? lastSeq : joinedSeq - 1);
    return Math.min(Math.max(seq, firstSeq - 1), lastSeq);
  }
}

function tailOf(id: string): string {
  return id.replaceAll('-', '').slice(-2 * TAIL_BYTES);
}
