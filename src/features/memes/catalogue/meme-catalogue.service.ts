import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { MEME_KINDS, type Meme, type MemeKind } from '../entities/meme.js';
import { MemeChanges } from '../meme-changes.service.js';
import { MemeFeedRepository } from '../meme-feed.repository.js';
import { MemeRepository } from '../meme.repository.js';
import { CataloguedMeme } from './catalogued-meme.js';
import { MemePartition } from './meme-partition.js';

/** How often changes by other processes are looked for: one row is read. */
const LOOK_EVERY_MS = 500;
/** Memes that are read at once. */
const PAGE = 500;
/** After so long other requests get their turn. */
const SLICE_MS = 5;

type Partitions = Readonly<Record<MemeKind, MemePartition>>;

/**
 * The visible memes, in memory and indexed. It begins as a copy of the database and follows the feed of changes:
 * what this process changes is here before its answer goes out, what others change within a second. While the
 * database does not answer it stays as it is.
 */
@Injectable()
export class MemeCatalogue implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(MemeCatalogue.name);
  private partitions: Partitions = emptyPartitions();
  /** Number of the last change that is in here, and of all before it; undefined until the memes are loaded. */
  private known: number | undefined;
  private loaded: () => void = () => undefined;
  private loading: Promise<void> | undefined = new Promise((resolve) => (this.loaded = resolve));
  private reading: Promise<void> = Promise.resolve();
  private nextReading: Promise<void> | undefined;
  private merging: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private failing = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly database: Database,
    private readonly memes: MemeRepository,
    private readonly feed: MemeFeedRepository,
    private readonly changes: MemeChanges,
  ) {}

  onApplicationBootstrap(): void {
    this.changes.onChange(() => this.refresh());
    this.timer = setInterval(() => void this.refresh(), LOOK_EVERY_MS).unref();
    void this.refresh();
  }

  /** What is under way ends before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.nextReading;
    await this.reading;
    await this.merging;
  }

  /** Does `work` once the memes are loaded: at once, when they are. */
  whenLoaded<T>(work: () => T): T | Promise<T> {
    return this.loading === undefined ? work() : this.loading.then(work);
  }

  /** The partitions of these kinds, in this order. */
  of(kinds: readonly MemeKind[]): MemePartition[] {
    return kinds.map((kind) => this.partitions[kind]);
  }

  /** Names what is in these partitions at the moment: see {@link MemePartition.state}. */
  state(kinds: readonly MemeKind[]): string {
    return kinds.map((kind) => `${kind} ${this.partitions[kind].state}`).join();
  }

  find(kinds: readonly MemeKind[], id: string): CataloguedMeme | undefined {
    for (const kind of kinds) {
      const meme = this.partitions[kind].index.get(id);
      if (meme !== undefined) return meme;
    }
    return undefined;
  }

  /**
   * Brings the catalogue up to what was committed before the call. One reading at a time: who asks during one
   * waits for the next, together with everybody else who does. Never fails: what could not be read now is read later.
   */
  refresh(): Promise<void> {
    this.nextReading ??= this.reading.then(() => {
      this.nextReading = undefined;
      return (this.reading = this.read());
    });
    return this.nextReading;
  }

  private async read(): Promise<void> {
    try {
      const last = await this.feed.last(this.database);
      // A number below the known one: another database stands there now, restored or emptied.
      if (this.known === undefined || last < this.known) await this.load();
      else if (last > this.known) await this.follow(this.known, last);
      if (this.failing) this.logger.log('memes are read again');
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.warn(error, 'changes of memes could not be read; searches go on with what is known');
      this.failing = true;
    }
  }

  /** Everything anew, in one view of the database; searches go on in what was there before. */
  private async load(): Promise<void> {
    const partitions = emptyPartitions();
    const known = await this.transactions.snapshot(async (snapshot) => {
      let page: Meme[] = [];
      do {
        page = await this.memes.listAfter(snapshot, { kinds: MEME_KINDS }, { afterId: page.at(-1)?.id, limit: PAGE });
        await this.apply(page, partitions);
      } while (page.length === PAGE && !this.stopping);
      return this.feed.last(snapshot);
    });
    for (const { index } of Object.values(partitions)) {
      if (index.size === 0) continue;
      index.startMerge();
      while (!this.stopping && index.mergeStep(SLICE_MS, now)) await nextTurn();
    }
    if (this.stopping) return;
    this.partitions = partitions;
    this.known = known;
    this.loading = undefined;
    this.loaded();
  }

  /** Numbers are committed in their order, so everything up to the last one seen has been seen. */
  private async follow(known: number, last: number): Promise<void> {
    let after = { seq: known + 1, id: '' };
    let changed: Meme[];
    do {
      changed = await this.memes.listChanged(after, PAGE);
      await this.apply(changed, this.partitions);
      const end = changed.at(-1);
      if (end !== undefined) after = { seq: end.changeSeq, id: end.id };
    } while (changed.length === PAGE);
    // What is newer than `last` may have been among them; it is read once more then, which changes nothing.
    this.known = last;
    this.merging ??= this.merge().finally(() => (this.merging = undefined));
  }

  private async apply(changed: readonly Meme[], partitions: Partitions): Promise<void> {
    let sliceEnd = now() + SLICE_MS;
    for (const meme of changed) {
      if (meme.status === 'visible') partitions[meme.kind].put(new CataloguedMeme(meme));
      else partitions[meme.kind].remove(meme.id);
      if (now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = now() + SLICE_MS;
    }
  }

  /** Nobody waits for this: answers are the same before, meanwhile and afterwards. */
  private async merge(): Promise<void> {
    try {
      for (const { index } of Object.values(this.partitions)) {
        if (!index.wantsMerge) continue;
        while (!this.stopping && index.mergeStep(SLICE_MS, now)) await nextTurn();
      }
    } catch (error) {
      this.logger.error(error, 'merging the search index failed');
    }
  }
}

function emptyPartitions(): Partitions {
  return { normal: new MemePartition(), ai: new MemePartition() };
}

const now = (): number => performance.now();
