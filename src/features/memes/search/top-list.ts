/** The position that a page begins after: its key, and where its id is among the ranks of the segment. */
export interface After {
  readonly key: number;
  /** Entries of the same key come after it when their (signed) rank is larger. */
  readonly rank: number;
}

/**
 * The best entries of a segment: larger keys first, then by rank. A heap whose root is the worst of them, so
 * that most of what is offered is refused by one comparison.
 */
export class TopList {
  /** The worst entry of a full list; before, everything is better. */
  worstKey = -Infinity;
  worstRank = Infinity;
  private readonly keys: number[] = [];
  private readonly ranks: number[] = [];
  private readonly entries: number[] = [];
  private readonly sign: 1 | -1;

  /** @param order of entries with the same key */
  constructor(
    readonly limit: number,
    order: 'ascending' | 'descending',
    private readonly after?: After,
  ) {
    this.sign = order === 'ascending' ? 1 : -1;
  }

  get isFull(): boolean {
    return this.entries.length === this.limit;
  }

  /** In a descending list where all have one key: the rank that the page begins with, of so many. */
  lastRank(count: number): number {
    return this.after === undefined ? count - 1 : Math.min(count, -this.after.rank) - 1;
  }

  /** Whether an entry comes after the position that the page begins after. */
  isOnPage(key: number, rank: number): boolean {
    return this.after === undefined || key < this.after.key || (key === this.after.key && rank * this.sign > this.after.rank);
  }

  /** Whether an entry is among the best so far, if it is on the page: asked of each, so it is short. */
  takes(key: number, rank: number): boolean {
    return key > this.worstKey || (key === this.worstKey && rank * this.sign < this.worstRank);
  }

  /** Takes an entry in when it is on the page and among the best so far. */
  offer(entry: number, key: number, rank: number): void {
    if (!this.takes(key, rank) || !this.isOnPage(key, rank)) return;
    if (this.entries.length < this.limit) this.rise(this.entries.length, entry, key, rank * this.sign);
    else this.sink(entry, key, rank * this.sign);
    if (!this.isFull) return;
    this.worstKey = this.keys[0]!;
    this.worstRank = this.ranks[0]!;
  }

  /** Entries with their keys, best first. */
  sorted(): { entry: number; key: number }[] {
    const places = this.entries.map((_, place) => place).sort((a, b) => this.keys[b]! - this.keys[a]! || this.ranks[a]! - this.ranks[b]!);
    return places.map((place) => ({ entry: this.entries[place]!, key: this.keys[place]! }));
  }

  private rise(from: number, entry: number, key: number, rank: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.isWorse(key, rank, parent)) break;
      this.move(parent, place);
      place = parent;
    }
    this.set(place, entry, key, rank);
  }

  private sink(entry: number, key: number, rank: number): void {
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= this.limit) break;
      if (child + 1 < this.limit && this.isWorse(this.keys[child + 1]!, this.ranks[child + 1]!, child)) child += 1;
      if (this.isWorse(key, rank, child)) break;
      this.move(child, place);
      place = child;
    }
    this.set(place, entry, key, rank);
  }

  private isWorse(key: number, rank: number, than: number): boolean {
    return key < this.keys[than]! || (key === this.keys[than]! && rank > this.ranks[than]!);
  }

  private move(from: number, to: number): void {
    this.set(to, this.entries[from]!, this.keys[from]!, this.ranks[from]!);
  }

  private set(place: number, entry: number, key: number, rank: number): void {
    this.entries[place] = entry;
    this.keys[place] = key;
    this.ranks[place] = rank;
  }
}
