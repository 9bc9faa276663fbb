import type { Poll } from '../poll.types.js';
import type { PollResult } from './results.types.js';

/** A poll in memory, for a second at most, and what has been made of it since it was read. */
export class HeldPoll {
  /** The newest counts of it in this process. */
  last: PollResult | undefined;
  counting: Promise<PollResult> | undefined;
  /** By the length of their window in seconds; 0 without one. */
  readonly answers = new Map<number, Promise<ResultBytes>>();

  /** @param until by `performance.now()` */
  constructor(
    readonly poll: Poll,
    readonly until: number,
    before: HeldPoll | undefined,
  ) {
    this.last = before?.last;
  }

  get version(): number {
    return Math.max(this.poll.version, this.last?.version ?? 0);
  }
}

/** A result as it is sent. */
export interface ResultBytes {
  readonly bytes: Buffer;
  readonly etag: string;
}
