import { serverBusy } from '../errors/house.errors.js';
import { errnoOf, isDatabaseUnreachable } from './sql-errors.js';

/** How work that comes at the same time is put together. */
export interface GroupCommitPolicy<Key, Item, Outcome> {
  /** Items that may wait, over all lanes: beyond that they are refused at once, which loses nothing. */
  readonly mostWaiting: number;
  readonly mostInABatch: number;
  /** How long the first of these may wait for more to be stored with, in ms; 0 when they are enough. */
  patienceMs(waiting: readonly Item[]): number;
  /** The order in which the waiting are taken; that of their coming where it is left out. */
  arranged?(waiting: readonly Item[]): readonly Item[];
  /** Stores a batch in one transaction, and says of each item what became of it, in their order. It does not throw. */
  store(key: Key, batch: readonly Item[]): Promise<readonly (Outcome | Error)[]>;
}

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly since: number;
  readonly settle: (outcome: Outcome | Error) => void;
}

/** What each item of a batch is told whose transaction has failed. Faults of the database pass; others are what they are. */
export function unstored(error: unknown): Error {
  return errnoOf(error) === undefined && !isDatabaseUnreachable(error) ? (error as Error) : serverBusy({ retryAfterSeconds: 1 });
}

/** Items that would wait for the same lock: one batch of them is stored at a time. */
interface Lane<Item, Outcome> {
  waiting: Waiting<Item, Outcome>[];
  timer: NodeJS.Timeout | undefined;
  /** The batch that is being stored. */
  storing: Promise<void> | undefined;
}

/**
 * Stores what comes at the same time together (group commit): each item is answered only when it is durable, and a
 * spike costs a transaction for hundreds of them.
 */
export class GroupCommit<Key, Item, Outcome> {
  private readonly lanes = new Map<Key, Lane<Item, Outcome>>();
  private waiting = 0;
  private isDraining = false;

  constructor(private readonly policy: GroupCommitPolicy<Key, Item, Outcome>) {}

  /** @throws serverBusy when too many wait; whatever the item is refused with */
  add(key: Key, item: Item): Promise<Outcome> {
    if (this.waiting >= this.policy.mostWaiting) throw serverBusy({ retryAfterSeconds: 1 });
    this.waiting += 1;
    const lane = this.laneOf(key);
    return new Promise((resolve, reject) => {
      lane.waiting.push({
        item,
        since: performance.now(),
        settle: (outcome) => {
          this.waiting -= 1;
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      });
      this.schedule(key, lane);
    });
  }

  /** Nothing waits for company any more: what was taken in is stored before the process ends. */
  async drain(): Promise<void> {
    this.isDraining = true;
    const signalled = performance.now();
    for (const [key, lane] of this.lanes) this.schedule(key, lane);
    // What still comes is stored at once, and waited for with its request: in a spike there would be no end to it here.
    const isOwed = ({ waiting, storing }: Lane<Item, Outcome>) => storing !== undefined && waiting.some(({ since }) => since < signalled);
    while ([...this.lanes.values()].some(isOwed)) await this.stored();
    await this.stored();
  }

  /** Once the batches are stored that are being stored now. */
  private async stored(): Promise<void> {
    await Promise.all([...this.lanes.values()].flatMap(({ storing }) => storing ?? []));
  }

  private laneOf(key: Key): Lane<Item, Outcome> {
    const known = this.lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane<Item, Outcome> = { waiting: [], timer: undefined, storing: undefined };
    this.lanes.set(key, lane);
    return lane;
  }

  private schedule(key: Key, lane: Lane<Item, Outcome>): void {
    if (lane.storing !== undefined || lane.waiting.length === 0) return;
    const leftMs = this.isDraining ? 0 : this.policy.patienceMs(lane.waiting.map(({ item }) => item)) - (performance.now() - lane.waiting[0]!.since);
    if (leftMs <= 0) {
      clearTimeout(lane.timer);
      lane.timer = undefined;
      lane.storing = this.flush(key, lane);
    } else {
      lane.timer ??= setTimeout(() => {
        lane.timer = undefined;
        this.schedule(key, lane);
      }, Math.ceil(leftMs));
    }
  }

  private async flush(key: Key, lane: Lane<Item, Outcome>): Promise<void> {
    if (this.policy.arranged !== undefined) {
      const byItem = new Map(lane.waiting.map((one) => [one.item, one]));
      lane.waiting = this.policy.arranged(lane.waiting.map(({ item }) => item)).map((item) => byItem.get(item)!);
    }
    const batch = lane.waiting.splice(0, this.policy.mostInABatch);
    const outcomes = await this.policy.store(key, batch.map(({ item }) => item));
    batch.forEach(({ settle }, i) => settle(outcomes[i]!));
    lane.storing = undefined;
    if (lane.waiting.length > 0) this.schedule(key, lane);
    else this.lanes.delete(key);
  }
}
