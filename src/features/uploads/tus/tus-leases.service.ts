import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { notFound } from '../../../platform/errors/house.errors.js';
import { LEASE_SECONDS, TusUploadRepository } from './tus-upload.repository.js';
import { tusLocked } from './tus.errors.js';
import type { Turn } from './tus.types.js';

const BEAT_MS = 1_000;
/** How long a newcomer waits for the holder to end: long enough for a dead one to lose its lease. */
const PATIENCE_MS = (LEASE_SECONDS + 1) * 1_000;
const LOOK_AGAIN_MS = 100;
/** Believed to be held for this long after the last sign of it: less than the lease, by the time that one write takes. */
const SURE_MS = (LEASE_SECONDS - 0.5) * 1_000;

/** A lease that this process holds. */
export class TusLease implements Turn {
  private isLost = false;
  private release!: () => void;
  /** Settles when the lease is given back. */
  readonly released = new Promise<void>((resolve) => (this.release = resolve));

  /** @param sureSince when the last question was asked that the database answered with yes */
  constructor(
    readonly id: string,
    readonly turn: number,
    private sureSince: number,
    private readonly end: () => void,
    private readonly renew: (lease: TusLease) => Promise<void>,
  ) {}

  /**
   * To be asked before each write: a process that was stopped for a while must not write over what others have
   * written meanwhile.
   *
   * @throws tusLocked when the lease is lost
   */
  async confirm(): Promise<void> {
    if (!this.isLost && performance.now() - this.sureSince > SURE_MS) await this.renew(this);
    if (this.isLost) throw lost();
  }

  /** The database has answered a question that was asked at `askedAt`. */
  answer(held: { turn: number; wanted: boolean } | undefined, askedAt: number): void {
    if (held?.turn !== this.turn) this.isLost = true;
    else this.sureSince = askedAt;
    if (this.isLost || held!.wanted) this.end();
  }

  /** Asks whoever works under it to come to an end. */
  ask(): void {
    this.end();
  }

  close(): void {
    this.release();
  }
}

/**
 * One request at a time works on the bytes of an upload, in whichever process. A newcomer asks the holder to end and
 * takes over: who comes anew has seen the old connection fail. A holder that is dead loses its lease by time.
 */
@Injectable()
export class TusLeases implements BeforeApplicationShutdown {
  private readonly logger = new Logger(TusLeases.name);
  private readonly held = new Map<string, TusLease>();
  private heart: NodeJS.Timeout | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly uploads: TusUploadRepository,
  ) {}

  /** What has come so far is kept: its sender goes on elsewhere. */
  beforeApplicationShutdown(): void {
    for (const lease of this.held.values()) lease.ask();
  }

  /**
   * @param end is called, perhaps more than once, when the holder is to come to an end
   * @throws notFound when there is no such upload; tusLocked when its holder does not end
   */
  async take(id: string, end: () => void): Promise<TusLease> {
    for (const deadline = performance.now() + PATIENCE_MS; ; ) {
      const lease = await this.tryTake(id, end);
      if (lease) return lease;
      if (performance.now() > deadline) throw lost();
      const holder = this.held.get(id);
      if (holder) holder.ask();
      else if (!(await this.transactions.run((tx) => this.uploads.want(tx, id)))) throw notFound();
      await Promise.race([sleep(LOOK_AGAIN_MS), ...(holder ? [holder.released] : [])]);
    }
  }

  /** The lease that this process holds on an upload. */
  of(id: string): TusLease {
    const lease = this.held.get(id);
    if (!lease) throw new Error(`nobody here is at work on upload ${id}`);
    return lease;
  }

  async giveBack(lease: TusLease): Promise<void> {
    if (this.held.get(lease.id) === lease) this.held.delete(lease.id);
    if (this.held.size === 0) {
      clearInterval(this.heart);
      this.heart = undefined;
    }
    try {
      await this.transactions.run((tx) => this.uploads.release(tx, lease));
    } catch (error) {
      // It lapses by itself.
      this.logger.warn(error, 'the lease of an upload could not be given back');
    } finally {
      lease.close();
    }
  }

  private async tryTake(id: string, end: () => void): Promise<TusLease | undefined> {
    if (this.held.has(id)) return undefined;
    const askedAt = performance.now();
    const turn = await this.transactions.run((tx) => this.uploads.take(tx, id));
    if (!turn) return undefined;
    const lease = new TusLease(id, turn.turn, askedAt, end, (held) => this.renew([held]));
    this.held.set(id, lease);
    this.heart ??= setInterval(() => void this.beat(), BEAT_MS).unref();
    return lease;
  }

  private async beat(): Promise<void> {
    try {
      await this.renew([...this.held.values()]);
    } catch (error) {
      // The next beat makes it good; until then every holder asks for itself.
      this.logger.warn(error, 'the leases of uploads could not be renewed');
    }
  }

  private async renew(leases: readonly TusLease[]): Promise<void> {
    if (leases.length === 0) return;
    const askedAt = performance.now();
    const held = await this.uploads.renew(leases);
    for (const lease of leases) lease.answer(held.get(lease.id), askedAt);
  }
}

const lost = () => tusLocked({ retryAfterSeconds: 1 });
