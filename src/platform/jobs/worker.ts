import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { JobTimings } from './job-timings.js';
import type { Lease } from './lease-queue.js';

/** What a worker needs to know of its work. */
export interface Work<Job extends Lease> {
  /** For the log. */
  readonly name: string;
  /** How many jobs run at once; 0 makes a worker that never claims. */
  readonly concurrency: number;
  /** Takes the next job, or undefined when nothing is due. */
  claim(): Promise<Job | undefined>;
  /** Heartbeat. False when the job is no longer ours: it is then aborted. */
  renew(job: Job): Promise<boolean>;
  /** Does the job to its end, whatever that is. `signal` is aborted when the lease is lost or the process stops. */
  run(job: Job, signal: AbortSignal): Promise<void>;
  /** Hands back a job that a stop interrupted, as if it had not been begun. */
  giveBack(job: Job): Promise<void>;
}

/** Why a running job was told to stop. */
export type StopReason = 'lease-lost' | 'shutdown';

interface Running<Job> {
  readonly job: Job;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * The loop around a lease queue: claims while there are free slots, beats the heart of what runs, and
 * on stopping hands everything back. It trusts nothing it remembers: the token fences every write.
 * As a provider it runs from start to stop of the application.
 */
export class Worker<Job extends Lease> implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger: Logger;
  private readonly running = new Map<string, Running<Job>>();
  private stopping = false;
  private looping: Promise<void> | undefined;
  private alarm = new AbortController();

  constructor(
    private readonly work: Work<Job>,
    private readonly timings: JobTimings,
  ) {
    this.logger = new Logger(work.name);
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  start(): void {
    if (this.work.concurrency > 0 && !this.looping) this.looping = this.loop();
  }

  /** New work may be due: look now instead of at the next poll. */
  wake(): void {
    this.alarm.abort();
  }

  /** How many jobs run at this moment. */
  get busy(): number {
    return this.running.size;
  }

  /**
   * Claims no more, aborts what runs and waits for it at most `timings.drain`, then gives back all that
   * was not finished. What ignores the abort goes on without a lease and can change nothing.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.looping;
    const interrupted = [...this.running.values()];
    for (const { abort } of interrupted) abort.abort('shutdown' satisfies StopReason);
    const patience = new AbortController();
    await Promise.race([
      Promise.allSettled(interrupted.map(({ done }) => done)),
      sleep(this.timings.drain, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    for (const { job } of interrupted) {
      await this.work.giveBack(job).catch((error: unknown) => this.logger.error(error, `giving back ${job.id} failed`));
    }
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      this.alarm = new AbortController();
      const job = this.running.size < this.work.concurrency ? await this.claim() : undefined;
      if (job) this.launch(job);
      else await sleep(this.timings.poll, undefined, { signal: this.alarm.signal, ref: false }).catch(() => undefined);
    }
  }

  private async claim(): Promise<Job | undefined> {
    try {
      return await this.work.claim();
    } catch (error) {
      this.logger.error(error, 'claiming failed; trying again at the next poll');
      return undefined;
    }
  }

  private launch(job: Job): void {
    const abort = new AbortController();
    const heart = setInterval(() => void this.beat(job, abort), this.timings.heartbeat);
    heart.unref();
    const done = this.work
      .run(job, abort.signal)
      .catch((error: unknown) => this.logger.error(error, `job ${job.id} ended in an error; its lease will lapse`))
      .finally(() => {
        clearInterval(heart);
        this.running.delete(job.token);
        this.wake();
      });
    this.running.set(job.token, { job, abort, done });
  }

  /** A heartbeat that fails is not a lease that is lost: the next one may get through in time. */
  private async beat(job: Job, abort: AbortController): Promise<void> {
    try {
      if (!(await this.work.renew(job))) abort.abort('lease-lost' satisfies StopReason);
    } catch (error) {
      this.logger.warn(error, `a heartbeat of ${job.id} failed`);
    }
  }
}
