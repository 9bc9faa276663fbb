import { LRUCache } from 'lru-cache';
import type { Poll } from '../poll.types.js';
import type { PollResult } from './results.types.js';

/** The answer without a window, and those with the last few windows that somebody asked for. */
const KEPT_ANSWERS = 4;
const READINGS_A_SECOND = 10;
/** Counting that takes longer is done once a second, whatever happens. */
const SLOW_MS = 50;

/** A poll in memory, for a second at most, and what has been made of it since it was read. */
export class HeldPoll {
  /** The newest counts of it in this process. */
  last: PollResult | undefined;
  /** How long reading and counting took the last time, in milliseconds. */
  tookMs: number;
  private isCounting = false;
  private counting: Promise<PollResult> | undefined;
  /** By the length of their window in seconds; 0 without one. */
  private readonly answers = new LRUCache<number, Promise<ResultBytes>>({ max: KEPT_ANSWERS });
  private isOutdated = false;
  /** How often a poll may be read anew because of votes in this process; each reading uses one up. */
  private readonly allowance: number;

  /** @param started when reading it began, by `performance.now()` @param freshMs how long it is good at most, from then on */
  constructor(
    readonly poll: Poll,
    private readonly started: number,
    private readonly freshMs: number,
    before: HeldPoll | undefined,
  ) {
    this.last = before?.last;
    this.tookMs = before?.tookMs ?? 0;
    this.allowance = (before?.allowanceAt(started) ?? READINGS_A_SECOND) - 1;
  }

  /** Whether it may still be shown. Not after votes in this process, unless there have been too many readings, or they take too long. */
  isFresh(now: number): boolean {
    const mayBeReadAnew = this.isOutdated && !this.isCounting && this.tookMs < SLOW_MS && this.allowanceAt(now) >= 1;
    return !mayBeReadAnew && now - this.started < this.freshMs;
  }

  /** Whether it was read before that, by `performance.now()`. */
  startedBefore(moment: number): boolean {
    return this.started < moment;
  }

  /** There are votes that are not in it. */
  outdate(): void {
    this.isOutdated = true;
  }

  /** Its counts, made once for all who ask; anew after a failure. */
  counted(count: () => Promise<PollResult>): Promise<PollResult> {
    return (this.counting ??= this.startCounting(count));
  }

  /** Newer counts than it has, made for somebody who was let in before it was read: nobody is to see older ones after that. */
  learn(result: PollResult): void {
    if (this.version >= result.version) return;
    this.last = result;
    this.counting = Promise.resolve(result);
    this.answers.clear();
  }

  /** Its result as it is sent, written once for all who ask; anew after a failure. @param windowSeconds 0 without a window */
  written(windowSeconds: number, write: () => Promise<ResultBytes>): Promise<ResultBytes> {
    const known = this.answers.get(windowSeconds);
    if (known !== undefined) return known;
    const writing = write().catch((error: unknown) => {
      this.answers.delete(windowSeconds);
      throw error;
    });
    this.answers.set(windowSeconds, writing);
    return writing;
  }

  private async startCounting(count: () => Promise<PollResult>): Promise<PollResult> {
    this.isCounting = true;
    try {
      return await count();
    } catch (error) {
      this.counting = undefined;
      throw error;
    } finally {
      this.isCounting = false;
    }
  }

  private allowanceAt(now: number): number {
    return Math.min(READINGS_A_SECOND, this.allowance + ((now - this.started) / 1000) * READINGS_A_SECOND);
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
